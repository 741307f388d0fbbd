"""Objects: all of them, one of them, and its versions (3.3, 3.7, 5.3, 5.4, 5.6, 5.8)."""

import pytest

from tests.taxii.standard import FIRST, LAST, MISSING, STAMP, STIX, STIX_ID, Taxii, version_of

pytestmark = pytest.mark.slow

ENVELOPE = {"more", "next", "objects"}
RECORD = {"id", "date_added", "version", "media_type"}


def test_an_envelope_has_its_properties_and_no_others(taxii: Taxii) -> None:
    """3.7 and 3.8 MUST: more, next and objects, each of its type; objects are STIX objects."""
    found = taxii.read(taxii.at(rest="objects/?limit=3"))
    assert set(found) == ENVELOPE
    assert found["more"] is True
    assert isinstance(found["next"], str)
    assert found["next"]
    for one in found["objects"]:
        assert STIX_ID.fullmatch(one["id"])
        assert one["id"].startswith(f"{one['type']}--")
        assert one["spec_version"] == "2.1"


def test_what_is_all_says_so(taxii: Taxii) -> None:
    """3.7 MUST: without more there is no next."""
    found = taxii.read(taxii.at("public"))
    assert set(found) == {"more", "objects"}
    assert found["more"] is False


def test_each_object_comes_once_and_in_its_last_version(taxii: Taxii) -> None:
    """3.4.1 MUST: the latest version of each object, if none is asked for."""
    ids = [one["id"] for one in taxii.objects(taxii.at())]
    assert ids
    assert len(ids) == len(set(ids))


def test_objects_come_in_the_order_in_which_they_were_added(taxii: Taxii) -> None:
    """3.3 MUST: ascending by date added; the dates are unique, so that added_after loses nothing."""
    records = taxii.read(taxii.at(rest="manifest/"))["objects"]
    dates = [one["date_added"] for one in records]
    assert dates == sorted(set(dates))
    assert [one["id"] for one in taxii.objects(taxii.at())] == [one["id"] for one in records]


def test_an_envelope_without_objects_is_an_empty_object(taxii: Taxii) -> None:
    """5.4 MUST: no objects, an empty envelope; the list is omitted."""
    assert taxii.read(taxii.at(rest="objects/?added_after=2999-01-01T00:00:00.000000Z")) == {}
    assert taxii.read(taxii.at(rest="manifest/?added_after=2999-01-01T00:00:00.000000Z")) == {}


def test_a_manifest_record_has_its_properties_and_no_others(taxii: Taxii) -> None:
    """5.3.1 MUST: id, date_added and version; the media type is one that the collection names."""
    found = taxii.read(taxii.at(rest="manifest/"))
    assert set(found) <= {"more", "next", "objects"}
    (types,) = {tuple(one["media_types"]) for one in [taxii.read(taxii.at(rest=""))]}
    for one in found["objects"]:
        assert set(one) == RECORD
        assert STIX_ID.fullmatch(one["id"])
        assert STAMP.fullmatch(one["date_added"])
        assert one["media_type"] == STIX
        assert one["media_type"] in types


def test_the_manifest_is_of_the_same_objects(taxii: Taxii) -> None:
    """5.3.1 MUST: the version is `modified`, or `created` of what has none, or what the server keeps to."""
    objects = taxii.objects(taxii.at())
    records = taxii.read(taxii.at(rest="manifest/"))["objects"]
    assert [one["id"] for one in records] == [one["id"] for one in objects]
    for record, one in zip(records, objects, strict=True):
        assert record["version"] == (version_of(one) or record["version"])
        assert record["version"]


@pytest.mark.parametrize("filters", ["", "match[type]=report", "match[version]=all&match[type]=report,identity"])
def test_the_manifest_is_filtered_as_the_objects_are(taxii: Taxii, filters: str) -> None:
    """5.3 MUST: filters are applied to the objects that records stand for."""
    objects = taxii.objects(taxii.at(rest=f"objects/?{filters}"))
    records = taxii.read(taxii.at(rest=f"manifest/?{filters}")).get("objects", [])
    assert [one["id"] for one in records] == [one["id"] for one in objects]


def test_one_object_is_in_an_envelope(taxii: Taxii) -> None:
    """5.6 MUST: an envelope, with the one object that has the id in the path."""
    for one in taxii.objects(taxii.at(rest="objects/?limit=5")):
        assert taxii.read(taxii.at(rest=f"objects/{one['id']}/")) == {"more": False, "objects": [one]}


def test_one_object_that_is_filtered_away_is_an_empty_envelope(taxii: Taxii) -> None:
    """5.6 MUST: no STIX object returned, an empty envelope; and not 404, for the object is there."""
    (one,) = taxii.objects(taxii.at(rest="objects/?limit=1"))
    for query in ("added_after=2999-01-01T00:00:00Z", "match[version]=1999-01-01T00:00:00.000Z"):
        assert taxii.read(taxii.at(rest=f"objects/{one['id']}/?{query}")) == {}


def test_versions_are_listed_and_the_list_is_all(taxii: Taxii, history: str) -> None:
    """5.8.1 MUST: versions as strings, those that match[version]=all gives, oldest first."""
    found = taxii.read(taxii.at(rest=f"objects/{history}/versions/"))
    assert found == {"more": False, "versions": found["versions"]}
    given = taxii.objects(taxii.at(rest=f"objects/{history}/?match[version]=all"))
    assert found["versions"] == [version_of(one) for one in given]
    assert len(found["versions"]) == 2


def test_an_object_without_modified_has_a_version_all_the_same(taxii: Taxii) -> None:
    """5.8 MUST: `created` where there is no `modified`; 5.3.1 SHOULD: without both, a value that is kept to."""
    for one in taxii.objects(taxii.at()):
        if "modified" not in one:
            (version,) = taxii.read(taxii.at(rest=f"objects/{one['id']}/versions/"))["versions"]
            assert version == one.get("created", version)
            assert taxii.objects(taxii.at(rest=f"objects/{one['id']}/?match[version]={version}")) == [one]


@pytest.mark.parametrize("rest", ["objects/", "manifest/", "objects/{}/", "objects/{}/versions/"])
@pytest.mark.parametrize("query", ["", "?limit=1", "?added_after=2999-01-01T00:00:00.000000Z"])
def test_every_200_says_when_its_first_and_last_object_were_added(taxii: Taxii, rest: str, query: str) -> None:
    """3.2 MUST: both headers on every 200 of these four endpoints, as timestamps."""
    (one,) = taxii.objects(taxii.at(rest="objects/?limit=1"))
    answer = taxii.get(taxii.at(rest=rest.format(one["id"]) + query))
    assert answer.status_code == 200
    assert STAMP.fullmatch(answer.headers[FIRST])
    assert STAMP.fullmatch(answer.headers[LAST])
    assert answer.headers[FIRST] <= answer.headers[LAST]


@pytest.mark.parametrize("query", ["", "?limit=4", "?match[type]=report", "?match[version]=all&limit=2"])
def test_the_headers_are_the_dates_of_the_first_and_the_last_record(taxii: Taxii, query: str) -> None:
    """3.2 MUST: date_added of the first and the last object of the response, the same on manifest and objects."""
    manifest, objects = taxii.get(taxii.at(rest=f"manifest/{query}")), taxii.get(taxii.at(rest=f"objects/{query}"))
    records = manifest.json()["objects"]
    for answer in (manifest, objects):
        assert answer.headers[FIRST] == records[0]["date_added"]
        assert answer.headers[LAST] == records[-1]["date_added"]


def test_an_answer_without_objects_loses_nobody_a_thing(taxii: Taxii) -> None:
    """3.2 MUST: on every 200; those of an empty one say from where on was asked, so that nothing is missed."""
    last = taxii.get(taxii.at()).headers[LAST]
    empty = taxii.get(taxii.at(rest=f"objects/?added_after={last}"))
    assert (empty.json(), empty.headers[FIRST], empty.headers[LAST]) == ({}, last, last)
    never = taxii.get(taxii.at(rest="objects/?match[type]=x-never"))
    assert never.headers[LAST] <= taxii.get(taxii.at()).headers[FIRST]


@pytest.mark.parametrize("rest", ["objects/", "manifest/", f"objects/{MISSING}/"])
def test_no_collection_shows_what_another_holds(taxii: Taxii, rest: str) -> None:
    """B MUST: nothing that the client is not authorised to have."""
    members = {one["id"] for one in taxii.objects(taxii.at("members")) if one["type"] == "report"}
    public = {one["id"] for one in taxii.objects(taxii.at("public")) if one["type"] == "report"}
    assert members
    assert public
    assert not members & public
    for one in public:
        assert taxii.get(taxii.at("members", f"objects/{one}/")).status_code == 404

"""Filters (3.4): each alone, together, as clients really write them."""

from collections import Counter
from urllib.parse import quote

import pytest

from tests.taxii.standard import MISSING, Taxii, version_of

pytestmark = pytest.mark.slow

STANDARDS_TYPES = [
    "attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident", "indicator",
    "infrastructure", "intrusion-set", "location", "malware", "malware-analysis", "note", "observed-data", "opinion",
    "report", "threat-actor", "tool", "vulnerability", "relationship", "sighting", "artifact", "autonomous-system",
    "directory", "domain-name", "email-addr", "email-message", "file", "ipv4-addr", "ipv6-addr", "mac-addr", "mutex",
    "network-traffic", "process", "software", "url", "user-account", "windows-registry-key", "x509-certificate",
    "language-content", "marking-definition", "extension-definition",
]  # fmt: skip


def asked(taxii: Taxii, query: str, rest: str = "objects/"):
    return taxii.objects(taxii.at(rest=f"{rest}?{query}"))


@pytest.mark.parametrize("kind", STANDARDS_TYPES)
def test_no_type_of_stix_is_an_error(taxii: Taxii, kind: str) -> None:
    """3.4.1 MUST: a type that STIX 2.1 defines is never invalid, and only it is returned."""
    assert {one["type"] for one in asked(taxii, f"match[type]={kind}")} <= {kind}


def test_types_are_alternatives(taxii: Taxii) -> None:
    """3.4 MUST: several values, with commas between them, are a logical OR."""
    everything = Counter(one["type"] for one in taxii.objects(taxii.at()))
    found = Counter(one["type"] for one in asked(taxii, "match[type]=report,incident"))
    assert found == {kind: everything[kind] for kind in ("report", "incident")}
    assert asked(taxii, "match[type]=x-never") == []


def test_an_id_is_found_and_several_are(taxii: Taxii) -> None:
    """3.4.1 MUST: match[id] takes STIX ids."""
    some = taxii.objects(taxii.at())[2:6]
    assert asked(taxii, f"match[id]={some[0]['id']}") == some[:1]
    ids = ",".join(one["id"] for one in reversed(some))
    assert asked(taxii, f"match[id]={ids}") == some, "in the order of the collection, not of the request"
    assert asked(taxii, f"match[id]={MISSING}") == []
    assert asked(taxii, f"match[id]={MISSING},{some[1]['id']}") == some[1:2]


@pytest.mark.parametrize(("written", "count"), [("2.1", 1), ("2.0", 0), ("2.0,2.1", 1), ("2.1,3.0", 1), ("1.0", 0)])
def test_only_the_specification_versions_asked_for_come(taxii: Taxii, written: str, count: int) -> None:
    """3.4.1 MUST: no object of a specification version that is not among those asked for."""
    whole = taxii.objects(taxii.at())
    assert asked(taxii, f"match[spec_version]={written}") == whole * count


def test_brackets_may_be_encoded_and_commas_too(taxii: Taxii) -> None:
    """3.4 MUST: a query is percent-encoded as any; taxii2-client encodes both."""
    plain = asked(taxii, "match[type]=report,incident")
    assert plain
    for name, comma in (("match%5Btype%5D", "%2C"), ("match%5btype%5d", "%2c"), ("match[type]", "%2C")):
        assert asked(taxii, f"{name}=report{comma}incident") == plain


def test_different_fields_must_all_match(taxii: Taxii) -> None:
    """3.4 MUST: match fields are ANDed together, and with added_after."""
    carrier = asked(taxii, "match[type]=report")[0]
    one = f"match[id]={carrier['id']}"
    assert asked(taxii, f"{one}&match[type]=report") == [carrier]
    assert asked(taxii, f"{one}&match[type]=incident") == []
    assert asked(taxii, f"{one}&match[version]={version_of(carrier)}&match[spec_version]=2.1") == [carrier]
    assert asked(taxii, f"{one}&match[spec_version]=2.0") == []
    assert asked(taxii, f"{one}&added_after=2999-01-01T00:00:00Z") == []
    assert asked(taxii, f"{one}&added_after=2020-01-01T00:00:00Z&match[type]=report,note&limit=9") == [carrier]


def test_added_after_is_of_the_collection_and_excludes_its_instant(taxii: Taxii) -> None:
    """3.4 MUST: only objects added after the instant, whatever times stand in them."""
    records = taxii.read(taxii.at(rest="manifest/"))["objects"]
    middle = records[len(records) // 2]["date_added"]
    since = asked(taxii, f"added_after={middle}")
    assert [one["id"] for one in since] == [one["id"] for one in records if one["date_added"] > middle]
    assert len(since) < len(records)


@pytest.mark.parametrize("fraction", ["", ".0", ".000", ".000000", ".000000000", ".123456789"])
def test_added_after_may_be_of_any_precision(taxii: Taxii, fraction: str) -> None:
    """3.4 MUST: a timestamp filters. One without six digits is no TAXII timestamp, but Elastic sends it: taken."""
    whole = taxii.objects(taxii.at())
    assert asked(taxii, f"added_after=2020-01-01T00:00:00{fraction}Z") == whole
    assert asked(taxii, f"added_after={quote(f'2999-01-01T00:00:00{fraction}Z')}") == []


def test_without_added_after_the_oldest_come_first(taxii: Taxii) -> None:
    """3.4 MUST: the oldest objects that match come first."""
    whole = taxii.objects(taxii.at())
    assert asked(taxii, "limit=3") == whole[:3]
    reports = [one for one in whole if one["type"] == "report"]
    assert asked(taxii, "limit=2&match[type]=report") == reports[:2]


@pytest.mark.parametrize("limit", [1, 2, 7, 1000, 100_000, (1 << 53) - 1])
def test_no_more_come_than_the_limit_and_no_fewer_than_there_are(taxii: Taxii, limit: int) -> None:
    """3.4 MUST: at most `limit`; and all, if there are no more than that."""
    whole = taxii.objects(taxii.at("public"))
    found = taxii.read(taxii.at("public", f"objects/?limit={limit}"))
    assert found["objects"] == whole[:limit]
    assert found["more"] is (len(whole) > limit)


def test_the_last_version_is_given_unless_others_are_asked_for(taxii: Taxii, history: str) -> None:
    """3.4.1 MUST: last is the default; first, all, a timestamp, and several with commas."""
    stamps = taxii.read(taxii.at(rest=f"objects/{history}/versions/"))["versions"]
    for query, expected in (
        ("", stamps[1:]),
        ("match[version]=last", stamps[1:]),
        ("match[version]=first", stamps[:1]),
        ("match[version]=all", stamps),
        ("match[version]=first,last", stamps),
        (f"match[version]={stamps[0]}", stamps[:1]),
        (f"match[version]={stamps[0]},{stamps[1]}", stamps),
        (f"match[version]=first,{stamps[1]}", stamps),
        (f"match[version]=first,{stamps[0]},last", stamps),
        ("match[version]=1999-01-01T00:00:00.000Z", []),
    ):
        for rest, more in ((f"objects/{history}/", ""), ("objects/", f"&match[id]={history}")):
            found = asked(taxii, query + more, rest)
            assert [version_of(one) for one in found] == expected, (rest, query)
        records = taxii.read(taxii.at(rest=f"manifest/?{query}&match[id]={history}")).get("objects", [])
        assert [one["version"] for one in records] == expected, query


def test_a_version_is_an_instant_however_exactly_it_is_written(taxii: Taxii, history: str) -> None:
    """3.4.1 MUST: `modified` matches exactly the instant given; zeros behind it change no instant."""
    (stamp, _) = taxii.read(taxii.at(rest=f"objects/{history}/versions/"))["versions"]
    bare = stamp.removesuffix("Z")
    for written in (f"{bare}000Z", f"{bare}000000Z", f"{bare}0Z"):
        found = asked(taxii, f"match[version]={written}", f"objects/{history}/")
        assert [version_of(one) for one in found] == [stamp]
    assert asked(taxii, f"match[version]={bare}001Z", f"objects/{history}/") == []


def test_all_versions_of_all_objects_are_history(taxii: Taxii, history: str) -> None:
    """3.4.1 MUST: all requests all versions of an object, and of each object of the collection."""
    whole = taxii.objects(taxii.at(rest="objects/?match[version]=all"))
    assert len([one for one in whole if one["id"] == history]) == 2
    assert len(whole) > len(taxii.objects(taxii.at()))
    last = {one["id"]: one for one in whole}
    assert sorted(last) == sorted(one["id"] for one in taxii.objects(taxii.at()))


@pytest.mark.parametrize("query", ["match[nothing]=x", "nothing=x", "match=x", "match[]=x", "Limit=x", "version=x"])
def test_what_the_standard_does_not_define_is_ignored(taxii: Taxii, query: str) -> None:
    """3.4 MAY, and it does: a field that is not defined changes nothing."""
    assert asked(taxii, query) == taxii.objects(taxii.at())


def test_an_object_is_not_narrowed_by_what_its_endpoint_does_not_take(taxii: Taxii) -> None:
    """5.6 MUST: the only match parameters are version and spec_version."""
    (one,) = asked(taxii, "limit=1")
    assert asked(taxii, f"match[type]=x-never&match[id]={MISSING}", f"objects/{one['id']}/") == [one]
    assert asked(taxii, "match[spec_version]=2.0", f"objects/{one['id']}/") == []
    assert taxii.read(taxii.at(rest=f"objects/{one['id']}/versions/?match[spec_version]=2.0")) == {}

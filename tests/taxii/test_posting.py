"""Adding objects, and asking what became of them (5.5, 4.3)."""

import json
from typing import Any

import pytest

from tests.taxii.standard import NOBODYS, STAMP, TAXII, V4, Taxii, is_error, version_of
from tests.taxii.things import a_thing, an_address, an_indicator, some_of_each

pytestmark = pytest.mark.slow

STATUS = {
    "id", "status", "request_timestamp", "total_count", "success_count", "successes", "failure_count", "failures",
    "pending_count", "pendings",
}  # fmt: skip
LISTS = {"successes": "success_count", "failures": "failure_count", "pendings": "pending_count"}
REQUIRED = {"id", "status", "total_count", *LISTS.values()}


def post(taxii: Taxii, *things: Any, collection: str = "inbox", **headers: str | None):
    return taxii.ask("POST", taxii.at(collection), {"objects": list(things)}, **headers)


def accepted(taxii: Taxii, *things: Any) -> dict[str, Any]:
    """The status of a post that was taken, and that it is one."""
    answer = post(taxii, *things)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Content-Type"] == TAXII
    status: dict[str, Any] = answer.json()
    is_status(status, len(things))
    return status


def is_status(status: dict[str, Any], total: int) -> None:
    """4.3.1: that a status resource is one."""
    assert REQUIRED <= set(status) <= STATUS
    assert V4.fullmatch(status["id"])
    assert status["status"] in {"complete", "pending"}
    assert STAMP.fullmatch(status.get("request_timestamp", "2026-01-01T00:00:00.000000Z"))
    assert status["total_count"] == total == sum(status[count] for count in LISTS.values())
    for name, count in LISTS.items():
        assert type(status[count]) is int
        assert len(status.get(name, range(status[count]))) == status[count]
        assert status.get(name, True), "2 MUST: no list is empty"
        for one in status.get(name, []):
            assert {"id", "version"} <= set(one) <= {"id", "version", "message"}
            assert all(isinstance(value, str) for value in one.values())


def test_objects_are_taken_and_their_status_says_so(taxii: Taxii) -> None:
    """5.5 MUST: 202 with a status resource; 4.3.1 MUST: its properties, their types, and counts that add up."""
    things = [an_indicator(), an_address()]
    status = accepted(taxii, *things)
    assert (status["status"], status["success_count"]) == ("complete", 2)
    assert [one["id"] for one in status["successes"]] == [one["id"] for one in things]
    assert status["successes"][0]["version"] == things[0]["modified"]


def test_the_status_can_be_asked_for_later(taxii: Taxii) -> None:
    """4.3 SHOULD: by its id, for a day at least; complete is the same for ever."""
    status = accepted(taxii, an_indicator())
    for _ in range(2):
        assert taxii.read(f"{taxii.root}status/{status['id']}/") == status
    assert taxii.read(f"{taxii.root}status/{status['id']}") == status


@pytest.mark.parametrize("status", [NOBODYS, "nonsense", "1", "%C3%BC", "%FF", "a" * 500])
def test_a_status_that_is_not_there_is_not_found(taxii: Taxii, status: str) -> None:
    """4.3 MUST: 404 for an id that is not available."""
    is_error(taxii.get(f"{taxii.root}status/{status}/"), 404)


@pytest.mark.parametrize("role", ["researcher", "producer", "operator"])
def test_a_status_is_its_posters_alone(taxii: Taxii, role: str) -> None:
    """4.3 MUST: 403 or 404 for who has no access; the hub says 404."""
    status = accepted(taxii, an_indicator())
    is_error(taxii.by(role).get(f"{taxii.root}status/{status['id']}/"), 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_status_can_only_be_read(taxii: Taxii, method: str) -> None:
    """4.3 MUST: GET."""
    is_error(taxii.ask(method, f"{taxii.root}status/{NOBODYS}/"), 405)


def test_what_was_posted_reads_back_as_it_was(taxii: Taxii) -> None:
    """5.4 MUST: the objects of the collection; whatever its type, by id and by filter, in order of adding."""
    things = some_of_each()
    status = accepted(taxii, *things)
    assert status["success_count"] == len(things), status
    ids = ",".join(one["id"] for one in things)
    assert taxii.objects(taxii.at("inbox", f"objects/?match[id]={ids}")) == things
    for one in things:
        assert taxii.objects(taxii.at("inbox", f"objects/{one['id']}/")) == [one]
    records = taxii.read(taxii.at("inbox", f"manifest/?match[id]={ids}"))["objects"]
    assert [one["id"] for one in records] == [one["id"] for one in things]
    dates = [one["date_added"] for one in records]
    assert dates == sorted(set(dates)), "3.3: each has an instant of its own"
    versions = {one["id"]: one["version"] for one in status["successes"]}
    assert versions == {one["id"]: one["version"] for one in records}, "4.3.1 and 5.3.1: one version everywhere"
    for one in things:
        assert versions[one["id"]] == (version_of(one) or versions[one["id"]])


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("incident", {"name": "It happened"}),
        ("report", {"name": "It was told", "published": "2026-10-02T09:30:00.123Z"}),
        ("grouping", {"name": "It was found", "context": "suspicious-activity"}),
    ],
)
def test_what_becomes_a_report_reads_back_with_its_id_type_and_times(taxii: Taxii, kind: str, named: Any) -> None:
    """5.4 MUST: a valid object of the same id; its text is sealed, and docs/stix-and-taxii.md says so."""
    refs = {} if kind == "incident" else {"object_refs": [an_address()["id"]]}
    thing = a_thing(kind, description="Somebody told somebody.", **named, **refs)
    assert accepted(taxii, thing)["success_count"] == 1
    (found,) = taxii.objects(taxii.at("inbox", f"objects/{thing['id']}/"))
    for name in {"type", "spec_version", "id", "created", "modified", "object_refs", "published", "context"} & set(
        thing
    ):
        assert found[name] == thing[name]
    assert found["name"]
    assert "Somebody" not in json.dumps(found)


def test_a_duplicate_is_no_error(taxii: Taxii) -> None:
    """5.5 MUST: an exact duplicate of an object that is there is not told as an error, and is not there twice."""
    thing, observable = an_indicator(), an_address()
    for _ in range(3):
        status = accepted(taxii, thing, observable)
        assert (status["success_count"], status["failure_count"]) == (2, 0)
    for one in (thing, observable):
        assert taxii.objects(taxii.at("inbox", f"objects/{one['id']}/?match[version]=all")) == [one]


def test_versions_of_an_object_stand_beside_each_other(taxii: Taxii) -> None:
    """3.4.1 MUST: last, first, all and exact of what was posted in several versions, in whatever order it came."""
    stamps = [f"2026-10-0{day}T00:00:00.000Z" for day in (2, 4, 3)]
    first = an_indicator(modified=stamps[0])
    versions = [{**first, "modified": stamp, "name": f"Of {stamp}"} for stamp in stamps]
    for one in versions:
        assert accepted(taxii, one)["success_count"] == 1
    path = taxii.at("inbox", f"objects/{first['id']}/")
    assert taxii.objects(path) == [versions[1]]
    assert taxii.objects(f"{path}?match[version]=first") == [versions[0]]
    assert taxii.objects(f"{path}?match[version]={stamps[2]}") == [versions[2]]
    assert sorted(map(version_of, taxii.objects(f"{path}?match[version]=all"))) == sorted(stamps)
    assert sorted(taxii.read(f"{path}versions/")["versions"]) == sorted(stamps)


@pytest.mark.parametrize("fraction", ["", ".5", ".123", ".123456"])
def test_a_version_is_told_as_it_was_posted(taxii: Taxii, fraction: str) -> None:
    """4.3.1 MUST: the version is the `modified` of the object."""
    thing = an_indicator(modified=f"2026-10-03T00:00:00{fraction}Z")
    status = accepted(taxii, thing)
    assert [one["version"] for one in status["successes"]] == [thing["modified"]]
    path = taxii.at("inbox", f"objects/{thing['id']}/")
    assert taxii.read(f"{path}versions/")["versions"] == [thing["modified"]]
    assert taxii.objects(f"{path}?match[version]={thing['modified']}") == [thing]


@pytest.mark.parametrize(
    "thing",
    [
        {}, {"type": "indicator"}, {"id": "indicator--1"}, "text", 7, None, [], True,
        a_thing("indicator"), {**an_indicator(), "id": "nonsense"}, {**an_indicator(), "spec_version": "2.0"},
        {**an_indicator(), "pattern": "no pattern"}, {**an_indicator(), "modified": "yesterday"},
        {**an_indicator(), "id": 5}, {**an_indicator(), "created": None}, {**an_indicator(), "type": "malware"},
    ],
)  # fmt: skip
def test_what_is_no_stix_fails_alone_or_with_its_envelope(taxii: Taxii, thing: Any) -> None:
    """5.5 MUST: what cannot be processed is a failure in the status, or a 422; it is never there."""
    good = an_indicator()
    answer = post(taxii, good, thing)
    if answer.status_code == 202:
        is_status(answer.json(), 2)
        assert (answer.json()["success_count"], answer.json()["failure_count"]) == (1, 1)
        assert answer.json()["failures"][0]["message"]
        assert taxii.objects(taxii.at("inbox", f"objects/{good['id']}/")) == [good]
    else:
        is_error(answer, 400, 422)
        assert taxii.get(taxii.at("inbox", f"objects/{good['id']}/")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b"7", b'"text"', b"\xff\xfe", b'{"objects":NaN}', b'{"objects":{}}',
        b'{"objects":[]}', b'{"objects":null}', b'{"objects":"x"}', b'{"objects":1}', b'{"objects":[' + b"[" * 5000,
        b"\x00", b'{"objects":[],"objects":[]}', b'{"objects":[' + b"[" * 100 + b"]" * 100 + b"]}",
    ],
)  # fmt: skip
def test_what_is_no_envelope_is_refused(taxii: Taxii, body: bytes) -> None:
    """5.5 MUST: 400 or 422 for a body that is malformed, and no 413 for one smaller than max_content_length (4.2.1)."""
    is_error(taxii.ask("POST", taxii.at("inbox"), body), 400, 422)


@pytest.mark.parametrize(
    "written",
    [
        TAXII, "application/taxii+json", "application/taxii+json; version=2.1", 'application/taxii+json;version="2.1"',
        "Application/Taxii+Json;Version=2.1", "application/taxii+json;version=2.1;charset=utf-8",
    ],
)  # fmt: skip
def test_no_legal_spelling_of_the_content_type_is_refused(taxii: Taxii, written: str) -> None:
    """3.1 MUST: a Content-Type that is defined for the endpoint never results in 415."""
    assert post(taxii, an_indicator(), Content_Type=written).status_code == 202


@pytest.mark.parametrize(
    "written",
    [
        "application/json", "text/plain", "x", "application/taxii+json;version=2.0", "multipart/form-data", None,
        "application/vnd.oasis.taxii+json; version=2.0", "application/x-www-form-urlencoded",
        "application/stix+json;version=2.1",
    ],
)  # fmt: skip
def test_another_content_type_is_refused(taxii: Taxii, written: str | None) -> None:
    """5.5 MUST: 415 for a type that the server does not support; 3.1 MUST: a POST says its type."""
    is_error(post(taxii, an_indicator(), Content_Type=written), 415)


@pytest.mark.parametrize("accept", ["text/html", "application/taxii+json;version=2.0"])
def test_who_accepts_no_status_posts_nothing(taxii: Taxii, accept: str) -> None:
    """5.5 MUST: 406, before anything is added."""
    thing = an_indicator()
    is_error(post(taxii, thing, Accept=accept), 406)
    assert taxii.get(taxii.at("inbox", f"objects/{thing['id']}/")).status_code == 404


@pytest.mark.parametrize("factor", [1, 3, 50])
def test_what_is_larger_than_the_server_takes_is_refused(taxii: Taxii, factor: int) -> None:
    """5.5 MUST: 413 above max_content_length."""
    most = taxii.read(taxii.root)["max_content_length"]
    is_error(post(taxii, an_indicator(description="x" * most * factor)), 413)


def test_what_is_no_larger_is_not_refused_for_its_size(taxii: Taxii) -> None:
    """4.2.1 MUST: no 413 below max_content_length."""
    most = taxii.read(taxii.root)["max_content_length"]
    thing = an_indicator(description="")
    room = most - 1 - len(json.dumps({"objects": [thing]}))
    many = [an_indicator() for _ in range(most // 600)]
    assert post(taxii, {**thing, "description": "x" * room}).status_code in {202, 422}
    assert post(taxii, *many).status_code in {202, 422}


def test_who_may_read_but_not_write_is_told_so(taxii: Taxii) -> None:
    """5.5 MUST: 403 or 404 where can_write is false; the hub says 403 to who may read."""
    for collection in ("members", "public", "reference"):
        is_error(post(taxii, an_indicator(), collection=collection), 403)


def test_who_may_not_know_a_collection_does_not_find_it(taxii: Taxii) -> None:
    """5.5 MUST: 404 for a collection that is not there, or not for this client."""
    for collection in ("trusted", NOBODYS, "nonsense"):
        is_error(post(taxii, an_indicator(), collection=collection), 404)
    for role in ("researcher", "analyst", "auditor"):
        is_error(post(taxii.by(role), an_indicator()), 404)
    is_error(post(taxii.by(""), an_indicator()), 401)


def test_a_body_may_come_in_chunks(taxii: Taxii) -> None:
    """8.2.1 MUST: what HTTP allows."""
    token = taxii.told["tokens"]["member"]
    body = json.dumps({"objects": [an_indicator()]}).encode()
    lines = [
        f"POST {taxii.at('inbox')} HTTP/1.1", "Host: hub.example", f"Accept: {TAXII}", f"Content-Type: {TAXII}",
        f"Authorization: Bearer {token}", "Transfer-Encoding: chunked", "Connection: close", "", "",
    ]  # fmt: skip
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    assert taxii.raw("\r\n".join(lines).encode() + chunked).startswith(b"HTTP/1.1 202 ")

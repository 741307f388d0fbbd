"""What holds of every answer, whatever it says (3.1, 3.6), and of methods and paths that are none of the standard's."""

import json

import pytest

from tests.taxii.standard import MISSING, NOBODYS, TAXII, Taxii, is_error

pytestmark = pytest.mark.slow

PATHS = ["discovery", "root", "collections", "collection", "objects", "object", "manifest", "versions"]


def path_of(taxii: Taxii, name: str) -> str:
    first = taxii.objects(taxii.at(rest="objects/?limit=1"))[0]["id"]
    return {
        "discovery": taxii.told["discovery"],
        "root": taxii.root,
        "collections": f"{taxii.root}collections/",
        "collection": taxii.at(rest=""),
        "objects": taxii.at(),
        "object": taxii.at(rest=f"objects/{first}/"),
        "manifest": taxii.at(rest="manifest/"),
        "versions": taxii.at(rest=f"objects/{first}/versions/"),
    }[name]


@pytest.mark.parametrize("name", PATHS)
def test_every_resource_is_taxii_json(taxii: Taxii, name: str) -> None:
    """3.1 MUST: 200 has a body of the media type and version that its endpoint defines; 1.6.7: UTF-8 JSON."""
    answer = taxii.get(path_of(taxii, name))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, TAXII)
    assert isinstance(json.loads(answer.content.decode("utf-8")), dict)


@pytest.mark.parametrize("name", PATHS)
def test_every_path_ends_with_or_without_a_slash_and_none_redirects(taxii: Taxii, name: str) -> None:
    """3.1 MUST: paths end in a slash; real clients forget it, and lose their token in a redirect."""
    path = path_of(taxii, name)
    for one in (path, path.rstrip("/")):
        answer = taxii.get(one)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, TAXII), one


@pytest.mark.parametrize("name", PATHS)
def test_no_list_is_empty(taxii: Taxii, name: str) -> None:
    """2 MUST: an empty list is never sent."""
    taxii.read(path_of(taxii, name))
    for role in ("member", "researcher", "auditor"):
        text = taxii.by(role).get(path_of(taxii, name)).text
        if '"objects":[{' not in text:  # what objects hold is STIX's matter
            assert "[]" not in text


@pytest.mark.parametrize("name", PATHS)
def test_head_is_get_without_its_body(taxii: Taxii, name: str) -> None:
    """3.1 MUST: RFC 9110 wants HEAD wherever GET is."""
    path = path_of(taxii, name)
    head, get = taxii.ask("HEAD", path), taxii.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == TAXII
    kept = ("X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last", "ETag")
    assert {one: head.headers.get(one) for one in kept} == {one: get.headers.get(one) for one in kept}


@pytest.mark.parametrize("name", PATHS)
def test_options_tells_what_may_be_asked(taxii: Taxii, name: str) -> None:
    """3.1 MUST: the media type is on every answer."""
    answer = taxii.ask("OPTIONS", path_of(taxii, name))
    assert answer.status_code in {200, 204}
    assert answer.headers["Content-Type"] == TAXII
    assert {"GET", "HEAD"} <= set(answer.headers["Allow"].replace(" ", "").split(","))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "SEARCH"])
@pytest.mark.parametrize("name", ["discovery", "collections", "objects", "versions"])
def test_a_method_that_is_not_known_is_named_so(taxii: Taxii, name: str, method: str) -> None:
    """3.6 MUST: HTTP's own errors; RFC 9110: a 405 says in Allow what may be asked."""
    answer = taxii.ask(method, path_of(taxii, name))
    is_error(answer, 405)
    assert "GET" in answer.headers["Allow"]
    assert method not in answer.headers["Allow"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("name", ["discovery", "root", "collections", "collection", "manifest", "versions"])
def test_nothing_is_written_where_the_standard_writes_nothing(taxii: Taxii, name: str, method: str) -> None:
    """3.1 MUST: POST is for objects, DELETE for an object, and nothing else."""
    is_error(taxii.ask(method, path_of(taxii, name), {} if method == "POST" else None), 405)


@pytest.mark.parametrize(
    "path",
    [
        "/taxii2/nothing/",
        "{root}nothing/",
        "{root}status/",
        "{root}collections/{members}/nothing/",
        "{root}collections/{members}/objects/{missing}/nothing/",
        "{root}collections//objects/",
        "{root}collections/{members}/objects/%2e%2e/",
        "{root}collections/%FF%FE/",
        "{root}collections/" + "x" * 3000 + "/",
    ],
)
def test_a_path_that_is_not_there_is_not_found(taxii: Taxii, path: str) -> None:
    """3.6 MUST: 404 with TAXII's error, under every path of the protocol."""
    names = {**taxii.told["collections"], "root": taxii.root, "missing": MISSING}
    is_error(taxii.get(path.format(**names)), 404)


@pytest.mark.parametrize("rest", ["", "objects/", "manifest/", f"objects/{MISSING}/", f"objects/{MISSING}/versions/"])
@pytest.mark.parametrize("collection", [NOBODYS, "nonsense", "trusted", "%20", "..%2F", "1"])
def test_a_collection_that_is_not_there_is_not_found(taxii: Taxii, collection: str, rest: str) -> None:
    """5.2 to 5.8 MUST: 404 for an id that is not there, also one that is no id, and one that is not the caller's."""
    is_error(taxii.get(taxii.at(collection, rest)), 404)


@pytest.mark.parametrize("rest", ["objects/{}/", "objects/{}/versions/"])
@pytest.mark.parametrize(
    "thing", [MISSING, "nonsense", "indicator--", f"x--{NOBODYS}", "%C3%BC", "%FF", "*", "'; --", "a" * 2000]
)
def test_an_object_that_is_not_there_is_not_found(taxii: Taxii, thing: str, rest: str) -> None:
    """5.6 and 5.8 MUST: 404 for an object id that is not found; no STIX id is no other error."""
    is_error(taxii.get(taxii.at(rest=rest.format(thing))), 404)


def test_a_path_with_nul_is_malformed(taxii: Taxii) -> None:
    """3.6 MUST: an error of the client is told as one."""
    is_error(taxii.get(taxii.at(rest="objects/%00/")), 400, 404)


def test_a_client_without_a_name_is_answered(taxii: Taxii) -> None:
    """8.2.1 SHOULD: a request without User-Agent is not refused."""
    token = taxii.told["tokens"]["member"]
    lines = [
        f"GET {taxii.told['discovery']} HTTP/1.1", "Host: hub.example", f"Accept: {TAXII}",
        f"Authorization: Bearer {token}", "Connection: close", "", "",
    ]  # fmt: skip
    answer = taxii.raw("\r\n".join(lines).encode())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert f"Content-Type: {TAXII}".encode() in answer


def test_the_discovery_is_at_the_root_of_the_server(taxii: Taxii) -> None:
    """8.2.1 MUST: the Discovery API is at /taxii2/."""
    assert taxii.told["discovery"] == "/taxii2/"


def test_an_answer_says_when_it_was_given(taxii: Taxii) -> None:
    """3.4 SHOULD: Date lets a client correct its clock before it sends added_after."""
    assert taxii.get(taxii.told["discovery"]).headers["Date"].endswith("GMT")

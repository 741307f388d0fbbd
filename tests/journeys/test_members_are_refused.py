"""What a member may not have, asked for over a socket: every refusal in TAXII's own words."""

import base64
import json

import pytest
import requests
from taxii2client.exceptions import TAXIIServiceException
from taxii2client.v21 import Server

from tests.journeys.desk import ERROR, TAXII


def made_up(packed):
    """A cursor as somebody would forge it, for no collection in particular."""
    return base64.urlsafe_b64encode(json.dumps(packed).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=ten",
        "limit=1.5",
        "limit=",
        "limit=99999999999999999999999",
        "added_after=yesterday",
        "added_after=2026-11-20",
        "added_after=2026-11-20T10:00:00",
        "next=nonsense",
        "next=AAAA",
        "next=" + made_up([True, "{id}", None, [], [], [], ["last"]]),
        "next=" + made_up([1, "{id}", "9999-12-31T23:59:59-14:00", [], [], [], ["last"]]),
        "next=" + made_up([1, "{id}", None, [7], [], [], ["last"]]),
        "match[version]=newest",
        "match[version]=2026-13-01T00:00:00Z",
    ],
)
@pytest.mark.parametrize("resource", ["objects", "manifest"])
def test_a_malformed_parameter_is_refused_in_the_protocols_own_words(desk, query, resource):
    answer = desk.ask(f"{desk.collection()}/{resource}/?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == TAXII
    assert set(answer.json()) == ERROR
    assert answer.json()["http_status"] == "400"
    assert query.split("=")[0].replace("%5B", "[") in answer.json()["description"]


def test_a_cursor_of_another_collection_or_filter_is_refused(desk):
    cursor = desk.ask(f"{desk.collection()}/objects/?limit=2").json()["next"]
    assert desk.ask(f"{desk.collection()}/objects/?limit=2&next={cursor}").status_code == 200
    assert desk.ask(f"{desk.collection('public')}/objects/?limit=2&next={cursor}").status_code == 400
    assert desk.ask(f"{desk.collection()}/objects/?limit=2&match[type]=report&next={cursor}").status_code == 400


@pytest.mark.parametrize("path", ["/taxii2/", "/taxii2/hub/", "/taxii2/hub/collections/"])
@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (TAXII, 200),
        ("application/taxii+json", 200),
        ("application/taxii+json; version=2.1", 200),
        ('application/taxii+json;version="2.1"', 200),
        ("application/*", 200),
        ("*/*", 200),
        ("text/html,application/taxii+json;version=2.1;q=0.5", 200),
        ("application/taxii+json;version=2.0", 406),
        ("application/vnd.oasis.taxii+json", 406),
        ("application/json", 406),
        ("text/html", 406),
    ],
)
def test_the_accept_header_chooses_or_refuses(desk, path, accept, status):
    answer = desk.ask(path, Accept=accept)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == TAXII
    if status == 406:
        assert set(answer.json()) == ERROR


@pytest.mark.parametrize("path", ["/taxii2/", "/taxii2/hub/", "/taxii2/hub/collections/"])
@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Basic bm9ib2R5Om5vdGhpbmc=", "Digest x", "Bearer"])
def test_without_a_valid_token_nothing_is_told(desk, path, authorization):
    headers = {"Accept": TAXII, **({"Authorization": authorization} if authorization else {})}
    answer = requests.get(desk.url + path, headers=headers, timeout=30)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == TAXII
    assert set(answer.json()) == ERROR
    assert "Basic" in answer.headers["WWW-Authenticate"]
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_client_with_a_wrong_password_is_told_so(desk):
    with pytest.raises((requests.HTTPError, TAXIIServiceException)):
        Server(f"{desk.url}/taxii2/", user="anyone", password="wrong").refresh()


@pytest.mark.parametrize("rest", ["", "objects/", "manifest/", "objects/{}/", "objects/{}/versions/"])
def test_a_forbidden_collection_is_the_same_as_an_unknown_one_byte_for_byte(desk, rest):
    rest = rest.format("report--11111111-1111-4111-8111-111111111111")
    forbidden = desk.ask(f"{desk.collection('trusted')}/{rest}")
    unknown = desk.ask(f"{desk.url}/taxii2/hub/collections/11111111-1111-4111-8111-111111111111/{rest}")
    assert (forbidden.status_code, forbidden.content) == (404, unknown.content)
    kept = [{n: v for n, v in one.headers.items() if n != "Date"} for one in (forbidden, unknown)]
    assert kept[0] == kept[1]
    assert set(forbidden.json()) == ERROR
    assert forbidden.headers["Content-Type"] == TAXII


@pytest.mark.parametrize("who", ["producer:Filer one", "analyst"])
def test_who_reads_no_feed_finds_no_collection(desk, who):
    token = desk.world.tokens[who]
    assert desk.ask("/taxii2/hub/collections/", token).json() == {}
    assert desk.ask(f"{desk.collection()}/objects/", token).status_code == 404


def test_an_object_that_is_not_there_is_not_found(desk):
    missing = "report--11111111-1111-4111-8111-111111111111"
    for rest in (f"objects/{missing}/", f"objects/{missing}/versions/"):
        answer = desk.ask(f"{desk.collection()}/{rest}")
        assert (answer.status_code, set(answer.json())) == (404, ERROR)


def test_a_path_that_does_not_exist_is_refused_in_the_protocols_own_words(desk):
    for path in ("/taxii2/nothing/", "/taxii2/hub/nothing/"):
        answer = desk.ask(path)
        assert (answer.status_code, set(answer.json())) == (404, ERROR)
        assert answer.headers["Content-Type"] == TAXII

"""A member organisation fetches its feeds with the client that members really have, over a socket."""

import json
from collections import Counter
from dataclasses import dataclass

import pytest
import requests
from taxii2client.exceptions import TAXIIServiceException
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages

from tests.conftest import World
from tests.factories import a_report
from tests.servers import living_world, serving

TAXII = "application/taxii+json;version=2.1"
REPORTS = 12
PUBLISHERS = ("Filer one", "Filer two", "Filer three")
ERROR = {"title", "description", "http_status"}
READ = ("members", "public", "reference")


@dataclass
class Desk:
    """A member at its desk: a served hub with two releases, of which the second changes and revokes."""

    world: World
    url: str

    @property
    def token(self) -> str:
        return self.world.tokens["member"]

    def collection(self, feed="members"):
        """A feed's URL, without its last slash."""
        return f"{self.url}/taxii2/hub/collections/{self.world.collection(feed)}"

    def client(self, feed="members"):
        """The member's own client on a feed: Basic, with the token as password."""
        return Collection(f"{self.collection(feed)}/", user="anyone", password=self.token)

    def ask(self, path, token=None, **headers):
        """A request as a program would send it that knows the protocol and nothing else."""
        told = {"Accept": TAXII, "Authorization": f"Bearer {token or self.token}", **headers}
        url = path if path.startswith("http") else self.url + path
        return requests.get(url, headers={name: value for name, value in told.items() if value}, timeout=30)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    world = living_world(tmp_path_factory.mktemp("desk"))
    for name in PUBLISHERS:
        world.enrol("producer", name)
    world.enrol("analyst", "Hub staff")
    world.tokens["analyst"] = world.tokens["analyst:Hub staff"]
    world.enrol("member", audiences=("members", "public", "reference"))
    filed = [tell(world, number) for number in range(REPORTS)]
    world.release()
    who, path = f"producer:{PUBLISHERS[0]}", f"/api/v1/reports/{filed[0]['id']}"
    assert world.send(who, "PATCH", path, {"title": "Corrected"}, If_Match='"r1"').status_code == 200
    assert world.send(who, "POST", f"/api/v1/reports/{filed[3]['id']}/withdraw").status_code == 200
    world.release()
    with serving(world.hub.config.home) as server:
        yield Desk(world, server.url)
    world.hub.store.close()


def tell(world, number):
    """File a report and have it accepted for members."""
    body = a_report(client_ref=f"CASE-{number}", tlp="green", title=f"Case {number}", share_redacted_with=["public"])
    filed = world.file(f"producer:{PUBLISHERS[number % 3]}", body)
    world.accept(filed["id"], "members")
    return filed


def test_a_client_finds_its_way_from_discovery_to_the_collections(desk):
    server = Server(f"{desk.url}/taxii2/", user="anyone", password=desk.token)
    assert server.title
    assert server.default.url == f"{desk.url}/taxii2/hub/"
    assert [one.url for one in server.api_roots] == [f"{desk.url}/taxii2/hub/"]
    root = ApiRoot(f"{desk.url}/taxii2/hub/", user="anyone", password=desk.token)
    assert root.versions == [TAXII]
    assert root.max_content_length > 0
    assert {one.id for one in root.collections} == {desk.world.collection(name) for name in READ}
    assert all(one.can_read and not one.can_write for one in root.collections)


@pytest.mark.parametrize("per_request", [1, 7, 1000])
def test_paging_gets_each_object_exactly_once(desk, per_request):
    pages = list(as_pages(desk.client().get_objects, per_request=per_request))
    objects = [one for page in pages for one in page.get("objects", [])]
    assert all(len(page.get("objects", [])) <= per_request for page in pages)
    ids = Counter(one["id"] for one in objects)
    assert set(ids.values()) == {1}
    carriers = [one for one in objects if one["type"] == "report" and not one.get("revoked")]
    names = {"Corrected", *(f"Case {number}" for number in range(REPORTS) if number not in {0, 3})}
    assert Counter(one["name"] for one in carriers) == Counter(names)


def test_the_manifest_pages_through_the_same_objects(desk):
    pages = as_pages(desk.client().get_manifest, per_request=5)
    listed = [one for page in pages for one in page.get("objects", [])]
    objects = desk.client().get_objects(limit=1000)["objects"]
    wanted = {(one["id"], one.get("modified", one["created"])) for one in objects}
    assert {(one["id"], one["version"]) for one in listed} == wanted
    assert len(listed) == len(objects)
    assert {one["media_type"] for one in listed} == {"application/stix+json;version=2.1"}
    added = [one["date_added"] for one in listed]
    assert added == sorted(set(added)), "date_added grows strictly"


def test_added_after_brings_only_what_came_since(desk):
    listed = desk.client().get_manifest(limit=1000)["objects"]
    middle = listed[len(listed) // 2]["date_added"]
    since = desk.client().get_objects(limit=1000, added_after=middle)["objects"]
    assert [one["id"] for one in since] == [one["id"] for one in listed if one["date_added"] > middle]
    assert desk.client().get_objects(added_after=listed[-1]["date_added"]) == {"more": False}


def test_filters_narrow_and_combine(desk):
    everything = desk.client().get_objects(limit=1000)["objects"]
    types = Counter(one["type"] for one in everything)
    found = desk.client().get_objects(type=["report", "incident"], limit=1000)["objects"]
    assert Counter(one["type"] for one in found) == {kind: types[kind] for kind in ("report", "incident")}
    carrier = next(one for one in everything if one["type"] == "report")
    assert desk.client().get_objects(id=carrier["id"])["objects"] == [carrier]
    assert desk.client().get_objects(id=carrier["id"], type="incident") == {"more": False}
    assert desk.client().get_objects(spec_version="2.0") == {"more": False}
    assert len(desk.client().get_objects(spec_version="2.1", limit=1000)["objects"]) == len(everything)


def test_an_object_has_its_versions_and_the_last_one_is_given(desk):
    carriers = desk.client().get_objects(type="report", limit=1000)["objects"]
    corrected = next(one for one in carriers if one["name"] == "Corrected")
    versions = desk.client().object_versions(corrected["id"])["versions"]
    assert versions == sorted(set(versions))
    assert versions == [corrected["created"], corrected["modified"]]
    assert desk.client().get_object(corrected["id"])["objects"] == [corrected]
    both = desk.client().get_object(corrected["id"], version="all")["objects"]
    assert [one["name"] for one in both] == ["Case 0", "Corrected"]
    (first,) = desk.client().get_object(corrected["id"], version="first")["objects"]
    (exact,) = desk.client().get_object(corrected["id"], version=corrected["created"])["objects"]
    assert first == exact == both[0]


def test_of_a_withdrawn_report_every_version_but_the_revoked_one_is_gone(desk):
    carriers = desk.client().get_objects(type="report", limit=1000)["objects"]
    (revoked,) = [one for one in carriers if one.get("revoked")]
    assert revoked["name"] == "Withdrawn"
    assert desk.client().get_object(revoked["id"], version="all")["objects"] == [revoked]
    everything = desk.client().get_objects(version="all", limit=1000)["objects"]
    assert "Case 3" not in json.dumps(everything)


def test_a_redacted_feed_says_no_word_of_the_reports(desk):
    objects = desk.client("public").get_objects(limit=1000)["objects"]
    assert len([one for one in objects if one["type"] == "report" and not one.get("revoked")]) == REPORTS - 1
    assert "Case " not in json.dumps(objects)
    members = {one["id"] for one in desk.client().get_objects(limit=1000)["objects"]}
    shared = {one["id"] for one in objects} & members
    assert {one.split("--")[0] for one in shared} <= {"identity", "extension-definition", "marking-definition"}


def test_an_empty_collection_is_an_empty_envelope(desk):
    assert desk.client("reference").get_objects() == {"more": False}


def test_each_page_tells_when_its_first_and_last_object_were_added(desk):
    listed = desk.ask(f"{desk.collection()}/manifest/?limit=3")
    dates = [one["date_added"] for one in listed.json()["objects"]]
    objects = desk.ask(f"{desk.collection()}/objects/?limit=3")
    for answer in (listed, objects):
        assert answer.headers["Content-Type"] == TAXII
        assert answer.headers["X-TAXII-Date-Added-First"] == dates[0]
        assert answer.headers["X-TAXII-Date-Added-Last"] == dates[2]
    nothing = desk.ask(f"{desk.collection('reference')}/objects/")
    assert "X-TAXII-Date-Added-First" not in nothing.headers


def test_the_date_of_the_last_page_is_where_a_member_goes_on(desk):
    first = desk.ask(f"{desk.collection()}/objects/?limit=5")
    after = first.headers["X-TAXII-Date-Added-Last"]
    rest = desk.ask(f"{desk.collection()}/objects/?limit=1000&added_after={after}").json()["objects"]
    everything = desk.ask(f"{desk.collection()}/objects/?limit=1000").json()["objects"]
    assert first.json()["objects"] + rest == everything


def test_an_unchanged_page_costs_304(desk):
    url = f"{desk.collection()}/objects/?limit=5"
    first = desk.ask(url)
    again = desk.ask(url, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in first.headers["Cache-Control"]


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

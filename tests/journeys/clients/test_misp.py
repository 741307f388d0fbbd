"""MISP's TAXII servers ("Sync Actions", "List TAXII Servers"): browsing and pushing, their requests replayed.

From MISP/MISP: app/Model/TaxiiServer.php (queryInstance, getCollections, getObjects, getObject),
app/Controller/TaxiiServersController.php (getRoot, getCollections), app/View/TaxiiServers/objects_index.ctp (what the
table shows), app/files/scripts/taxii/taxii_push.py (push, over taxii2-client, which is run, not modelled). MISP takes
nothing in over TAXII: a person browses.
- `{baseurl}/{api_root}/collections/…` with slashes at the end; `Accept`, and `Content-type` on a GET; `basic`, lower
  case, and the base64 of `user:token` as the administrator typed it. CakePHP's HttpSocket: no redirect is followed, and
  nothing but 200 to 206 is an answer.
- Objects: `limit=50`, and `next` if there is one; the link "Next page" carries it as a part of MISP's own path.
- The form finds API roots at `{baseurl}/taxii2/` and keeps the last part of their path alone (MISP#8832): with the
  hub's own address it then asks at a place where nothing is. With `/taxii2` at the end of the base URL it asks right.
- No objects is an error to it, as is no collection.
- Push: `max_content_length` of the API root, and envelopes below it, to the one collection set.
The forms of 2026 (discovery URL, Bearer) ask for the API root by its whole address; their server side is not published
in what was read here.
"""

import base64
import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
import requests
import taxii2client
from requests.auth import HTTPBasicAuth

from tests.journeys.clients.hubs import Served, assert_each_once

MEDIA = "application/taxii+json;version=2.1"
COLUMNS = ("id", "type", "created", "modified", "labels", "spec_version")  # objects_index.ctp


class SomethingWentWrong(Exception):
    """What MISP shows its user."""


class Misp:
    """A TAXII server as it is set up in MISP."""

    def __init__(self, baseurl: str, api_root: str, token: str) -> None:
        self.baseurl, self.api_root = baseurl, api_root
        self.api_key = base64.b64encode(f"misp:{token}".encode()).decode()

    def query(self, uri: str, **query: Any) -> dict[str, Any]:
        """`queryInstance`, a GET."""
        said = {"Accept": MEDIA, "Content-type": MEDIA, "Authorization": f"basic {self.api_key}"}
        headers = {**said, "Connection": "close", "User-Agent": "CakePHP", "Accept-Encoding": "identity"}
        answer = requests.get(self.baseurl + uri, params=query, headers=headers, allow_redirects=False, timeout=30)
        if not 200 <= answer.status_code <= 206:
            raise SomethingWentWrong(answer.status_code)
        found: dict[str, Any] = answer.json()
        return found

    def roots(self) -> list[str]:
        """`getRoot`, which fills the form: the last part of each API root's path."""
        return [one.strip("/").split("/")[-1] for one in self.query("/taxii2/")["api_roots"]]

    def collections(self) -> list[dict[str, Any]]:
        """`getCollections`."""
        found: list[dict[str, Any]] = self.query(f"/{self.api_root}/collections/").get("collections", [])
        return found or _nothing()

    def objects(self, collection: str, cursor: str | None = None) -> dict[str, Any]:
        """`getObjects`: a page of the table."""
        more = {} if cursor is None else {"next": cursor}
        found = self.query(f"/{self.api_root}/collections/{collection}/objects/", limit=50, **more)
        return found if found.get("objects") else _nothing()

    def one(self, collection: str, stix_id: str) -> dict[str, Any]:
        """`getObject`: what "View raw STIX object" shows."""
        found = self.query(f"/{self.api_root}/collections/{collection}/objects/{stix_id}/")
        first: dict[str, Any] = found["objects"][0]
        return first


def _nothing() -> Any:
    raise SomethingWentWrong


def misp_of(served: Served) -> Misp:
    """The server, as docs/clients.md says to set it up."""
    return Misp(f"{served.url}/taxii2", "hub", served.token)


def browse(misp: Misp, collection: str) -> list[dict[str, Any]]:
    """Page after page, as a person follows the link to the next one."""
    page = misp.objects(collection)
    got = list(page["objects"])
    while page["more"]:
        assert re.fullmatch(r"[A-Za-z0-9_.~-]+", page["next"]), "it becomes a part of a path"
        page = misp.objects(collection, page["next"])
        got += page["objects"]
    return got


def test_the_form_finds_api_root_and_inbox(served):
    assert Misp(served.url, "", served.token).roots() == ["hub"]
    with pytest.raises(SomethingWentWrong, match="404"):
        Misp(served.url, "hub", served.token).collections()
    collections = misp_of(served).collections()
    assert [one["title"] for one in collections if one["can_write"]] == ["Inbox"], "what the form offers to push to"
    assert "Member organisations" in [one["title"] for one in collections]


@pytest.mark.slow
def test_a_person_browses_every_object_once_while_more_is_released(served):
    misp, members = misp_of(served), served.collection_id()
    served.release_more(12)
    assert_each_once(browse(misp, members), served)
    with served.releasing() as is_going_on:
        while is_going_on():
            ids = [one["id"] for one in browse(misp, members)]
            assert len(ids) == len(set(ids))
    served.restart()
    got = browse(misp, members)
    assert_each_once(got, served)
    shown = {one["id"]: {column: one.get(column) for column in COLUMNS} for one in got}
    for case in served.expected.values():
        (report,) = [one for one in got if one["type"] == "report" and one["name"] == case.name]
        assert f"severity:{case.severity}" in (shown[report["id"]]["labels"] or ()), "the table has no column for names"
        raw = misp.one(members, report["id"])
        assert (raw["name"], raw.get("description")) == (case.name, case.summary)
        assert misp.one(members, raw["object_marking_refs"][0])["name"] == f"TLP:{case.tlp.upper()}"


def test_an_empty_next_is_the_beginning(served):
    misp, members = misp_of(served), served.collection_id()
    assert misp.objects(members, "") == misp.objects(members)


def test_an_empty_collection_is_an_error_on_its_page(served):
    with pytest.raises(SomethingWentWrong):
        misp_of(served).objects(served.collection_id("reference"))


def test_a_withdrawn_report_stands_there_revoked(served):
    misp, members = misp_of(served), served.collection_id()
    reports = [one for one in browse(misp, members) if one["type"] == "report"]
    (report,) = [one for one in reports if one["name"] == served.expected["written"].name]
    served.withdraw("written")
    after = misp.one(members, report["id"])
    assert (after["name"], after["revoked"]) == (served.expected["written"].name, True)
    assert "description" not in after


EVENT: list[dict[str, Any]] = [  # what misp-stix makes of a published event with one attribute, in short
    {
        "type": "identity",
        "spec_version": "2.1",
        "id": "identity--55f6ea5e-2c60-40e5-964f-47a8950d210f",
        "created": "2026-11-20T10:00:00.000Z",
        "modified": "2026-11-20T10:00:00.000Z",
        "name": "The reader",
        "identity_class": "organization",
    },
    {
        "type": "indicator",
        "spec_version": "2.1",
        "id": "indicator--5c4b2a5e-1f2b-4f4e-9d3c-9a4c1d2e3f40",
        "created": "2026-11-20T10:00:00.000Z",
        "modified": "2026-11-20T10:00:00.000Z",
        "created_by_ref": "identity--55f6ea5e-2c60-40e5-964f-47a8950d210f",
        "pattern": "[domain-name:value = 'drop.attacker.example']",
        "pattern_type": "stix",
        "pattern_version": "2.1",
        "valid_from": "2026-11-20T10:00:00Z",
        "kill_chain_phases": [{"kill_chain_name": "misp-category", "phase_name": "Network activity"}],
        "labels": ['misp:type="domain"', 'misp:category="Network activity"', 'misp:to_ids="True"'],
    },
    {
        "type": "report",
        "spec_version": "2.1",
        "id": "report--7a4d6b2e-3c1f-4e5a-8b9c-0d1e2f3a4b5c",
        "created": "2026-11-20T10:00:00.000Z",
        "modified": "2026-11-20T10:00:00.000Z",
        "created_by_ref": "identity--55f6ea5e-2c60-40e5-964f-47a8950d210f",
        "name": "An agent sent our notes to a stranger",
        "published": "2026-11-20T10:00:00Z",
        "object_refs": ["indicator--5c4b2a5e-1f2b-4f4e-9d3c-9a4c1d2e3f40"],
        "labels": ["Threat-Report", 'misp:tool="MISP-STIX-Converter"'],
    },
]


def envelopes(objects: Iterable[dict[str, Any]], most: int) -> Iterable[bytes]:
    """`make_taxii_envelopes`: as many objects in each as stay below the server's word."""
    held: list[str] = []
    for one in map(json.dumps, objects):
        if held and len('{"objects":[' + ",".join([*held, one]) + "]}") > most:
            yield ('{"objects":[' + ",".join(held) + "]}").encode()
            held = []
        held.append(one)
    if held:
        yield ('{"objects":[' + ",".join(held) + "]}").encode()


def test_a_push_arrives_and_its_text_is_sealed(served):
    misp = misp_of(served)
    (inbox,) = [one["id"] for one in misp.collections() if one["can_write"]]
    auth = HTTPBasicAuth(*base64.b64decode(misp.api_key).split(b":"))
    root = f"{misp.baseurl}/{misp.api_root}"
    with taxii2client.ApiRoot(root, auth=auth) as api_root:
        most = api_root.max_content_length
    with taxii2client.Collection(f"{root}/collections/{inbox}", auth=auth) as collection:
        for envelope in envelopes(EVENT, min(most, 900)):
            status = collection.add_objects(envelope, wait_for_completion=False)
            assert (status.failure_count, status.pending_count) == (0, 0)
    back = {one["id"]: one for one in browse(misp, inbox)}
    assert back.keys() == {one["id"] for one in EVENT}
    identity, indicator, report = EVENT
    assert back[indicator["id"]] == indicator
    assert back[identity["id"]] == identity
    assert back[report["id"]]["name"] != report["name"]
    assert report["name"] not in json.dumps(back)
    assert [report[name] for name in ("created", "modified", "object_refs")] == [
        back[report["id"]][name] for name in ("created", "modified", "object_refs")
    ]

"""What was done, over HTTP: all of it for auditors, their own for producers, and a proof that each can check alone."""

import json
from typing import Any

import pytest

from hub import logbook, merkle, notes
from tests.conftest import World
from tests.factories import a_report

LIST = "/api/v1/audit"
CANARIES = ("RivalCanaryTitle", "RivalCanaryRef", "RivalCanaryPurpose", "The producer's rival")


def items(world: World, who: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        body = world.send(who, "GET", f"{LIST}?limit=3{query}{cursor}").get_json()
        found += body["items"]
        if body["next"] is None:
            return found
        cursor = f"&next={body['next']}"


@pytest.fixture
def busy(any_world: World) -> World:
    """Two organisations with a report each, opened, scanned, triaged, released."""
    world = any_world
    world.enrol("producer", "The producer's rival")
    for who, word in (("producer", "Own"), ("producer:The producer's rival", "Rival")):
        filed = world.file(who, a_report(title=f"{word}CanaryTitle", client_ref=f"{word}CanaryRef", tlp="green"))
        world.ids[word] = filed["id"]
    world.release()
    for word in ("Own", "Rival"):
        body = {"purpose": f"{word}CanaryPurpose of an analyst"}
        assert world.send("analyst", "POST", f"/api/v1/reports/{world.ids[word]}/open", body).status_code == 200
        world.accept(world.ids[word], "members")
    scan = {"purpose": "RivalCanaryPurpose", "contains": "agent"}
    assert world.send("analyst", "POST", "/api/v1/search/sealed", scan).status_code == 200
    world.release()
    logbook.keep(world.hub)
    return world


def test_an_auditor_reads_everything_page_by_page(busy: World) -> None:
    found = items(busy, "auditor")
    numbers = [one["seq"] for one in found]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 1
    assert {one["position"] for one in found} == set(range(len(found)))
    assert {"scan.intent", "open.intent", "report.file", "token.issue", "feed.release"} <= {o["action"] for o in found}
    opened = items(busy, "auditor", f"&action=open.&subject={busy.ids['Own']}")
    assert {one["action"] for one in opened} == {"open.intent", "open.outcome"}
    assert {one["subject"] for one in opened} == {busy.ids["Own"]}
    actor = opened[0]["actor"]
    assert {one["actor"] for one in items(busy, "auditor", f"&actor={actor}")} == {actor}
    assert items(busy, "auditor", "&since=2027") == []


def test_the_log_of_one_organisation_tells_nothing_of_another(busy: World) -> None:
    """CVE-2023-50918: MISP's audit log showed the events of others to whoever could read it."""
    found = items(busy, "producer")
    text = json.dumps(found)
    assert {"report.file", "open.intent", "report.accept", "token.issue"} <= {one["action"] for one in found}
    assert {one["subject"] for one in found if one["action"].startswith("report.")} == {busy.ids["Own"]}
    foreign = [busy.ids["Rival"], busy.ids["The producer's rival"], *CANARIES, "Purpose", "purpose"]
    assert [word for word in foreign if word in text] == []
    assert not any(one["action"].startswith(("scan.", "feed.")) for one in found)
    assert {one["actor"] for one in found} == {"own", "staff", "hub"}
    for query in (f"&subject={busy.ids['Rival']}", "&action=scan.intent", "&subject=members"):
        assert items(busy, "producer", query) == []


def test_nobody_else_reads_it(busy: World) -> None:
    for who in ("member", "researcher", "analyst", "operator"):
        for path in (LIST, f"{LIST}/checkpoint", f"{LIST}/1/proof"):
            assert busy.send(who, "GET", path).status_code == 404, (who, path)


def test_a_producer_proves_alone_that_its_filing_is_in_the_log(busy: World) -> None:
    filed = next(one for one in items(busy, "producer") if one["action"] == "report.file")
    proof = busy.send("producer", "GET", f"{LIST}/{filed['seq']}/proof").get_json()
    known = bytes.fromhex(
        busy.send("", "GET", "/.well-known/incident-hub.json").get_json()["keys"]["audit"]["public_key"]
    )
    origin = proof["key"].partition("+")[0]
    assert notes.public_key(proof["key"], origin) == known
    signed = notes.read(proof["checkpoint"], origin, known)
    commitment = notes.commitment(bytes.fromhex(proof["salt"]), proof["payload"].encode())
    assert commitment.hex() == proof["commitment"]
    path = [bytes.fromhex(one) for one in proof["path"]]
    assert merkle.is_included(merkle.leaf_hash(commitment), proof["index"], signed.size, path, signed.root)
    said = json.loads(proof["payload"])
    receipt = busy.send("producer", "GET", f"/api/v1/reports/{busy.ids['Own']}/receipt").get_json()
    assert (said["subject"], said["details"]["commitment"]) == (busy.ids["Own"], receipt["commitment"])


def test_a_proof_of_what_staff_did_names_nobody(busy: World) -> None:
    opened = next(one for one in items(busy, "producer") if one["actor"] == "staff")
    proof = busy.send("producer", "GET", f"{LIST}/{opened['seq']}/proof").get_json()
    assert (proof["payload"], proof["salt"]) == (None, None)
    whole = busy.send("auditor", "GET", f"{LIST}/{opened['seq']}/proof").get_json()
    assert whole["commitment"] == proof["commitment"]
    assert json.loads(whole["payload"])["seq"] == opened["seq"]


def test_a_proof_of_what_is_anothers_is_not_there(busy: World) -> None:
    rival = items(busy, "auditor", f"&subject={busy.ids['Rival']}")
    answers = [busy.send("producer", "GET", f"{LIST}/{one['seq']}/proof") for one in rival]
    nothing = busy.send("producer", "GET", f"{LIST}/999999/proof")
    assert {answer.get_data() for answer in answers} == {nothing.get_data()}
    assert nothing.status_code == 404
    for strange in ("0", "x", "1e3", "٣", "-1", "9" * 18, "9" * 40):
        assert busy.send("auditor", "GET", f"{LIST}/{strange}/proof").status_code == 404


def test_what_is_not_under_a_checkpoint_yet_says_so(busy: World) -> None:
    filed = busy.file("producer", a_report(client_ref="later"))
    newest = next(one for one in items(busy, "producer") if one["subject"] == filed["id"])
    answer = busy.send("producer", "GET", f"{LIST}/{newest['seq']}/proof")
    assert (answer.status_code, newest["position"]) == (409, None)
    assert "minute" in answer.get_json()["detail"]


def test_queries_are_read_strictly(world: World) -> None:
    for query in ("next=x", "action=Report", "limit=0", "since=yesterday", "unknown=1", "next=" + "9" * 19):
        assert world.send("auditor", "GET", f"{LIST}?{query}").status_code in {400, 422}, query

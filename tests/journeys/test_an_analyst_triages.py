"""An analyst's day: grade a report, word it for readers, hold it and let it go, and see what belongs together."""

from typing import Any

from feeds.mapping.extension import AI_EXTENSION
from tests.conftest import World
from tests.factories import a_report


def test_from_a_filed_report_to_a_graded_entry_and_back(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(severity="unknown", share_redacted_with=["members"], title="Secret title"))
    path = f"/api/v1/reports/{filed['ref']}"

    # The analyst grades it, and words it for readers.
    listed = world.send("analyst", "GET", "/api/v1/reports").get_json()["items"]
    assert [one["ref"] for one in listed] == [filed["ref"]]
    tag = ask(world, "GET", f"{path}/triage").headers["ETag"]
    said = {"severity": "high", "triage": {"credibility": "probable"}, "attack_steps": [{"technique": "AML.T0051"}]}
    ask(world, "PATCH", f"{path}/triage", {"why": "A second lab confirms it.", "assert": said}, If_Match=tag)
    tag = ask(world, "GET", f"{path}/release-text").headers["ETag"]
    words = {"title": "Injected text made an agent act", "advice": "Confirm destructive calls.", "why": "For readers."}
    tag = ask(world, "PUT", f"{path}/release-text", words, If_Match=tag).headers["ETag"]

    # The producer sees what the hub would say, and its own report as it filed it.
    shown = world.send("producer", "GET", f"{path}/release-text").get_json()
    assert shown["difference"][3:] == ["+title: Injected text made an agent act", "+advice: Confirm destructive calls."]
    assert world.send("producer", "GET", path).get_json()["report"]["severity"] == "unknown"

    # It is approved as it was read, and members fetch it.
    ask(world, "POST", f"{path}/accept", {"audience": "members", "subject": "for_release"}, If_Match=tag)
    world.release()
    (entry,) = world.carriers("member", "members")
    assert (entry["name"], entry["confidence"]) == ("Injected text made an agent act", 70)
    assert entry["extensions"][AI_EXTENSION]["triaged"] == ["severity", "attack_steps", "for_release", "triage"]

    # Counsel asks for a hold: it is recalled, and returns when the hold is lifted.
    hold = {"reason": "Counsel asked.", "expires_at": "2026-12-24T12:00:00Z"}
    ask(world, "POST", f"{path}/hold", hold)
    world.release()
    assert world.carriers("member", "members") == []
    ask(world, "DELETE", f"{path}/hold")
    world.release()
    assert len(world.carriers("member", "members")) == 1

    # A second report is of the same event: both go into one case.
    other = world.file("producer", a_report(client_ref="second"))
    case = {
        "title": "Agents in the ops room",
        "reports": [filed["ref"], other["ref"]],
        "why": "Same agent, same night.",
    }
    made = ask(world, "POST", "/api/v1/cases", case).get_json()
    assert {one["ref"] for one in made["reports"]} == {filed["ref"], other["ref"]}
    ask(world, "PATCH", f"/api/v1/cases/{made['ref']}", {"why": "Told to both labs.", "closed": True})

    # Who did what, when and why stays on record.
    past = ask(world, "GET", f"{path}/triage").get_json()["items"]
    assert [one["why"] for one in past] == ["A second lab confirms it."]


def ask(world: World, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """Ask as the analyst, and be answered."""
    answer = world.send("analyst", method, path, body, **headers)
    assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
    return answer

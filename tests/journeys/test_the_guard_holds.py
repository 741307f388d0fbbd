"""A text names what its report withholds: the guard holds it, its producer reads why, two analysts let it go."""

import json

import pytest

from tests.factories import a_report
from tests.servers import run

pytestmark = pytest.mark.slow
WHY = "The vendor named it in public in May."
TEXT = {"title": "A tool that forgot its limits", "summary": "Vantobrel went on after it had been told to stop."}


@pytest.fixture
def hub(desk):
    def command(who, *words):
        return run(*words, HUB_URL=desk.url, HUB_TOKEN=desk.world.tokens[who])

    return command


def test_what_the_guard_holds_is_listed_explained_decided_and_released(desk, hub):
    world, who = desk.world, "producer:Filer one"
    body = a_report(systems=[{"name": "Vantobrel"}], share_redacted_with=["members"], for_release=TEXT)
    filed = world.file(who, {**body, "client_ref": "guard-1"})
    approved = hub("analyst", "accept", "--for-release", filed["ref"], "members")
    assert approved.returncode == 0, approved.stderr
    world.accept(filed["id"], "trusted")  # approves the organisation
    world.release()

    told = hub(who, "why", filed["ref"], "members")
    assert "held: withheld-name in for_release.summary (of systems[].name)" in told.stdout
    assert f"hub guard decide {filed['ref']} members release" in told.stdout
    assert "Vantobrel" not in told.stdout
    shown = hub(who, "guard", "show", filed["ref"])
    assert "members: held since" in shown.stdout
    assert hub(who, "guard", "list").returncode == 1, "what waits of others is not a producer's to see"

    listed = hub("analyst", "guard", "list")
    assert f"{filed['ref']}  members" in listed.stdout
    assert hub("analyst", "guard", "decide", filed["ref"], "members", "release").returncode == 2, "without a reason"
    first = hub("analyst", "guard", "decide", filed["ref"], "members", "release", "--why", WHY)
    assert "a second person has to say the same" in first.stdout, first.stderr
    again = hub("analyst", "guard", "decide", filed["ref"], "members", "release", "--why", WHY)
    assert (again.returncode, "another person" in again.stderr) == (1, True)

    world.enrol("analyst", "Second desk")
    path = f"/api/v1/reports/{filed['ref']}/guard"
    said = {"audience": "members", "decision": "release", "why": WHY}
    assert world.send("analyst:Second desk", "POST", path, said).get_json()["needs_second"] is False
    world.release()
    assert TEXT["title"] in {one["name"] for one in world.carriers("member", "members")}
    whole = json.loads(hub("analyst", "guard", "show", filed["ref"], "--json").stdout)
    assert [one["state"] for one in whole["verdicts"] if one["feed"] == "members"] == ["passed"]
    assert [one["why"] for one in whole["decisions"]] == [WHY]
    assert "settled" in hub("analyst", "guard", "show", filed["ref"]).stdout

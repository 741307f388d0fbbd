"""A producer asks why its report is not out, does what it is told, and sees it leave."""

import json

import pytest

from tests.factories import a_report
from tests.servers import run

pytestmark = pytest.mark.slow


@pytest.fixture
def ask(desk):
    def command(who, *words):
        token = desk.world.tokens[who]
        return run("why", *words, HUB_URL=desk.url, HUB_TOKEN=token)

    return command


def test_a_producer_and_an_analyst_ask_why(desk, ask):
    who = "producer:Filer one"
    filed = desk.world.file(who, a_report(client_ref="why-1", title="CANARY", tlp="green"))
    desk.world.release()
    told = ask(who, filed["ref"], "members")
    assert told.returncode == 0, told.stderr
    assert "members (up to tlp:green): waiting" in told.stdout
    assert "share_redacted_with" in told.stdout
    assert "PATCH" in told.stdout
    assert "CANARY" not in told.stdout
    seen = ask("analyst", filed["id"])
    assert f"hub accept {filed['ref']} members" in seen.stdout
    desk.world.accept(filed["id"], "members")
    desk.world.release()
    found = json.loads(ask(who, filed["ref"], "members", "--json").stdout)
    assert [way["state"] for way in found["feeds"]] == ["released"]


def test_an_analysts_hold_is_told_with_the_call_that_lifts_it(desk, ask):
    filed = desk.world.file("producer:Filer one", a_report(client_ref="why-3", share_redacted_with=["members"]))
    hold = {"reason": "we ask the vendor first", "expires_at": "2027-11-01T00:00:00Z"}
    answer = desk.world.send("analyst", "POST", f"/api/v1/reports/{filed['id']}/hold", hold)
    assert answer.status_code == 200
    told = ask("analyst", filed["ref"], "members")
    assert told.returncode == 0, told.stderr
    assert f"analyst: DELETE /api/v1/reports/{filed['id']}/hold\n" in told.stdout


def test_a_feed_that_is_none_and_a_report_of_another_look_the_same(desk, ask):
    filed = desk.world.file("producer:Filer one", a_report(client_ref="why-2"))
    answers = [ask("producer:Filer two", filed["ref"]), ask("producer:Filer one", filed["ref"], "nothing")]
    assert {(one.returncode, one.stdout, one.stderr) for one in answers} == {(1, "", answers[0].stderr)}

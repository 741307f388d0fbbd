"""What analysts ask of a hub at work: the demo's samples and story, and some reports that wait for something."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from hub import rounds
from hub.demo import playing
from hub.demo.playing import Stage
from tests.factories import a_report
from tests.journeys.analysts import Analyst, at_work
from tests.servers import living_world


@pytest.fixture(scope="module")
def analyst(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analyst]:
    world = living_world(tmp_path_factory.mktemp("desk"))
    with at_work(world) as made:
        stage = Stage(world.hub, made.url)
        playing.enrol(stage)
        playing.play(stage, lambda _: None)
        wait_for_something(made)
        yield made


def wait_for_something(analyst: Analyst) -> None:
    """Reports under embargo, one of an organisation that nobody approved, one triaged up, one withdrawn."""
    world = analyst.world
    world.hub.clock = world.clock  # two days ahead of those who ask, by the end
    world.enrol("producer", "Larkspur")
    world.enrol("producer", "Newcomer")
    soon, later = (f"{world.clock() + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (1, 30))
    out = world.file("producer:Larkspur", a_report(client_ref="out", tlp="green", embargo_until=soon))
    world.file("producer:Larkspur", a_report(client_ref="overdue", embargo_until=soon))
    world.file("producer:Larkspur", a_report(client_ref="early", tlp="green", embargo_until=later))
    filed = world.file("producer:Newcomer", a_report(client_ref="new", share_redacted_with=["members"], severity="low"))
    world.file("producer:Newcomer", a_report(client_ref="lost", severity="unknown"))
    world.release()
    world.accept(out["id"], "members")
    body = {"why": "Two more labs saw it.", "assert": {"severity": "high", "triage": {"credibility": "probable"}}}
    path = f"/api/v1/reports/{filed['id']}/triage"
    assert world.send("analyst", "PATCH", path, body, If_Match='"t0"').status_code == 200
    world.clock.forward(days=2)
    world.release()
    rounds.index_all(world.hub)


def test_what_is_under_embargo_past_its_date(analyst: Analyst) -> None:
    now = f"{analyst.world.clock():%Y-%m-%dT%H:%M:%SZ}"
    assert analyst.refs(f"embargo_until < {now} and released is missing") == ["overdue"]
    assert analyst.refs(f"embargo_until < {now} and has released and organisation = Larkspur") == ["out"]
    assert analyst.refs(f"embargo_until > {now} and organisation = Larkspur") == ["early"]


def test_which_sealed_narratives_speak_of_a_phrase(analyst: Analyst) -> None:
    assert analyst.refs("text ~ '\"called the stop phrase\"'") == ["demo-tidelark-001"]
    (robot,) = analyst.ask("client_ref = demo-tidelark-003")["items"]
    assert analyst.refs("text ~ '\"voice service\"'") == [], "it is sealed, and no index tells its words"
    assert analyst.scan('"voice service"') == [robot["ref"]]
    assert analyst.scan('"voice service"', "organisation begins tidelark") == [robot["ref"]]
    assert analyst.scan('"voice service"', "severity = critical") == []


def test_which_near_misses_touch_on_a_risk_area_since_a_day(analyst: Analyst) -> None:
    found = analyst.refs("report_type in (near_miss, hazard) and risk_area = ai_safety and aware_at >= 2026-08")
    assert "demo-tidelark-001" in found
    assert analyst.counts("risk_area = cbrn", "report_type") == {"risk_assessment": 1}


def test_whose_reports_wait_until_their_organisation_is_approved(analyst: Analyst) -> None:
    assert analyst.refs("waiting = members:organisation_approved") == ["new"]
    assert analyst.counts("waiting = members:organisation_approved", "organisation") == {"Newcomer": 1}


def test_what_an_organisation_filed_and_never_got_out(analyst: Analyst) -> None:
    everything, inside = (
        analyst.refs(f"organisation begins tidelark{more}") for more in ("", " and released is missing")
    )
    assert len(everything) == 5
    assert inside == ["demo-tidelark-003"]
    assert sorted(analyst.refs("organisation = Larkspur and released is missing")) == ["early", "overdue"]
    assert analyst.refs("state = withdrawn") == ["demo-quillmere-005"]


def test_what_analysts_triaged_up(analyst: Analyst) -> None:
    assert analyst.refs("severity <= low and triage.severity >= high") == ["new"]
    assert analyst.refs("triage.credibility >= possible") == ["new"]
    assert analyst.refs("organisation = newcomer", sort="-severity") == ["new", "lost"]


def test_what_has_no_severity_after_a_week(analyst: Analyst) -> None:
    before = f"{analyst.world.clock() + timedelta(days=7):%Y-%m-%d}"
    asked = f"severity = unknown and triage.severity is missing and filed_at < {before} and organisation = newcomer"
    assert analyst.refs(asked) == ["lost"]


def test_a_question_with_a_slip_is_told_where(analyst: Analyst) -> None:
    answer = analyst.world.send("analyst", "GET", "/api/v1/search?filter=severty+%3D+high")
    assert "did you mean `severity`?" in answer.get_json()["detail"]

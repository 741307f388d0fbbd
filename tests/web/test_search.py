"""GET /api/v1/search: what a filter finds, for whom, in which order, and how it is refused."""

import pytest

from tests.conftest import World, make_world
from tests.factories import a_report
from tests.postgres import fresh_database


def find(world: World, filter_: str = "", who: str = "analyst", **query):
    answer = world.web.get(
        "/api/v1/search",
        query_string={"filter": filter_, **query},
        headers={"Authorization": f"Bearer {world.tokens[who]}"},
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def refused(world: World, filter_: str, **query) -> str:
    answer = world.web.get(
        "/api/v1/search",
        query_string={"filter": filter_, **query},
        headers={"Authorization": f"Bearer {world.tokens['analyst']}"},
    )
    assert answer.status_code == 400, answer.get_data(as_text=True)
    return answer.get_json()["detail"]


def named(found) -> list[str]:
    return [one["report"]["client_ref"] for one in found["items"]]


REPORTS = (
    {"client_ref": "a", "severity": "critical", "report_type": "vulnerability", "aware_at": "2026-10-02T10:00:00Z",
     "vulnerability": {"cve": ["CVE-2026-10001"]}},
    {"client_ref": "b", "severity": "high", "aware_at": "2026-10", "risk_area": ["cbrn"], "tlp": "green",
     "title": "The quick brown agent", "systems": [{"name": "GPT-4 Turbo"}]},
    {"client_ref": "c", "severity": "low", "aware_at": "2026-11-20T10:00:00Z", "recommendation": "Ask a person first",
     "attack_steps": [{"technique": "AML.T0051"}, {"technique": "AML.T0054"}]},
    {"client_ref": "d", "severity": "unknown", "aware_at": "2025"},
)  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stocked(request, tmp_path_factory):
    """Five reports on each engine in turn; no test of them changes any."""
    place = tmp_path_factory.mktemp("stocked")
    if request.param == "sqlite":
        made = make_world(place)
        yield stock(made)
        made.hub.store.close()
        return
    with fresh_database(request.getfixturevalue("cluster")) as url:
        made = make_world(place, url)
        yield stock(made)
        made.hub.store.close()


def stock(world: World) -> World:
    for body in REPORTS:
        world.file("producer", a_report(**body))
        world.clock.forward(minutes=1)
    world.enrol("producer", "Other Ltd")
    world.file("producer:Other Ltd", a_report(client_ref="other", severity="critical"))
    world.release()
    world.accept(find(world, "client_ref = b")["items"][0]["id"], "members")
    world.release()
    return world


@pytest.mark.parametrize(
    ("filter_", "wanted"),
    [
        ("severity = critical", "other a"),
        ("severity >= high", "other b a"),
        ("severity > high", "other a"),
        ("severity < low", "d"),
        ("severity <= low", "d c"),
        ("severity in (low, unknown)", "d c"),
        ("severity not in (critical, low)", "d b"),
        ("severity != critical", "d c b"),
        ("not severity = critical and not severity = low", "d b"),
        ("severity = critical or severity = low", "other c a"),
        ("(severity = critical or severity = low) and not client_ref = other", "c a"),
        ("vulnerability.cve = CVE-2026-10001", "a"),
        ("vulnerability.cve = cve-2026-10001", "a"),
        ("vulnerability.cve begins cve-2026-1", "a"),
        ("attack_steps.technique = AML.T0054", "c"),
        ("attack_steps.technique begins aml.t0054", "c"),
        ("vulnerability.cve = CVE-2026-10001 or attack_steps.technique = AML.T0054", "c a"),
        ("has vulnerability.cve or text ~ quick", "b a"),
        ("tlp < amber", "b"),
        ('systems.name begins "gpt 4"', "b"),
        ("text ~ GPT-4", "b"),
        ("text ~ gpt-4*", "b"),
        ("text ~ '\"agent gpt\"'", ""),
        ("attack_steps.technique in (AML.T0051, AML.T0054)", "c"),
        ("has risk_area", "b"),
        ("vulnerability.cve is missing and severity = critical", "other"),
        ("aware_at = 2026-10", "b a"),
        ("aware_at = 2026-10-02", "b a"),
        ("aware_at = 2026-10-02T10:00:00Z and severity = critical", "a"),
        ("aware_at < 2026-10", "d"),
        ("aware_at <= 2026-10", "d b a"),
        ("aware_at > 2026-10", "other c"),
        ("aware_at >= 2026-10", "other c b a"),
        ("aware_at > 2026-10-15", "other c"),
        ('systems.name = "gpt 4 turbo"', "b"),
        ("systems.name = GPT4Turbo", "b"),
        ('text ~ "brown quick"', "b"),
        ("text ~ '\"quick brown\"'", "b"),
        ("text ~ '\"brown quick\"'", ""),
        ("text ~ perso*", "c"),
        ("text ~ 'ask person' and severity = low", "c"),
        ("released = members", "b"),
        ("waiting = members:reach and severity = critical", "other a"),
        ("accepted = members", "b"),
        ("state = admitted and is_import = false", "other d c b a"),
        ("organisation = 'other ltd'", "other"),
        ("revision = 1 and revision < 2", "other d c b a"),
        ("revision > 1", ""),
        ("filed_at >= 2026-11-23T12:02Z and filed_at < 2026-11-23T12:04Z", "d c"),
        ("", "other d c b a"),
    ],
)
def test_a_filter_finds_what_it_says_the_newest_first(stocked: World, filter_: str, wanted: str) -> None:
    assert named(find(stocked, filter_)) == wanted.split()


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ("severity", "d c b a other"),
        ("-severity", "other a b c d"),
        ("filed_at", "a b c d other"),
        ("-aware_at", "other c a b d"),
        ("revised_at", "a b c d other"),
    ],
)
@pytest.mark.parametrize("filter_", ["", "state = admitted", "not state = withdrawn"])
def test_every_sort_pages_through_all_matches_once(stocked: World, sort: str, wanted: str, filter_: str) -> None:
    assert named(find(stocked, filter_, sort=sort)) == wanted.split()
    found: list[str] = []
    query: dict[str, str] = {}
    while True:
        page = find(stocked, filter_, sort=sort, limit="2", **query)
        found += named(page)
        if not page["next"]:
            break
        query = {"next": page["next"]}
    assert found == wanted.split()


def test_a_cursor_belongs_to_its_search(stocked: World) -> None:
    page = find(stocked, "severity = critical", limit="1")
    assert "not a cursor of this search" in refused(stocked, "severity = high", next=page["next"])
    assert "not a cursor of this search" in refused(stocked, "severity = critical", sort="severity", next=page["next"])
    assert named(find(stocked, "severity = critical", limit="2", next=page["next"])) == ["a"]


def test_facets_count_the_matches(stocked: World) -> None:
    for filter_ in ("", "state = admitted", "not state = withdrawn"):
        counts = find(stocked, filter_, facets="severity,attack_steps.technique")["facets"]
        assert counts["is_complete"]
        assert counts["counted"] == 5
        assert counts["values"]["severity"][0] == {"value": "critical", "reports": 2}
        assert {one["value"] for one in counts["values"]["attack_steps.technique"]} == {"AML.T0051", "AML.T0054"}
    assert find(stocked, "severity = low", facets="severity")["facets"]["values"] == {
        "severity": [{"value": "low", "reports": 1}]
    }


def test_a_producer_finds_its_own_and_knows_no_field_of_the_staff(stocked: World) -> None:
    assert named(find(stocked, "", "producer")) == ["d", "c", "b", "a"]
    assert named(find(stocked, "severity = critical", "producer:Other Ltd")) == ["other"]
    facets = find(stocked, "", "producer:Other Ltd", facets="severity")["facets"]
    assert facets == {"values": {"severity": [{"value": "critical", "reports": 1}]}, "counted": 1, "is_complete": True}
    for field in ("organisation", "case", "triage.severity", "triage.family"):
        answer = stocked.web.get(
            "/api/v1/search",
            query_string={"filter": f"has {field}"},
            headers={"Authorization": f"Bearer {stocked.tokens['producer']}"},
        )
        assert answer.status_code == 400
        assert "there is no field" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("filter_", "said"),
    [
        ("severty = high", "column 1: there is no field `severty`; did you mean `severity`?"),
        ("severity = hihg", "column 12: the value is not a value of severity"),
        ("severity ~ high", "column 10: `~` searches the text as a whole"),
        ("report_type > incident", "column 13: report_type has no order"),
        ("severity =", "column 11: a value is missing"),
        ("severity high", "column 10: `high` is no operator"),
        ("(severity = high", "column 17: `)` is missing"),
        ("severity = high severity = low", "column 17: `severity` is not expected here"),
        ('title = "open', "column 9: a quotation is not closed"),
        ("description = x", "column 13: description is searched by its words"),
        ("poc = x", "column 1: poc is sealed and never leaves as written"),
        ("reporter.name = x", "column 1: there is no field `reporter.name`"),
        ("aware_at > 2026-11-20T10:00", "column 12: the value has a time without an offset"),
        ("revision = many", "column 12: the value must be a whole number"),
        ("not " * 30 + "severity = high", "is nested deeper"),
        (" or ".join(["severity = high"] * 101), "has more than 100 conditions"),
        ("x" * 4001, "is longer than 4,000 characters"),
        ("text ~ '!!'", "holds no word"),
        ("severity = \x00", "NUL"),
        ("severity begins hi", "`begins` is asked of names and codes"),
    ],
)
def test_a_filter_that_cannot_be_read_is_told_where_and_how(world: World, filter_: str, said: str) -> None:
    assert said in refused(world, filter_)


def test_a_field_without_facets_is_told_with_the_nearest_that_has_some(stocked: World) -> None:
    assert "facets: severty has none; did you mean severity?" in refused(stocked, "", facets="severty")
    assert "facets: poc has none" in refused(stocked, "", facets="poc")


def test_facets_call_an_organisation_by_its_name(stocked: World) -> None:
    values = find(stocked, "", facets="organisation")["facets"]["values"]["organisation"]
    assert {"value": "Other Ltd", "reports": 1} in values


def test_a_producer_cannot_sort_by_what_analysts_hold_of_its_reports(stocked: World) -> None:
    for sort in ("severity", "-severity"):
        answer = stocked.send("producer", "GET", f"/api/v1/search?sort={sort}")
        assert answer.status_code == 400
        assert "is for analysts" in answer.get_json()["detail"]


def test_a_sealed_field_is_named_in_the_answer(stocked: World) -> None:
    assert find(stocked, "systems.name = gpt4turbo and severity = high")["sealed"] == ["systems.name"]
    assert find(stocked, "severity = high")["sealed"] == []
    assert named(find(stocked, "has systems.name")) == ["b"], "only what left as written is in the index"


def test_what_a_recall_takes_back_is_found_no_more(any_world: World) -> None:
    world = stock(any_world)
    assert named(find(world, "text ~ brown")) == ["b"]
    report = find(world, "client_ref = b")["items"][0]["id"]
    assert world.send("producer", "POST", f"/api/v1/reports/{report}/withdraw").status_code == 200
    world.release()
    assert named(find(world, "text ~ brown")) == []
    assert named(find(world, "state = withdrawn")) == ["b"]


def test_others_get_what_they_get_for_nothing(world: World) -> None:
    nothing = world.send("producer", "GET", "/api/v1/nothing").data
    for who in ("member", "researcher", "operator", "auditor"):
        for path in ("/api/v1/search", "/api/v1/search/fields"):
            answer = world.send(who, "GET", path)
            assert (answer.status_code, answer.data) == (404, nothing)

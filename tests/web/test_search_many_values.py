"""Searches of fields with several values: a report is found and counted once, however many of them fit."""

from itertools import pairwise

import pytest

from tests.conftest import World
from tests.factories import a_report

AREAS = ("ai_safety", "critical_infrastructure", "cbrn")
CODES = ["CVE-2026-10001", "CVE-2026-10002", "CVE-2026-20001"]
FILTERS = (
    f"risk_area in ({', '.join(AREAS)})",
    "has risk_area",
    "has risk_area and has severity",
    "vulnerability.cve begins CVE-2026-1",
    "vulnerability.cve in (CVE-2026-10001, CVE-2026-20001) or has held_until",
    "has vulnerability.cve or has risk_area",
)
SORTS = {"newest": "c b a", "filed_at": "a b c", "-aware_at": "c b a", "revised_at": "a b c"}


def find(world: World, filter_: str, who: str, **query):
    headers = {"Authorization": f"Bearer {world.tokens[who]}"}
    answer = world.web.get("/api/v1/search", query_string={"filter": filter_, **query}, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_a_report_is_found_and_counted_once_whichever_of_its_values_fit(any_world: World) -> None:
    world = any_world
    for number, name in enumerate("abc", start=1):
        body = {"risk_area": list(AREAS), "report_type": "vulnerability", "aware_at": f"2026-10-0{number}"}
        world.file("producer", a_report(client_ref=name, vulnerability={"cve": CODES}, **body))
        world.clock.forward(minutes=1)
    world.release()
    for who in ("analyst", "producer"):
        for filter_ in FILTERS:
            for sort, wanted in SORTS.items():
                assert paged(world, filter_, who, sort) == wanted.split(), (who, filter_, sort)
            facets = find(world, filter_, who, facets="risk_area,severity")["facets"]
            assert (facets["counted"], facets["is_complete"]) == (3, True), (who, filter_)
            assert facets["values"]["risk_area"] == [{"value": area, "reports": 3} for area in sorted(AREAS)]
            assert [one["reports"] for one in facets["values"]["severity"]] == [3], (who, filter_)


def paged(world: World, filter_: str, who: str, sort: str) -> list[str]:
    """The matches, two a page."""
    pages = [find(world, filter_, who, sort=sort, limit="2")]
    while after := pages[-1]["next"]:
        pages.append(find(world, filter_, who, sort=sort, limit="2", next=after))
    assert all(len(one["items"]) == 2 for one, _ in pairwise(pages)), "every page but the last is full"
    return [one["report"]["client_ref"] for page in pages for one in page["items"]]


def test_a_standing_acceptance_is_found_as_far_as_it_reaches(any_world: World) -> None:
    world = any_world
    world.file("producer", a_report(client_ref="a", tlp="clear"))
    world.release()
    organisation = world.ids["The producer's organisation"]
    member = f"/api/v1/members/{organisation}/accept"
    assert world.send("analyst", "POST", member, {"audience": "public"}).status_code == 200
    world.release()
    for audience in ("public", "members", "trusted"):
        assert len(find(world, f"accepted = {audience}", "analyst")["items"]) == 1, audience
    assert find(world, "accepted = researchers", "analyst")["items"] == []
    assert world.send("analyst", "DELETE", f"{member}?audience=public").status_code in {200, 204}
    world.release()
    assert find(world, "has accepted", "analyst")["items"] == []


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_a_case_is_found_by_its_reports_as_soon_as_it_changed(any_world: World, verb: str) -> None:
    world = any_world
    one, two = (world.file("producer", a_report(client_ref=name)) for name in "ab")
    world.release()
    body = {"title": "One event", "reports": [one["id"]], "why": "x"}
    ref = world.send("analyst", "POST", "/api/v1/cases", body).get_json()["ref"]
    named = {"add": two["ref"], "remove": one["ref"]}[verb]
    changed = world.send("analyst", "PATCH", f"/api/v1/cases/{ref}", {"why": "x", verb: [named]})
    assert changed.status_code == 200
    found = {item["ref"] for item in find(world, f"case = {ref}", "analyst")["items"]}
    assert found == {"add": {two["ref"], one["ref"]}, "remove": set()}[verb]

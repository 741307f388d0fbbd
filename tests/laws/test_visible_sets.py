"""One answer to *which reports may this person see*, whichever way it is asked.

By list, by one's id or reference, by search in every order, by the sums of facets, by `hub search`, by path: the same
set. By receipt, triage and what is related: the part of it that each route's contract names. By feeds, in every format:
exactly what the path says that each feed shows.
"""

import itertools
import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, update

from feeds.formats import FORMATS
from hub.store.tables import Revision
from tests.conftest import AUDIENCES, World, make_world
from tests.factories import a_report
from tests.postgres import fresh_database
from tests.servers import living_world, run, serving

PRODUCERS = ("producer:One", "producer:Two", "producer:Three")
READERS = {
    "member:Inner": ("trusted",),
    "member:Outer": ("members", "public", "reference"),
    "member:None": (),
    "researcher:Vetted": ("researchers",),
}
STRANGERS = (*READERS, "operator", "auditor", "")
SORTS = ("newest", "filed_at", "-filed_at", "revised_at", "-aware_at", "aware_at")
STAFF_SORTS = (*SORTS, "severity", "-severity")
REFERENCE = re.compile(r"\b[A-Z]-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
LIVE = tuple(name for name in FORMATS if not name.startswith(("tombstones", "dictionary")))  # those that hold entries
ADVISORY = {
    "id": "PYSEC-2099-1", "details": "A made-up advisory.", "references": [], "aliases": [],
    "affected": [{"package": {"name": "x", "ecosystem": "PyPI", "purl": "pkg:pypi/x"}}],
    "modified": "2026-01-01T00:00:00Z", "published": "2026-01-01T00:00:00Z",
}  # fmt: skip
INCIDENT = {
    "incident_id": 4711, "url": "https://incidentdatabase.ai/cite/4711", "title": "A made-up incident",
    "date": "2026-06-07", "alleged_deployer": ["unknown"],
}  # fmt: skip
TLPS = ("clear", "green", "amber", "amber+strict", "red")
KNOWN: dict[Path, dict[str, tuple[str, str]]] = {}
NAMED: tuple[list[str] | None, ...] = (None, ["members"], ["public", "researchers"])


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stocked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Every kind of report on each engine in turn; no test changes any."""
    place = tmp_path_factory.mktemp("visible")
    if request.param == "sqlite":
        made = stock(make_world(place), place)
        yield made
        made.hub.store.close()
        return
    with fresh_database(request.getfixturevalue("cluster")) as url:
        made = stock(make_world(place, url), place)
        yield made
        made.hub.store.close()


def stock(world: World, place: Path) -> World:
    for who in (*PRODUCERS, *READERS):
        role, _, organisation = who.partition(":")
        world.enrol(role, organisation, READERS.get(who, ()))
    people = itertools.cycle(PRODUCERS)
    filed: list[tuple[str, str]] = []
    for number, (tlp, named) in enumerate(itertools.product(TLPS, NAMED)):
        severity = ("low", "high", "critical")[number % 3]
        who = next(people)
        body = a_report(tlp=tlp, share_redacted_with=named, client_ref=f"T-{number}", severity=severity)
        filed.append((who, world.file(who, body)["id"]))
        world.clock.forward(seconds=number % 2)  # some at one instant
    delays: tuple[dict[str, Any], ...] = (
        {"embargo_until": "2026-12-24"},
        {"hold": {"expires_at": "2026-12-01", "reason": "we ask the vendor"}},
    )
    for number, delay in enumerate(delays):
        filed.append(
            (PRODUCERS[0], world.file(PRODUCERS[0], a_report(tlp="clear", client_ref=f"D-{number}", **delay))["id"])
        )
    spoilt = world.file(PRODUCERS[1], a_report(tlp="clear", client_ref="spoilt"))["id"]
    with world.hub.store.writing() as db:
        db.exec(update(Revision).where(col(Revision.report_id) == spoilt).values(signature=b""))
    bring_in(world, place)
    for number, (_, one) in enumerate(filed):
        world.accept(one, ("trusted", "members", "public", "researchers")[number % 4])
    world.release()
    change(world, filed)
    world.release()
    return world


def bring_in(world: World, place: Path) -> None:
    """Import from two sources, as the shell does."""
    home, told = str(world.hub.config.home), world.hub.config.environment()
    for source, record in (("osv", ADVISORY), ("aiid", INCIDENT)):
        (place / f"{source}.jsonl").write_text(json.dumps(record) + "\n", "utf-8")
        done = run("import", source, str(place / f"{source}.jsonl"), "--home", home, **told)
        assert done.returncode == 0, done.stderr


def change(world: World, filed: list[tuple[str, str]]) -> None:
    """Amend, withdraw, triage, hold and group some of what went out."""
    (first, amended), (second, withdrawn), (_, triaged), (_, held) = filed[:4]
    report, said = "/api/v1/reports/{}".format, {"why": "Seen.", "assert": {"severity": "low"}}
    for answer in (
        world.send(first, "PATCH", report(amended), {"severity": "critical"}, If_Match='"r1"'),
        world.send(second, "POST", report(withdrawn) + "/withdraw"),
        world.send("analyst", "PATCH", report(triaged) + "/triage", said, If_Match="*"),
        world.send("analyst", "POST", report(held) + "/hold", {"reason": "Seen.", "expires_at": "2026-12-01"}),
        world.send("analyst", "POST", "/api/v1/cases", {"title": "One", "reports": [triaged, held], "why": "Seen."}),
    ):
        assert answer.status_code in {200, 201}, answer.get_data(as_text=True)


def listed(world: World, who: str, path: str, **query: Any) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    found: list[dict[str, Any]] = []
    following: str | None = ""
    while following is not None:
        given = {**query, "limit": 4, **({"next": following} if following else {})}
        headers = {"Authorization": f"Bearer {world.tokens[who]}"}
        answer = world.web.get(path, query_string=given, headers=headers)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found += answer.get_json()["items"]
        following = answer.get_json()["next"]
    return found


def every(world: World) -> dict[str, tuple[str, str]]:
    """Report id → its reference and who filed it, or nobody of ours, as an analyst finds them; asked once a world."""
    if world.hub.config.home not in KNOWN:
        refs = {one["id"]: one["ref"] for one in listed(world, "analyst", "/api/v1/reports")}
        owned = {
            one["id"]: who
            for who in PRODUCERS
            for one in listed(world, "analyst", "/api/v1/search", filter=f'organisation = "{who.partition(":")[2]}"')
        }
        KNOWN[world.hub.config.home] = {report: (ref, owned.get(report, "")) for report, ref in refs.items()}
    return KNOWN[world.hub.config.home]


def answering(world: World, who: str, rest: str, names: Collection[str]) -> set[str]:
    """Those of some reports for which a route answers somebody; the others must look absent."""
    found = set()
    for name in names:
        answer = world.send(who, "GET", f"/api/v1/reports/{name}{rest}")
        assert answer.status_code in {200, 404}, answer.get_data(as_text=True)
        if answer.status_code == 200:
            found.add(name)
    return found


def test_the_world_has_every_kind_of_report(stocked: World) -> None:
    found = listed(stocked, "analyst", "/api/v1/reports")
    assert {one["state"] for one in found} >= {"admitted", "quarantined", "withdrawn"}
    assert {one["report"]["tlp"] for one in found} == set(TLPS)
    assert sum(not owner for _, owner in every(stocked).values()) == 2, "one of each source"
    assert all(shown_in(stocked, feed) for feed in AUDIENCES if feed != "researchers")


@pytest.mark.parametrize("who", [*PRODUCERS, "analyst"])
def test_every_way_to_ask_finds_the_same_reports(stocked: World, who: str) -> None:
    known = every(stocked)
    mine = {one for one, (_, owner) in known.items() if who in {"analyst", owner}}
    assert len(mine) >= 5
    by_list = [one["id"] for one in listed(stocked, who, "/api/v1/reports")]
    assert len(by_list) == len(set(by_list)), "no page shows one twice"
    assert set(by_list) == mine
    for sort in STAFF_SORTS if who == "analyst" else SORTS:
        by_search = [one["id"] for one in listed(stocked, who, "/api/v1/search", sort=sort)]
        assert sorted(by_search) == sorted(mine), sort
    for rest in ("", "/path", "/release-text"):
        assert answering(stocked, who, rest, known) == mine, rest
        assert answering(stocked, who, rest, {known[one][0] for one in known}) == {known[one][0] for one in mine}, rest
    own = mine if who != "analyst" else set()
    assert answering(stocked, who, "/receipt", known) == own
    for rest in ("/triage", "/related"):
        assert answering(stocked, who, rest, known) == (mine if who == "analyst" else set()), rest


@pytest.mark.parametrize("who", [*PRODUCERS, "analyst"])
def test_facets_count_each_report_once_and_what_their_filter_finds(stocked: World, who: str) -> None:
    mine = listed(stocked, who, "/api/v1/reports")
    for name in ("state", "tlp", "report_type"):
        answer = stocked.send(who, "GET", f"/api/v1/search?facets={name}&limit=1").get_json()["facets"]
        counts = {one["value"]: one["reports"] for one in answer["values"][name]}
        assert answer["is_complete"]
        assert sum(counts.values()) == answer["counted"] == len(mine), name
        for value, number in counts.items():
            assert len(listed(stocked, who, "/api/v1/search", filter=f'{name} = "{value}"')) == number, value


@pytest.mark.parametrize("who", STRANGERS)
def test_whoever_neither_files_nor_analyses_sees_none_by_any_of_them(stocked: World, who: str) -> None:
    refusal = 404 if who else 401
    for path in ("/api/v1/reports", "/api/v1/search", "/api/v1/search?facets=state", "/api/v1/cases"):
        assert stocked.send(who, "GET", path).status_code == refusal, path
    for report, rest in itertools.product(
        every(stocked), ("", "/path", "/receipt", "/triage", "/related", "/release-text")
    ):
        assert stocked.send(who, "GET", f"/api/v1/reports/{report}{rest}").status_code == refusal, rest


def shown_in(world: World, feed: str) -> dict[str, str]:
    """What the paths say that a feed shows: report id → its reference there."""
    found = {}
    for report in every(world):
        ways = world.send("analyst", "GET", f"/api/v1/reports/{report}/path").get_json()["feeds"]
        shows = next((way["shows"] for way in ways if way["feed"] == feed), None)
        if shows:
            found[report] = shows["ref"]
    return found


@pytest.mark.parametrize("feed", AUDIENCES)
def test_a_feed_shows_in_every_form_what_the_paths_say(stocked: World, feed: str) -> None:
    world = stocked
    shown = shown_in(world, feed)
    for who, audiences in READERS.items():
        files = {name: world.send(who, "GET", f"/feeds/{feed}/{name}") for name in LIVE}
        by_taxii = world.send(who, "GET", f"/taxii2/hub/collections/{world.collection(feed)}/objects/?limit=1")
        if feed not in audiences:
            assert {one.status_code for one in (*files.values(), by_taxii)} == {404}
            continue
        carriers = {one["id"].partition("--")[2]: refs(json.dumps(one)) for one in world.carriers(who, feed)}
        assert set().union(*carriers.values()) == set(shown.values())
        assert len(carriers) == len(shown)
        for name, file in files.items():
            assert file.status_code == 200
            told = file.get_data(as_text=True)
            if name == "atom.xml":  # names its entries by the identifier alone
                assert set(re.findall("<id>urn:uuid:(.*)</id>", told)[1:]) == set(carriers)
            else:
                assert refs(told) == set(shown.values()), name
        gone = world.send(who, "GET", f"/feeds/{feed}/tombstones.json").get_data(as_text=True)
        assert not refs(gone) & set(shown.values())
    for who in (*PRODUCERS, "analyst"):
        mine = {one["id"] for one in listed(world, who, "/api/v1/reports")}
        found = {one["id"] for one in listed(world, who, "/api/v1/search", filter=f"released = {feed}")}
        assert found == mine & set(shown), who


def refs(text: str) -> set[str]:
    return set(REFERENCE.findall(text))


@pytest.mark.slow
def test_the_command_finds_what_the_api_finds(tmp_path: Path) -> None:
    world = living_world(tmp_path)
    world.enrol("analyst", "Hub staff")
    for number, who in enumerate((*PRODUCERS, *PRODUCERS)):
        if who not in world.tokens:
            world.enrol("producer", who.partition(":")[2])
        world.file(who, a_report(client_ref=f"T-{number}"))
    world.release()
    with serving(tmp_path / "home", workers=1) as server:
        for who in (*PRODUCERS, "analyst:Hub staff"):
            asked = {"HUB_URL": server.url, "HUB_TOKEN": world.tokens[who]}
            done = run("search", "--json", "--facets", "state", **asked)
            assert done.returncode == 0, done.stderr
            found = json.loads(done.stdout)
            wanted = [one["id"] for one in listed(world, who, "/api/v1/search")]
            assert [one["id"] for one in found["items"]] == wanted
            assert len(wanted) == (6 if who.startswith("analyst") else 2)
            assert sum(one["reports"] for one in found["facets"]["values"]["state"]) == len(wanted)

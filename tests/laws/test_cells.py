"""Every route, by every method, as every role of every kind of organisation, on what is its own, another's or nobody's.

A *cell* is one such call. Who may not make it gets, byte for byte, what everybody gets for a thing that is not there.
What each role may call stands here a second time, by name: a policy that is widened in the code is seen by who reads.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from hub import visibility
from hub.roles import ROLES
from hub.services import attaching, delivery, intake
from hub.web import members
from hub.web.policy import Policy
from tests.conftest import make_world
from tests.laws.test_routes import BODIES, METHODS, told
from tests.stage import NOBODY, POSTED, TAXII, Actor, Stage, Target, set_up

AUDIT = {"audit.listed", "audit.checkpoint", "audit.proof"}
PRODUCERS = {"reports.file", "reports.batch", "reports.receipt", "reports.amend", "reports.withdraw"}
PRODUCERS |= {"attachments.begin", "attachments.put", "attachments.remove"}
EITHER = {
    "reports.listed",
    "reports.read",
    "paths.path",
    "guarding.read",
    "erasures.read",
    "attachments.listed",
    "attachments.read",
    "triage.release_text",
    "search.find",
    "search.fields",
}
TWO = {"agreements.listed", "agreements.agree", "agreements.refuse"}
READERS = {"editions.edition", "statistics.counts"}
ANYBODY = {"taxii.discovery", "taxii.api_root", "taxii.collections"}
IN_COLLECTION = {"taxii.collection", "taxii.objects", "taxii.one_object", "taxii.versions", "taxii.manifest"}
WRITING = {"taxii.add_objects", "taxii.delete_object"}  # 403 on a feed that one reads, 404 on any other
IN_COLLECTION |= WRITING
ALLOWED: Mapping[str, set[str]] = {  # role → the routes that it may call, as far as a thing is its to see
    "producer": AUDIT | PRODUCERS | EITHER | ANYBODY | IN_COLLECTION | {"agreements.notices", "previews.draft"},
    "member": READERS | ANYBODY | IN_COLLECTION | {"taxii.status"},
    "researcher": READERS | ANYBODY | IN_COLLECTION,
    "analyst": EITHER | ANYBODY | IN_COLLECTION | TWO | {
        "previews.filed", "sessions.begin", "sessions.running", "sessions.end",
        "triage.read", "triage.assert_overlay", "triage.hold", "triage.lift", "triage.write_text", "reports.accept",
        "cases.related", "cases.listed", "cases.open_case", "cases.read", "cases.change",
        "members.accept", "members.end_acceptance",
        "unsealing.open_report", "unsealing.open_page", "unsealing.scan", "unsealing.equal", "remarks.listed",
        "guarding.decide", "guarding.waiting", "accounts.listed",
        "downloads.head", "downloads.content",
    },
    "operator": ANYBODY | IN_COLLECTION | TWO | {
        "members.listed", "members.add", "members.grant", "members.tokens", "members.issue", "members.rotate",
        "members.revoke", "numbers.metrics",
    },
    "auditor": AUDIT | ANYBODY | IN_COLLECTION | {"agreements.listed", "accounts.listed"},
}  # fmt: skip


QUERIES = {
    "statistics.counts": "?feed=members",
    "attachments.put": "?offset=0",
    "members.end_acceptance": "?audience=members",
}
WORK = {**BODIES, "members.issue": {"roles": ["researcher"]}, "taxii.add_objects": {"objects": [POSTED]}}
LAST = ("/withdraw", "/objects/<object_id>/")  # they end much


@dataclass(frozen=True)
class Cell:
    """One method on one route, for one target, by one actor; `missing` is the same call for what is not there."""

    actor: Actor
    endpoint: str  # "" where the route does not know the method
    method: str
    path: str
    missing: str
    target: Target


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = make_world(tmp_path_factory.mktemp("cells"))
    yield set_up(made)
    made.hub.store.close()


def cells(stage: Stage, wanted: Callable[[str], bool] = lambda _: True) -> Iterator[Cell]:
    """Every cell; or those of routes by their names."""
    routes = stage.world.web.application.url_map
    adapter = routes.bind("localhost")
    shapes = {rule.rule: rule for rule in routes.iter_rules()}
    for rule in sorted(shapes.values(), key=lambda rule: rule.rule.endswith(LAST)):
        some = stage.targets[frozenset(rule.arguments)]  # a new kind of variable: say above what there is of it
        for target in some:
            path = filled(rule, target)
            missing = filled(rule, some[-1])
            allowed = set(adapter.allowed_methods(path))
            for method in METHODS:
                endpoint, values = adapter.match(path, method) if method in allowed else ("", target.values)
                # A path may be another route's too, by this method: `batch` reads like an id. It is met there.
                if wanted(endpoint) and set(values) == set(target.values):
                    query = QUERIES.get(endpoint, "")
                    yield from (
                        Cell(actor, endpoint, method, path + query, missing + query, target) for actor in stage.actors
                    )


def filled(rule: Rule, target: Target) -> str:
    _, path = rule.build(dict(target.values)) or ("", "")
    return str(path)


def crossings(stage: Stage, wanted: Callable[[str], bool] = lambda _: True) -> list[str]:
    """What is wrong with each cell that is wrong."""
    app = stage.world.web.application
    public = {name for name, view in app.view_functions.items() if getattr(view, "policy", Policy()).is_public}
    found = []
    for cell in cells(stage, wanted):
        fault = fault_of(stage, cell, is_public=cell.endpoint in public)
        if fault:
            found.append(f"{cell.actor.who or 'nobody'}: {cell.method} {cell.path}: {fault}")
    return found


def fault_of(stage: Stage, cell: Cell, *, is_public: bool) -> str:  # noqa: PLR0911 - one return a kind of cell
    answer = call(stage, cell, cell.path)
    if answer.status_code >= 500:
        return f"fell over with {answer.status_code}"
    if not cell.endpoint:
        stage.cells["no such method"] += 1
        refusal = 401 if cell.path.startswith("/taxii2/") and not cell.actor.role else 405  # TAXII 2.1, 1.6.9
        return "" if answer.status_code == refusal else f"{answer.status_code}, not {refusal}"
    if is_public:
        stage.cells["public"] += 1
        return "" if told(answer) == told(call(stage, replace(cell, actor=NOBODY), cell.path)) else "differs by role"
    if not cell.actor.role:
        stage.cells["nobody"] += 1
        return "" if told(answer) == told(call(stage, cell, cell.missing)) and answer.status_code == 401 else "not 401"
    if cell.endpoint not in ALLOWED[cell.actor.role]:
        stage.cells["forbidden"] += 1
        return "" if told(answer) == told(nothing(stage, cell)) else f"{answer.status_code}: not what is not there says"
    if cell.method == "OPTIONS":  # says what the route knows, whatever is there
        stage.cells["allowed"] += 1
        return "" if told(answer) == told(call(stage, cell, cell.missing)) else "tells what is there"
    if not sees(cell):
        stage.cells["not theirs"] += 1
        return "" if told(answer) == told(nothing(stage, cell)) else f"{answer.status_code}: not what is not there says"
    stage.cells["allowed"] += 1
    if cell.endpoint in WRITING and cell.target.kind == "feed":
        return "" if answer.status_code == 403 else f"{answer.status_code}, not 403"
    return f"{answer.status_code} to one who may" if answer.status_code in {401, 403, 404} else ""


def sees(cell: Cell) -> bool:
    if cell.endpoint == "statistics.counts":
        return "members" in cell.actor.audiences
    return cell.target.is_seen_by(cell.actor)


def call(stage: Stage, cell: Cell, path: str) -> TestResponse:
    body = WORK.get(cell.endpoint) if cell.method not in {"GET", "HEAD", "OPTIONS"} else None
    media = {"Content_Type": TAXII} if path.startswith("/taxii2") and body else {}
    return stage.world.send(
        cell.actor.who, cell.method, path, body, If_Match="*", Idempotency_Key=str(uuid4()), **media
    )


def nothing(stage: Stage, cell: Cell) -> TestResponse:
    """What is told of a path on which there was never anything, by the same method."""
    root = "/taxii2/hub/collections/nothing/" if cell.path.startswith("/taxii2") else "/api/v1/reports/nothing"
    return stage.world.send("analyst", "HEAD" if cell.method == "HEAD" else "GET", root)


@pytest.mark.slow
def test_no_cell_is_crossed_and_forbidden_looks_like_absent(stage: Stage) -> None:
    assert crossings(stage) == []
    print(f"{stage.cells.total():,} cells: {dict(stage.cells)}")  # noqa: T201 - a figure
    assert stage.cells.total() - stage.cells["no such method"] >= 5_000
    assert min(stage.cells[kind] for kind in ("allowed", "forbidden", "not theirs", "nobody")) >= 50


def test_every_role_and_every_route_is_in_the_table(stage: Stage) -> None:
    app = stage.world.web.application
    guarded = {name for name, view in app.view_functions.items() if not getattr(view, "policy", Policy()).is_public}
    assert set().union(*ALLOWED.values()) == guarded
    assert set(ALLOWED) == set(ROLES)


def test_a_policy_that_is_widened_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = set_up(make_world(tmp_path))
    widened = Policy(capabilities=frozenset().union(*ROLES.values()))
    for endpoint in ("members.listed", "cases.read", "numbers.metrics", "reports.receipt"):
        with monkeypatch.context() as broken:
            broken.setattr(stage.world.web.application.view_functions[endpoint], "policy", widened)
            assert crossings(stage, {endpoint}.__contains__), endpoint
        assert not crossings(stage, {endpoint}.__contains__), endpoint
    stage.world.hub.store.close()


def own_is_any(db: Any, caller: Any, name: str) -> Any:
    return visibility.named(db, name)


def all_are_readable(caller: Any, known: Any) -> Any:
    return list(known)


def any_feed(caller: Any, known: Any, collection_id: str) -> Any:
    return next((one for one in known if one.id == collection_id), None)


def all_belong(db: Any, member: str, token_id: str) -> None:
    """Ask nothing."""


BROKEN: Sequence[tuple[Any, str, Any, str]] = (
    (visibility, "own", own_is_any, "reports.read"),
    (intake, "own", own_is_any, "reports.amend"),
    (attaching, "own", own_is_any, "attachments.begin"),
    (delivery, "feed_of", any_feed, "taxii.objects"),
    (delivery, "readable", all_are_readable, "editions.edition"),
    (members, "_belongs", all_belong, "members.rotate"),
)


@pytest.mark.parametrize("broken", BROKEN, ids=[f"{one[1]} {one[3]}" for one in BROKEN])
def test_a_check_of_the_organisation_that_is_dropped_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: tuple[Any, str, Any, str]
) -> None:
    stage, (module, name, instead, endpoint) = set_up(make_world(tmp_path)), broken
    monkeypatch.setattr(module, name, instead)
    assert crossings(stage, {endpoint}.__contains__)
    stage.world.hub.store.close()

"""An id of another kind, or a child under another's parent, is on every route what is not there.

A seeded sample of all that can be confused; `make figures` asks all of it.
"""

import random
from collections.abc import Iterator, Sequence

import pytest

from hub.web import members
from tests.conftest import make_world
from tests.confused import Confusion, confusions
from tests.laws.test_cells import QUERIES, Cell, call, nothing
from tests.laws.test_routes import told
from tests.stage import Stage, Target, set_up

SAMPLE = 2_500


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = make_world(tmp_path_factory.mktemp("confused"))
    yield set_up(made)
    made.hub.store.close()


def faults(stage: Stage, asked: Sequence[Confusion]) -> list[str]:
    """What is answered otherwise than what is not there."""
    found = []
    for one in asked:
        cell = Cell(one.actor, one.endpoint, one.method, one.path, one.path, Target("", exists=False))
        answer = call(stage, cell, one.path + QUERIES.get(one.endpoint, ""))
        is_same = one.status != 404 or told(answer) == told(nothing(stage, cell))
        if answer.status_code != one.status or not is_same:
            found.append(
                f"{one.actor.who or 'nobody'}: {one.method} {one.path}: {answer.status_code}, not {one.status}"
            )
    return found


def test_an_id_of_another_kind_or_parent_is_what_is_not_there(stage: Stage) -> None:
    every = list(confusions(stage))
    assert len(every) >= 10_000
    assert {one.status for one in every} == {401, 403, 404}
    routes = {one.endpoint for one in every}
    asked = random.Random(5).sample(every, SAMPLE)  # a fixed seed, so that a failure comes again
    assert {one.endpoint for one in asked} == routes
    assert faults(stage, asked) == []


def test_a_child_that_is_not_asked_for_its_parent_is_seen(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "_belongs", lambda *_: None)
    asked = list(confusions(stage, lambda rule: rule.endpoint == "members.rotate"))
    assert faults(stage, asked)

"""Whoever polls misses nothing, gets nothing twice and everything in order, whoever dies meanwhile.

`make figures` does the same over ten thousand releases.
"""

import pytest

from tests.conftest import World
from tests.polling import Answer, History, Row, judge
from tests.polling_run import poll_while_killing
from tests.servers import living_world

RELEASES = 25


@pytest.fixture
def living(tmp_path):
    made = living_world(tmp_path)
    yield made
    made.hub.store.close()


@pytest.mark.slow
def test_pollers_miss_and_double_nothing_while_publishers_and_servers_are_killed(living: World) -> None:
    found = poll_while_killing(living, RELEASES, seed=3, pause=(1.0, 2.0))
    assert (found.missed, found.doubled, found.disordered, found.others) == ([], [], [], {})
    assert found.kills > 0
    assert found.entries > RELEASES


def kept() -> History:
    rows = [Row(place, (f"report--{place}", "v"), "report", place, f"t{place}") for place in (1, 2, 3)]
    return History(rows, {1: 10.0, 2: 20.0, 3: 30.0, 4: 40.0})


def answer(*places: int, at: float = 50.0, is_end: bool = True) -> Answer:
    return Answer(at, at + 1, [(f"report--{place}", "v") for place in places], is_end)


def test_the_judge_sees_what_was_missed() -> None:
    assert judge(kept(), [answer(1, 2, 3)]).missed == []
    assert len(judge(kept(), [answer(1, 3)]).missed) == 1
    assert len(judge(kept(), [answer(1, 2)]).missed) == 1, "an answer without more behind it holds everything"
    assert judge(kept(), [answer(1, 2, is_end=False)]).missed == []
    assert judge(kept(), [answer(1, 2, at=25)]).missed == [], "it may not have been committed yet"


def test_the_judge_excuses_only_what_had_ended_before_the_answer() -> None:
    for ended, missed in ((45.0, 0), (60.0, 1)):
        history = kept()
        history.rows[1].superseded = ended
        assert len(judge(history, [answer(1, 3)]).missed) == missed
        assert len(judge(history, [answer(1, 3)], of_all_versions=True).missed) == 1


def test_the_judge_sees_what_came_twice_or_out_of_order() -> None:
    assert len(judge(kept(), [answer(1, is_end=False), answer(1, 2, 3)]).doubled) == 1
    assert len(judge(kept(), [answer(2, is_end=False), answer(1, 3)]).disordered) == 1
    assert len(judge(kept(), [answer(1, 2, 3), answer(9)]).disordered) == 1

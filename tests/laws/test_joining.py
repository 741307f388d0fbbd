"""Nothing that the hub made joins the entries of two audiences: no id, alias, reference, pseudonym, order or time.

What does join them is what they say: docs/threat-model.md, "What joins audiences".
"""

from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from sqlmodel import select

from hub.store.tables import Report
from tests.conftest import World, make_world
from tests.joining import PUBLIC_CODE, Seen, concordance, entries, joining, stock, truth

READERS = {"members": "member", "researchers": "researcher", "public": "member"}
PAIRS = list(combinations(READERS, 2))
REPORTS = 40
ORDERED = 0.5  # four and a half times the deviation of chance among forty


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, dict[str, list[Seen]], set[str]]]:
    world = make_world(tmp_path_factory.mktemp("joining"))
    words = stock(world, REPORTS, seed=4)
    world.release()
    yield world, {feed: entries(world, who, feed) for feed, who in READERS.items()}, words
    world.hub.store.close()


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_what_joins_two_entries_is_a_public_number_or_approved_text(read, ours, theirs):
    _, seen, words = read
    assert len(seen[ours]) == len(seen[theirs]) == REPORTS
    found = joining(seen[ours], seen[theirs])
    assert [value for value in found if value not in words and not PUBLIC_CODE.fullmatch(value)] == []
    assert len([value for value in found if value in words]) >= REPORTS // 5, "the attack does not see what is there"
    assert len([value for value in found if PUBLIC_CODE.fullmatch(value)]) >= REPORTS // 3


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_the_order_of_one_feed_says_nothing_of_the_other_s(read, ours, theirs):
    world, seen, _ = read
    there = {truth(world, theirs)[one.ref]: one.place for one in seen[theirs]}
    mine = truth(world, ours)
    assert abs(concordance([(one.place, there[mine[one.ref]]) for one in seen[ours]])) < ORDERED


@pytest.mark.parametrize("feed", READERS)
def test_the_order_of_a_feed_says_nothing_of_who_filed_when(read, feed):
    world, seen, _ = read
    with world.hub.store.reading() as db:
        filed = {one.id: one for one in db.exec(select(Report))}
    of = [filed[truth(world, feed)[one.ref]] for one in seen[feed]]
    by_time = sorted(range(REPORTS), key=lambda place: of[place].filed_at)
    assert abs(concordance(list(enumerate(by_time)))) < ORDERED
    neighbours = sum(a.organisation_id == b.organisation_id for a, b in pairwise(of))
    assert neighbours < REPORTS * 0.6, "of four organisations a quarter of all neighbours share one by chance"


@pytest.mark.parametrize("feed", READERS)
def test_all_of_a_release_bear_one_instant(read, feed):
    _, seen, _ = read
    assert len({(one["created"], one["modified"]) for entry in seen[feed] for one in entry.objects}) == 1


def test_an_attack_that_could_join_them_is_seen():
    same = [Seen("M-1", 0, [{"id": "report--1", "name": "x"}]), Seen("M-2", 1, [{"id": "report--2", "name": "x"}])]
    other = [Seen("P-1", 1, [{"id": "report--1", "name": "x"}]), Seen("P-2", 0, [{"id": "report--9", "name": "x"}])]
    assert joining(same, other) == {"report--1": ("M-1", "P-1")}
    assert concordance([(0, 0), (1, 1), (2, 2)]) == 1
    assert concordance([(0, 2), (1, 1), (2, 0)]) == -1

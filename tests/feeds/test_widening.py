"""What another policy changes, and whether it lets anybody see more."""

from dataclasses import replace

import pytest

from feeds.explaining import explain
from feeds.feed import Feed, NotAFeed, parse
from feeds.lines import placed
from feeds.widening import changes
from hub import policies
from schemas.tlp import TLP

TEXT = policies.definitions()["researchers"]
FEED = parse("researchers", TEXT)


def wider(new: Feed, old: Feed = FEED) -> list[str]:
    return [one.what for one in changes(old, new) if one.is_wider]


def test_the_same_policy_changes_nothing() -> None:
    assert changes(FEED, FEED) == ()


def test_a_new_feed_is_wider_than_none() -> None:
    assert [one.is_wider for one in changes(None, FEED)] == [True]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"ceiling": TLP.AMBER}, "ceiling"),
        ({"least_organisations": 2}, "batch.least_organisations"),
        ({"audience": "regulators"}, "audience"),
    ],
)
def test_more_for_anybody_is_wider_and_the_way_back_is_not(change: dict[str, object], what: str) -> None:
    other = replace(FEED, **change)  # type: ignore[arg-type]
    assert what in wider(other)
    # Another audience is another one in both directions; a lower ceiling lets redacted entries be passed on further.
    if what not in {"audience", "ceiling"}:
        assert what not in wider(FEED, other)


def test_a_kind_of_report_more_is_wider() -> None:
    less = replace(FEED, carries=frozenset({"reports"}))
    assert (wider(FEED, less), wider(less, FEED)) == (["carries"], [])


def test_a_field_that_is_shown_again_is_wider_and_one_that_is_withheld_is_not() -> None:
    narrow = replace(FEED, withholds=frozenset({"severity"}))
    assert wider(narrow) == []
    assert {one.what for one in changes(FEED, narrow)} == {"severity, as written", "severity, redacted"}
    assert set(wider(FEED, narrow)) == {"severity, as written", "severity, redacted"}


def test_another_schedule_or_title_is_not_wider() -> None:
    assert wider(replace(FEED, cron="0 3 * * *", title="Scholars", formats=frozenset({"bundle.json"}))) == []


def test_a_policy_is_explained_field_by_field() -> None:
    told = "\n".join(explain(FEED))
    assert "in batches of at least 3 approved organisations" in told
    assert "up to TLP:GREEN" in told
    assert "never in any feed: " in told
    assert "reporter.name" in told.partition("never in any feed: ")[2]
    assert "the month in utc" in told


@pytest.mark.parametrize(
    ("was", "becomes", "line", "said"),
    [
        ('ceiling = "green"', 'ceiling = "red"', "ceiling", "no feed is above amber"),
        ('ceiling = "green"', 'ceiling = "amber"', "ceiling", "reads at most green"),
        ('letter = "S"', 'letter = "SS"', "letter", "one capital letter"),
        ("[schedule]", '[narrow]\nwithhold = ["no.such"]\n\n[schedule]', "withhold", "which no report has"),
        ("[schedule]", '[widen]\nshow = ["title"]\n\n[schedule]', "[widen]", "no such key"),
        ('time_zone = "UTC"', 'time_zone = "Mars/Base"', "", "never comes round"),
        ('title = "', "title = ", "title", "line"),
    ],
)
def test_what_is_refused_is_refused_with_its_line(was: str, becomes: str, line: str, said: str) -> None:
    assert was in TEXT
    text = TEXT.replace(was, becomes, 1)
    with pytest.raises(NotAFeed, match=said) as refused:
        policies.checked("researchers", text)
    if line:
        number = next(at for at, row in enumerate(text.splitlines(), 1) if row.startswith(line))
        assert f"line {number}" in str(refused.value)


def test_a_message_about_no_line_stays_as_it_is() -> None:
    assert placed("feed x: letter is missing", 'title = "y"') == "feed x: letter is missing"

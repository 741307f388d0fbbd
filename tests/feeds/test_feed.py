"""A feed is read from TOML, and what is not quite a feed is refused rather than guessed at."""

import hashlib
import tomllib
from pathlib import Path

import pytest
from stix2.registry import STIX2_OBJ_MAPS

import feeds.feed
from feeds.feed import IMPORTS, REPORTS, NotAFeed, Selection, parse
from feeds.kinds import DOMAIN, KINDS, META, OBSERVABLES, RELATIONSHIPS
from schemas.audience import Audience
from schemas.tlp import TLP

DEFINITIONS = Path(feeds.feed.__file__).parent / "definitions"
WHOLE = """
title = "Sector"
description = "A feed for a sector."
audience = "sector"
marks_of = "members"
ceiling = "green"
carries = ["reports"]
letter = "X"
[schedule]
cron = "0 6 * * *"
time_zone = "Europe/Zurich"
[batch]
least_organisations = 4
[narrow]
withhold = ["attack_steps", "location.country"]
"""


def refusal(text):
    with pytest.raises(NotAFeed) as wrong:
        parse("sector", text)
    assert "feed sector" in str(wrong.value)
    return str(wrong.value)


def test_every_key_is_read():
    feed = parse("sector", WHOLE)
    assert (feed.name, feed.audience, feed.marks_of, feed.ceiling) == ("sector", "sector", "members", TLP.GREEN)
    assert (feed.carries, feed.letter, feed.least_organisations) == (frozenset({REPORTS}), "X", 4)
    assert (feed.cron, feed.time_zone) == ("0 6 * * *", "Europe/Zurich")
    assert feed.withholds == {"attack_steps", "location.country"}
    assert feed.digest == hashlib.sha256(WHOLE.encode()).hexdigest()


@pytest.mark.parametrize("key", ["title", "description", "audience", "ceiling", "carries", "letter", "cron"])
def test_a_feed_without_a_key_that_it_needs_names_it(key):
    text = "\n".join(line for line in WHOLE.splitlines() if not line.startswith(f"{key} ="))
    assert f"{key} is missing" in refusal(text)


def test_a_feed_without_a_schedule_says_so():
    assert "schedule is missing" in refusal(WHOLE.replace("[schedule]", "[batch]").replace("[batch]\nleast", "least"))


@pytest.mark.parametrize("ceiling", ["red", "amber+strict"])
def test_no_feed_is_above_amber(ceiling):
    assert "above amber" in refusal(WHOLE.replace('"green"', f'"{ceiling}"'))


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        ('ceiling = "green"', 'ceiling = "white"'),
        ('ceiling = "green"', 'ceiling = "GREEN"'),
        ('marks_of = "members"', 'marks_of = "everyone"'),
        ('marks_of = "members"', ""),
        ('carries = ["reports"]', "carries = []"),
        ('carries = ["reports"]', 'carries = ["report"]'),
        ('carries = ["reports"]', 'carries = "reports"'),
        ('letter = "X"', 'letters = "X"\nletter = "X"'),
        ("least_organisations = 4", 'least_organisations = "many"'),
        ("[schedule]", "schedule = 5\n[x]"),
        ('title = "Sector"', "title = "),
        ('title = "Sector"', 'title = "Sector"\ntitle = "Twice"'),
    ],
)
def test_what_is_not_quite_a_feed_is_refused(was, is_now):
    assert was in WHOLE
    refusal(WHOLE.replace(was, is_now))


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        ("withhold = [", "withold = ["),
        ("least_organisations = 4", "least_organizations = 4"),
        ('time_zone = "Europe/Zurich"', 'time_zone = "Europe/Zurich"\ntimezone = "UTC"'),
    ],
)
def test_a_misspelt_key_in_a_table_is_refused_or_it_would_open_what_it_was_to_close(was, is_now):
    assert was in WHOLE
    refusal(WHOLE.replace(was, is_now))


@pytest.mark.parametrize("least", ["0", "-1", "true", "2.5"])
def test_a_batch_of_no_organisation_is_refused(least):
    refusal(WHOLE.replace("least_organisations = 4", f"least_organisations = {least}"))


@pytest.mark.parametrize("letter", ["", "x", "XY", "ü", "-", "1"])
def test_a_letter_that_makes_no_reference_is_refused(letter):
    refusal(WHOLE.replace('letter = "X"', f'letter = "{letter}"'))


@pytest.mark.parametrize("withhold", ['"title"', "{ title = true }", "[1]"])
def test_what_is_withheld_is_a_list_of_paths(withhold):
    refusal(WHOLE.replace('["attack_steps", "location.country"]', withhold))


SELECTED = """
[selections.sector-indicators]
title = "Indicators"
description = "Indicators only."
types = ["indicator", "marking-definition"]
"""


def test_a_selection_is_a_part_of_its_feed_by_type():
    (found,) = parse("sector", WHOLE + SELECTED).selections
    assert found == Selection(
        "sector-indicators", "Indicators", "Indicators only.", ("indicator", "marking-definition")
    )
    assert parse("sector", WHOLE).selections == ()
    two = parse("sector", WHOLE + SELECTED + SELECTED.replace("sector-indicators", "sector-2")).selections
    assert [one.name for one in two] == ["sector-indicators", "sector-2"]


@pytest.mark.parametrize(
    ("was", "is_now", "says"),
    [
        ("types", "type", "selections.sector-indicators.type: no such key"),
        ('title = "Indicators"', "", "selections.sector-indicators.title: a text"),
        ('title = "Indicators"', "title = 5", "selections.sector-indicators.title: a text"),
        ('description = "Indicators only."', 'description = " "', "selections.sector-indicators.description: a text"),
        ('["indicator", "marking-definition"]', "[]", "types: a list"),
        ('["indicator", "marking-definition"]', '"indicator"', "types: a list"),
        ('["indicator", "marking-definition"]', '["indicator", "indicator"]', "types: a list"),
        ('["indicator", "marking-definition"]', '["indicator", "Report"]', "STIX 2.1 has no type Report"),
        ('["indicator", "marking-definition"]', '["indicator", "bundle"]', "STIX 2.1 has no type bundle"),
        ("sector-indicators", "sector", "a feed or an inbox has that name"),
        ("sector-indicators", "inbox", "a feed or an inbox has that name"),
        ("sector-indicators", "Sector", "lower-case"),
        ("sector-indicators", "sector--x", "lower-case"),
        ("sector-indicators", '"a/b"', "lower-case"),
        ("[selections.sector-indicators]", "[selections]", "a table with"),
    ],
)
def test_what_is_not_quite_a_selection_is_refused(was, is_now, says):
    assert was in SELECTED
    assert says in refusal(WHOLE + SELECTED.replace(was, is_now))


def test_selections_are_tables_of_different_names():
    assert "selections: tables" in refusal(WHOLE.replace('letter = "X"', 'letter = "X"\nselections = ["indicator"]'))
    refusal(WHOLE + SELECTED + SELECTED)


def test_the_types_of_stix_are_those_that_its_library_knows():
    known = STIX2_OBJ_MAPS["2.1"]
    assert known["observables"].keys() == OBSERVABLES
    assert known["objects"].keys() - {"bundle"} == KINDS - OBSERVABLES
    assert len(KINDS) == len(DOMAIN) + len(RELATIONSHIPS) + len(OBSERVABLES) + len(META)


def test_the_members_feed_comes_with_its_indicators_apart():
    selections = {feed.name: [(one.name, set(one.types)) for one in feed.selections] for feed in shipped().values()}
    kinds = {"indicator", "observed-data", "identity", "marking-definition"}
    assert selections.pop("members") == [("members-indicators", kinds)]
    assert [one for one in selections.values() if one] == []


def shipped():
    return {path.stem: parse(path.stem, path.read_text("utf-8")) for path in sorted(DEFINITIONS.glob("*.toml"))}


@pytest.mark.parametrize(
    ("name", "marks_of", "ceiling", "carries", "least"),
    [
        ("trusted", Audience.TRUSTED, TLP.AMBER, {REPORTS}, 1),
        ("members", Audience.MEMBERS, TLP.GREEN, {REPORTS}, 1),
        ("researchers", Audience.RESEARCHERS, TLP.GREEN, {REPORTS, IMPORTS}, 3),
        ("public", Audience.PUBLIC, TLP.CLEAR, {REPORTS, IMPORTS}, 3),
        ("reference", Audience.PUBLIC, TLP.CLEAR, {IMPORTS}, 1),
    ],
)
def test_the_feeds_that_the_hub_comes_with_are_those_of_the_design(name, marks_of, ceiling, carries, least):
    feed = shipped()[name]
    assert (feed.marks_of, feed.ceiling, feed.carries, feed.least_organisations) == (marks_of, ceiling, carries, least)
    assert feed.audience == name
    assert feed.withholds == frozenset()


def test_no_two_feeds_share_a_letter_or_an_audience():
    found = shipped()
    assert len(found) == 5
    assert len({feed.letter for feed in found.values()}) == len({feed.audience for feed in found.values()}) == 5
    assert "R" not in {feed.letter for feed in found.values()}, "R- is the producer's own reference"


def test_the_definitions_are_toml_without_another_key():
    for path in DEFINITIONS.glob("*.toml"):
        assert set(tomllib.loads(path.read_text("utf-8"))) <= feeds.feed.KEYS

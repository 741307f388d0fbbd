"""A feed may withhold any field, one that the mapping builds on too: what leaves is less, and still STIX."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.edition import changes
from feeds.mapping import to_stix
from feeds.policy import UnknownPath, marked
from schemas.audience import Audience, Mode
from tests.factories import a_full_report
from tests.feeds.definitions import FEEDS
from tests.feeds.shown import NAMING, projected
from tests.feeds.test_edition import FIRST
from tests.strategies import FEW, reports

ALLOWED = sorted({path for audience in Audience for mode in Mode for path in marked(audience, mode)})


def released(report, withheld, mode, feed=FEEDS[0]):
    """The objects that leave, or None where the feed that withholds this is refused when it is loaded."""
    try:
        shown = projected(report, replace(feed, withholds=withheld), mode)
    except UnknownPath:
        return None
    return changes(to_stix(shown, NAMING), {}, FIRST)


@pytest.mark.parametrize("path", ALLOWED)
def test_withholding_any_one_field_still_gives_stix_or_is_refused_at_load(path):
    for mode in Mode:
        found = released(a_full_report(report_type="vulnerability"), frozenset({path}), mode)
        assert found is None or found[0].kind == "report"


@FEW
@given(reports(), st.frozensets(st.sampled_from(ALLOWED), max_size=5), st.sampled_from(FEEDS))
def test_withholding_any_fields_of_any_report_still_gives_stix_or_is_refused_at_load(report, withheld, feed):
    for mode in Mode:
        found = released(report, withheld, mode, feed)
        assert found is None or found[0].kind == "report"

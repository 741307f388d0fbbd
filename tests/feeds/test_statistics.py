"""What an entry counts for: coded fields, by the month that it shows; withheld is neither unknown nor unsaid."""

import pytest

from feeds.entry import entry_of
from feeds.statistics import ALL, STATED, WITHHELD, coded, coded_of, counted
from schemas.audience import Mode
from tests.factories import a_report
from tests.feeds.definitions import FEEDS
from tests.feeds.formats.pages import MEMBERS, Shown


def counts(mode: Mode = Mode.WRITTEN, **changes: object) -> dict[tuple[str, str, str], int]:
    """What one report counts for in the members' feed."""
    objects = list(Shown([a_report(**changes)], MEMBERS, mode).objects())
    (content,) = [one for one in objects if b'"type":"report"' in one]
    assert entry_of(content).mode == mode
    return dict(counted(content))


def test_coded_fields_follow_from_the_marks() -> None:
    """Terms, bands, regions and taxonomy codes; no text, no number, no instant, no address."""
    assert set(coded()) >= {
        "report_type", "severity", "risk_area", "harm_types", "systems[].kind", "systems[].modality",
        "harm_quantity.deaths", "location.country", "attack_steps[].technique", "taxonomy[].code", "mitigations[].code",
        "vulnerability.cwe", "audit.result",
    }  # fmt: skip
    assert not set(coded()) & {
        "title", "description", "systems[].name", "systems[].developer", "aware_at", "vulnerability.cve", "urgent",
        "references[].id", "origin.id", "taxonomy[].version", "recommendation", "for_release.title", "client_ref",
    }  # fmt: skip


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_feed_is_counted_by_what_it_shows(feed: object) -> None:
    shown = coded_of(feed)  # type: ignore[arg-type]
    assert "severity" in shown
    assert ("systems[].deployment" in shown) is True, "as written, everyone sees it"
    assert set(shown) <= set(coded())


def test_an_entry_counts_once_for_each_value_and_once_for_showing_any() -> None:
    systems = [{"name": "A", "modality": ["text", "image"]}, {"name": "B", "modality": ["text"]}]
    found = counts(systems=systems, severity="unknown", location={"country": "DE"})
    month = "2026-11"
    assert found[ALL, STATED, month] == 1
    assert {key: count for key, count in found.items() if key[0] == "systems[].modality"} == {
        ("systems[].modality", "text", month): 1,
        ("systems[].modality", "image", month): 1,
        ("systems[].modality", STATED, month): 1,
    }
    assert found["severity", "unknown", month] == found["severity", STATED, month] == 1
    assert found["location.country", "DE", month] == 1
    assert not [key for key in found if key[0] == "harm_status"], "it did not say"


def test_withheld_is_counted_as_such() -> None:
    systems = [{"name": "A", "deployment": "general"}]
    found = counts(Mode.REDACTED, systems=systems)
    assert {key: count for key, count in found.items() if key[0] == "systems[].deployment"} == {
        ("systems[].deployment", WITHHELD, "2026-11"): 1
    }


def test_an_entry_that_shows_no_month_is_counted_without() -> None:
    assert set(counts(aware_at="2026")) >= {(ALL, STATED, ""), ("severity", "high", "")}

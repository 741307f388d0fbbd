from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import instant
from tests.strategies import CHARACTERS, LAW, instants


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC), "year"),
        ("2026-11", datetime(2026, 11, 1, tzinfo=UTC), "month"),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC), "day"),
        ("2026-11-20T09:00Z", datetime(2026, 11, 20, 9, tzinfo=UTC), "minute"),
        ("2026-11-20T10:00:00+01:00", datetime(2026, 11, 20, 9, tzinfo=UTC), "second"),
        ("2026-11-20t10:00:00z", datetime(2026, 11, 20, 10, tzinfo=UTC), "second"),
        ("2026-11-20T10:00:00.5Z", datetime(2026, 11, 20, 10, 0, 0, 500_000, tzinfo=UTC), "second"),
        ("2026-11-20T10:00:00.123456789Z", datetime(2026, 11, 20, 10, 0, 0, 123_456, tzinfo=UTC), "second"),
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC), "day"),
        ("2026-01-01T00:30:00+01:00", datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "second"),
    ],
)
def test_an_instant_is_read_in_the_precision_it_was_written_in(text, at, precision):
    assert instant.read(text) == instant.Moment(at, precision)


@pytest.mark.parametrize("text", ["2026-11-20T10:00:00", "2026-11-20T10:00"])
def test_a_time_without_an_offset_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="without an offset") as refusal:
        instant.read(text)
    assert instant.EXAMPLE in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "", " 2026", "2026 ", "2026-11-20 10:00:00Z", "20261120", "26-11-20", "2026-W47", "2026-11-20T",
        "2026-11-20T10Z", "2026-11-20T10:00+01:60",
        "2026-11-20T10:00:00+0100", "2026-11-20T10:00:00+01", "2026-11-20T10:00:00.Z", "2026-11-20Z", "2026\n", "٢٠٢٦",
        "2026-11-20T10:00:00.1234567890Z", "yesterday", "1732096800",
    ],
)  # fmt: skip
def test_what_is_no_rfc_3339_instant_is_refused(text):
    with pytest.raises(ValueError, match="is not an instant"):
        instant.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "0000", "2026-00", "2026-13", "2026-02-29", "2026-11-31", "2026-11-20T25:00Z", "2026-11-20T10:60Z",
        "2026-11-20T10:00:61Z", "2026-11-20T10:00+24:00", "0001-01-01T00:00+01:00",
        "9999-12-31T23:59-01:00",
    ],
)  # fmt: skip
def test_a_day_or_time_that_does_not_exist_is_refused(text):
    with pytest.raises(ValueError, match="does not exist"):
        instant.read(text)


def test_the_example_in_the_messages_is_itself_an_instant():
    assert instant.read(instant.EXAMPLE).precision == "second"


@LAW
@given(instants())
def test_every_instant_is_the_first_that_its_text_may_mean(text):
    moment = instant.read(text)
    assert moment.at.utcoffset() == timedelta(0)
    assert moment.precision in instant.PRECISIONS
    if moment.precision in {"year", "month", "day"}:
        assert moment.at.isoformat().startswith(text)


@LAW
@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 - zones are drawn
def test_an_instant_written_by_python_is_read_as_the_same_instant(at):
    text = at.isoformat()
    if at.utcoffset().seconds % 60 == 0:  # RFC 3339 has no seconds in an offset
        assert instant.read(text).at == at.astimezone(UTC)


@LAW
@given(st.text(CHARACTERS, min_size=9))
def test_a_refusal_never_repeats_the_text(text):
    try:
        instant.read(text)
    except ValueError as refusal:
        assert text not in str(refusal)  # noqa: PT017 - most texts are refused, none must be

"""Instants that know how exact they are.

1. A full instant is RFC 3339 with an offset: `2026-11-20T10:00:00+01:00`, `2026-11-20T09:00Z`.
2. A shorter string carries its precision: `2026`, `2026-11`, `2026-11-20` (all read as UTC).
3. A time without an offset is refused: nobody can know which hour is meant, and duties are counted in hours.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

EXAMPLE = "2026-11-20T10:00:00+01:00"
SHAPE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:[Tt](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<fraction>\.\d{1,9})?)?"
    r"(?P<offset>[Zz]|[+-]\d{2}:[0-5]\d)?)?)?)?",
    re.ASCII,
)
PRECISIONS = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True)
class Moment:
    """The first instant (UTC) that a text may mean, and how exact the text is."""

    at: datetime
    precision: str


def read(text: str) -> Moment:
    """Read an instant; raises ValueError with the remedy, never with the value."""
    shape = SHAPE.fullmatch(text)
    if shape is None:
        message = f"is not an instant; write it like {EXAMPLE}, or 2026-11-20, 2026-11 or 2026 if that is all you know"
        raise ValueError(message)
    if shape["hour"] and not shape["offset"]:
        message = f"has a time without an offset; write it like {EXAMPLE} or end it with Z"
        raise ValueError(message)
    return Moment(_first(shape), _precision(shape))


def _precision(shape: re.Match[str]) -> str:
    return next(name for name in reversed(PRECISIONS) if shape[name])


def _first(shape: re.Match[str]) -> datetime:
    year, month, day = shape["year"], shape["month"] or "01", shape["day"] or "01"
    offset = (shape["offset"] or "Z").upper().replace("Z", "+00:00")
    fraction = (shape["fraction"] or ".0")[:7]
    clock = f"{shape['hour'] or '00'}:{shape['minute'] or '00'}:{shape['second'] or '00'}{fraction.ljust(7, '0')}"
    try:
        return datetime.fromisoformat(f"{year}-{month}-{day}T{clock}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        message = f"names a day or time that does not exist; write it like {EXAMPLE}"
        raise ValueError(message) from None

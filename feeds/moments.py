"""Instants as entries show them: as filed, or no more of one than its day, its month, its quarter or its year."""

import re

from schemas import instant
from schemas.instant import Moment

QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
PRECISIONS = ("year", "quarter", "month", "day", "hour", "minute", "second")  # each says more than the one before


def read(text: str) -> Moment:
    """The first instant (UTC) that a text may mean, and how exact it is; raises ValueError if it is none."""
    found = QUARTER.fullmatch(text)
    if found is None:
        return instant.read(text)
    return Moment(instant.read(f"{found[1]}-{3 * int(found[2]) - 2:02}").at, "quarter")


def is_finer(text: str, precision: str) -> bool:
    """Whether an instant is said more exactly than that."""
    return PRECISIONS.index(read(text).precision) > PRECISIONS.index(precision)

"""What an analyst sends beside reports: assertions, holds, text for release, cases. Reasons are kept in clear."""

from schemas.fields import Flag, Instant, Many, Shaped, Text
from schemas.marks import clear
from schemas.parts import ForRelease
from schemas.requests import ListQuery, Request
from schemas.triage import Assertions

REASON = 1_000  # characters
MOST = 100  # reports added to a case, or taken from it, at once


class Assert(Request):
    """Assertions, and why."""

    why = Text(REASON, required=True)
    asserted = Assertions(required=True, data_key="assert")


class PlaceHold(Request):
    """A hold, and why."""

    reason = Text(REASON, required=True)
    expires_at = Instant(required=True)


class WriteText(ForRelease):
    """Text for release, whole, and why; without any text, the hub's own is taken back."""

    why = clear(Text(REASON, required=True))


class HistoryQuery(ListQuery):
    """Which part of a history to answer."""

    next = Shaped(r"[1-9][0-9]{0,8}", "is not a cursor of this list; start again without it")


def _reports(least: int = 0) -> Many:
    name = Shaped(r"[A-Za-z0-9-]{1,40}", "must be the id or reference of a report")
    return Many(name, most=MOST, least=least, required=bool(least))


class OpenCase(Request):
    """Reports on one event."""

    title = Text(200, required=True)
    reports = _reports(least=1)
    why = Text(REASON, required=True)


class ChangeCase(Request):
    """What changes in a case, and why."""

    title = Text(200)
    add = _reports()
    remove = _reports()
    closed = Flag()
    why = Text(REASON, required=True)

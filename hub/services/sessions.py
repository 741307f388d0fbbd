"""An analyst's work with sealed fields: one purpose, one scope, a time limit, and so many reports.

1. Every opening is in a session. A call that gives a purpose instead is one of its own, which ends with it.
2. A session opens what its scope holds, the reports named or those that its filter finds, and nothing else.
3. To open more reports than `HUB_BULK_REPORTS` in a session takes two people (a bulk export); so does more than as many
   in a day over all sessions that nobody else agreed to. What a scan reads in memory and does not give out is not
   counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from hub.agreement import Deed, demand
from hub.errors import BadRequest, Conflict, NotFound
from hub.filters import AllOf, Match, Query
from hub.roles import Act, Caller
from hub.store import Session, audit, reports, sessions
from hub.store.tables import WorkSession

__all__ = [
    "OUTSIDE",
    "Scope",
    "Session",
    "Wanted",
    "WorkSession",
    "begin",
    "brief",
    "charge",
    "find",
    "finish",
    "look",
    "running",
    "scope_of",
]
OUTSIDE = "this report is outside of the session's scope; begin another session for it"
DAY = timedelta(days=1)
BRIEF = timedelta(minutes=10)  # of a call that is a session of its own: longer than any call takes


@dataclass(frozen=True)
class Wanted:
    """What a session is to be."""

    purpose: str
    reports: Sequence[str] = ()  # ids or references
    filter: str = ""
    minutes: int = 60
    most: int = 50


@dataclass(frozen=True)
class Scope:
    """What a session may look at: reports by id, or what a filter finds."""

    reports: frozenset[str] = frozenset()
    filter: str = ""

    def demand(self, report_id: str) -> None:
        """Raise Conflict for a report that the session was not begun for; what a filter finds, `narrowed` asks."""
        if self.reports and report_id not in self.reports:
            raise Conflict(OUTSIDE)

    def narrowed(self, asked: Query, own: Query | None) -> Query:
        """A search within the scope; `own` is what its filter asks."""
        if own is None and not self.reports:
            return asked
        inside = own.condition if own else Match("id", tuple(sorted(self.reports)))
        return Query(AllOf((asked.condition, inside)), asked.sort, asked.text)


def begin(db: Session, act: Act, wanted: Wanted, bulk: int) -> WorkSession:
    """Begin a session; raises NotFound for a report that is not there, NotAgreed for more than `bulk` reports."""
    if bool(wanted.reports) == bool(wanted.filter):
        message = "give either `reports` or `filter`: a session has one scope"
        raise BadRequest(message)
    scope: dict[str, Any] = {"filter": wanted.filter} if wanted.filter else {"reports": _ids(db, wanted.reports)}
    is_agreed = False
    if bulk and wanted.most > bulk:
        said = {"purpose": wanted.purpose, "scope": scope, "most": wanted.most}
        demand(db, act, Deed("export.bulk", act.caller.actor, said))
        is_agreed = True
    made = _add(db, act, wanted.purpose, scope, Span(timedelta(minutes=wanted.minutes), wanted.most, is_agreed))
    said = {"purpose": wanted.purpose, "scope": scope, "most": wanted.most, "until": made.until.isoformat()}
    audit.append(db, act.at, act.caller.actor, "session.begin", made.id, **said)
    return made


@dataclass(frozen=True)
class Span:
    """How long and how much."""

    lasts: timedelta
    most: int
    is_agreed: bool = False


def brief(db: Session, act: Act, purpose: str, most: int) -> WorkSession:
    """The session of a single call, which ends with it."""
    return _add(db, act, purpose, {}, Span(BRIEF, most))


def _add(db: Session, act: Act, purpose: str, scope: Mapping[str, Any], span: Span) -> WorkSession:
    made = WorkSession(
        id=str(uuid4()),
        token_id=act.caller.token_id,
        person=_person(act.caller),
        purpose=purpose,
        scope=dict(scope),
        most=span.most,
        is_agreed=span.is_agreed,
        begun_at=act.at,
        until=act.at + span.lasts,
    )
    sessions.add(db, made)
    return made


def _person(caller: Caller) -> str:
    return caller.person or f"token {caller.token_id}"


def _ids(db: Session, names: Sequence[str]) -> list[str]:
    found = [reports.by_name(db, name) for name in names]
    if None in found:
        raise NotFound
    return sorted({one.id for one in found if one})


def look(db: Session, act: Act, session_id: str) -> WorkSession:
    """A running session of this very token, as it is now; raises NotFound, and Conflict once it is over."""
    return _running(sessions.look(db, session_id), act)


def find(db: Session, act: Act, session_id: str) -> WorkSession:
    """The same, its row locked, to be charged or ended."""
    return _running(sessions.find(db, session_id), act)


def _running(found: WorkSession | None, act: Act) -> WorkSession:
    if found is None or found.token_id != act.caller.token_id or not found.scope:
        raise NotFound
    if found.ended_at is not None or found.until <= act.at:
        message = "this work session is over; begin another"
        raise Conflict(message)
    return found


def scope_of(found: WorkSession) -> Scope:
    """What a session may look at."""
    return Scope(frozenset(found.scope.get("reports", ())), found.scope.get("filter", ""))


def charge(db: Session, act: Act, found: WorkSession, count: int, bulk: int) -> None:
    """Count reports that are about to be opened; raises Conflict if they are too many."""
    if found.opened + count > found.most:
        message = f"this session may open {found.most} reports, and {found.opened} are opened; begin another"
        raise Conflict(message)
    sessions.lock_person(db, found.person, found.token_id)
    alone = sessions.opened_since(db, found.person, act.at - DAY)
    if bulk and not found.is_agreed and alone + count > bulk:
        message = (
            f"more than {bulk} reports in a day take two people: begin a session for more than {bulk} reports "
            "(POST /api/v1/sessions with `most`), to which another agrees"
        )
        raise Conflict(message)
    found.opened, found.opened_at = found.opened + count, act.at
    sessions.add(db, found)


def finish(db: Session, act: Act, session_id: str) -> WorkSession:
    """End a session before its time."""
    found = find(db, act, session_id)
    found.ended_at = act.at
    sessions.add(db, found)
    audit.append(db, act.at, act.caller.actor, "session.end", found.id, opened=found.opened)
    return found


def running(db: Session, caller: Caller, at: datetime) -> list[WorkSession]:
    """The caller's sessions that are not over."""
    return [one for one in sessions.running(db, caller.token_id, at) if one.scope]

"""The work session that a call names, or is: its purpose, and what it may look at."""

from collections.abc import Mapping
from typing import Any

from hub.errors import Conflict
from hub.filters import Query
from hub.services import search, sessions
from hub.services.sessions import Scope, Session, WorkSession
from hub.web.policy import act, caller


def held(db: Session, body: Mapping[str, Any], most: int) -> WorkSession:
    """The session that is charged: the one named, or one of this call."""
    if "session" in body:
        return sessions.find(db, act(), body["session"])
    return sessions.brief(db, act(), body["purpose"], most)


def within(db: Session, body: Mapping[str, Any], asked: Query) -> tuple[str, Query]:
    """The purpose of a call, and what it asks within the scope of its session."""
    if "session" not in body:
        return body["purpose"], asked
    held = sessions.look(db, act(), body["session"])
    scope = sessions.scope_of(held)
    own = search.asked(caller(), scope.filter, body["sort"]) if scope.filter else None
    return held.purpose, scope.narrowed(asked, own)


def demand_scope(db: Session, held: WorkSession, report_id: str) -> None:
    """Raise Conflict for a report outside of a session's scope."""
    scope = sessions.scope_of(held)
    scope.demand(report_id)
    if scope.filter:
        mine = search.asked(caller(), scope.filter, "newest")
        one = Scope(frozenset({report_id})).narrowed(mine, None)
        if not search.select(db, caller(), one, None, 1).report_ids:
            raise Conflict(sessions.OUTSIDE)

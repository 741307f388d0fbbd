"""Refused authorisations of a minute, counted until they are entries of the audit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from hub.store.tables import Refusal

Key = tuple[datetime, str, str]  # minute, identity, route


def add(session: Session, counted: Mapping[Key, int]) -> None:
    """Add to the counts."""
    connection = session.connection()
    made = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(Refusal)
    adding = made.on_conflict_do_update(
        index_elements=["minute", "identity", "route"],
        set_={"times": col(Refusal.times) + made.excluded.times},
    )
    # Always in one order: two processes that add the same rows must not wait for each other.
    rows = [
        {"minute": minute, "identity": identity, "route": route, "times": times}
        for (minute, identity, route), times in sorted(counted.items())
    ]
    connection.execute(adding, rows)


def has_before(session: Session, minute: datetime) -> bool:
    """Whether there are refusals of an earlier minute."""
    return bool(session.connection().execute(select(exists().where(col(Refusal.minute) < minute))).scalar_one())


def take_before(session: Session, minute: datetime) -> list[Any]:
    """Take the refusals of earlier minutes away, and say which they were."""
    columns = (col(Refusal.minute), col(Refusal.identity), col(Refusal.route), col(Refusal.times))
    taken = delete(Refusal).where(col(Refusal.minute) < minute).returning(*columns)
    return sorted(session.connection().execute(taken).all())

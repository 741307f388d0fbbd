"""The tags of sealed values (`hub.equality`), written at admission and copied into the search index; their keys."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from hub.equality import Tag
from hub.store.tables import BlindTag, Secret

SOME = 500  # keys in one statement
INDEX = "index"  # the name of index keys among secrets


def put(session: Session, report_id: str, tags: Iterable[Tag], paths: Collection[str]) -> None:
    """Write the tags of a report in the place of those that it had for some schema paths."""
    connection = session.connection()
    old = (col(BlindTag.report_id) == report_id, col(BlindTag.field).in_(sorted(paths)))
    connection.execute(delete(BlindTag).where(*old))
    rows = [{"field": one.path, "version": one.version, "tag": one.tag, "report_id": report_id} for one in sorted(tags)]
    if rows:
        connection.execute(insert(BlindTag), rows)


def of(session: Session, report_ids: Sequence[str]) -> list[tuple[str, Tag]]:
    """The tags of some reports, each with its report."""
    columns = (col(BlindTag.report_id), col(BlindTag.field), col(BlindTag.version), col(BlindTag.tag))
    found = []
    for start in range(0, len(report_ids), SOME):
        some = col(BlindTag.report_id).in_(report_ids[start : start + SOME])
        found += [(row[0], Tag(*row[1:])) for row in session.connection().execute(select(*columns).where(some))]
    return found


def keys(session: Session) -> dict[int, bytes]:
    """The wrapped index keys, by version."""
    asked = select(col(Secret.number), col(Secret.wrapped)).where(col(Secret.name) == INDEX)
    return {row[0]: row[1] for row in session.connection().execute(asked)}


def add_key(session: Session, version: int, provider: str, wrapped: bytes) -> None:
    """Add an index key."""
    session.add(Secret(name=INDEX, number=version, provider=provider, wrapped=wrapped))

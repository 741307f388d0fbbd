"""The text index, in each engine's own way: `search_text` is FTS5 on SQLite, and a table of tsvectors on PostgreSQL.

1. FTS5 keeps the words of a row that was deleted, with their places, and marks them as gone. They leave the file when
   the parts of the index that hold them are merged; `sweep` merges all of them, a piece at a time. That writes the
   whole index anew: of a million reports some 400 MB, in half a minute's work.
2. On PostgreSQL a deleted row lies in its page until VACUUM has passed, which is the server's to decide.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam, insert, text, update
from sqlmodel import Session, col, select

from hub.store.tables import SearchSweep

KEY = {"sqlite": "rowid", "postgresql": "number"}
BODY = {"sqlite": ":body", "postgresql": "to_tsvector('simple', :body)"}
BETWEEN = " endoffield "  # no phrase reaches from one text of a report into the next
PAGES = 500  # of the index that one piece of a merge writes, in some 0.1 s
NOTHING = 2  # a merge that changed fewer rows found nothing to merge (sqlite.org/fts5.html, 6.8)


def put(session: Session, bodies: Mapping[int, str], old: Collection[int]) -> None:
    """Replace the texts of some rows, of which `old` are in the index already."""
    connection = session.connection()
    name = connection.dialect.name
    held = _held(session, old) if name == "sqlite" else {}
    same = {number for number, body in held.items() if bodies[number] == body}
    if gone := [{"number": number} for number in sorted(set(old) - same)]:
        connection.execute(text(f"DELETE FROM search_text WHERE {KEY[name]} = :number"), gone)  # noqa: S608 - a constant
    rows = [{"number": number, "body": body} for number, body in sorted(bodies.items()) if body and number not in same]
    if rows:
        written = f"INSERT INTO search_text ({KEY[name]}, body) VALUES (:number, {BODY[name]})"  # noqa: S608 - constants
        connection.execute(text(written), rows)
    if any(_pieces(body) - _pieces(bodies[number]) for number, body in held.items()):
        _ask(session)


def _held(session: Session, numbers: Collection[int]) -> dict[int, str]:
    asked = text("SELECT rowid, body FROM search_text WHERE rowid IN :some")
    asked = asked.bindparams(bindparam("some", expanding=True))
    return {row[0]: row[1] for row in session.connection().execute(asked, {"some": list(numbers)})}


def _pieces(body: str) -> set[str]:
    return set(body.split(BETWEEN)) - {""}


def _ask(session: Session) -> None:
    asked = update(SearchSweep).values(asked=col(SearchSweep.asked) + 1)
    if not session.connection().execute(asked).rowcount:
        session.connection().execute(insert(SearchSweep).values(id=1, asked=1, begun=0, done=0))


def is_swept(session: Session) -> bool:
    """Whether no word that was taken out is still in the file. Of SQLite alone: PostgreSQL's dead rows are VACUUM's."""
    waits = select(SearchSweep).where(col(SearchSweep.done) < col(SearchSweep.asked))
    return session.exec(waits.limit(1)).first() is None


def is_unswept(session: Session, last: datetime) -> bool:
    """Whether words that were taken out are to leave the file now: no merge begins if one did after `last`."""
    return _unswept(session, last) is not None


def _unswept(session: Session, last: datetime) -> SearchSweep | None:
    row = session.exec(select(SearchSweep).where(col(SearchSweep.done) < col(SearchSweep.asked))).first()
    is_now = row is not None and (row.begun > row.done or row.begun_at is None or row.begun_at <= last)
    return row if is_now else None


def sweep(session: Session, now: datetime, last: datetime, pages: int = PAGES) -> None:
    """Merge a piece of the index; with the last one, what was taken out before the merge began is gone.

    A merge that is under way goes on, or it would never come to its end while text is taken out: what is taken out
    meanwhile waits for the next one. State and merge share a transaction: a crash repeats a piece, no more.
    """
    connection = session.connection()
    row = _unswept(session, last)
    if row is None:
        return
    is_under_way = row.begun > row.done
    if not is_under_way:
        row.begun, row.begun_at = row.asked, now
    before = connection.execute(TOTAL).scalar_one()
    # A negative number gathers all parts for one merge; a positive one goes on with it.
    connection.execute(MERGE, {"pages": pages if is_under_way else -pages})
    if connection.execute(TOTAL).scalar_one() - before < NOTHING:
        row.done = row.begun
    session.flush()


TOTAL = text("SELECT total_changes()")
MERGE = text("INSERT INTO search_text (search_text, rank) VALUES ('merge', :pages)")

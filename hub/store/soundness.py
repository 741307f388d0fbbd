"""Whether what is stored hangs together: for `hub doctor`, beside a running hub. Reads only; some of it at length."""

import hashlib
from datetime import datetime

from sqlalchemy import func, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from hub.store.engine import Store
from hub.store.tables import (
    AudienceGrant,
    DataKey,
    Entry,
    Feed,
    Organisation,
    Publisher,
    Receipt,
    Release,
    Report,
    Revision,
    Token,
)


def answers(store: Store) -> bool:
    """Whether there is somebody to ask; a broken file answers too, with nonsense."""
    try:
        return store.is_alive()
    except DBAPIError:
        return True


def unreadable(store: Store) -> str:
    """Why nothing can be read at all, or nothing."""
    try:
        with store.reading() as session:
            session.connection().execute(text("SELECT 1"))
            inspect(session.connection()).get_table_names()
    except DBAPIError as broken:
        return _words(broken)
    return ""


def damage(store: Store) -> str:
    """What SQLite says of its own file, or nothing; PostgreSQL keeps watch by itself."""
    if store.engine.dialect.name != "sqlite":
        return ""
    try:
        with store.reading() as session:
            said = str(session.connection().execute(text("PRAGMA quick_check(1)")).scalar_one())
            loose = session.connection().execute(text("PRAGMA foreign_key_check")).first()
    except DBAPIError as broken:
        return _words(broken)
    if said != "ok":
        return said.splitlines()[-1][:200]
    return f"a row of {loose[0]} refers to a row of {loose[2]} that is not there" if loose else ""


def _words(broken: DBAPIError) -> str:
    # Of SQLite's own, the first line: it names no value. hide_parameters keeps ours out of all others.
    return str(broken.orig).splitlines()[0][:200]


def orphans(session: Session) -> dict[str, int]:
    """Rows that have lost what they belong to, by what they are."""
    current = (col(Revision.report_id) == col(Report.id)) & (col(Revision.revision) == col(Report.revision))
    received = (col(Receipt.report_id) == col(Revision.report_id)) & (col(Receipt.revision) == col(Revision.revision))
    locked = (col(Revision.report_id) == col(DataKey.report_id)) & (col(Revision.revision) == col(DataKey.revision))
    told = (col(Release.feed) == col(Entry.feed)) & (col(Release.number) == col(Entry.release))
    asked = {
        "reports without their current revision": select(func.count()).select_from(Report).join(
            Revision, current, isouter=True
        ).where(col(Revision.report_id).is_(None), col(Report.erased_at).is_(None)),
        "revisions without a receipt": select(func.count()).select_from(Revision).join(
            Receipt, received, isouter=True
        ).where(col(Receipt.report_id).is_(None)),
        "data keys without a revision": select(func.count()).select_from(DataKey).join(
            Revision, locked, isouter=True
        ).where(col(Revision.report_id).is_(None)),
        "entries without a release": select(func.count()).select_from(Entry).join(
            Release, told, isouter=True
        ).where(col(Release.number).is_(None)),
    }  # fmt: skip
    found = {what: session.exec(one).one() for what, one in asked.items()}
    return {what: number for what, number in found.items() if number}


def changed_releases(session: Session) -> list[tuple[str, int]]:
    """Of the newest release of each feed, those whose bytes are not the ones that were released.

    One from which a recall has taken bytes cannot be recomputed, and is not looked at.
    """
    return [(one.feed, one.number) for one in _newest(session) if _is_changed(session, one)]


def _newest(session: Session) -> list[Release]:
    joined = (col(Release.feed) == col(Feed.name)) & (col(Release.number) == col(Feed.last_release))
    return list(session.exec(select(Release).join(Feed, joined)))


def _is_changed(session: Session, release: Release) -> bool:
    # `entry` is found by feed and position; the newest release is the end of its feed.
    whole = release.added + release.changed + release.revoked
    asked = select(Entry.release, Entry.content).where(col(Entry.feed) == release.feed)
    rows = session.exec(asked.order_by(col(Entry.position).desc()).limit(whole)).all()
    contents = [content for number, content in reversed(rows) if number == release.number]
    return len(contents) == whole and hashlib.sha256(b"".join(contents)).hexdigest() != release.digest


def publisher(session: Session) -> Publisher | None:
    """Who publishes, and until when."""
    return session.get(Publisher, 1)


def last_release_at(session: Session) -> datetime | None:
    """When anything was released last."""
    return max((one.released_at for one in _newest(session)), default=None)


def database_clock(session: Session) -> datetime | None:
    """The instant by PostgreSQL's clock; SQLite has none of its own."""
    if session.connection().dialect.name == "sqlite":
        return None
    found: datetime = session.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
    return found


def grants_ending(session: Session, after: datetime, before: datetime) -> list[tuple[str, str, datetime]]:
    """Grants that end between two instants: organisation, audience, when."""
    asked = select(Organisation.name, AudienceGrant.audience, AudienceGrant.expires_at).join(AudienceGrant)
    between = (col(AudienceGrant.expires_at) > after, col(AudienceGrant.expires_at) <= before)
    return list(session.exec(asked.where(*between).order_by(col(AudienceGrant.expires_at))).all())


def tokens_ending(session: Session, after: datetime, before: datetime) -> list[tuple[str, str, str, datetime]]:
    """Tokens that end between two instants without a living successor: organisation, roles, id, when."""
    asked = select(Organisation.name, Token).join(Token).where(col(Token.revoked_at).is_(None))
    alive: dict[tuple[str, str], datetime] = {}
    ending: list[tuple[str, Token]] = []
    for name, row in session.exec(asked.where(col(Token.expires_at) > after)):
        key = (row.organisation_id, row.roles)
        alive[key] = max(alive.get(key, row.expires_at), row.expires_at)
        ending.append((name, row))
    last = [(name, row) for name, row in ending if alive[row.organisation_id, row.roles] <= before]
    return [(name, row.roles, row.id, row.expires_at) for name, row in last]


def quarantined(session: Session, most: int) -> list[str]:
    """References of reports of which a revision was refused at admission."""
    asked = select(Report.ref).join(Revision, col(Revision.report_id) == col(Report.id))
    return list(session.exec(asked.where(col(Revision.fault).is_not(None)).limit(most)))

"""This hub's own row, and its key epochs."""

from datetime import datetime

from sqlmodel import Session, col, select

from hub.keys import WrappedEpoch
from hub.store.tables import Deployment, Epoch, Publisher, Secret


def deployment(session: Session) -> Deployment | None:
    """The row of this hub, once it is set up."""
    return session.get(Deployment, 1)


def install(session: Session, made: Deployment, epoch: WrappedEpoch) -> None:
    """Write the first rows of a hub."""
    session.add(made)
    session.add(Publisher(id=1))
    add_epoch(session, epoch, made.created_at)


def add_epoch(session: Session, made: WrappedEpoch, at: datetime) -> None:
    """Add a key generation."""
    session.add(Epoch(number=made.number, public_key=made.public_key, created_at=at))
    for name, wrapped in (("private", made.private_key), ("kek", made.kek)):
        session.add(Secret(name=name, number=made.number, provider=made.provider, wrapped=wrapped))


def epochs(session: Session) -> list[WrappedEpoch]:
    """Every key generation whose secrets are there, the current one last."""
    secrets = {(row.name, row.number): row for row in session.exec(select(Secret))}
    rows = session.exec(select(Epoch).where(col(Epoch.destroyed_at).is_(None)).order_by(col(Epoch.number)))
    return [
        WrappedEpoch(
            row.number,
            row.public_key,
            secrets["private", row.number].wrapped,
            secrets["kek", row.number].wrapped,
            secrets["kek", row.number].provider,
        )
        for row in rows
        if secrets.keys() >= {("private", row.number), ("kek", row.number)}
    ]

"""This hub's own row, and its key epochs."""

from datetime import datetime

from sqlmodel import Session, col, select

from hub.keys import WrappedEpoch
from hub.store.tables import Deployment, Epoch, Publisher


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
    row = Epoch(number=made.number, public_key=made.public_key, private_key=made.private_key, kek=made.kek)
    row.created_at = at
    session.add(row)


def epochs(session: Session) -> list[WrappedEpoch]:
    """Every key generation, the current one last."""
    rows = session.exec(select(Epoch).order_by(col(Epoch.number)))
    return [WrappedEpoch(row.number, row.public_key, row.private_key, row.kek) for row in rows]

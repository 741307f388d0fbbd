"""The secrets under the root key, as rows; and what hangs on each epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from hub.store.tables import DataKey, Epoch, Report, Secret


@dataclass(frozen=True)
class Hanging:
    """An admitted data key, and whose report it is."""

    key: DataKey
    organisation_id: str


def secrets(session: Session) -> Sequence[Secret]:
    """Every secret, in an order that stays."""
    return session.exec(select(Secret).order_by(col(Secret.name), col(Secret.number))).all()


def put(session: Session, row: Secret, provider: str, wrapped: bytes) -> bool:
    """Put a secret that was wrapped anew in the place of what was read; False if that has changed since."""
    standing = (col(Secret.name) == row.name, col(Secret.number) == row.number, col(Secret.wrapped) == row.wrapped)
    done = session.connection().execute(update(Secret).where(*standing).values(provider=provider, wrapped=wrapped))
    return bool(done.rowcount == 1)


def epochs(session: Session) -> Sequence[Epoch]:
    """Every epoch that ever was, the current one last."""
    return session.exec(select(Epoch).order_by(col(Epoch.number))).all()


def hanging(session: Session) -> Mapping[int, int]:
    """How many data keys are wrapped under each epoch that has any."""
    asked = select(col(DataKey.epoch), func.count()).group_by(col(DataKey.epoch))
    return dict(session.exec(asked).all())


def newest_admitted(session: Session, epoch: int) -> Hanging | None:
    """One admitted data key under an epoch: that of its newest report."""
    asked = (
        select(DataKey, Report.organisation_id)
        .join(Report, col(Report.id) == col(DataKey.report_id))
        .where(col(DataKey.epoch) == epoch, col(DataKey.is_admitted), col(DataKey.purpose) == "report")
        .order_by(col(Report.id).desc())
        .limit(1)
    )
    found = session.exec(asked).first()
    return Hanging(*found) if found else None

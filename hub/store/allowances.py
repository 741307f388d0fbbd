"""How much of its allowance each token took in the window that runs: one row a token and kind."""

from datetime import datetime

from sqlmodel import Session, col, select, update

from hub.store.tables import Allowance


def taken(session: Session, token_id: str, kind: str, window: datetime) -> int:
    """How much was taken in a window, the row locked until the end of the transaction; a new window begins at 0."""
    asked = select(Allowance).where(col(Allowance.token_id) == token_id, col(Allowance.kind) == kind)
    row = session.exec(asked.with_for_update()).first()
    if row is None:
        # Two hosts may insert at once: the one that loses runs again (Store.write) and then finds the row.
        session.add(Allowance(token_id=token_id, kind=kind, began_at=window, taken=0))
        session.flush()
        return 0
    # A host whose clock is behind counts in the later window: an allowance is never given twice.
    return row.taken if row.began_at >= window else 0


def note(session: Session, token_id: str, kind: str, window: datetime, total: int) -> None:
    """Write how much was taken in a window."""
    asked = update(Allowance).where(col(Allowance.token_id) == token_id, col(Allowance.kind) == kind)
    session.exec(asked.values(began_at=window, taken=total))

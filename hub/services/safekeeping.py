"""What may be told of the keys: epochs with dates and counts, and who may open. No secret, wrapped or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hub.roles import ROLES, Capability
from hub.store import Session, organisations, wrapped


@dataclass(frozen=True)
class EpochSeen:
    """A key generation from the outside."""

    number: int
    created_at: datetime
    destroyed_at: datetime | None
    days: int  # of age
    is_current: bool
    data_keys: int
    provider: str  # which root provider wrapped its secrets


@dataclass(frozen=True)
class Seen:
    """The keys of a hub from the outside."""

    epochs: tuple[EpochSeen, ...]
    indexes: Mapping[int, str]  # version → root provider
    openers: Mapping[str, int]  # organisation → tokens that may open


def seen(db: Session, now: datetime) -> Seen:
    """The epochs, index keys and who may open, at an instant."""
    providers = {(row.name, row.number): row.provider for row in wrapped.secrets(db)}
    rows, counts = wrapped.epochs(db), wrapped.hanging(db)
    epochs = tuple(
        EpochSeen(
            row.number,
            row.created_at,
            row.destroyed_at,
            (now - row.created_at).days,
            row == rows[-1],
            counts.get(row.number, 0),
            providers.get(("kek", row.number), "none"),
        )
        for row in rows
    )
    indexes = {number: provider for (name, number), provider in providers.items() if name == "index"}
    return Seen(epochs, indexes, _openers(db, now))


def _openers(db: Session, now: datetime) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in organisations.listed(db, "", 10_000):
        alive = [token for token in organisations.tokens(db, one.id) if not token.revoked_at and token.expires_at > now]
        may = [
            token for token in alive if any(Capability.SEALED_OPEN in ROLES[role] for role in token.roles.split(","))
        ]
        if may:
            found[one.name] = len(may)
    return found

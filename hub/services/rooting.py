"""The hub's secrets under another root provider, or under a newer version of the same.

1. The provider is asked outside any transaction; then all rows change in one, with the audit entry. A row that changed
   meanwhile changes nothing: whoever calls reads again.
2. What a secret is stays as it was: data keys, reports and backups of the data know nothing of it.
3. Copies of the old wrapped secrets (key backups, database pages) open with the old root for ever. Only destroying what
   hangs on them ends that: an erasure epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.errors import Busy
from hub.roles import Act
from hub.roots import RootProvider
from hub.store import Session, audit, wrapped
from hub.store.tables import Secret

MOVED = "a secret was made or changed while they were wrapped anew; run it again"


@dataclass(frozen=True)
class Rewrapped:
    """A secret as it was read, and as it is to be."""

    row: Secret
    wrapped: bytes


def secrets(db: Session) -> Sequence[Secret]:
    """Every secret of the hub, wrapped."""
    return wrapped.secrets(db)


def rewrap(root: RootProvider, rows: Sequence[Secret]) -> list[Rewrapped]:
    """Every secret under the provider's newest key, each opened once more to be sure. Raises as the provider does."""
    made = []
    for row in rows:
        context = row.name, str(row.number)
        anew = root.rewrap(row.wrapped, *context)
        root.unwrap(anew, *context)
        made.append(Rewrapped(row, anew))
    return made


def put(db: Session, act: Act, root: RootProvider, made: Sequence[Rewrapped]) -> None:
    """Put all of them in place, or none; raises Busy if the secrets are not those that were read."""
    standing = {(row.name, row.number) for row in wrapped.secrets(db)}
    if standing != {(one.row.name, one.row.number) for one in made}:
        raise Busy(MOVED)
    before = sorted({one.row.provider for one in made})
    if not all(wrapped.put(db, one.row, root.name, one.wrapped) for one in made):
        raise Busy(MOVED)
    audit.append(db, act.at, act.caller.token_id, "keys.root", root.name, secrets=len(made), before=before)

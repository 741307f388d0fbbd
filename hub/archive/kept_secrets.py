"""The wrapped secrets in a backup of keys: one member of it, `secrets.json`, with the date at which they were read."""

import json
from collections.abc import Mapping
from datetime import datetime

from hub.errors import Tampered
from hub.store import Session, wrapped
from hub.store.tables import Secret

MEMBER = "secrets.json"


def secrets_file(db: Session, at: datetime) -> bytes:
    """Every secret as it lies in the database: wrapped, and worth nothing without the root key."""
    rows = wrapped.secrets(db)
    said = [{"name": r.name, "number": r.number, "provider": r.provider, "wrapped": r.wrapped.hex()} for r in rows]
    return json.dumps({"at": at.isoformat(), "secrets": said}, indent=1).encode()


def secrets_in(copy: Mapping[str, bytes]) -> dict[tuple[str, int], bytes]:
    """The wrapped secrets of a backup of keys, by name and number; none if it is of an older version."""
    return {(row.name, row.number): row.wrapped for row in rows_in(copy)}


def rows_in(copy: Mapping[str, bytes]) -> list[Secret]:
    """The same, as rows of the database."""
    if MEMBER not in copy:
        return []
    try:
        rows = json.loads(copy[MEMBER])["secrets"]
        return [
            Secret(
                name=str(row["name"]),
                number=int(row["number"]),
                provider=str(row["provider"]),
                wrapped=bytes.fromhex(row["wrapped"]),
            )
            for row in rows
        ]
    except (ValueError, KeyError, TypeError):
        message = f"{MEMBER} in the backup of keys cannot be read: it was changed or cut"
        raise Tampered(message) from None

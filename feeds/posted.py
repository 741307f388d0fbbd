"""What came of one object that was posted, and what orders its versions. `feeds/posting.py` judges it.

May not: import stix2. Whoever reads inboxes, or publishes, starts without it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)


@dataclass(frozen=True)
class Posted:
    """One valid object on its way into an inbox."""

    body: Mapping[str, Any]
    content: bytes  # the object as it will be served
    version: str | None  # None: the object has no versions, and what it is served as is when it came

    @property
    def stix_id(self) -> str:
        """The object's id."""
        found: str = self.body["id"]
        return found

    @property
    def kind(self) -> str:
        """The object's type."""
        found: str = self.body["type"]
        return found

    @property
    def is_revoked(self) -> bool:
        """Whether this version takes the object back."""
        return self.body.get("revoked") is True


@dataclass(frozen=True)
class Refused:
    """An object that is not taken, as far as it may be named, and why."""

    stix_id: str
    version: str | None
    message: str


def moment(version: str) -> tuple[str, str]:
    """What orders versions, however exactly their instants are written."""
    found = STAMP.fullmatch(version)
    return (found[1], (found[2] or "").rstrip("0")) if found else (version, "")

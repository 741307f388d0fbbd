"""Who a request comes from: a token, looked up. Opens nothing and changes nothing.

1. Unknown, mistyped, expired and revoked are refused in the same words: the difference would say which ids exist.
2. A demo token works on loopback only.
3. What was found may be kept for a moment, but not past its end: the first instant at which the token or one of its
   organisation's grants expires.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hub import tokens
from hub.errors import Unauthenticated
from hub.roles import ROLES, Caller, readable
from hub.store import Session, organisations

REFUSED = "the token is unknown, expired or revoked; send a valid one as `Authorization: Bearer <token>`"


@dataclass(frozen=True)
class Credential:
    """A token that was found and compared: whose it is, and how long that holds."""

    caller: Caller
    is_demo: bool
    until: datetime

    def holder(self, is_local: Callable[[], bool]) -> Caller:
        """Who holds it; raises Unauthenticated for a demo token from elsewhere."""
        if self.is_demo and not is_local():
            raise Unauthenticated(REFUSED)
        return self.caller


def look_up(db: Session, text: str, now: datetime) -> Credential:
    """Find a token and compare all of it; raises Unauthenticated, the same for every reason."""
    token_id = tokens.id_of(text)
    found = organisations.bearer(db, token_id, now) if token_id else None
    if token_id is None or found is None or not tokens.is_that(text, found.sha256):
        raise Unauthenticated(REFUSED)
    if found.revoked_at is not None or found.expires_at <= now:
        raise Unauthenticated(REFUSED)
    roles = found.roles.split(",")
    capabilities = frozenset().union(*(ROLES[role] for role in roles))
    audiences = readable(roles, frozenset(found.grants))
    caller = Caller(token_id, found.organisation_id, found.organisation, capabilities, audiences, found.person)
    return Credential(caller, found.is_demo, min([found.expires_at, *found.grants.values()]))

"""Roles are named sets of capabilities; a route asks for a capability by name, never for a role.

`feed:read` is further narrowed by the audiences that were granted to the organisation, each until it expires.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Capability(StrEnum):
    """What a token may do. A misspelt one fails at import."""

    REPORT_WRITE = "report:write"
    FEED_READ = "feed:read"
    INBOX_WRITE = "inbox:write"
    STATS_READ = "stats:read"
    REPORT_READ = "report:read"
    SEALED_OPEN = "sealed:open"
    RELEASE_APPROVE = "release:approve"
    MEMBER_ADMIN = "member:admin"
    KEY_ADMIN = "key:admin"
    FEED_ADMIN = "feed:admin"
    AUDIT_READ = "audit:read"
    STAFF_ADMIN = "staff:admin"  # of the host's shell alone: tokens of those who read all, approve or administer


ROLES: Mapping[str, frozenset[Capability]] = {
    "producer": frozenset({Capability.REPORT_WRITE}),
    "member": frozenset({Capability.FEED_READ, Capability.INBOX_WRITE}),
    "researcher": frozenset({Capability.FEED_READ, Capability.STATS_READ}),
    "analyst": frozenset({Capability.REPORT_READ, Capability.SEALED_OPEN, Capability.RELEASE_APPROVE}),
    "operator": frozenset({Capability.MEMBER_ADMIN, Capability.KEY_ADMIN, Capability.FEED_ADMIN}),
    "auditor": frozenset({Capability.AUDIT_READ}),
}


STAFF = frozenset({"analyst", "operator", "auditor"})
# A researcher's token reads what is de-identified, whatever else its organisation was granted.
DE_IDENTIFIED = frozenset({"researchers", "public", "reference"})


def readable(roles: Collection[str], granted: frozenset[str]) -> frozenset[str]:
    """Of the audiences granted to an organisation, those that a token of these roles reads."""
    return granted if "member" in roles else granted & DE_IDENTIFIED


@dataclass(frozen=True)
class Caller:
    """Who calls: a token of an organisation, what it may do and whose feeds it may read."""

    token_id: str
    organisation_id: str
    organisation: str
    capabilities: frozenset[Capability]
    audiences: frozenset[str]
    person: str = ""  # who holds the token, as it was issued: what takes two people asks for two names

    def may(self, *capabilities: Capability) -> bool:
        """Whether the caller has any of the capabilities."""
        return not self.capabilities.isdisjoint(capabilities)

    @property
    def actor(self) -> str:
        """How the audit names the caller: never by address."""
        return f"token:{self.token_id}"


@dataclass(frozen=True)
class Act:
    """Who does something, and when."""

    caller: Caller
    at: datetime


CLOCK = "clock"  # the audit's name for the publisher and admission


def shell(purpose: str, organisation_id: str = "", *capabilities: Capability) -> Caller:
    """Whoever has a shell on the host, for one purpose."""
    return Caller(purpose, organisation_id, "", frozenset({*capabilities, Capability.STAFF_ADMIN}), frozenset())

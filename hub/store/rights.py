"""What each face's database role may do: one table, and nothing beyond it. A table that is not named here has no right.

1. A right names its columns where it does not reach all of them. No face has any right on a wrapped key or a secret
   unless it opens; none may change or delete an entry of the audit but the publisher, and the triggers hold it to what
   an erasure names.
2. `WHOSE` says by which column a row belongs to an organisation. Of these tables intake and feeds see the rows of the
   organisation whose request they answer, and no other (row-level security; `hub/store/walls.py`).
3. These rights follow what the code of each face does (tests/laws/test_rights.py runs every route under its role).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.faces import CONSOLE, FEEDS, INTAKE, PUBLISHER

READ, ADD, CHANGE, REMOVE = "SELECT", "INSERT", "UPDATE", "DELETE"


@dataclass(frozen=True)
class Right:
    """A verb of SQL, on some columns or on all."""

    verb: str
    columns: tuple[str, ...] = ()


Rights = tuple[Right, ...]


def read(*columns: str) -> Rights:
    """May be read."""
    return (Right(READ, columns),)


def change(*columns: str) -> Rights:
    """May be changed, or locked, which PostgreSQL counts as that."""
    return (Right(CHANGE, columns),)


add: Rights = (Right(ADD),)
remove: Rights = (Right(REMOVE),)
EVERY = dict.fromkeys((INTAKE, FEEDS, CONSOLE, PUBLISHER), read())
WEB = (INTAKE, FEEDS, CONSOLE)
KNOWN = (
    "id",
    "organisation_id",
    "roles",
    "sha256",
    "person",
    "is_demo",
    "expires_at",
    "revoked_at",
)  # of a token that is shown
SERVED = (
    "feed", "position", "release", "stix_id", "kind", "version", "added_at", "content", "is_first", "is_last",
    "is_revoked",
)  # fmt: skip
AMENDED = (
    "revision", "report_type", "severity", "tlp", "shared_with", "is_urgent", "embargo_until", "held_until",
    "withdrawn_at", "upserted_code", "stamp",
)  # fmt: skip

RIGHTS: Mapping[str, Mapping[str, Rights]] = {
    # What every face asks: which hub this is, whether its tables are ours, whose a token is
    "alembic_version": EVERY,
    "deployment": EVERY,
    "organisation": {
        INTAKE: read("id", "name"),
        FEEDS: read("id", "name"),
        CONSOLE: read() + add + change("approved_at"),
        PUBLISHER: read() + change("approved_at"),
    },
    "token": {INTAKE: read(*KNOWN), FEEDS: read(*KNOWN), CONSOLE: read() + add + change("expires_at", "revoked_at")},
    "audience_grant": {INTAKE: read(), FEEDS: read(), CONSOLE: read() + add + change()},
    "allowance": dict.fromkeys(WEB, read() + add + change()),
    "refusal": {**dict.fromkeys(WEB, read() + add + change("times")), PUBLISHER: read() + remove},
    # Keys
    "epoch": {CONSOLE: read(), PUBLISHER: read() + add + change()},
    "secret": {CONSOLE: read(), PUBLISHER: read() + add + remove},
    "data_key": {INTAKE: add, CONSOLE: read(), PUBLISHER: read() + change() + remove},
    # What is filed
    "report": {
        INTAKE: read() + add + change(*AMENDED),
        CONSOLE: read() + change("stamp", "indexed_stamp", "triage", "staff_hold_until"),
        PUBLISHER: read() + change(),
    },
    "revision": {INTAKE: read() + add, CONSOLE: read(), PUBLISHER: read() + change() + remove},
    "receipt": {INTAKE: read() + add, CONSOLE: read(), PUBLISHER: read() + remove},
    "replay": {INTAKE: read() + add, PUBLISHER: read() + remove},
    "attachment": {
        INTAKE: read() + add + change("state", "chunks", "manifest", "signature", "completed_at"),
        CONSOLE: read(),
        PUBLISHER: read() + change("state", "verified_at", "fault") + remove,
    },
    "attachment_chunk": {
        INTAKE: read("attachment_id", "number", "slip", "signature") + add,
        CONSOLE: read(),
        PUBLISHER: read() + remove,
    },
    # What members send
    "inbox": {INTAKE: read() + change(), FEEDS: read(), CONSOLE: add, PUBLISHER: read() + change()},
    "post": {INTAKE: read() + add + change() + remove, FEEDS: read(), PUBLISHER: read() + remove},
    "post_status": {INTAKE: add, FEEDS: read(), PUBLISHER: read() + remove},
    "remark": {INTAKE: read() + add + remove, CONSOLE: read(), PUBLISHER: read() + remove},
    # What analysts say
    "acceptance": {CONSOLE: read() + add + change() + remove, PUBLISHER: read() + remove},
    "standing_acceptance": {CONSOLE: read() + add + change() + remove, PUBLISHER: read()},
    "triage": {CONSOLE: read() + add, PUBLISHER: read() + remove},
    "hold": {CONSOLE: read() + add + change() + remove, PUBLISHER: read() + remove},
    "guard_verdict": {CONSOLE: read(), PUBLISHER: read() + add + change() + remove},
    "guard_decision": {CONSOLE: read() + add + change(), PUBLISHER: read() + remove},
    "release_text": {CONSOLE: read() + add, PUBLISHER: read() + remove},
    "case_file": {CONSOLE: read() + add + change(), PUBLISHER: read() + remove},
    "case_report": {CONSOLE: read() + add + remove, PUBLISHER: read() + remove},
    # Feeds, and what left by them
    "feed": {
        INTAKE: read(),
        FEEDS: read(),
        CONSOLE: read(),
        PUBLISHER: read() + change("next_at", "last_release", "last_position", "last_added_at"),
    },
    "feed_policy": EVERY,
    "selection": EVERY,
    "due": {
        INTAKE: read() + add + change() + remove,
        CONSOLE: read() + add + change() + remove,
        PUBLISHER: read() + add + change() + remove,
    },
    "presence": {
        INTAKE: read("feed", "report_id", "ended_at"),
        CONSOLE: read(),
        PUBLISHER: read() + add + change() + remove,
    },
    "release": {FEEDS: read(), CONSOLE: read(), PUBLISHER: read() + add + change()},
    "entry": {
        INTAKE: read("feed", "stix_id", "report_id"),
        FEEDS: read(*SERVED),
        CONSOLE: read(),
        PUBLISHER: read() + add + change() + remove,
    },
    "page": {FEEDS: read(), PUBLISHER: read() + add + change() + remove},
    "tally": {FEEDS: read(), PUBLISHER: read() + add + change() + remove},
    "publisher": {CONSOLE: read(), PUBLISHER: read() + add + change()},
    # Search: both of them write the index, what an analyst asserted at once and the rest by the clock
    "search_row": {CONSOLE: read() + add + change() + remove, PUBLISHER: read() + add + change() + remove},
    "search_term": {CONSOLE: read() + add + remove, PUBLISHER: read() + add + remove},
    "search_count": {CONSOLE: read() + add + change() + remove, PUBLISHER: read() + add + change() + remove},
    "search_sweep": {CONSOLE: read() + add + change(), PUBLISHER: read() + add + change()},
    "search_text": {CONSOLE: read() + add + change() + remove, PUBLISHER: read() + add + change() + remove},
    "blind_tag": {CONSOLE: read(), PUBLISHER: read() + add + remove},
    # The audit: whoever does something adds what it did; only two may read it
    "audit_entry": {INTAKE: read("seq") + add, CONSOLE: read() + add, PUBLISHER: read() + add + remove},
    "audit_leaf": {CONSOLE: read(), PUBLISHER: read() + add},
    "audit_tile": {CONSOLE: read(), PUBLISHER: read() + add + remove},
    "audit_tree": {CONSOLE: read(), PUBLISHER: read() + add + change()},
    "audit_erased": {CONSOLE: read(), PUBLISHER: read() + add},
    "checkpoint": {CONSOLE: read(), PUBLISHER: read() + add},
    # Erasure, recovery, two people
    "retention_rule": {CONSOLE: read(), PUBLISHER: read()},
    "erasure": {CONSOLE: read(), PUBLISHER: read() + add + change()},
    "recovery": {CONSOLE: read(), PUBLISHER: read() + change()},
    "proposal": {CONSOLE: read() + add + change(), PUBLISHER: read() + change()},
    "work_session": {CONSOLE: read() + add + change(), PUBLISHER: read()},
}

WHOSE: Mapping[str, str] = {  # table → its column that names an organisation, or a report or attachment of one
    "report": "organisation_id",
    "revision": "report_id",
    "data_key": "report_id",
    "receipt": "report_id",
    "replay": "organisation_id",
    "attachment": "report_id",
    "attachment_chunk": "attachment_id",
    "inbox": "organisation_id",
    "post": "organisation_id",
    "post_status": "organisation_id",
    "remark": "organisation_id",
    "due": "report_id",
    "presence": "report_id",
}
WALLED = frozenset({INTAKE, FEEDS})  # the faces that see no other rows than those

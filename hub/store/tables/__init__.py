"""Every table.

May not: be filled from a request, validate (marshmallow did, at the edge), or hold a value of a sealed field in clear.
Who filed what hangs on `organisation_id`; what is sealed lies in `revision.sealed` and opens only with `data_key`.
"""

from hub.store.tables.base import METADATA
from hub.store.tables.desk import Case, CaseReport, Hold, ReleaseText, Triage
from hub.store.tables.filing import (
    Acceptance,
    AudienceGrant,
    DataKey,
    Deployment,
    Epoch,
    Organisation,
    Receipt,
    Replay,
    Report,
    Revision,
    StandingAcceptance,
    Token,
)
from hub.store.tables.guarding import GuardDecision, GuardVerdict
from hub.store.tables.inbox import Inbox, Post, PostStatus, Remark
from hub.store.tables.leaving import (
    Due,
    Entry,
    Feed,
    FeedPolicy,
    Page,
    Presence,
    Publisher,
    Release,
    Selection,
    Tally,
)
from hub.store.tables.ledger import AuditEntry, AuditErased, AuditLeaf, AuditTile, AuditTree, Checkpoint, Refusal
from hub.store.tables.people import Proposal, WorkSession
from hub.store.tables.running import Allowance
from hub.store.tables.searching import SearchCount, SearchRow, SearchSweep, SearchTerm
from hub.store.tables.vault import Attachment, AttachmentChunk, BlindTag, Erasure, Recovery, RetentionRule, Secret

__all__ = [
    "METADATA",
    "Acceptance",
    "Allowance",
    "Attachment",
    "AttachmentChunk",
    "AudienceGrant",
    "AuditEntry",
    "AuditErased",
    "AuditLeaf",
    "AuditTile",
    "AuditTree",
    "BlindTag",
    "Case",
    "CaseReport",
    "Checkpoint",
    "DataKey",
    "Deployment",
    "Due",
    "Entry",
    "Epoch",
    "Erasure",
    "Feed",
    "FeedPolicy",
    "GuardDecision",
    "GuardVerdict",
    "Hold",
    "Inbox",
    "Organisation",
    "Page",
    "Post",
    "PostStatus",
    "Presence",
    "Proposal",
    "Publisher",
    "Receipt",
    "Recovery",
    "Refusal",
    "Release",
    "ReleaseText",
    "Remark",
    "Replay",
    "Report",
    "RetentionRule",
    "Revision",
    "SearchCount",
    "SearchRow",
    "SearchSweep",
    "SearchTerm",
    "Secret",
    "Selection",
    "StandingAcceptance",
    "Tally",
    "Token",
    "Triage",
    "WorkSession",
]

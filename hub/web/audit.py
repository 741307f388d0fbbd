"""/api/v1/audit: what was done, for auditors; for producers, what was done to what is theirs; and proofs of it.

A proof can be checked by itself: salt and payload make the commitment; commitment, index and path make the root that
the checkpoint names, and the key that `/.well-known/incident-hub.json` tells verifies the checkpoint (`docs/audit.md`).
"""

import re
from base64 import b64encode
from typing import Any

from hub import notes
from hub.errors import NotFound
from hub.roles import Capability
from hub.services import auditing, ledger
from hub.web import shown
from hub.web.api import Blueprint
from hub.web.policy import caller, needs, the_hub
from schemas import audit_answers as answers
from schemas import instant
from schemas.answers import Problem
from schemas.audit_requests import AuditQuery

log = Blueprint("audit", __name__, url_prefix="/api/v1/audit", description="What was done, and proofs of it")
READERS = (Capability.AUDIT_READ, Capability.REPORT_WRITE)
NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


@log.route("", methods=["GET"])
@needs(*READERS)
@log.arguments(AuditQuery(), location="query")
@log.response(200, answers.AuditList)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """Entries, the newest first: all of them for auditors, those about itself and its reports for a producer."""
    since = instant.read(query["since"]).at if "since" in query else None
    actor, action, subject = (query.get(name) for name in ("actor", "action", "subject"))
    wanted = auditing.Wanted(actor, action, subject, since)
    before, most = query.get("next"), query["limit"]
    with the_hub().store.reading() as db:
        found = auditing.listed(db, caller(), wanted, int(before) if before else None, most + 1)
    items = [
        {
            "seq": one.seq,
            "position": one.position,
            "at": shown.instant(one.at),
            "actor": one.actor,
            "action": one.action,
            "subject": one.subject,
            "details": dict(one.details),
        }
        for one in found[:most]
    ]
    return {"items": items, "next": str(found[most - 1].seq) if len(found) > most else None}


@log.route("/checkpoint", methods=["GET"])
@needs(*READERS)
@log.response(200, answers.AuditCheckpoint)
def checkpoint() -> dict[str, Any]:
    """The newest checkpoint: keep it, and no entry that it covers can be changed without your seeing it."""
    with the_hub().store.reading() as db:
        found = ledger.newest(db)
    if found is None:
        raise NotFound
    root, at = b64encode(found.root).decode(), shown.instant(found.at)
    return {"size": found.size, "at": at, "root": root, "note": found.note, "key": _key()}


@log.route("/<seq>/proof", methods=["GET"])
@needs(*READERS)
@log.response(200, answers.AuditProof)
@log.alt_response(409, schema=Problem, description="The entry is not under a checkpoint yet")
def proof(seq: str) -> dict[str, Any]:
    """That an entry is in the log: for auditors of any, for a producer of those that it may read.

    Payload and salt are told of the producer's own deeds only; of others the commitment, which says nothing by itself.
    """
    if not NUMBER.fullmatch(seq):
        raise NotFound
    with the_hub().store.snapshot() as db:
        is_whole = auditing.demand_visible(db, caller(), int(seq))
        found = ledger.prove(db, int(seq))
    if found is None:
        raise auditing.unproven()
    return {
        "seq": found.seq,
        "index": found.index,
        "commitment": found.commitment.hex(),
        "salt": found.salt.hex() if is_whole else None,
        "payload": found.payload.decode() if is_whole else None,
        "path": [one.hex() for one in found.path],
        "checkpoint": found.note,
        "key": _key(),
    }


def _key() -> str:
    hub = the_hub()
    return notes.verifier(notes.origin_of(hub.deployment.uid), hub.directory.audit_log())

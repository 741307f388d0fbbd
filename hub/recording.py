"""A revision on its way to the store: sealed, with its keys, its receipt and the audit entry of its filing.

Seals and never opens. Asks the database nothing: all of it can be made before a transaction begins.
"""

from typing import Any

from hub.amending import Content
from hub.report_view import JustWritten, held_paths
from hub.roles import Act
from hub.seal import Place, frame
from hub.sealing import Sealer, seal_revision
from hub.store import audit
from hub.store.rows import Rows
from hub.store.tables import AuditEntry, DataKey, Receipt, Revision
from schemas.completeness import completeness


def record(rows: Rows, sealer: Sealer, act: Act, place: Place, content: Content) -> JustWritten:
    """Seal a revision of a report and take its rows; the report's own row names it already, or will."""
    sealed = seal_revision(sealer, place, content.divided, content.carried)
    of = {"report_id": place.report, "revision": place.revision}
    shown: dict[str, Any] = {
        "filed_at": act.at,
        "clear": sealed.clear,
        "sealed_pointers": _pointers(content),
        "completeness": completeness(sealed.clear["report_type"], held_paths(sealed.clear, sealed.origins)),
        "manifest": sealed.manifest,
        "signature": sealed.signature,
    }
    proof: dict[str, Any] = {"salt": sealed.salt, "commitment": sealed.commitment}
    row = {**of, **shown, "filed_by": act.caller.actor, "sealed": frame(sealed.blobs), "origins": sealed.origins}
    rows.add(Revision, row)
    for purpose, wrapped in sealed.wrapped.items():
        rows.add(DataKey, {**of, "purpose": purpose, "epoch": sealed.epoch, "wrapped": wrapped})
    rows.add(Receipt, {**of, **proof})
    action, commitment = "report.file" if place.revision == 1 else "report.amend", sealed.commitment.hex()
    said = {"revision": place.revision, "commitment": commitment}
    rows.add(AuditEntry, audit.entry(act.at, act.caller.actor, action, place.report, **said))
    return JustWritten(revision=place.revision, **shown, **proof)


def _pointers(content: Content) -> list[str]:
    values = (*content.divided.sealed.values(), *content.divided.identity.values())
    fresh = {pointer for by_pointer in values for pointer in by_pointer}
    return sorted({*content.pointers, *fresh})

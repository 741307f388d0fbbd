"""Amending: from a revision and a merge patch to what the next revision says. Opens nothing, stores nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.errors import Conflict, Tampered
from hub.seal import Place
from hub.sealing import Carried, Sealer, verify
from hub.store.tables import Revision
from schemas import loading
from schemas.anatomy import Divided, divide
from schemas.errors import Invalid
from schemas.report import AMENDED

REQUIRED = ("report_type", "title", "description", "aware_at", "systems", "severity")
DEFAULTS = {"tlp": "amber+strict"}


@dataclass(frozen=True)
class Content:
    """What a revision will say: new values, and what it keeps of the revision before it."""

    divided: Divided
    upserted_code: bytes | None = None  # if it replaces the whole report
    carried: Carried = field(default_factory=Carried)
    pointers: tuple[str, ...] = ()  # of the sealed values that it keeps


def amended(sealer: Sealer, place: Place, before: Revision, patch: Mapping[str, Any]) -> Content:
    """What the next revision says; raises Invalid, and Conflict if the revision before it does not verify.

    What it keeps of that revision intake will sign again, so it must be what intake signed.
    """
    try:
        said = verify(sealer.keys.signer.public_key, place, before)
    except Tampered:
        message = "the stored report does not verify; it is quarantined, and its operator has to look into it"
        raise Conflict(message) from None
    removed = [name for name, value in patch.items() if value is None]
    if foreign := [name for name in removed if name not in AMENDED.fields]:
        raise Invalid.at(loading.pointer(foreign[0]), AMENDED.error_messages["unknown"])
    if needed := [name for name in removed if name in REQUIRED]:
        raise Invalid.at(loading.pointer(needed[0]), "is needed in every report; replace it rather than remove it")
    given = {name: value for name, value in patch.items() if value is not None}
    absent = tuple(set(AMENDED.fields) - set(given))
    new = divide(loading.load(AMENDED.__class__(exclude=AMENDED.exclude, partial=absent), given))
    kept = {name: value for name, value in before.clear.items() if name not in patch}
    defaults = {name: value for name, value in DEFAULTS.items() if name in removed}
    new.clear = {**kept, **defaults, **new.clear}
    carried = {path: entry for path, entry in said["fields"].items() if _top(path) not in patch}
    pointers = tuple(one for one in before.sealed_pointers if one.split("/", 2)[1] not in patch)
    return Content(new, carried=Carried(carried), pointers=pointers)


def _top(path: str) -> str:
    return path.partition(".")[0].removesuffix("[]")

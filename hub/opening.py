"""Opening: sealed fields come back only here, by keyring and armed warrant.

The rows are read by the caller, because many reports are opened at a time; what each warrant does not name stays shut.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.errors import NotSealed, Tampered
from hub.keys import Keyring
from hub.seal import Place, open_field, unframe, unwrap_under
from hub.sealing import verify
from hub.store import Session, reports
from hub.store.tables import DataKey, Revision
from hub.warrant import Warrant
from schemas.anatomy import LEAVES, Values, join
from schemas.marks import Kept


@dataclass(frozen=True)
class Bundle:
    """One revision and all that it takes to open it."""

    deployment: str
    organisation: str
    revision: Revision
    sources: Mapping[int, Revision]  # by number: the revisions that sealed its fields
    keys: Mapping[tuple[int, str], DataKey]  # by (revision, purpose)


def gather(session: Session, deployment: str, wanted: Iterable[tuple[str, Revision]]) -> dict[str, Bundle]:
    """Read what it takes to open revisions, given as (organisation, revision), in a fixed number of queries a batch."""
    rows = list(wanted)
    pairs = {(row.report_id, number) for _, row in rows for number in row.origins.values()}
    sources = reports.revisions(session, pairs)
    held: dict[str, dict[tuple[int, str], DataKey]] = {}
    for (report, number, purpose), key in reports.keys(session, [row.report_id for _, row in rows]).items():
        held.setdefault(report, {})[number, purpose] = key
    found = {}
    for organisation, row in rows:
        own = {number: sources[row.report_id, number] for number in set(row.origins.values())}
        found[row.report_id] = Bundle(deployment, organisation, row, own, held.get(row.report_id, {}))
    return found


def open_sealed(keyring: Keyring, warrant: Warrant, bundle: Bundle) -> dict[str, Any]:
    """The report with the warrant's fields opened, and no other.

    Raises Unarmed before the intent is committed, NotSealed if the warrant is for another revision or names a field
    without a sealed value, Tampered if something does not verify.
    """
    warrant.demand()
    row = bundle.revision
    if (warrant.report_id, warrant.revision) != (row.report_id, row.revision):
        message = "the warrant is for another revision"
        raise NotSealed(message)
    verify(keyring.receipts, Place(bundle.deployment, bundle.organisation, row.report_id, row.revision), row)
    if missing := warrant.paths - set(row.origins):
        message = f"no sealed value at {', '.join(sorted(missing))}"
        raise NotSealed(message)
    opened: Values = {}
    for number, source in bundle.sources.items():
        paths = {path for path, origin in row.origins.items() if origin == number} & warrant.paths
        if paths:
            opened.update(_open_paths(keyring, bundle, source, paths))
    return join(row.clear, opened)


def _open_paths(keyring: Keyring, bundle: Bundle, source: Revision, paths: set[str]) -> Values:
    place = Place(bundle.deployment, bundle.organisation, source.report_id, source.revision)
    blobs = unframe(source.sealed)
    deks: dict[str, bytes] = {}
    opened: Values = {}
    for path in sorted(paths):
        purpose = "identity" if LEAVES[path].mark.kept is Kept.IDENTITY else "report"
        if purpose not in deks:
            deks[purpose] = _dek(keyring, bundle, place, purpose)
        if path not in blobs:
            message = f"the ciphertext of {path} is gone"
            raise Tampered(message)
        opened[path] = open_field(deks[purpose], place, path, blobs[path])
    return opened


def _dek(keyring: Keyring, bundle: Bundle, place: Place, purpose: str) -> bytes:
    key = bundle.keys.get((place.revision, purpose))
    if key is None or not key.is_admitted:
        message = "the data key is erased, or the revision is not admitted yet"
        raise NotSealed(message)
    return unwrap_under(keyring.epochs[key.epoch].kek, key.wrapped, place, purpose)

"""Opening: sealed fields come back only here, by keyring and armed warrant.

The rows are read by the caller, because many reports are opened at a time; what each warrant does not name stays shut.

What is opened to be read is verified in full: the manifest's signature, and that the row is what it says. A scan does
not check signatures, which would cost ten times the scan. What it opens is authentic all the same: each value opens
only under a data key, and each data key only under the epoch's key, both bound to deployment, organisation, report,
revision and field; and admission wraps no data key under the epoch's key before it has verified the signature over it.
So nobody without the epoch's key makes up a text that a scan finds or moves one from report to report. Who can write to
the database could only have a report scanned in an older, once genuine value of a field (`origins` is clear); the
manifest says so when the report is opened to be read. A scan gives out pointers, never text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hub.equality import Equality
from hub.errors import NotSealed, Tampered
from hub.keys import Keyring
from hub.predicate import Predicate
from hub.seal import Place, open_field, open_texts, unframe, unwrap_under
from hub.sealing import sealed_paths, verify
from hub.store import Session, reports
from hub.store.tables import DataKey, Revision
from hub.store.unsealing import Candidate, Shelf, origins
from hub.warrant import Sweep, Warrant
from schemas.anatomy import LEAVES, Values, join
from schemas.marks import Kept

PURGED = "who reported was erased by a rule of retention; GET the report's /erasure for the signed record"
NO_KEY = "the data key is erased or of an epoch that this process does not hold, or the revision is not admitted yet"


@dataclass(frozen=True)
class Bundle:
    """One revision and all that it takes to open it."""

    deployment: str
    organisation: str
    revision: Revision
    sources: Mapping[int, Revision]  # by number: the revisions that sealed its fields
    keys: Mapping[tuple[int, str], DataKey]  # by (revision, purpose)


def keeps_identity(bundle: Bundle, paths: Iterable[str]) -> bool:
    """Whether there is a key to any of these fields of who reported: a rule of retention may have taken them all."""
    return any((bundle.revision.origins.get(path), "identity") in bundle.keys for path in paths)


def gather(session: Session, deployment: str, wanted: Iterable[tuple[str, Revision]]) -> dict[str, Bundle]:
    """Read what it takes to open revisions, given as (organisation, revision), in a fixed number of queries a batch.

    What a row names and is not there is left out: to open it raises Tampered, and holds up nothing else.
    """
    rows = list(wanted)
    read = {(row.report_id, row.revision): row for _, row in rows}
    earlier = {(row.report_id, number) for _, row in rows for number in _numbers(row)} - read.keys()
    sources = read | reports.revisions(session, earlier)
    held: dict[str, dict[tuple[int, str], DataKey]] = {}
    for (report, number, purpose), key in reports.keys(session, [row.report_id for _, row in rows]).items():
        held.setdefault(report, {})[number, purpose] = key
    found = {}
    for organisation, row in rows:
        own = {number: sources[row.report_id, number] for number in _numbers(row) if (row.report_id, number) in sources}
        found[row.report_id] = Bundle(deployment, organisation, row, own, held.get(row.report_id, {}))
    return found


def _numbers(row: Revision) -> set[int]:
    """The revisions that a row says sealed its fields."""
    return {row.origins[path] for path in sealed_paths(row) if isinstance(row.origins[path], int)}


def open_sealed(keyring: Keyring, warrant: Warrant, bundle: Bundle) -> dict[str, Any]:
    """The report with the warrant's fields opened, and no other; raises as `open_values` does."""
    return join(bundle.revision.clear, open_values(keyring, warrant, bundle))


def open_values(keyring: Keyring, warrant: Warrant, bundle: Bundle) -> Values:
    """The values of the warrant's fields, by schema path and pointer.

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
    if lost := sorted(path for path in warrant.paths if row.origins[path] not in bundle.sources):
        message = f"the revision that sealed {', '.join(lost)} is gone"
        raise Tampered(message)
    opened: Values = {}
    for number, source in bundle.sources.items():
        paths = {path for path, origin in row.origins.items() if origin == number} & warrant.paths
        if paths:
            opened.update(_open_paths(keyring, bundle, source, paths))
    return opened


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
    epoch = keyring.epochs.get(key.epoch) if key else None
    if key is None and purpose == "identity" and (place.revision, "report") in bundle.keys:
        raise NotSealed(PURGED)
    if key is None or epoch is None or not key.is_admitted:
        raise NotSealed(NO_KEY)
    return unwrap_under(epoch.kek, key.wrapped, place, purpose)


def scan_sealed(
    keyring: Keyring, sweep: Sweep, one: Candidate, shelf: Shelf, sought: Predicate | Equality
) -> list[str] | None:
    """Where in the sweep's fields of a report the predicate's terms occur, as pointers; empty unless all of them do.

    None if the report has none of the fields. Raises Unarmed before the intent is committed, NotSealed for a revision
    that it does not name or whose key is not there, Tampered if something does not verify.
    """
    sweep.demand_for(one.report_id, one.revision)
    own = shelf.rows.get((one.report_id, one.revision))
    if own is None:
        message = "the revision is gone"
        raise Tampered(message)
    sources = _sources(own.origins, sweep.paths)
    if sources is None:
        message = "the row does not say which revision sealed what"
        raise Tampered(message)
    found: dict[str, set[int]] = {}
    for number, paths in sources:
        source = own if number == one.revision else shelf.rows.get((one.report_id, number))
        epoch = keyring.epochs.get(source.epoch or 0) if source else None
        if source is None or source.wrapped is None or epoch is None or not source.is_admitted:
            raise NotSealed(NO_KEY)
        place = Place(shelf.deployment, one.owner, one.report_id, number)
        for text in open_texts(epoch.kek, source.wrapped, place, source.ciphertexts, paths).values():
            if sought.may_be_in(text):
                found.update(sought.places(text))
    if not found:
        return [] if sources else None
    has_all = len(set().union(*found.values())) == len(sought.terms)
    return sorted(found) if has_all else []


@lru_cache(maxsize=1024)  # paths and numbers, and the same ones in most reports
def _sources(text: str, wanted: frozenset[str]) -> tuple[tuple[int, frozenset[str]], ...] | None:
    """By revision: which of the wanted paths have their ciphertext there; None if the text says nothing of the kind."""
    said = origins(text)
    if said is None:
        return None
    found = {path: number for path, number in said.items() if path in wanted}
    numbers = sorted(set(found.values()))
    return tuple((number, frozenset(path for path in found if found[path] == number)) for number in numbers)

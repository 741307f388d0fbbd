"""The analyst looks for words in sealed text: candidates by structured filters first, then open-and-scan in memory.

1. `intend` writes one intent for the page: revisions, fields, purpose, and a keyed hash of what is looked for. Its
   commit arms one warrant, good for those revisions and fields alone.
2. `carry_out` opens candidates in their order, until the page ends, its time is over or enough was found. What does not
   verify is counted and named, and never stops the scan.
3. `record` writes how many were opened, matched and faulty, and why it stopped, as an entry of its own.

Opened text is held for one report at a time, and nothing of it is given out: pointers say where the words were found.
A crash between 1 and 3 leaves an intent without an outcome.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from hub.equality import Equality
from hub.errors import NotSealed, Tampered
from hub.keys import Keyring
from hub.opening import scan_sealed
from hub.predicate import Predicate
from hub.roles import Act
from hub.store import Session, audit, unsealing
from hub.store.unsealing import Candidate
from hub.warrant import Sweep
from schemas.anatomy import LEAVES
from schemas.marks import Kept

__all__ = ["Candidate", "Find", "Scan", "Scanned", "Sought", "carry_out", "filed_at", "intend", "named", "record"]
BATCH = 1000  # reports whose ciphertexts are read at once
LONG = 1000  # characters: a field that takes as many is a narrative
TEXTS = {  # schema path → how long a text it takes; who reported is not looked for
    path: getattr(getattr(leaf.kind, "inner", leaf.kind), "max_length", 0)
    for path, leaf in LEAVES.items()
    if leaf.mark.kept is Kept.SEALED and getattr(leaf.kind, "free_text", False)
}
NARRATIVES = frozenset({"title", *(path for path, longest in TEXTS.items() if longest > LONG)})


@dataclass(frozen=True)
class Sought:
    """What is looked for, where, why, and how many finds are enough."""

    predicate: Predicate | Equality
    purpose: str
    fields: frozenset[str] = NARRATIVES
    limit: int = 50


@dataclass(frozen=True)
class Scan:
    """A page of candidates, with the armed warrant to scan it."""

    id: str
    sought: Sought
    candidates: Sequence[Candidate]
    warrant: Sweep


@dataclass(frozen=True)
class Find:
    """A report in which the words were found, and where."""

    candidate: Candidate
    pointers: Sequence[str]


@dataclass
class Scanned:
    """What a scan came to."""

    scan: Scan
    finds: list[Find] = field(default_factory=list)
    faults: list[tuple[Candidate, str]] = field(default_factory=list)
    opened: int = 0  # reports of which at least one field was opened
    passed: int = 0  # candidates behind which the next page begins
    stopped_by: str = "rows"  # rows: the page is done; or seconds, or limit

    @property
    def last(self) -> Candidate | None:
        """The last candidate that was looked at."""
        return self.scan.candidates[self.passed - 1] if self.passed else None


def named(db: Session, report_ids: Sequence[str]) -> list[Candidate]:
    """The candidates that a search found, in its order."""
    return unsealing.named(db, report_ids)


def filed_at(db: Session, report_id: str) -> datetime:
    """When a report was filed."""
    return unsealing.filed_at(db, report_id)


def intend(db: Session, keyring: Keyring, act: Act, candidates: Sequence[Candidate], sought: Sought) -> Scan:
    """Write the intent to scan a page of candidates."""
    revisions = {one.report_id: one.revision for one in candidates}
    code = keyring.predicate_code(sought.predicate.normalised)
    scan = Scan(str(uuid4()), sought, candidates, Sweep(revisions, sought.fields, sought.purpose, code))
    audit.intend_sweep(db, act.at, act.caller.actor, scan.id, scan.warrant)
    return scan


def carry_out(
    db: Session, keyring: Keyring, deployment: str, scan: Scan, is_over: Callable[[], bool] = lambda: False
) -> Scanned:
    """Open and scan; stops behind a report when `is_over` says that the time is over, and never before the first."""
    done, every = Scanned(scan), scan.candidates
    for start in range(0, len(every), BATCH):
        some = every[start : start + BATCH]
        shelf = unsealing.shelf(db, deployment, some)
        for one in some:
            if len(done.finds) >= scan.sought.limit:
                done.stopped_by = "limit"
                return done
            if done.passed and is_over():
                done.stopped_by = "seconds"
                return done
            done.passed += 1
            try:
                pointers = scan_sealed(keyring, scan.warrant, one, shelf, scan.sought.predicate)
            except (NotSealed, Tampered) as wrong:
                done.faults.append((one, str(wrong)))
                continue
            done.opened += pointers is not None
            if pointers:
                done.finds.append(Find(one, pointers))
    return done


def record(db: Session, act: Act, done: Scanned) -> None:
    """Write what became of the intent."""
    counts = {"opened": done.opened, "matched": len(done.finds), "faults": len(done.faults)}
    audit.append(
        db, act.at, act.caller.actor, "scan.outcome", done.scan.id,
        scanned=done.passed, stopped_by=done.stopped_by, **counts,
    )  # fmt: skip

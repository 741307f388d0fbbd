"""The analyst opens sealed fields of reports, for a stated purpose: one report, or a page of a search's.

1. `intend` writes one intent a report, naming revision, fields and purpose; its commit arms a warrant each.
2. `open_intended` opens in memory, without a transaction. What does not verify is set aside with its fault.
3. `record` writes what became of each intent, faults too, as an entry of its own.

A crash between 1 and 3 leaves intents without an outcome. Who reported is opened only where a field of it is named,
one report at a time, and takes two people.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.agreement import Deed, demand
from hub.errors import Conflict, HubError, NotFound, NotSealed, Tampered
from hub.keys import Keyring
from hub.opening import Bundle, gather, keeps_identity, open_values
from hub.roles import Act
from hub.sealing import sealed_paths
from hub.store import Session, audit, reports
from hub.store.tables import Report, Revision
from hub.warrant import Warrant
from schemas.anatomy import LEAVES
from schemas.marks import Kept

IDENTITY = frozenset(path for path, leaf in LEAVES.items() if leaf.mark.kept is Kept.IDENTITY)
DEFAULT = frozenset(path for path, leaf in LEAVES.items() if leaf.mark.kept is Kept.SEALED)
QUARANTINED = (
    "the report is quarantined: its sealed record did not verify at admission, and nothing of it opens; "
    "ask its producer to amend it, or to withdraw it and file it again"
)
UNADMITTED = "the report is not admitted yet; `hub schedule` admits it within seconds, then try again"


@dataclass(frozen=True)
class Wish:
    """Why somebody opens what: schema paths, or everything sealed but who reported."""

    purpose: str
    fields: frozenset[str] = frozenset()

    def paths(self, row: Revision) -> frozenset[str]:
        """The wished fields that have a sealed value in a revision."""
        return (self.fields or DEFAULT) & sealed_paths(row)


@dataclass(frozen=True)
class Intended:
    """A report that is to be opened, with its armed warrant."""

    report: Report
    warrant: Warrant
    bundle: Bundle
    absent: Sequence[str]  # named fields without a sealed value


@dataclass(frozen=True)
class Opening:
    """What became of it: values by pointer, or the fault that kept it shut."""

    report: Report
    revision: int
    purpose: str
    paths: Collection[str] = ()
    opened: Mapping[str, Any] = field(default_factory=dict)
    absent: Sequence[str] = ()
    fault: HubError | None = None


def intend(db: Session, act: Act, deployment: str, name: str, wish: Wish) -> Intended:
    """Write the intent to open one report, by id or reference; raises Conflict if it cannot be opened yet, or ever.

    Raises NotAgreed where who reported is named and no second person agreed to that, for this purpose.
    """
    report = reports.by_name(db, name)
    if report is None:
        raise NotFound
    found = intend_page(db, act, deployment, [report.id], wish)
    if not found:
        message = "the report's current revision is gone"
        raise Tampered(message)
    if isinstance(found[0], Opening):
        raise found[0].fault or NotFound
    named = found[0].warrant.paths & IDENTITY
    if keeps_identity(found[0].bundle, named):  # what was erased shows nothing: it says so, and nobody need agree to it
        demand(db, act, Deed("identity.show", report.id, {"fields": sorted(named), "purpose": wish.purpose}))
    return found[0]


def intend_page(
    db: Session, act: Act, deployment: str, report_ids: Sequence[str], wish: Wish
) -> list[Intended | Opening]:
    """Write the intents to open reports, in one transaction; in order, with the faults of those that cannot be."""
    facts = reports.facts(db, report_ids)
    known = [facts[one].report for one in report_ids if one in facts]
    rows = reports.revisions(db, {(report.id, report.revision) for report in known})
    by_id = {report_id: row for (report_id, _), row in rows.items()}
    known = [one for one in known if one.id in by_id]  # an erasure may have come between the two questions
    able = [(one.organisation_id, by_id[one.id]) for one in known if _refusal(by_id[one.id]) is None]
    bundles = gather(db, deployment, able)
    found: list[Intended | Opening] = []
    for report in known:
        row = by_id[report.id]
        if report.id not in bundles:
            found.append(Opening(report, row.revision, wish.purpose, fault=_refusal(row)))
            continue
        paths = wish.paths(row)
        warrant = Warrant(report.id, row.revision, paths, wish.purpose)
        found.append(Intended(report, warrant, bundles[report.id], sorted(wish.fields - paths)))
    audit.intend(db, act.at, act.caller.actor, [one.warrant for one in found if isinstance(one, Intended)])
    return found


def _refusal(row: Revision) -> HubError | None:
    if row.fault is not None:
        return Conflict(QUARANTINED)
    return Conflict(UNADMITTED) if row.admitted_at is None else None


def open_intended(keyring: Keyring, intended: Intended) -> Opening:
    """Open what the warrant names."""
    warrant = intended.warrant
    try:
        values = open_values(keyring, warrant, intended.bundle)
    except (NotSealed, Tampered) as wrong:
        return Opening(intended.report, warrant.revision, warrant.purpose, fault=wrong)
    opened = {place: value for by_pointer in values.values() for place, value in by_pointer.items()}
    return Opening(
        intended.report,
        warrant.revision,
        warrant.purpose,
        sorted(values),
        dict(sorted(opened.items())),
        intended.absent,
    )


def record(db: Session, act: Act, openings: Iterable[Opening]) -> None:
    """Write what became of each intent; never what was in it."""
    for one in openings:
        said: dict[str, Any] = {"revision": one.revision, "opened": list(one.paths)}
        if one.fault is not None:
            said["fault"] = str(one.fault)
        audit.append(db, act.at, act.caller.actor, "open.outcome", one.report.id, **said)

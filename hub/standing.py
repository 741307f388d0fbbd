"""Where a report stands: what the gates ask, from what is stored. The same for a release and for the path."""

from datetime import datetime

from feeds.eligibility import Since, Standing, Verdict
from hub.store.reports import Facts
from hub.store.tables import Report
from schemas.audience import INCLUDES, Audience, reached
from schemas.tlp import TLP


def standing_of(facts: Facts) -> Standing:
    """What the gates ask, from what is stored."""
    report = facts.report
    return Standing(
        tlp=TLP(report.tlp),
        is_admitted=facts.admitted_at is not None,
        is_withdrawn=report.withdrawn_at is not None,
        is_import=report.is_import,
        is_organisation_approved=facts.approved_at is not None,
        named=reached(report.shared_with),
        accepted=reached(facts.accepted),
        embargo_until=report.embargo_until,
        held_until=_held_until(report),
        since=_since(facts),
    )


def must_go(facts: Facts, verdict: Verdict, shown: str) -> bool:
    """Whether what a feed shows of a report, in this mode, may not stay: it was taken back, or leaves otherwise."""
    if facts.admitted_at is None and facts.report.withdrawn_at is None:
        # An amendment waits for admission; what it amends stays until then, unless an analyst holds the report: an
        # amendment that is never admitted must not keep what a person took back.
        is_held = any(gate.name == "hold" and not gate.is_passed for gate in verdict.gates)
        return is_held and facts.report.staff_hold_until is not None
    # Under the same ids a reader could lay a pseudonym beside the name it stands for: another mode is another entry.
    return not verdict.is_open or shown != verdict.mode


def _held_until(report: Report) -> datetime | None:
    """The later of the producer's hold and the analyst's."""
    return max((at for at in (report.held_until, report.staff_hold_until) if at), default=None)


def _since(facts: Facts) -> Since:
    accepted: dict[Audience, datetime] = {}
    for name, at in facts.accepted_at.items():
        for audience in INCLUDES[Audience(name)]:
            accepted[audience] = min(at, accepted.get(audience, at))
    report = facts.report
    return Since(
        filed=report.filed_at,
        revised=facts.revised_at,
        admitted=facts.admitted_at,
        withdrawn=report.withdrawn_at,
        held=facts.held_at if report.staff_hold_until and report.staff_hold_until == _held_until(report) else None,
        approved=facts.approved_at,
        accepted=accepted,
    )

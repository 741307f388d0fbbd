"""Which report a caller names, by id or reference: an analyst any, everybody else its own organisation's.

What one may not see is not there: NotFound, in the same words. What was erased raises Erased, to those who saw it.
"""

from hub.errors import NotFound
from hub.report_view import alive
from hub.roles import Caller, Capability
from hub.store import Session, reports
from hub.store.tables import Report


def visible(db: Session, caller: Caller, name: str) -> Report:
    """A report that the caller may see."""
    return alive(named(db, name)) if caller.may(Capability.REPORT_READ) else own(db, caller, name)


def own(db: Session, caller: Caller, name: str) -> Report:
    """A report of the caller's organisation."""
    report = named(db, name)
    if report.organisation_id != caller.organisation_id:
        raise NotFound
    return alive(report)


def named(db: Session, name: str) -> Report:
    """A report, or the husk of an erased one, whoever asks."""
    report = reports.by_name(db, name) or reports.husk(db, name)
    if report is None:
        raise NotFound
    return report

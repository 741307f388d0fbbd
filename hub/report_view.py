"""A report as its producer or an analyst sees it: clear fields, and of sealed ones only that they are sealed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.store.tables import Receipt, Report, Revision
from schemas import instant
from schemas.anatomy import present


@dataclass(frozen=True)
class View:
    """What the API shows of one revision of a report."""

    id: str
    ref: str
    revision: Revision
    state: str
    filed_at: datetime  # of the report: of its first revision
    receipt: Receipt | None

    def at_state(self, state: str) -> "View":
        """The same view as it was answered when the report was in that state."""
        return replace(self, state=state)

    @property
    def completeness(self) -> Mapping[str, Any]:
        """What the report still lacks."""
        return self.revision.completeness


def show(report: Report, revision: Revision, receipt: Receipt | None) -> View:
    """The view of a revision."""
    return View(report.id, report.ref, revision, state_of(report, revision), report.filed_at, receipt)


def state_of(report: Report, revision: Revision) -> str:
    """Where a report stands: filed, admitted, quarantined (it does not verify) or withdrawn."""
    if report.withdrawn_at is not None:
        return "withdrawn"
    if revision.fault is not None:
        return "quarantined"
    return "filed" if revision.admitted_at is None else "admitted"


def columns(clear: Mapping[str, Any]) -> dict[str, Any]:
    """What gates and lists ask of a report, out of its clear fields."""
    return {
        "report_type": clear["report_type"],
        "severity": clear["severity"],
        "tlp": clear["tlp"],
        "shared_with": clear.get("share_redacted_with", []),
        "is_urgent": clear.get("urgent", False),
        "embargo_until": _instant(clear.get("embargo_until")),
        "held_until": _instant(clear.get("hold", {}).get("expires_at")),
    }


def _instant(text: str | None) -> datetime | None:
    return instant.read(text).at if text else None


def held_paths(clear: Mapping[str, Any], sealed_paths: Iterable[str]) -> set[str]:
    """The schema paths that hold a value, clear or sealed."""
    return {*present(clear), *sealed_paths}

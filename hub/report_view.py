"""A report as its producer or an analyst sees it: clear fields, and of sealed ones only that they are sealed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from hub.errors import Erased
from hub.store.tables import Receipt, Report, Revision
from schemas import instant
from schemas.anatomy import present


class Written(Protocol):
    """A revision as far as it is shown: a row read back, or one just written."""

    revision: int
    filed_at: datetime
    clear: dict[str, Any]
    sealed_pointers: list[str]
    completeness: dict[str, Any]
    manifest: bytes
    signature: bytes


class Examined(Protocol):
    """What admission said of a revision."""

    admitted_at: datetime | None
    fault: str | None


class Proof(Protocol):
    """A receipt as far as it is shown."""

    salt: bytes
    commitment: bytes


@dataclass
class JustWritten:
    """A revision that was written in this transaction, with its receipt: nothing is read back to show it."""

    revision: int
    filed_at: datetime
    clear: dict[str, Any]
    sealed_pointers: list[str]
    completeness: dict[str, Any]
    manifest: bytes
    signature: bytes
    salt: bytes
    commitment: bytes


@dataclass(frozen=True)
class View:
    """What the API shows of one revision of a report."""

    id: str
    ref: str
    revision: Written
    state: str
    filed_at: datetime  # of the report: of its first revision
    receipt: Proof | None

    def at_state(self, state: str) -> "View":
        """The same view as it was answered when the report was in that state."""
        return replace(self, state=state)

    def without_receipt(self) -> "View":
        """The same view for another than its producer."""
        return replace(self, receipt=None)

    @property
    def completeness(self) -> Mapping[str, Any]:
        """What the report still lacks."""
        return self.revision.completeness


def show_written(report_id: str, ref: str, written: JustWritten, filed_at: datetime) -> View:
    """The view of a revision that was just written."""
    return View(report_id, ref, written, "filed", filed_at, written)


def show(report: Report, revision: Revision, receipt: Receipt | None) -> View:
    """The view of a revision."""
    return View(report.id, report.ref, revision, state_of(report, revision), report.filed_at, receipt)


def state_of(report: Report, revision: Examined) -> str:
    """Where a report stands: filed, admitted, quarantined (it does not verify) or withdrawn."""
    if report.withdrawn_at is not None:
        return "withdrawn"
    if revision.fault is not None:
        return "quarantined"
    return "filed" if revision.admitted_at is None else "admitted"


def alive(report: Report) -> Report:
    """The same report; raises Erased if it is what an erasure left."""
    if report.erased_at is not None:
        raise Erased(report.erased_at)
    return report


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

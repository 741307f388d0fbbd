"""The index: what may be searched of a report is gathered from what is clear, cleared or asserted, and written anew.

1. Nothing is opened. A sealed value is in the index only as far as a feed shows it as written, and by its tag.
2. A report is stale as long as the index saw another stamp of it; who changes what the index holds moves the stamp, or
   marks it stale (a release does). A crash before the commit leaves it stale.
3. What is taken out of the index leaves the file too: see hub.store.texts.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from feeds.mapping.extension import AI_EXTENSION
from hub.errors import told
from hub.filters import Field, Kind, catalogue
from hub.filters.folding import words
from hub.filters.values import point, stored
from hub.report_view import state_of
from hub.store import Session, index, texts
from hub.store.apart import apart
from hub.store.index import Document, Material
from hub.store.texts import BETWEEN
from schemas import instant
from schemas.audience import reached

log = logging.getLogger(__name__)
MOST = 500
NO_REST = timedelta(0)  # between two merges of the text index
LONGEST_TEXT = 250_000  # characters: PostgreSQL indexes a megabyte of a text and refuses more
FIELDS = catalogue(is_staff=True)
SEALED = {name: one for name, one in FIELDS.items() if one.is_sealed}
EQUAL_BY_PATH = {one.path: name for name, one in FIELDS.items() if one.kind is Kind.EQUAL}
SPOKEN = {Kind.NAME, Kind.TEXT}
COUNTED = frozenset(name for name, one in FIELDS.items() if one.is_counted)
SEVERITIES = FIELDS["severity"].terms


def refresh(db: Session, report_ids: Sequence[str] | None = None, most: int = MOST) -> int:
    """Index some reports anew, or those that are stale; how many were."""
    ids = list(report_ids) if report_ids is not None else index.stale(db, most)
    if not ids:
        return 0
    made, wrong = apart(lambda some: {one.report.id: document(one) for one in index.material(db, some)}, ids)
    documents = list(made.values())
    index.put(db, documents, COUNTED)
    if lacking := set(ids) - made.keys():
        kinds = ", ".join(sorted({told(error) for error in wrong.values()})) or "without their current revision"
        log.warning("%d reports are not indexed: %s", len(lacking), kinds)
        index.take_out(db, lacking, COUNTED)
    return len(documents)


def catch_up(db: Session, now: datetime, rest: timedelta = NO_REST) -> int:
    """A piece of what is left to do: some stale reports, how many were, and some of the words that were taken out."""
    count = refresh(db, most=MOST)
    texts.sweep(db, now, now - rest)
    return count


def is_needed(db: Session, now: datetime, rest: timedelta = NO_REST) -> bool:
    """Whether any report is stale, or words that were taken out have been in the file for as long as they may."""
    return bool(index.stale(db, 1)) or texts.is_unswept(db, now - rest)


def document(found: Material) -> Document:
    """What the index holds of a report."""
    report = found.report
    gathered = _Gathered()
    gathered.own(found)
    gathered.take(found.clear, FIELDS)
    for content in found.shown:
        # What is clear is told by the revision: a projection may show an analyst's word in its place.
        gathered.take(_shown(content), SEALED)
    for name, said in found.asserted.items():
        gathered.take({name: said}, FIELDS, "" if name == "triage" else "triage.")
    severity = found.asserted.get("severity", report.severity)
    row = {
        "organisation_id": report.organisation_id,
        "filed_at": report.filed_at,
        "revised_at": found.revised_at,
        "aware_at": instant.read(found.clear["aware_at"]).at,
        "severity": SEVERITIES.index(severity),
    }
    return Document(report.id, report.stamp, row, gathered.values, BETWEEN.join(gathered.texts)[:LONGEST_TEXT])


class _Gathered:
    """The values and texts of a report, as the index writes them."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}  # (field, value) → end of its span: the latest, if there are more
        self.texts: dict[str, None] = {}

    def own(self, found: Material) -> None:
        """What the hub itself knows of a report."""
        report = found.report
        holds = [at for at in (report.held_until, report.staff_hold_until) if at]
        known: dict[str, list[Any]] = {
            "id": [report.id],
            "ref": [report.ref],
            "organisation": [found.organisation],
            "organisation.id": [report.organisation_id],
            "state": [state_of(report, found)],
            "released": found.released,
            "waiting": found.waiting,
            "accepted": sorted(reached(found.accepted)),
            "case": [found.case] if found.case else [],
            "revision": [report.revision],
            "is_import": [report.is_import],
        }
        for name, values in known.items():
            for value in values:
                self._add(name, stored(FIELDS[name].kind, value))
        for tag in found.tags:
            self.values[EQUAL_BY_PATH[tag.path], tag.written] = ""
        instants = {"filed_at": report.filed_at, "revised_at": found.revised_at, "held_until": max(holds, default=None)}
        for name, at in instants.items():
            self._add(name, point(at) if at else None)

    def take(self, part: Mapping[str, Any], fields: Mapping[str, Field], prefix: str = "") -> None:
        """Every value of a document whose schema path, without brackets, is among the fields."""
        for name, value in part.items():
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, dict):
                    self.take(item, fields, f"{prefix}{name}.")
                elif field := fields.get(prefix + name):
                    self._add(field.name, stored(field.kind, item))
                    if isinstance(item, str) and field.kind in SPOKEN:
                        self.texts[" ".join(words(item))] = None

    def _add(self, name: str, written: tuple[str, str] | None) -> None:
        if written is not None:
            value, end = written
            self.values[name, value] = max(end, self.values.get((name, value), ""))


def _shown(content: bytes) -> dict[str, Any]:
    """What a carrier that left as written says: the projection's fields, its title and its text."""
    carrier = orjson.loads(content)
    said = {"title": carrier.get("name"), "description": carrier.get("description")}
    fields: dict[str, Any] = carrier["extensions"][AI_EXTENSION]["fields"]
    return {**fields, **{name: text for name, text in said.items() if text}}

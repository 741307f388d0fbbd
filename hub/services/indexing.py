"""The index: what may be searched of a report is gathered from what is clear, cleared or asserted, and written anew.

1. Nothing is opened. A sealed value is in the index only as far as a feed shows it as written.
2. A report is stale as long as the index saw another stamp of it; who changes what the index holds moves the stamp, or
   marks it stale (a release does). A crash before the commit leaves it stale.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from feeds.mapping.extension import AI_EXTENSION
from hub.filters import Field, catalogue
from hub.filters.comparing import RANK
from hub.filters.values import point, stored
from hub.report_view import state_of
from hub.store import Session, index
from hub.store.index import Document, Material, Value
from schemas import instant

MOST = 500
COUNTED = frozenset(one.name for one in catalogue(is_staff=True).values() if one.is_counted)


def refresh(db: Session, report_ids: Sequence[str] | None = None, most: int = MOST) -> int:
    """Index some reports anew, or those that are stale; how many were."""
    ids = list(report_ids) if report_ids is not None else index.stale(db, most)
    if not ids:
        return 0
    documents = [document(one) for one in index.material(db, ids)]
    index.write(db, documents, COUNTED)
    return len(documents)


def is_needed(db: Session) -> bool:
    """Whether any report is stale."""
    return bool(index.stale(db, 1))


def document(found: Material) -> Document:
    """What the index holds of a report."""
    report, fields = found.report, catalogue(is_staff=True)
    values: set[Value] = set(_known(found))
    texts: list[str] = []
    _take(values, texts, _leaves(found.clear), fields, "")
    for content in found.shown:
        # What is clear is told by the revision: a projection may show an analyst's word in its place.
        cleared = {name: one for name, one in fields.items() if one.is_sealed}
        _take(values, texts, _leaves(_shown(content)), cleared, "")
    asserted = {name: said for name, said in found.asserted.items() if name != "triage"}
    _take(values, texts, _leaves(asserted), fields, "triage.")
    _take(values, texts, _leaves({"triage": found.asserted.get("triage", {})}), fields, "")
    severity = found.asserted.get("severity", report.severity)
    row = {
        "organisation_id": report.organisation_id,
        "filed_at": report.filed_at,
        "revised_at": found.revised_at,
        "aware_at": instant.read(found.clear["aware_at"]).at,
        "severity": RANK.index(severity),
    }
    return Document(report.id, report.stamp, row, frozenset(values), "\n".join(dict.fromkeys(texts)))


def _known(found: Material) -> Iterator[Value]:
    """What the hub itself knows of a report."""
    report = found.report
    yield from _plain("id", [report.id])
    yield from _plain("ref", [report.ref])
    yield from _plain("organisation.id", [report.organisation_id])
    yield from _plain("state", [state_of(report, found)])
    yield from _plain("released", found.released)
    yield from _plain("waiting", found.waiting)
    yield from _plain("accepted", found.accepted)
    yield from _plain("case", [found.case] if found.case else [])
    fields = catalogue(is_staff=True)
    typed = {"organisation": found.organisation, "revision": report.revision, "is_import": report.is_import}
    for name, value in typed.items():
        if (written := stored(fields[name].kind, value)) is not None:
            yield (name, *written)
    holds = [at for at in (report.held_until, report.staff_hold_until) if at]
    instants = {"filed_at": report.filed_at, "revised_at": found.revised_at, "held_until": max(holds, default=None)}
    yield from ((name, *point(at)) for name, at in instants.items() if at is not None)


def _plain(name: str, values: Iterable[str]) -> Iterator[Value]:
    return ((name, value, "") for value in values)


def _shown(content: bytes) -> dict[str, Any]:
    """What a carrier that left as written says: the projection's fields, its title and its text."""
    carrier = orjson.loads(content)
    said = {"title": carrier.get("name"), "description": carrier.get("description")}
    fields: dict[str, Any] = carrier["extensions"][AI_EXTENSION]["fields"]
    return {**fields, **{name: text for name, text in said.items() if text}}


def _leaves(part: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document with its schema path, without brackets."""
    for name, value in part.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                yield from _leaves(item, f"{path}{name}.")
            else:
                yield path + name, item


def _take(
    values: set[Value], texts: list[str], found: Iterable[tuple[str, Any]], fields: Mapping[str, Field], prefix: str
) -> None:
    for path, value in found:
        field = fields.get(prefix + path)
        if field is None:
            continue
        if (written := stored(field.kind, value)) is not None:
            values.add((field.name, *written))
        if isinstance(value, str) and field.kind in {"name", "text"}:
            texts.append(value)

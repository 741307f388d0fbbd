"""`note` for what is said about an entry: advice, recommendation, root cause; and for results that are codes."""

from collections.abc import Iterator
from typing import Any

from feeds.mapping.body import UNTRUSTED, sdo
from feeds.names import Naming
from feeds.projection import Projection
from schemas import vocabulary

WRITTEN = {"recommendation": "Recommendation", "root_cause": "Root cause"}
RESULTS = {  # part → field, its vocabulary, what the note is about
    "audit": ("result", "audit_result", "Result of the audit"),
    "risk_assessment": ("conclusion", "assessment_conclusion", "Conclusion of the risk assessment"),
}


def notes(projection: Projection, naming: Naming, about: list[str]) -> list[dict[str, Any]]:
    """The notes of an entry, about its carrier and its main objects."""
    return [*_texts(projection, naming, about), *_results(projection, naming, about)]


def _texts(projection: Projection, naming: Naming, about: list[str]) -> Iterator[dict[str, Any]]:
    fields = projection.fields
    released = fields.get("for_release", {})
    said = {"Advice": (released.get("advice"), released.get("language"))}
    said |= {abstract: (fields.get(name), fields.get("language")) for name, abstract in WRITTEN.items()}
    for abstract, (text, language) in said.items():
        if text:
            labels = [UNTRUSTED]
            yield sdo(
                naming,
                "note",
                abstract,
                abstract=abstract,
                content=text,
                lang=language,
                labels=labels,
                object_refs=about,
            )


def _results(projection: Projection, naming: Naming, about: list[str]) -> Iterator[dict[str, Any]]:
    for part, (field, terms, abstract) in RESULTS.items():
        if code := projection.fields.get(part, {}).get(field):
            content = f"{code.replace('_', ' ').capitalize()}: {vocabulary.enumeration(terms).terms[code]}."
            yield sdo(naming, "note", abstract, abstract=abstract, content=content, object_refs=about)

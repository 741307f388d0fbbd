"""`course-of-action` for what mitigates, and for what was done: by the name that the taxonomy gives, or its first line.

What was decided against is no course of action; it stays in our extension.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from feeds.mapping.attack import SOURCE_NAMES
from feeds.mapping.body import UNTRUSTED, relationship, sdo
from feeds.names import Naming
from feeds.projection import Projection
from schemas import vocabulary

LISTS = {"mitigations": "mitigation", "actions_taken": "action-taken"}
LONGEST = 100  # characters of a name that is taken from the text


def mitigations(projection: Projection, naming: Naming, main: list[str], patterns: list[str]) -> list[dict[str, Any]]:
    """One course of action a code or text, and what a mitigation mitigates: the main objects, else the techniques."""
    actions: dict[tuple[str, str], list[tuple[str, Mapping[str, Any]]]] = {}
    for role, action in _actions(projection):
        key = (action.get("scheme", ""), action["code"]) if "code" in action else ("", action["text"])
        actions.setdefault(key, []).append((role, action))
    made = {key: _course(naming, *key, found) for key, found in actions.items()}
    ties = (
        _tie(naming, made[key]["id"], other, is_mitigation=any(role == "mitigations" for role, _ in found))
        for key, found in actions.items()
        for other in main or patterns
    )
    return [*made.values(), *ties]


def _actions(projection: Projection) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for role in LISTS:
        for action in projection.fields.get(role, ()):
            if action.keys() & {"code", "text"} and action.get("status") != "rejected":
                yield role, action


def _course(naming: Naming, scheme: str, what: str, found: list[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    texts = dict.fromkeys(action["text"] for _, action in found if "text" in action)
    statuses = dict.fromkeys(action["status"].replace("_", "-") for _, action in found if "status" in action)
    code, version = found[0][1].get("code"), found[0][1].get("version", "")
    held = vocabulary.schemes().get((scheme, version))
    source = SOURCE_NAMES.get(scheme, scheme.lower() or "taxonomy")
    return sdo(
        naming,
        "course-of-action",
        f"{scheme}|{what}",
        name=(held.terms.get(what, what) if held else what) if code else _first_line(what),
        description="\n\n".join(texts) or None,
        labels=[*dict.fromkeys(LISTS[role] for role, _ in found), *statuses, *([UNTRUSTED] if texts else [])],
        external_references=[{"source_name": source, "external_id": code}] if code else None,
    )


def _first_line(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


def _tie(naming: Naming, course: str, other: str, *, is_mitigation: bool) -> dict[str, Any]:
    # STIX 2.1, 4.5: course-of-action mitigates attack-pattern and vulnerability. For incident it names no verb.
    is_named = is_mitigation and not other.startswith("incident--")
    return relationship(naming, course, "mitigates" if is_named else "related-to", other)

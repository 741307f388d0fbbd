"""Reading values out of records whose shape drifts: what is not there, or not of the kind expected, is absent.

Strings come back exactly as the source has them. Words that say that there is no name (`n/a`, `unknown`) are no names.
"""

from collections.abc import Iterable, Mapping
from typing import Any

UNKNOWN = "unknown"
NO_NAMES = frozenset({"", "-", "n/a", "na", "none", "not specified", "null", "undefined", UNKNOWN})


def at(record: Any, *steps: str) -> Any:
    """The value under some keys of nested objects, or None."""
    for step in steps:
        record = record.get(step) if isinstance(record, Mapping) else None
    return record


def text(value: Any) -> str | None:
    """A string that holds something, or None."""
    return value if isinstance(value, str) and value.strip() else None


def texts(value: Any) -> list[str]:
    """The strings of a list, or one string alone, each once."""
    items = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(item for item in items if text(item)))


def names(value: Any) -> list[str]:
    """The strings that name something."""
    return [name for name in texts(value) if name.strip().lower() not in NO_NAMES]


def name(value: Any) -> str:
    """The string if it names something, otherwise `unknown`."""
    return next(iter(names(value)), UNKNOWN)


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list, or one object alone."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]


def filled(**fields: Any) -> dict[str, Any]:
    """The fields that hold something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def cited(value: Any, title: str = "") -> list[dict[str, Any]]:
    """The references in a list of objects that have a `url` and, under the name given, a title."""
    found = (filled(title=text(item.get(title)), url=text(item.get("url"))) for item in objects(value))
    return [reference for reference in found if reference]


def parties(role: str, found: Iterable[str]) -> list[dict[str, Any]]:
    """Affected parties of one role."""
    return [{"name": party, "role": role} for party in found]

"""Posting: is this a STIX 2.1 object, and which version of which?

1. Valid is what `stix2` takes, custom content and all, if it also keeps what `stix2` does not look at: its type and id,
   the specification's version, the instants of its version, the names of its properties, no null and no empty list.
2. What is valid is kept as it came: the same JSON values in the same order.
3. A refusal names the property and never a value; of a custom property not even the name.
4. A pattern that `stix2` is too slow or too shallow to read is taken unread.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import stix2
from stix2.exceptions import (
    AtLeastOnePropertyError,
    DependentPropertiesError,
    InvalidSelectorError,
    InvalidValueError,
    MissingPropertiesError,
    MutuallyExclusivePropertiesError,
    STIXError,
    TLPMarkingDefinitionError,
)
from stix2.registry import STIX2_OBJ_MAPS

from feeds.posted import STAMP, Posted, Refused, moment

TYPE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)  # STIX 2.1, 11.2
SHORTEST_NAME, LONGEST_NAME = 3, 250
IDENTIFIER = re.compile(r"(?P<type>.+)--[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,249}", re.ASCII)  # STIX 2.1, 11.1
OBSERVABLES = frozenset(STIX2_OBJ_MAPS["2.1"]["observables"])
KNOWN = frozenset(name for kind in vars(stix2.v21).values() for name in getattr(kind, "_properties", ()))
LISTING = {
    MissingPropertiesError: "required; add it",
    AtLeastOnePropertyError: "at least one of them is required",
    MutuallyExclusivePropertiesError: "only one of them may be there",
}
SAYING = {
    InvalidSelectorError: "granular_markings: a selector names nothing that the object has",
    TLPMarkingDefinitionError: "definition: differs from the TLP marking of this id",
}
PATTERN = "[file:name = 'x']"
LONGEST_PATTERN = 10_000  # characters: stix2 reads about 70,000 a second, and none that joins a hundred comparisons


class _Fault(ValueError):
    """What is wrong with an object."""


def read(body: Mapping[str, Any], place: int) -> Posted | Refused:
    """An object of an envelope, at that place in it."""
    try:
        _check(body)
        # Written before stix2 has it: what it makes of an object is not what came.
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        _check_by_stix2(body)
    except _Fault as wrong:
        return Refused(_named(body, place), _version(body), str(wrong))
    return Posted(body, content, _version(body))


def _named(body: Mapping[str, Any], place: int) -> str:
    found = body.get("id")
    return found if isinstance(found, str) and _is_id(found) else f"/objects/{place}"


def _is_id(text: str) -> bool:
    found = IDENTIFIER.fullmatch(text) if len(text) <= LONGEST_NAME + 38 else None
    return bool(found and TYPE.fullmatch(found["type"]))


def _version(body: Mapping[str, Any]) -> str | None:
    # TAXII 2.1, 5.3.1: modified, else created, else what the server chooses.
    for name in ("modified", "created"):
        if isinstance(body.get(name), str) and STAMP.fullmatch(body[name]):
            found: str = body[name]
            return found
    return None


def _check(body: Mapping[str, Any]) -> None:
    kind, stix_id = body.get("type"), body.get("id")
    if not isinstance(kind, str) or not TYPE.fullmatch(kind) or not SHORTEST_NAME <= len(kind) <= LONGEST_NAME:
        raise _Fault("type: must be the type of a STIX 2.1 object, in a-z, 0-9 and single hyphens")
    if kind == "bundle":
        raise _Fault("type: a bundle is no object; send the objects that it holds")
    if not isinstance(stix_id, str) or not _is_id(stix_id) or not stix_id.startswith(f"{kind}--"):
        raise _Fault("id: must be the object's type, two hyphens and a UUID")
    _check_specification(kind, body)
    for name, value in body.items():
        if not PROPERTY.fullmatch(name):
            raise _Fault("a property's name must be of a-z, 0-9 and underscore, and begin with a letter")
        if _holds_nothing(value):
            raise _Fault(f"{_told(name)}: holds null or an empty list; leave it out")
    for name in ("created", "modified"):
        _check_stamp(name, body)
    if "modified" in body and moment(body["modified"]) < moment(body.get("created", "")):
        raise _Fault("modified: is before created, or there without it")


def _check_specification(kind: str, body: Mapping[str, Any]) -> None:
    # STIX 2.1, 3.2: left out, it is 2.1 of an observable and 2.0 of anything else.
    extensions = body.get("extensions")
    contents = extensions.values() if isinstance(extensions, dict) else ()
    is_new = any(isinstance(one, dict) and one.get("extension_type") == "new-sco" for one in contents)
    implied = "2.1" if kind in OBSERVABLES or is_new else "2.0"
    if body.get("spec_version", implied) != "2.1":
        raise _Fault("spec_version: must be there and be 2.1; other versions of STIX are not taken")


def _holds_nothing(value: Any) -> bool:
    """Whether null or an empty list stands anywhere in a value (STIX 2.1, 2.12)."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if one is None or one == []:
            return True
        if isinstance(one, list | dict):
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return False


def _check_stamp(name: str, body: Mapping[str, Any]) -> None:
    if name not in body:
        return
    found = STAMP.fullmatch(body[name]) if isinstance(body[name], str) else None
    try:
        datetime.fromisoformat(found[1] if found else "")
    except ValueError:
        raise _Fault(f"{name}: must be a timestamp such as 2026-11-20T10:00:00.000Z") from None


def _check_by_stix2(body: Mapping[str, Any]) -> None:
    pattern = body.get("pattern")
    is_long = isinstance(pattern, str) and len(pattern) > LONGEST_PATTERN
    try:
        _parse({**body, "pattern": PATTERN} if is_long else dict(body))
    except RecursionError:
        # Its grammar for patterns goes down some levels for each comparison: a long one is valid, and not for it.
        try:
            _parse({**body, "pattern": PATTERN} if isinstance(pattern, str) else dict(body))
        except RecursionError:
            raise _Fault("is nested too deeply") from None


def _parse(body: dict[str, Any]) -> None:
    try:
        found = stix2.parse(body, allow_custom=True, version="2.1")
        seen = {} if isinstance(found, dict) else json.loads(found.serialize())
    except (STIXError, ValueError, TypeError, AttributeError, KeyError, OverflowError) as wrong:
        raise _Fault(_words(wrong)) from None
    for name, value in seen.items():
        if name in body and not _is_alike(body[name], value):
            raise _Fault(f"{_told(name)}: is not of the type that STIX 2.1 asks of it")


def _is_alike(came: Any, seen: Any) -> bool:
    """Whether a value is of the type as which stix2 reads it: it makes texts of numbers and lists of single values."""
    if isinstance(came, dict) and isinstance(seen, dict):
        return all(name in seen and _is_alike(value, seen[name]) for name, value in came.items())
    if isinstance(came, list) and isinstance(seen, list):
        return len(came) == len(seen) and all(map(_is_alike, came, seen))
    numbers = {int, float}
    return type(came) is type(seen) or {type(came), type(seen)} <= numbers


def _words(wrong: Exception) -> str:
    """What stix2 found wrong, in our words: its own quote values."""
    if isinstance(wrong, InvalidValueError):
        return f"{_told(str(wrong.prop_name))}: is not what STIX 2.1 asks of it"
    if isinstance(wrong, DependentPropertiesError):
        return f"{_list(name for pair in wrong.dependencies for name in pair)}: one of them needs another"
    for kind, remedy in LISTING.items():
        if isinstance(wrong, kind):
            return f"{_list(wrong.properties)}: {remedy}"
    return next((said for kind, said in SAYING.items() if isinstance(wrong, kind)), "is no STIX 2.1 object of its type")


def _list(names: Any) -> str:
    return ", ".join(dict.fromkeys(_told(str(name)) for name in names))


def _told(name: str) -> str:
    return name if name in KNOWN else "a custom property"

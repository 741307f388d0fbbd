"""Vocabularies as data: one JSON file each, with version, source and licence, in `schemas/vocabularies/`.

An enumeration lists the terms of one field. A scheme is a taxonomy that reports cite as `{scheme, version, code}`; its
pattern is strict, so that a code can never carry free text.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

ROOM = files("schemas") / "vocabularies"


@dataclass(frozen=True)
class Vocabulary:
    """One enumeration: its terms with their meanings, in order."""

    name: str
    version: str
    source: str
    terms: Mapping[str, Any]


@dataclass(frozen=True)
class Scheme:
    """One version of a taxonomy: what its codes look like and, where the list is held, what they mean."""

    scheme: str
    version: str
    source: str
    pattern: re.Pattern[str]
    terms: Mapping[str, str]
    is_preliminary: bool = False  # cited only by a filer who names its version

    def knows(self, code: str) -> bool:
        """Whether the code has this scheme's form and, where the list is held, is in it."""
        return bool(self.pattern.fullmatch(code)) and (not self.terms or code in self.terms)


@cache
def enumeration(name: str) -> Vocabulary:
    """The vocabulary in `<name>.json`; raises FileNotFoundError at import of the field that names a missing one."""
    body = document(name)
    return Vocabulary(body["name"], body["version"], body["source"], body["terms"])


@cache
def document(name: str) -> dict[str, Any]:
    """The whole of one vocabulary file."""
    body: dict[str, Any] = json.loads((ROOM / f"{name}.json").read_text("utf-8"))
    return body


@cache
def schemes() -> Mapping[tuple[str, str], Scheme]:
    """Every version of every scheme, by (scheme, version)."""
    found = {}
    for path in (ROOM / "schemes").iterdir():
        body = json.loads(path.read_text("utf-8"))
        pattern = re.compile(body["pattern"], re.ASCII)
        terms, preliminary = body.get("terms", {}), body.get("preliminary", False)
        held = Scheme(body["scheme"], body["version"], body["source"], pattern, terms, preliminary)
        found[held.scheme, held.version] = held
    return found


@cache
def scheme(name: str) -> Scheme:
    """The newest settled version that the hub holds of a scheme."""
    held = [one for one in schemes().values() if one.scheme == name]
    return max(held, key=lambda one: (not one.is_preliminary, one.version))

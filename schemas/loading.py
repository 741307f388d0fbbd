"""From bytes to a checked document, and the only place that catches marshmallow's ValidationError.

1. UTF-8 without NUL or lone surrogates: what we store must come back the same from any database.
2. No key twice in one object: two readers would see two reports.
3. At most `depth` levels and `values` values; numbers of sane length; no NaN or Infinity.
4. Every fault is named by its JSON pointer, and no message repeats a value.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.errors import Invalid, Problem, TooLarge, Unreadable

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Limits:
    """How much of a body the hub reads."""

    size: int = 1 << 20
    depth: int = 32
    values: int = 20_000
    digits: int = 20


def parse(raw: bytes, limits: Limits = Limits()) -> Any:
    """Parse one JSON text strictly; raises Unreadable or TooLarge."""
    if len(raw) > limits.size:
        raise TooLarge.at("", f"is larger than {limits.size:,} bytes; send less, or split it into several reports")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable.at("", "is not UTF-8; save it as UTF-8 without a byte-order mark") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short_int(limits.digits),
        )
    except RecursionError:
        raise TooLarge.at("", f"is nested deeper than {limits.depth} levels") from None
    except json.JSONDecodeError as wrong:
        raise Unreadable.at("", f"is not JSON: {wrong.msg} at line {wrong.lineno}, column {wrong.colno}") from None
    _walk(value, limits)
    return value


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = UNSTORABLE.sub("\ufffd", next(key for key in keys if keys.count(key) > 1)[:100])
        raise Unreadable.at(pointer(twice), "occurs twice in one object; keep one of them")
    return found


def _no_constant(_: str) -> None:
    raise Unreadable.at("", "holds NaN or Infinity, which JSON does not have; leave the field out")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable.at("", "holds a number that would become Infinity; send a smaller one")
    return number


def _short_int(digits: int) -> Any:
    def read(text: str) -> int:
        if len(text) > digits:
            raise Unreadable.at("", f"holds a number of more than {digits} digits")
        return int(text)

    return read


def _walk(value: Any, limits: Limits) -> None:
    waiting: list[tuple[Any, tuple[str, ...]]] = [(value, ())]
    seen = 0
    while waiting:
        item, path = waiting.pop()
        seen += 1
        if len(path) > limits.depth:
            raise TooLarge.at("", f"is nested deeper than {limits.depth} levels")
        if seen > limits.values:
            raise TooLarge.at("", f"holds more than {limits.values:,} values")
        if isinstance(item, str):
            _storable(item, path)
        elif isinstance(item, dict):
            for key in item:
                _storable(key, path)
            waiting.extend((inner, (*path, key)) for key, inner in item.items())
        elif isinstance(item, list):
            waiting.extend((inner, (*path, str(place))) for place, inner in enumerate(item))


def _storable(text: str, path: tuple[str, ...]) -> None:
    if UNSTORABLE.search(text):
        message = "holds a NUL character or half a surrogate pair, which no database keeps; remove it"
        raise Unreadable.at(pointer(*path), message)


def pointer(*steps: object) -> str:
    """An RFC 6901 JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def load(schema: Schema, document: Any) -> dict[str, Any]:
    """Check a document against a schema; raises Invalid with every fault."""
    if not isinstance(document, Mapping):
        raise Invalid.at("", "must be an object, written in { }")
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as wrong:
        messages = wrong.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(problems_of(messages)) from None
    return loaded


def problems_of(messages: Any, path: tuple[object, ...] = ()) -> list[Problem]:
    """Marshmallow's messages as problems with pointers."""
    if isinstance(messages, Mapping):
        return [
            problem
            for key, inner in messages.items()
            for problem in problems_of(inner, path if key == "_schema" else (*path, key))
        ]
    return [Problem(pointer(*path), str(message)) for message in messages]

"""Conformance: what every object passes before it is stored: stix2, and the JSON Schemas of both extensions.

stix2 does not look inside an extension, and neither does the OASIS validator, so the second half is ours to check.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import orjson
import stix2
from jsonschema import Draft202012Validator
from stix2.exceptions import STIXError

from feeds.mapping.extension import AI_EXTENSION, CORE_EXTENSION, ai_schema, core_schema


class Malformed(ValueError):
    """An object is no valid STIX 2.1. It names the object's type and the property, never a value."""


@cache
def _validators() -> Mapping[str, Draft202012Validator]:
    return {AI_EXTENSION: Draft202012Validator(ai_schema()), CORE_EXTENSION: Draft202012Validator(core_schema())}


def check(body: dict[str, Any]) -> None:
    """Raise Malformed unless the object may leave."""
    try:
        stix2.parse(body, allow_custom=False, version="2.1")
    except (STIXError, ValueError, TypeError, AttributeError) as wrong:
        message = f"{body.get('type')}: {type(wrong).__name__}"
        raise Malformed(message) from wrong
    for name, content in body.get("extensions", {}).items():
        if fault := _fault(name, orjson.dumps(content)):
            message = f"{body['type']}: {name}{fault}"
            raise Malformed(message)


@lru_cache(maxsize=64)
def _fault(name: str, content: bytes) -> str | None:
    # A carrier and its incident hold the same extension: it is looked into once.
    validator = _validators().get(name)
    fault = next(validator.iter_errors(orjson.loads(content)), None) if validator else None
    return f"{fault.json_path[1:]} breaks its rule {fault.validator}" if fault else None

"""Conformance: what every object passes before it is stored: stix2, and the JSON Schemas of both extensions.

stix2 does not look inside an extension, and neither does the OASIS validator, so the second half is ours to check. Each
object passes both halves, each time; nothing is taken for valid because something like it was. Only an instant is read
once and not for each of the thousands of objects that bear it, by the function with which stix2 reads it.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from feeds.mapping.extension import AI_EXTENSION, CORE_EXTENSION, ai_schema, core_schema

INSTANTS = ("created", "modified", "published", "valid_from", "first_observed", "last_observed")


class Malformed(ValueError):
    """An object is no valid STIX 2.1. It names the object's type and the property, never a value."""


@cache
def _validators() -> Mapping[str, Draft202012Validator]:
    return {AI_EXTENSION: Draft202012Validator(ai_schema()), CORE_EXTENSION: Draft202012Validator(core_schema())}


def check(body: dict[str, Any]) -> None:
    """Raise Malformed unless the object may leave."""
    import stix2  # noqa: PLC0415 - a fifth of the start of every command that checks nothing
    from stix2.exceptions import STIXError  # noqa: PLC0415 - as above

    try:
        stix2.parse(_as_stix2_sees(body), allow_custom=False, version="2.1")
    except (STIXError, ValueError, TypeError, AttributeError) as wrong:
        message = f"{body.get('type')}: {type(wrong).__name__}"
        raise Malformed(message) from wrong
    for name, content in body.get("extensions", {}).items():
        if fault := _fault(name, content):
            message = f"{body['type']}: {name}{fault}"
            raise Malformed(message)


def _as_stix2_sees(body: dict[str, Any]) -> dict[str, Any]:
    """The object with its instants read, and no more in our extensions than stix2 looks at.

    It would read the same instant again for each object, and copy the extensions twice and judge nothing in them.
    """
    seen = {**body, **{name: _instant(body[name]) for name in INSTANTS if isinstance(body.get(name), str)}}
    extensions = body.get("extensions")
    if isinstance(extensions, dict):
        seen["extensions"] = {name: _shell(name, content) for name, content in extensions.items()}
    return seen


@lru_cache(maxsize=256)  # most objects of an edition bear its instant
def _instant(text: str) -> Any:
    """The instant as stix2 reads it; raises ValueError if it cannot."""
    from stix2.utils import parse_into_datetime  # noqa: PLC0415 - as above

    return parse_into_datetime(text)


def _shell(name: str, content: Any) -> Any:
    is_ours = name in _validators() and isinstance(content, dict)
    return {"extension_type": content.get("extension_type")} if is_ours else content


def _fault(name: str, content: Any) -> str | None:
    validator = _validators().get(name)
    if validator is None or validator.is_valid(content):
        return None
    fault = next(iter(validator.iter_errors(content)))
    return f"{_spelled(fault.instance_path)} breaks its rule {_spelled(fault.schema_path[-1:])[1:]}"


def _spelled(path: Iterable[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)

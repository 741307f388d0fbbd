"""The overlay: what an analyst may assert beside a producer's words, as lines of the report itself.

1. A field that may be asserted is one name in `ASSERTABLE`; its vocabularies and limits are those of its own line.
2. Codes are asserted, never text: of a part, only the lines that are kept in clear and hold no free text.
3. A patch replaces whole fields; `null` takes an assertion back.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, fields

from schemas.anatomy import LEAVES, lines, part_of
from schemas.coded import Coded
from schemas.fields import JsonSchema
from schemas.marks import Kept
from schemas.report import Report

ASSERTABLE = (
    "severity",
    "oecd_severity",
    "risk_area",
    "taxonomy",
    "attack_steps",
    "mitigations",
    "triage",
)
Overlay = Mapping[str, Any]  # field → what analysts assert of it


def _codes(name: str) -> Iterator[str]:
    for path, leaf in LEAVES.items():
        top, _, rest = path.partition(".")
        if (
            top.removesuffix("[]") == name
            and leaf.mark.kept is Kept.CLEAR
            and not getattr(leaf.kind, "free_text", False)
        ):
            yield f"{name}.{rest}" if rest else name


PATHS = tuple(path for name in ASSERTABLE for path in _codes(name))  # schema paths without brackets
ASSERTED = Report(only=PATHS, partial=ASSERTABLE)


class Assertions(fields.Field[dict[str, Any]]):
    """A JSON Merge Patch of the overlay: each field whole, and None where an assertion is taken back."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"description": "as in a report, codes only; null takes an assertion back"}, **kwargs)

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema: the report's own lines, wider by their text, which is refused."""
        kinds: dict[str, Any] = {name: lines(Report)[name] for name in ASSERTABLE}
        named = {name: {"anyOf": [kind.json_schema(), {"type": "null"}]} for name, kind in kinds.items()}
        return {"type": "object", "properties": named, "additionalProperties": False}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError("must be an object, written in { }")
        if foreign := sorted(set(value) - set(ASSERTABLE)):
            remedy = f"cannot be asserted; analysts assert {', '.join(ASSERTABLE)}"
            raise ValidationError({name: [remedy] for name in foreign})
        given = {name: said for name, said in value.items() if said is not None}
        if empty := [name for name, said in given.items() if said in ([], {})]:
            remedy = "asserts nothing; send null to take an assertion back"
            raise ValidationError({name: [remedy] for name in empty})
        said = ASSERTED.load(given)
        _demand_codes(said)
        return {**dict.fromkeys(value), **said}


def _demand_codes(said: Mapping[str, Any]) -> None:
    for name, items in said.items():
        part = part_of(lines(Report)[name])
        if part is None or not issubclass(part, Coded):
            continue
        for place, item in enumerate(items):
            if not any(code in item for code in part.codes):
                raise ValidationError({name: {place: [f"asserts no code; name its {' or '.join(part.codes)}"]}})


def patched(asserted: Overlay, patch: Overlay) -> dict[str, Any]:
    """The overlay after a patch."""
    return {name: said for name, said in {**asserted, **patch}.items() if said is not None}

"""A part is a group of marked fields; a report is the outermost part. A part with an unmarked field fails at import."""

from typing import Any

from marshmallow import RAISE, Schema, fields
from marshmallow.schema import SchemaMeta

from schemas.fields import REQUIRED, JsonSchema
from schemas.marks import mark_of


class EveryFieldMarked(SchemaMeta):
    """Refuses, at import, a part that has a field without a mark.

    `__init_subclass__` would come too early: marshmallow sets `_declared_fields` after it.
    """

    def __init__(cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> None:  # noqa: N805 - a metaclass
        super().__init__(name, bases, attributes)  # type: ignore[no-untyped-call]
        for field_name, field in cls._declared_fields.items():
            field.name = field_name
            field.error_messages.update(REQUIRED)
            mark_of(field)


class Part(Schema, metaclass=EveryFieldMarked):
    """A group of fields, each marked in its line. Unknown fields are refused."""

    class Meta:
        unknown = RAISE
        ordered = True

    error_messages = {  # noqa: RUF012 - marshmallow's own way of overriding
        "unknown": "is not a field of a report here; leave it out (`hub schema` lists the fields)",
        "type": "must be an object, written in { }",
    }


class Of(fields.Nested):
    """A nested part."""

    def __init__(self, part: type[Part], **kwargs: Any) -> None:
        super().__init__(part, **kwargs)
        self.part = part

    def json_schema(self) -> JsonSchema:
        """The part as JSON Schema."""
        return describe(self.part)


def describe(part: type[Part]) -> JsonSchema:
    """A part as JSON Schema (2020-12): closed, with its required fields."""
    declared: dict[str, Any] = part._declared_fields  # noqa: SLF001 - marshmallow has no public name for it
    required = [name for name, field in declared.items() if field.required]
    shape: JsonSchema = {"type": "object", "properties": {name: _line(field) for name, field in declared.items()}}
    return {**shape, **({"required": required} if required else {}), "additionalProperties": False}


def _line(field: Any) -> JsonSchema:
    kept = mark_of(field).kept
    return {**field.json_schema(), "x-kept": str(kept)}

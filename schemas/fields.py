"""The kinds of field a report is made of, each with its JSON Schema, each strict, none echoing a value.

A number is never read from a string, a flag never from a number, and a code never holds free text.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields

from schemas import instant, vocabulary

JsonSchema = dict[str, Any]
CODE = r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,79}"
# BCP 47: language, script, region. No variants, which are nearly free text.
LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
URL_CHARACTER = r"(?:[!$&-;=@A-Z_a-z~]|%[0-9A-Fa-f]{2})"  # RFC 3986, 3.3: what STIX clients take for a URI
URL = (
    rf"https?://[A-Za-z0-9][A-Za-z0-9._-]{{0,252}}(:[0-9]{{1,5}})?(/{URL_CHARACTER}{{0,1000}})?"
    rf"(\?(?:{URL_CHARACTER}|\?){{0,700}})?(#(?:{URL_CHARACTER}|\?){{0,300}})?"
)


REQUIRED = {"required": "is required; add it", "null": "is null; leave the field out if there is no value"}


class Text(fields.String):
    """Free text of at most `max_length` characters. Never leaves redacted as it stands.

    `is_exact`: it names something by its spelling, so that another spelling names another thing. What changes text on
    its way out (`feeds.hygiene`) leaves such a value out instead.
    """

    free_text = True

    def __init__(self, max_length: int, *, is_exact: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length
        self.is_exact = is_exact

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("must be a string of text")
        if not value.strip():
            raise ValidationError("is empty; write some text or leave the field out")
        if len(value) > self.max_length:
            message = f"is {len(value):,} characters long; the limit is {self.max_length:,}"
            raise ValidationError(message)
        return value

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "string", "minLength": 1, "maxLength": self.max_length}


class Shaped(fields.String):
    """A string of one strict form, such as a CVE number; `remedy` says how to write it."""

    def __init__(self, pattern: str, remedy: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pattern = pattern
        self.remedy = remedy
        self._form = re.compile(pattern, re.ASCII)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not self._form.fullmatch(value):
            raise ValidationError(self.remedy)
        return value

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


class Url(Shaped):
    """An http or https address of at most 2,000 characters. Free text for the purpose of what leaves."""

    free_text = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(URL, "must be an http or https URL, in ASCII and without user name", **kwargs)


class OneOf(fields.String):
    """One term of a vocabulary file; adding a term is one line in that file."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.vocabulary = name
        self.terms = vocabulary.enumeration(name).terms

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in self.terms:
            raise ValidationError(f"must be one of: {_some(self.terms)}")
        return value

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "string", "enum": list(self.terms)}


def _some(terms: Mapping[str, Any], most: int = 24) -> str:
    shown = ", ".join(list(terms)[:most])
    return shown if len(terms) <= most else f"{shown}, … ({len(terms)} in all: see `hub schema`)"


class Instant(fields.String):
    """An instant as filed, with the precision it was written in (`schemas.instant`)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError(f"must be a string such as {instant.EXAMPLE}")
        try:
            instant.read(value)
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None
        return value

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "string", "pattern": f"^{re.sub('[?]P<[a-z]+>', '', instant.SHAPE.pattern)}$"}


class Count(fields.Integer):
    """A whole number from 0 to 10^15; never read from a string or a fraction."""

    most: ClassVar[int] = 10**15

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= self.most:
            raise ValidationError(f"must be a whole number from 0 to {self.most}")
        return value

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "integer", "minimum": 0, "maximum": self.most}


class Flag(fields.Boolean):
    """True or false, and nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("must be true or false, without quotes")
        return value

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "boolean"}


class Many(fields.List[Any]):
    """A list of up to `most` values of one kind. Marked as a whole, unless it holds parts."""

    def __init__(self, inner: fields.Field[Any], *, most: int, least: int = 0, **kwargs: Any) -> None:
        super().__init__(inner, **kwargs)
        self.most, self.least = most, least
        self.free_text = getattr(inner, "free_text", False)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError("must be a list, written in [ ]")
        if not self.least <= len(value) <= self.most:
            bounds = f"from {self.least} to {self.most}" if self.least else f"at most {self.most}"
            raise ValidationError(f"has {len(value)} items; {bounds} are allowed")
        return super()._deserialize(value, attr, data, **kwargs) or []

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        bounds = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": self.inner.json_schema(), **bounds, "maxItems": self.most}  # type: ignore[attr-defined]


class CodeOf(fields.String):
    """One code of the named schemes: their patterns and, where the list is held, their terms decide."""

    def __init__(self, *schemes: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schemes = tuple(vocabulary.scheme(name) for name in schemes)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not any(scheme.pattern.fullmatch(value) for scheme in self.schemes):
            names = " or ".join(scheme.scheme for scheme in self.schemes)
            raise ValidationError(f"must be a code of {names}, such as {next(iter(self.schemes[0].terms), 'its own')}")
        return value

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "string", "anyOf": [{"pattern": scheme.pattern.pattern} for scheme in self.schemes]}

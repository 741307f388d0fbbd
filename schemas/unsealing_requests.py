"""What an analyst sends to open sealed fields, or to look for words in them."""

import difflib
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from schemas.anatomy import LEAVES
from schemas.fields import Count, JsonSchema, Many, Shaped, Text
from schemas.marks import Kept
from schemas.requests import Request

CURSOR = (r"[A-Za-z0-9_.-]{1,400}", "is not a cursor of this search; start again without it")
SESSION = (r"[0-9a-f-]{36}", "must be the id of a work session, as POST /api/v1/sessions answers it")
LEAST = 10
WHO = "; who reported is opened where it is named, and takes two people"
SEALED = "schema paths such as systems[].name; without it, all that is sealed but who reported"
TEXTS = "schema paths of sealed text; without it, title, description and the other narratives"
FILTER = (
    "only reports that it finds, such as `severity >= high and aware_at >= 2026-10`; without it, all: docs/search.md"
)
EQUAL = "with a sealed value in it, such as `sealed.systems.purl = pkg:pypi/x and severity >= high`: docs/search.md"
SORT = (r"-?[a-z_]{1,20}", "must be the name of a sort")
ORDER = "newest, filed_at, revised_at, aware_at or severity; a minus before it turns it round"


class Purpose(Text):
    """Why it is opened: in words that an auditor understands, 10 to 500 characters."""

    def __init__(self, *, required: bool = True) -> None:
        said = "why; 10 to 500 characters, kept in the audit"
        super().__init__(500, required=required, metadata={"description": said})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text.strip()) < LEAST:
            message = f"must say why, in at least {LEAST} characters; it is kept in the audit"
            raise ValidationError(message)
        return text

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {**super().json_schema(), "minLength": LEAST}


class SealedPath(fields.String):
    """The schema path of a sealed field, such as `systems[].name`."""

    def __init__(self, *, is_text: bool = False, has_identity: bool = False) -> None:
        super().__init__()
        sealed = [path for path, leaf in LEAVES.items() if leaf.mark.kept is Kept.SEALED]
        who = [path for path, leaf in LEAVES.items() if leaf.mark.kept is Kept.IDENTITY]
        texts = [path for path in sealed if _is_text(path)]
        self.known = texts if is_text else sealed + who if has_identity else sealed

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, str) and value in self.known:
            return value
        raise ValidationError(self._remedy(value))

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "string", "enum": self.known}

    def _remedy(self, value: Any) -> str:
        if not isinstance(value, str) or value not in LEAVES:
            near = difflib.get_close_matches(value[:100] if isinstance(value, str) else "", self.known, 1, 0.5)
            return f"is not a sealed field that this reads; did you mean {near[0] if near else 'title'}?"
        kept = LEAVES[value].mark.kept
        if kept is Kept.CLEAR:
            return "is kept clear: read the report, or search by it"
        if kept is Kept.IDENTITY:
            return "says who reported: it is opened by name, report by report, and never looked through"
        return "holds no text to look through"


def _is_text(path: str) -> bool:
    return bool(getattr(LEAVES[path].kind, "free_text", False))


class Bounded(Count):
    """A whole number within bounds."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bounds = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        least, most = self.bounds
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            message = f"must be a whole number from {least} to {most}"
            raise ValidationError(message)
        return value

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "integer", "minimum": self.bounds[0], "maximum": self.bounds[1]}


class Reasoned(Request):
    """Why something is opened: by a purpose, for this call alone, or by a work session that has one."""

    purpose = Purpose(required=False)
    session = Shaped(SESSION[0], SESSION[1], metadata={"description": "a work session, instead of a purpose"})

    @validates_schema
    def _one_of_both(self, body: dict[str, Any], **_: Any) -> None:
        if "purpose" not in body and "session" not in body:
            message = "say why: `purpose`, or the `session` that has one"
            raise ValidationError(message, "purpose")
        if "purpose" in body and "session" in body:
            message = "the purpose is the session's; leave this one out"
            raise ValidationError(message, "purpose")


class OpenReport(Reasoned):
    """What to open of one report, and why."""

    paths = Many(
        SealedPath(has_identity=True), least=1, most=100, data_key="fields", metadata={"description": SEALED + WHO}
    )


class OpenPage(Reasoned):
    """What to open of a page of a search's reports, and why."""

    paths = Many(SealedPath(), least=1, most=100, data_key="fields", metadata={"description": SEALED})
    filter = fields.String(load_default="", metadata={"description": FILTER})
    sort = Shaped(*SORT, load_default="newest", metadata={"description": ORDER})
    limit = Bounded(1, 50, load_default=20, metadata={"description": "open at most so many reports"})
    next = Shaped(*CURSOR)


class ScanSealed(Reasoned):
    """What to look for in sealed text, and why."""

    contains = Text(200, required=True, metadata={"description": 'words and "quoted phrases"; all must occur'})
    filter = fields.String(load_default="", metadata={"description": FILTER})
    sort = Shaped(*SORT, load_default="newest", metadata={"description": ORDER})
    paths = Many(SealedPath(is_text=True), least=1, most=100, data_key="fields", metadata={"description": TEXTS})
    rows = Bounded(1, 5_000, load_default=1_000, metadata={"description": "open at most so many reports"})
    seconds = Bounded(1, 10, load_default=5, metadata={"description": "stop after so many seconds"})
    limit = Bounded(1, 200, load_default=50, metadata={"description": "stop after so many finds"})
    next = Shaped(*CURSOR)


class EqualSealed(Reasoned):
    """Which sealed values to look for, and why."""

    filter = fields.String(required=True, metadata={"description": EQUAL})
    sort = Shaped(*SORT, load_default="newest", metadata={"description": ORDER})
    rows = Bounded(1, 200, load_default=200, metadata={"description": "open at most so many reports"})
    seconds = Bounded(1, 10, load_default=5, metadata={"description": "stop after so many seconds"})
    next = Shaped(*CURSOR)

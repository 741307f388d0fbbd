"""Hygiene: outgoing text is untrusted content, so it leaves as plain text that no reader's tool runs, hides or turns.

1. Control, bidi, tag, zero-width and other invisible characters go, variation selectors among them: what a person does
   not see, a language model must not read. Newlines and tabs stay, every line break is one newline. An emoji that was
   joined of several falls apart; a word that needs a joiner for its shape stays legible.
2. Unicode is in normal form C.
3. What a renderer would take for HTML loses its angle brackets to quotation marks that only look like them (U+2039):
   nothing that was said is deleted, what was hidden becomes visible, and `a < b` stays as it is.
4. A Markdown link says its text and its address: `text (https://…)`. Where brackets only look like a link (`f[0](x)`),
   a space parts them. Link definitions lose their brackets.
5. Only prose is rewritten. A value of a strict form (a package URL) and a text marked `is_exact` (an indicator's value,
   a version, a source's own number) name something by their spelling, and another spelling names another thing: a
   lookalike of a name must not become that name. Such a value is left out if it holds any of this.
6. Clean text is untouched, and cleaning twice is cleaning once. This is not the guard: it hides no secret.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from feeds.projection import Projection
from schemas.anatomy import LEAVES
from schemas.fields import Many, Text

LEFT, RIGHT = "\u2039", "\u203a"  # what stands for < and > where they would begin a tag
CLEANED = "cleaned"  # the rule under which an entry lists such a field among its limits
BREAK = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# Unicode: Cc but for tab and newline; Default_Ignorable_Code_Point; the bidi and interlinear controls; noncharacters
# of the first plane; halves of surrogate pairs.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
AUTOLINK = re.compile(r"<((?:https?|ftp|mailto):[^<>\s]*)>", re.IGNORECASE)
TAG = re.compile(r"<([A-Za-z/!?][^<>]*)>")
OPENS = re.compile(r"<(?=[A-Za-z/!?])")  # HTML, 13.2.5.6: what begins a tag, a comment or a declaration
LINK = re.compile(r"!?\[([^\[\]]*)\]\(\s*((?:[a-z][a-z0-9+.-]*:|www\.|[/#.])[^\s()]*)(?:\s[^()]*)?\)", re.IGNORECASE)
MEETS = re.compile(r"\](?=\()")  # CommonMark, 6.3: without this adjacency there is no inline link
DEFINITION = re.compile(r"^([ \t>*+\-\d.)]*)\[([^\[\]]+)\]:", re.MULTILINE)  # CommonMark, 4.7
HINT = re.compile(rf"{UNSEEN.pattern[:-1]}<\]]")  # one class, so that a text without any of these is read once


def clean(text: str) -> str:
    """The text as it may leave; the same text if it is clean."""
    while _needs_a_look(text) and (better := _once(text)) != text:
        text = better
    return text


def _needs_a_look(text: str) -> bool:
    return bool(HINT.search(text)) or not (text.isascii() or unicodedata.is_normalized("NFC", text))


def _once(text: str) -> str:
    # Characters first: without them `<` may come to stand before a letter.
    text = unicodedata.normalize("NFC", UNSEEN.sub("", BREAK.sub("\n", text)))
    text = TAG.sub(f"{LEFT}\\1{RIGHT}", AUTOLINK.sub(r"\1", text))
    text = LINK.sub(_said, OPENS.sub(LEFT, text))
    return DEFINITION.sub(r"\1\2:", MEETS.sub("] ", text))


def _said(link: re.Match[str]) -> str:
    words, address = link.groups()
    return f"{words} ({address})" if words.strip() else address


def cleaned(projection: Projection) -> Projection:
    """A projection whose every text is clean; what was changed for it is among its limits."""
    changed: set[str] = set()
    fields = _part(projection.fields, "", changed)
    if not changed:
        return projection
    limits = {*projection.limits, *((path, CLEANED) for path in changed)}
    return replace(projection, fields=fields, limits=tuple(sorted(limits)))


def _part(values: Mapping[str, Any], path: str, changed: set[str]) -> dict[str, Any]:
    shown = ((name, _value(value, path + name, changed)) for name, value in values.items())
    return {name: value for name, value in shown if value not in (None, "", [], {})}


def _value(value: Any, path: str, changed: set[str]) -> Any:
    if isinstance(value, str):
        return _text(value, path, changed) if _needs_a_look(value) else value
    if isinstance(value, dict):
        return _part(value, f"{path}.", changed)
    if isinstance(value, list):
        under = f"{path}[]." if value and isinstance(value[0], dict) else ""
        items = (_part(item, under, changed) if under else _value(item, path, changed) for item in value)
        return [item for item in items if item not in (None, "", {})]
    return value


def _text(value: str, path: str, changed: set[str]) -> str | None:
    better = clean(value)
    if better == value:
        return value
    changed.add(path)
    line = LEAVES[path].kind
    kind = line.inner if isinstance(line, Many) else line
    if not isinstance(kind, Text) or kind.is_exact:
        return None
    # A text may grow where brackets are parted or a letter decomposes; what leaves still fits its field.
    fitting = better[: kind.max_length]
    return fitting if fitting.strip() else None

r"""Cells of a spreadsheet: text that no spreadsheet runs, and from which the value can be had back.

1. Line breaks and tabs become one space, other control characters go: a row is one line, for every reader.
2. A cell that begins with `=`, `+`, `-` or `@`, also behind spaces, quotes or invisible characters, gets a `'` before
   it (OWASP, CSV injection). The same within a cell behind `;` and `|`: a spreadsheet that takes these for separators
   would see another cell begin there.
3. Values of a list are joined by `|`, those of a list within a list by `,`; a separator inside a value, and a
   backslash, have a backslash before them.

`unmarked` and `split` take back 2 and 3.
"""

import re
from typing import Any

OUTER, INNER = "|", ","
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_RUN = r"""(?=[\s'"\u200b-\u200f\u2060-\u2064\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])"""
_STARTS = re.compile(rf"(?:^|(?<=[;|])){_RUN}")
_MARKED = re.compile(rf"(?:^|(?<=[;|]))'{_RUN}")


def cell(value: Any) -> str:
    """A value, a list or a list of lists as the text of one cell."""
    return "" if value is None else _STARTS.sub("'", _plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        nested = any(isinstance(item, list) for item in value)
        return OUTER.join(_escaped(_inner(item) if nested else _text(item), OUTER) for item in value)
    return _text(value)


def _inner(item: Any) -> str:
    return INNER.join(_escaped(_text(one), INNER) for one in item or ())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return _CONTROLS.sub("", _BREAKS.sub(" ", str(value)))


def _escaped(text: str, separator: str) -> str:
    return text.replace("\\", "\\\\").replace(separator, f"\\{separator}")


def unmarked(text: str) -> str:
    """The text of a cell without the marks that keep spreadsheets from running it."""
    return _MARKED.sub("", text)


def split(text: str, separator: str = OUTER) -> list[str]:
    """The values of a list, from the text that joined them; an empty cell is no list."""
    parts, current, escaping = [], "", False
    for character in text:
        if escaping or character not in {"\\", separator}:
            current, escaping = current + character, False
        elif character == "\\":
            escaping = True
        else:
            parts.append(current)
            current = ""
    return [*parts, current]

"""Views of a text: normalised, without separators, and what is written in it in some code.

A view is looked at instead of the text, so that spelling hides nothing: full width, marks, other alphabets' letters of
the same shape, invisible characters, separators, base64, hexadecimal, percent signs, entities and escapes.
"""

import base64
import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote

from feeds.guard.alike import BESIDE_LATIN, FOLD, LOOKS
from feeds.hygiene import UNSEEN

MARKS = {"Mn", "Me", "Cf"}
BEYOND = re.compile(r"[^\x00-\x7f]+")
SEPARATORS = re.compile(r"[\W_]+")

DEPTH = 3  # codes inside codes
MOST_READINGS, MOST_CHARACTERS = 400, 250_000  # of code in one entry; where there is more, the entry is held unread
ESCAPE = re.compile(r"\\u\{?([0-9A-Fa-f]{4,6})\}?|\\x([0-9A-Fa-f]{2})")
HEX = re.compile(r"(?<![0-9A-Za-z])(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[ \t\r\n:,;-]{0,2}){4,}")
# A run that is no plain word: case that changes inside it, digits among letters, or longer than words are.
CODE = re.compile(
    r"(?<![A-Za-z0-9+/_-])"
    r"(?=[A-Za-z0-9+/_-]*(?:[a-z][A-Z]|[A-Z]{2}[a-z]|[A-Za-z+/][0-9]|[0-9][A-Za-z+/]|[a-z]{24}|[A-Z]{24}))"
    r"[A-Za-z0-9+/_-]{2,}={0,2}"
)
GAP = re.compile(r"[\s\"'+\\]{0,8}")  # between the lines of a wrapped code
READABLE = re.compile(rb"[\t\n\r\x20-\x7e]{4,}")


def plain(text: str) -> str:
    """A text normalised, its case and separators as they were."""
    if text.isascii():
        return text
    return BEYOND.sub(_folded, BESIDE_LATIN.sub(lambda letter: letter[0].translate(LOOKS), text))


def _folded(run: re.Match[str]) -> str:
    broken = unicodedata.normalize("NFKD", UNSEEN.sub("", run[0])).translate(FOLD)
    return "".join(letter for letter in broken if letter.isascii() or unicodedata.category(letter) not in MARKS)


def key_of(text: str) -> str:
    """A text as it is compared: normalised, in lower case, without separators."""
    return SEPARATORS.sub("", (text if text.isascii() else plain(text)).lower())


@dataclass(frozen=True)
class Buffer:
    """The outgoing texts of one entry in a row, and which field each character belongs to."""

    text: str
    starts: Sequence[int]
    fields: Sequence[str]

    def field_at(self, place: int) -> str:
        """The field that a character belongs to."""
        return self.fields[bisect_right(self.starts, place) - 1]


def buffer_of(texts: Sequence[tuple[str, str]]) -> Buffer:
    """Texts, each with its field, as one: what is split over two of them stands together."""
    normal = [(name, plain(text)) for name, text in texts]
    starts, at = [], 0
    for _, text in normal:
        starts.append(at)
        at += len(text) + 1
    return Buffer("\n".join(text for _, text in normal), starts, [name for name, _ in normal])


@dataclass(frozen=True)
class View:
    """One reading of the buffer: as it stands, or decoded from what stands at a place."""

    text: str
    at: int | None = None  # where the code stood; None: the buffer itself

    @cached_property
    def lower(self) -> str:
        """In lower case; NFKD left no letter whose lower case is longer."""
        return self.text.lower()

    @cached_property
    def stripped(self) -> str:
        """Without separators."""
        return SEPARATORS.sub("", self.lower)

    @cached_property
    def places(self) -> Sequence[int]:
        """Where each character of `stripped` stands in `text`."""
        return [place for place, letter in enumerate(self.text) if letter.isalnum()]

    def in_buffer(self, place: int) -> int:
        """Where a character of `text` stands in the buffer."""
        return place if self.at is None else self.at


@dataclass
class Reading:
    """All views of one buffer; `is_whole` is False if there was more code in it than is read."""

    is_whole: bool = True
    _left: list[int] = field(default_factory=lambda: [MOST_READINGS, MOST_CHARACTERS])

    def views(self, text: str) -> Iterator[View]:
        """The buffer itself, then what is written in it in code, and in that."""
        yield View(text)
        layer, seen = [View(text)], {text}
        for _ in range(DEPTH):
            deeper = []
            for view in layer:
                for place, found in _codes(view.text):
                    if found in seen or len(found) < 4:  # noqa: PLR2004 - shorter than any term
                        continue
                    seen.add(found)
                    if not self._may_read(found):
                        return
                    deeper.append(View(plain(found), view.in_buffer(place)))
                    yield deeper[-1]
            layer = deeper

    def _may_read(self, found: str) -> bool:
        self._left[0] -= 1
        self._left[1] -= len(found)
        self.is_whole = min(self._left) >= 0
        return self.is_whole


def _codes(text: str) -> Iterator[tuple[int, str]]:
    """What is written in a text in code, each with where it stands."""
    yield from _lines(text)
    for found in HEX.finditer(text):
        digits = re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", found[0])
        yield from ((found.start(), one) for one in _texts(bytes.fromhex(digits[: len(digits) & ~1])))
    for place, run in _runs(text):
        letters = run.translate({ord("-"): "+", ord("_"): "/", ord("="): None})
        for skip in range(4):
            rest = letters[skip:]
            whole = rest[: len(rest) - (len(rest) % 4 == 1)]
            if len(whole) > 5:  # noqa: PLR2004 - four bytes
                raw = base64.b64decode(whole + "=" * (-len(whole) % 4))
                yield from ((place, one) for one in _texts(raw))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    if not any(sign in text for sign in ("%", "&", "\\")):
        return
    at = 0
    for line in text.split("\n"):
        other = unquote(line) if "%" in line else line
        other = html.unescape(other) if "&" in other else other
        other = ESCAPE.sub(_character, other) if "\\" in other else other
        if other != line:
            yield at, other
        at += len(line) + 1


def _character(escape: re.Match[str]) -> str:
    number = int(escape[1] or escape[2], 16)
    return chr(number) if number <= 0x10FFFF else escape[0]  # noqa: PLR2004 - the last one of Unicode


def _runs(text: str) -> Iterator[tuple[int, str]]:
    """Runs that may be base64, each alone, and those that stand together as one."""
    place, end, group = 0, -1, list[str]()
    for found in CODE.finditer(text):
        if group and found.start() - end <= 8 and GAP.fullmatch(text, end, found.start()):  # noqa: PLR2004 - see GAP
            group.append(found[0])
        else:
            if len(group) > 1:
                yield place, "".join(group)
            place, group = found.start(), [found[0]]
        end = found.end()
        yield found.start(), found[0]
    if len(group) > 1:
        yield place, "".join(group)


def _texts(raw: bytes) -> Iterator[str]:
    """What bytes say, if they say anything: UTF-8, UTF-16, or stretches of ASCII."""
    if raw.count(0) * 3 > len(raw):
        raw = raw.replace(b"\0", b"")  # UTF-16 of ASCII
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        yield from (found.decode() for found in READABLE.findall(raw))
        return
    if text.isprintable() or READABLE.fullmatch(raw) or not raw.isascii():
        yield text
    else:
        yield from (found.decode() for found in READABLE.findall(raw))

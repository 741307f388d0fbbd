"""Reading the documentation: its fenced blocks with what stands before and after them, and comparing shown with real
output. The laws about documents run what these find.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FENCED = re.compile(
    r"(?:^<!-- (?P<note>[^\n]+) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
OUTPUT = {"text", "json"}

# What differs from one run to the next, and what any run has in its place. An `id` is the same thing wherever it is
# shown again. TLP labels have ids that never differ.
VARYING = re.compile(
    r"(?P<gap>…)"
    r"|(?P<id>(?<!marking-definition--)\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    r"|R-[0-9A-Z]{4}-[0-9A-Z]{4})"
    r"|(?P<reference>[A-Z]-[0-9A-Z]{4}-[0-9A-Z]{4})"
    r"|(?P<pseudonym>org-[A-Z2-7]{6})"
    r"|(?P<token>(?<=hub_live_)[0-9A-Za-z]+(?=_))"
    r"|(?P<hash>\b[0-9a-f]{64}\b)"
    r"|(?P<day>(?<=until )\d{4}-\d\d-\d\d)"
    r"|(?P<count>(?<=release )\d+|\d+(?= reports| added))"
)
ANY = {
    "gap": ".*?",
    "reference": "[A-Z]-[0-9A-Z]{4}-[0-9A-Z]{4}",
    "pseudonym": "org-[A-Z2-7]{6}",
    "token": "[0-9A-Za-z]+",
    "hash": "[0-9a-f]{64}",
    "day": r"\d{4}-\d\d-\d\d",
    "count": r"\d+",
}
ID = "(?P<{}>[0-9a-f-]{{36}}|R-[0-9A-Z]{{4}}-[0-9A-Z]{{4}})"


@dataclass(frozen=True)
class Block:
    """A fenced block: the comment above it, its language and text, and the output shown right below it."""

    note: str
    language: str
    text: str
    output: str | None
    line: int


def blocks(document: str) -> list[Block]:
    """The blocks of a document that are no output, in order."""
    found = [*FENCED.finditer(document), None]
    return list(_paired(document, found))


def _paired(document: str, found: list["re.Match[str] | None"]) -> Iterator[Block]:
    for one, after in pairwise(found):
        if one is None or one["language"] in OUTPUT:
            continue
        is_output = after is not None and after["language"] in OUTPUT and after.start() == one.end() + 1
        line = document.count("\n", 0, one.start("text"))
        yield Block(
            one["note"] or "", one["language"], one["text"], after["text"] if after and is_output else None, line
        )


def orphans(document: str) -> list[str]:
    """Outputs that stand below no block: nobody would check them."""
    shown = [one["text"] for one in FENCED.finditer(document) if one["language"] in OUTPUT]
    return [text for text in shown if text not in {block.output for block in blocks(document)}]


def bare(text: str) -> str:
    """A text without white space: a shown output may be wrapped otherwise than the real one."""
    return re.sub(r"\s+", "", text)


def matched(shown: str, real: str, known: Mapping[str, str]) -> dict[str, str] | None:
    """Whether an output has the shape that is shown: its ids, shown → real; None if it has not.

    An id that was shown before must be the one that it then was.
    """
    ids: dict[str, str] = {}
    parts, at = [], 0
    for varying in VARYING.finditer(shown):
        parts += [re.escape(bare(shown[at : varying.start()])), _any(varying, ids, known)]
        at = varying.end()
    found = re.search("".join([*parts, re.escape(bare(shown[at:]))]), bare(real), re.DOTALL)
    return None if found is None else {shown_id: found[group] for shown_id, group in ids.items()}


def _any(varying: "re.Match[str]", ids: dict[str, str], known: Mapping[str, str]) -> str:
    kind, text = varying.lastgroup or "", varying[0]
    if kind != "id":
        return ANY[kind]
    if text in known:
        return re.escape(known[text])
    if text in ids:
        return f"(?P={ids[text]})"
    ids[text] = f"id{len(ids)}"
    return ID.format(ids[text])

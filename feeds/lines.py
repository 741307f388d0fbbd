"""Which line of a feed's text a fault is in: what is refused is refused with its place."""

import re

WORDS = re.compile(r"[A-Za-z0-9_.\[\]-]+")
SAID = re.compile(r"\(at line \d+")  # tomllib says it itself


def placed(message: str, text: str) -> str:
    """The message with the line that it speaks of, if there is one: of a key, a table, or a quoted value."""
    if SAID.search(message):
        return message
    rows = text.splitlines()
    # The first words name the key; a word further on may be the value that is wrong.
    for word in WORDS.findall(message.partition(": ")[2]):
        for number, row in enumerate(rows, 1):
            if _is_about(word.rstrip("."), row):
                return f"{message} (line {number})"
    return message


def _is_about(word: str, row: str) -> bool:
    key = re.escape(word.rpartition(".")[2])
    said = row.split("#", maxsplit=1)[0].strip()
    return bool(re.match(rf"{key}\s*=|\[{re.escape(word)}\]", said)) or (len(word) > 1 and f'"{word}"' in said)

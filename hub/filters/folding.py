"""Folding: what counts of a text when it is compared or searched, the same on both engines and on both sides.

Compatible forms are one, case and accents do not count, and whatever is no letter or digit separates words. Either
engine has rules of its own for this, and they differ: text goes in and is asked for as it leaves here.
"""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return WORD.findall(_plain(text))


def fold(text: str) -> str:
    """A name in the one spelling that stands for all: GPT-4, gpt 4 and GPT4 are `gpt4`."""
    return "".join(words(text))


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    parted = unicodedata.normalize("NFKD", text)
    bare = "".join(one for one in parted if unicodedata.category(one) != "Mn")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", bare).casefold())

"""Equality: which sealed values may be looked for, and in which one spelling each is compared.

A value is compared as a whole, after the same folding on both sides: what is stored and what is asked. Only values of
very many possible ones take part: of a vocabulary, a flag or a date anybody could try out all.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Any

HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
DEFANGED = (("[.]", "."), ("(.)", "."), ("[:]", ":"), ("[@]", "@"), ("hxxp", "http"))


class Form(StrEnum):
    """What of a value is compared."""

    WHOLE = "whole"  # the value, without regard to case, however it was defanged
    DOMAIN = "domain"  # the domains that it names: of an address, an e-mail, a URL


def is_guessable(field: Any, form: Form) -> bool:
    """Whether a field's values could all be tried out: anything but a shaped value, an exact one, or a domain."""
    inner = getattr(field, "inner", field)
    if getattr(inner, "terms", None) or (not hasattr(inner, "max_length") and not hasattr(inner, "pattern")):
        return True
    return bool(getattr(inner, "free_text", False)) and not getattr(inner, "is_exact", False) and form is Form.WHOLE


def compared(form: Form, value: Any) -> frozenset[str]:
    """The spellings under which a value is found; none for what is no text or names no domain."""
    if not isinstance(value, str):
        return frozenset()
    folded = unicodedata.normalize("NFKC", value).casefold().strip()
    for defanged, plain in DEFANGED:
        folded = folded.replace(defanged, plain)
    if form is Form.DOMAIN:
        return frozenset(HOST.findall(folded))
    return frozenset({folded} if folded else ())

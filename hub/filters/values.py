"""Values as the index writes them: text that sorts as the value does, the same for what is stored and what is asked."""

import re
from datetime import UTC, datetime, timedelta

from hub.filters.catalogue import LONGEST_NAME, Field, Kind
from hub.filters.folding import fold
from schemas import instant, vocabulary
from schemas.anatomy import LEAVES
from schemas.equality import Form, compared

WIDTH = 20  # digits of a number
LONGEST = 2_000  # bytes of a value in the index: PostgreSQL has no room for more in a key
NUMBER = re.compile(r"[0-9]{1,16}", re.ASCII)
TICK = timedelta(microseconds=1)
LENGTHS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
    "tick": TICK,
}
LAST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


def instant_text(at: datetime) -> str:
    """An instant in UTC, to the microsecond, always as long."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def number_text(number: int) -> str:
    """A whole number, always as long."""
    return str(number).rjust(WIDTH, "0")


def span(text: str) -> tuple[str, str]:
    """The beginning and the end of what an instant may mean; raises ValueError with the remedy."""
    moment = instant.read(text)
    precision = "tick" if "." in text else moment.precision
    return instant_text(moment.at), instant_text(_end(moment.at, precision))


def point(at: datetime) -> tuple[str, str]:
    """An instant that is known exactly."""
    return instant_text(at), instant_text(at + TICK if at < LAST else at)


def _end(at: datetime, precision: str) -> datetime:
    try:
        if precision == "year":
            return at.replace(year=at.year + 1)
        if precision == "month":
            return (at.replace(day=1) + timedelta(days=32)).replace(day=1)
        return at + LENGTHS[precision]
    except (OverflowError, ValueError):
        return LAST


def stored(kind: Kind, value: object) -> tuple[str, str] | None:
    """A value of a report as the index writes it, with its end if it spans time; None if there is nothing to find."""
    if isinstance(value, bool):
        return (str(value).lower(), "") if kind is Kind.FLAG else None
    if isinstance(value, int):
        return (number_text(value), "") if kind is Kind.NUMBER else None
    return _stored_text(kind, value) if isinstance(value, str) else None


def _stored_text(kind: Kind, text: str) -> tuple[str, str] | None:
    if kind is Kind.INSTANT:
        try:
            return span(text)
        except ValueError:
            return None  # coarsened to something that is no instant
    if kind is Kind.NAME:
        folded = cut(fold(text))
        return (folded, "") if folded and len(text) <= LONGEST_NAME else None
    return (cut(text), "") if kind in {Kind.TERM, Kind.RANK, Kind.CODE} else None


def asked(field: Field, text: str) -> str:
    """A value of a filter as the index writes it; raises ValueError with the remedy."""
    if field.terms and text not in field.terms:
        shown = ", ".join(field.terms[:12]) + (", …" if len(field.terms) > 12 else "")  # noqa: PLR2004 - as many as a line holds
        message = f"is not a value of {field.name}; there are {shown}"
        raise ValueError(message)
    if field.kind is Kind.NUMBER:
        if not NUMBER.fullmatch(text):
            message = "must be a whole number"
            raise ValueError(message)
        return number_text(int(text))
    if field.kind is Kind.NAME:
        if not fold(text):
            message = "holds no letter or digit to compare"
            raise ValueError(message)
        return cut(fold(text))
    if field.kind is Kind.EQUAL:
        return _spelling(field, text)
    return cut(canonical(field, text) if field.kind is Kind.CODE else text)


def _spelling(field: Field, text: str) -> str:
    form = LEAVES[field.path].mark.equal
    found = compared(form, text) if form else frozenset()
    if len(found) != 1:
        message = "must name one domain, such as example.org" if form is Form.DOMAIN else "holds nothing to compare"
        raise ValueError(message)
    return next(iter(found))


def cut(text: str) -> str:
    """As much of a text as a key of the index may hold."""
    return text if len(text) <= LONGEST // 4 else text.encode()[:LONGEST].decode(errors="ignore")


# Codes are known by their letters, not by their case. Of identifiers that somebody else gave, nobody knows.
SPELT = {"scheme", "tactic", "technique", "code"}
CAPITAL = {"cve", "cwe", "ref", "case"}
CODES = {code.casefold(): code for one in vocabulary.schemes().values() for code in (one.scheme, *one.terms)}

UNLISTED = [one.pattern for one in vocabulary.schemes().values() if not one.terms]


def canonical(field: Field, text: str) -> str:
    """A code as its scheme writes it, whatever its case in a filter."""
    name = field.name.rpartition(".")[2]
    if name in CAPITAL:
        return text.upper()
    if name not in SPELT:
        return text
    capital = text.upper()
    return CODES.get(text.casefold()) or (capital if any(one.fullmatch(capital) for one in UNLISTED) else text)

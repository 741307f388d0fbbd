"""What a query asks for (TAXII 2.1, 3.4): read strictly, for a malformed parameter is a 400 and never a guess.

1. No parameter comes twice, and no list has an empty member. An empty `next` is the beginning: MISP sends it.
2. `added_after` is an RFC 3339 instant of any fraction, or of none, as Elastic sends it.
3. `limit` is a whole number above 0, and one that JSON can carry everywhere (2, integer).
4. `match[version]` names each version once, and `all` alone. A version is found however exactly it is written.
5. A parameter that the endpoint does not define is ignored, as the standard lets servers do.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import NoReturn

from flask import request

from hub.errors import BadRequest
from hub.services.delivery import Asked, Match
from schemas import instant

DEFAULT_PAGE = 1000
HIGHEST = (1 << 53) - 1  # 2: an integer is one that RFC 7493 lets pass
WORDS = frozenset({"all", "first", "last"})
EXAMPLE = "2026-11-20T10:00:00.000000Z"
FRACTION = re.compile(r"(?<=:\d\d)\.(\d+)", re.ASCII)


def page(*, with_content: bool = True) -> Asked:
    """A page of objects or of what lists them; raises BadRequest. A query that came before is not read again."""
    return _page(request.query_string, with_content)


@lru_cache(maxsize=512)
def _page(_query: bytes, with_content: bool) -> Asked:  # noqa: FBT001 - a cache's key; the request is that query's
    return Asked(match(), cursor(), limit(), with_content)


def match(object_id: str | None = None, versions: str | None = None) -> Match:
    """The filters; those by id and type are the path's where it names an object. Raises BadRequest."""
    return Match(
        added_after=added_after(),
        ids=(object_id,) if object_id else _listed("match[id]"),
        types=() if object_id else _listed("match[type]"),
        spec_versions=_listed("match[spec_version]"),
        versions=(versions,) if versions else _versions(),
    )


def limit() -> int:
    """How many objects the client wants at most; raises BadRequest."""
    text = _only("limit")
    if text is None:
        return DEFAULT_PAGE
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(HIGHEST)) and 1 <= int(text) <= HIGHEST):
        _refuse("limit", "must be a whole number above 0")
    return int(text)


def cursor() -> str | None:
    """Where a page before this one ended, or None at the beginning."""
    return _only("next") or None


def added_after() -> datetime | None:
    """The instant after which objects were added; raises BadRequest."""
    text = _only("added_after")
    return None if text is None else _moment("added_after", text)


def _only(name: str) -> str | None:
    given = request.args.getlist(name)
    if len(given) > 1:
        _refuse(name, "must not come twice")
    return given[0] if given else None


def _listed(name: str) -> tuple[str, ...]:
    text = _only(name)
    if text is None:
        return ()
    parts = text.split(",")
    if not all(parts):
        _refuse(name, "must be values with a comma between them, none of them empty")
    return tuple(sorted(set(parts)))


def _versions() -> tuple[str, ...]:
    asked = _only("match[version]")
    if asked is None:
        return ("last",)
    parts = asked.split(",")
    if len(set(parts)) < len(parts) or ("all" in parts and len(parts) > 1):
        _refuse("match[version]", "must name each version once, and `all` alone")
    return tuple(sorted({one for part in parts for one in _written(part)}))


def _written(part: str) -> set[str]:
    """A version in every way that an object may write it, which may be to the second, milli-, micro- or nanosecond."""
    if part in WORDS:
        return {part}
    at = _moment("match[version]", part)
    found = FRACTION.search(part)
    fraction = found[1].rstrip("0") if found else ""
    second = f"{at:%Y-%m-%dT%H:%M:%S}"
    padded = {fraction, *(fraction.ljust(digits, "0") for digits in (3, 6, 9))}
    return {f"{second}.{one}Z" if one else f"{second}Z" for one in padded}


def _moment(name: str, text: str) -> datetime:
    # A plus sign that a client forgot to encode arrives as a space. No more than nine digits are told apart here.
    text = FRACTION.sub(lambda found: f".{found[1][:9]}", text.replace(" ", "+"))
    try:
        moment = instant.read(text)
    except ValueError:
        moment = None
    if moment is None or moment.precision != "second":
        _refuse(name, f"must be an RFC 3339 timestamp such as {EXAMPLE}")
    return moment.at


def _refuse(name: str, remedy: str) -> NoReturn:
    message = f"{name}: {remedy}"
    raise BadRequest(message)

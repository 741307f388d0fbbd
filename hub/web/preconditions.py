"""If-Match: which version of a thing a change or an approval is meant for."""

import re

from flask import request

from hub.errors import PreconditionMissing

REVISION = re.compile("r([1-9][0-9]{0,8})", re.ASCII)  # of a report
TEXT = re.compile("r([1-9][0-9]{0,8})(?:x([0-9]{1,9}))?", re.ASCII)  # and of what analysts wrote for release; none: 0
OVERLAY = re.compile("t([0-9]{1,9})", re.ASCII)


def named(shape: re.Pattern[str]) -> tuple[int, ...] | None:
    """The numbers in the tag that If-Match names; None for `*`, which is any (RFC 9110, 13.1.1).

    A tag of another shape is one that nothing has; whether there is such a thing at all is asked first. Raises
    PreconditionMissing.
    """
    if not request.if_match:
        message = "send `If-Match` with the ETag of the revision that you mean (read it to get one)"
        raise PreconditionMissing(message)
    if request.if_match.star_tag:
        return None
    found = [fits for tag in request.if_match.as_set() if (fits := shape.fullmatch(tag or ""))]
    return tuple(int(part or 0) for part in found[0].groups()) if len(found) == 1 else (-1,) * shape.groups

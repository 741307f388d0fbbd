"""What staff send about work sessions and proposals."""

from marshmallow import fields

from schemas.fields import Many, Shaped
from schemas.requests import Choice, Request
from schemas.unsealing_requests import Bounded, Purpose

SCOPE = "the reports that may be opened; or give `filter`"
FOUND = "the reports that it finds may be opened: docs/search.md; or give `reports`"
MOST = "reports that may be opened; more than HUB_BULK_REPORTS take two people"
LONGEST = 12 * 60  # minutes


class NewSession(Request):
    """What a work session is for, with which reports, and for how long."""

    purpose = Purpose()
    reports = Many(
        Shaped(r"[A-Za-z0-9-]{1,40}", "must be the id or reference of a report"),
        least=1,
        most=100,
        metadata={"description": SCOPE},
    )
    filter = fields.String(load_default="", metadata={"description": FOUND})
    minutes = Bounded(1, LONGEST, load_default=60, metadata={"description": "it ends then by itself"})
    most = Bounded(1, 100_000, load_default=50, metadata={"description": MOST})


class ProposalsQuery(Request):
    """Which proposals."""

    all = Choice(load_default=False, metadata={"description": "those that are over, too"})

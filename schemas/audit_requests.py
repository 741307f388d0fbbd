"""What may be asked of the audit log."""

from schemas.fields import Instant, Shaped, Text
from schemas.requests import Request, Size


class AuditQuery(Request):
    """Which entries, the newest first."""

    limit = Size(load_default=50)
    next = Shaped(r"[0-9]{1,18}", "is not a cursor of this list; start again without it")
    actor = Text(max_length=200, metadata={"description": "who did it, as entries name it; for auditors"})
    action = Shaped(
        r"[a-z_]{1,40}(\.[a-z_]{0,40})?", "is an action such as report.file, or its beginning with the point: report."
    )
    subject = Text(max_length=200, metadata={"description": "what it was done to"})
    since = Instant(metadata={"description": "the earliest instant"})

"""The one family of errors. It knows nothing of HTTP: `hub/web/problems.py` gives each a status, the CLI an exit code.

A message names the field and the remedy; it never holds a value that was sealed, nor says that what one may not see
exists.
"""

import pathlib
import traceback
from datetime import datetime
from typing import Any


class HubError(Exception):
    """Something that a caller can be told. The message is for them."""

    title = "The request could not be carried out"


class NotFound(HubError):
    """There is no such thing, or this caller may not know of it. The two look the same."""

    title = "Not found"

    def __init__(self) -> None:
        super().__init__("there is no such resource, or this token may not use it")


class Forbidden(HubError):
    """What this caller may read it may not change."""

    title = "Forbidden"

    def __init__(self) -> None:
        super().__init__("this collection can be read and not written; write to your inbox")


class Unauthenticated(HubError):
    """No token, or none that is valid."""

    title = "Authentication is needed"


class Conflict(HubError):
    """The state of things does not allow it."""

    title = "In conflict with what is stored"


class Erased(HubError):
    """The report was erased; told to its producer and to whoever reads all."""

    title = "The report was erased"

    def __init__(self, at: datetime) -> None:
        super().__init__(f"this report was erased on {at:%Y-%m-%d}; GET its /erasure for the signed record")


class NotAgreed(HubError):
    """It takes two people, and no second one has agreed yet. `deed` says to what (`hub.agreement.Deed`)."""

    title = "This takes two people"

    def __init__(self, message: str, deed: Any = None) -> None:
        super().__init__(message)
        self.deed = deed


class Replayed(HubError):
    """An Idempotency-Key came back with another body."""

    title = "This Idempotency-Key was used with another body"


class Unkeyed(HubError):
    """A filing that could not be repeated safely: it has neither Idempotency-Key nor client_ref."""

    title = "The filing has no key"


class PreconditionMissing(HubError):
    """A change without If-Match."""

    title = "If-Match is needed"


class PreconditionFailed(HubError):
    """If-Match names another revision than the current one."""

    title = "The report has changed"


class Unacceptable(HubError):
    """The body's type, encoding or shape is not one that the hub reads."""

    title = "This kind of body is not read here"


class NotAcceptable(HubError):
    """The client accepts no representation that the hub has."""

    title = "No acceptable representation"


class BadRequest(HubError):
    """A parameter is malformed."""

    title = "Malformed request"


class BadFilter(HubError):
    """A filter that does not say what it asks; `column` counts from 1."""

    title = "The filter cannot be read"

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"filter, column {column}: {message}")
        self.column = column


class TooLong(HubError):
    """A search that would look at more than the hub gives it time for."""

    title = "The search takes too long"


class Unarmed(HubError):
    """A warrant whose intent is not committed: nothing opens."""

    title = "The warrant is not armed"


class NotSealed(HubError):
    """The warrant names a field that has no sealed value."""

    title = "There is no such sealed value"


class Tampered(HubError):
    """A ciphertext, key or manifest does not verify: it was moved, changed or truncated."""

    title = "A sealed record does not verify"


class TooMany(HubError):
    """A token has spent its allowance of requests for now."""

    title = "Too many requests"

    def __init__(self, message: str, *, kind: str, limit: int, wait: int) -> None:
        super().__init__(message)
        self.kind, self.limit, self.wait = kind, limit, wait  # requests a minute; seconds


class Busy(HubError):
    """Another process is at it; the same call will succeed later."""

    title = "Busy, try again"


class NoRoom(HubError):
    """The disk is too full for what is not a report."""

    title = "No room"

    def __init__(self) -> None:
        super().__init__("the hub's disk is too full to write this file; TAXII has the same objects")


class NotReady(HubError):
    """The home is not set up, or not what the command expects; the message says what to run."""

    title = "Not ready"


def told(wrong: Exception) -> str:
    """What may be told of any error: our own message; of others kind and place, for theirs may quote what is sealed."""
    if isinstance(wrong, HubError):
        return str(wrong)
    place = ""
    for frame in traceback.extract_tb(wrong.__traceback__):  # the last one is where it was raised
        place = f" in {pathlib.PurePath(frame.filename).stem}.{frame.name}, line {frame.lineno}"
    return f"unexpected {type(wrong).__name__}{place}: a damaged record, or a fault of the hub"

"""The walls between the faces: their database roles may do what is listed, and no more."""

from collections.abc import Iterator

from hub import faces
from hub.examination.finding import Finding
from hub.store import breaches
from hub.wiring import Hub

MEND = "hub database grant"
SHOWN = 5


def rights(hub: Hub) -> Iterator[Finding]:
    """What the faces' database roles may do is what `hub/store/rights.py` lists."""
    if hub.store.is_sqlite:
        return
    prefix = hub.config.role_prefix
    if not breaches.are_raised(hub.store, prefix):
        if not hub.config.faces >= faces.WEB:
            means = "this process is a part of the hub alone, and its database login may do what all parts may"
            yield Finding("faces", f"there are no roles {prefix}… in this database", means, MEND)
        return
    if more := breaches.beyond(hub.store, prefix):
        means = "a face reads or writes what is not its own: somebody granted it, or it was left over"
        yield Finding("faces", f"beyond its list: {_some(more)}", means, MEND)
    if less := breaches.lacking(hub.store, prefix):
        means = "requests that need it fail with 500: these tables are newer than the roles"
        yield Finding("faces", f"not granted: {_some(less)}", means, MEND)


def _some(found: list[str]) -> str:
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return "; ".join(found[:SHOWN]) + more

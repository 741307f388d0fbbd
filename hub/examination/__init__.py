"""What `hub doctor` looks at: a home and its database, beside a running hub.

May not: change anything, open a sealed field, or repeat a secret. Each check stands alone: one that cannot end says so
as a finding, and the others go on.
"""

from collections.abc import Callable, Iterator

from hub.errors import Busy, HubError
from hub.examination import database, parts, places, turning, walls
from hub.examination.finding import Finding
from hub.wiring import Hub

__all__ = ["Finding", "examine"]
ALONE: tuple[Callable[[Hub], Iterator[Finding]], ...] = (places.home, places.keys, parts.versions)
STORED: tuple[Callable[[Hub], Iterator[Finding]], ...] = (
    places.epoch, database.durability, database.orphans, database.releases, database.clocks,
    turning.admission, turning.attachments, turning.publishing, turning.rights, turning.people, walls.rights,
)  # fmt: skip


def examine(hub: Hub) -> list[Finding]:
    """Everything that is amiss with a hub, each with what it means and the command that mends it."""
    found = [one for check in ALONE for one in check(hub)]
    tables = list(database.tables(hub)) or list(database.integrity(hub))
    found += tables
    if not tables:  # the others would only stumble over the same thing
        found += [one for check in STORED for one in _whole(check, hub)]
    return found


def _whole(check: Callable[[Hub], Iterator[Finding]], hub: Hub) -> list[Finding]:
    try:
        return list(check(hub))
    except Busy as busy:
        means = "the database went away while it was examined; what follows may miss something"
        return [Finding("database", str(busy), means, "hub doctor")]
    except HubError as broken:
        name = check.__name__
        return [Finding(name, f"{type(broken).__name__}: {broken}", f"the check of {name} could not end", "hub doctor")]

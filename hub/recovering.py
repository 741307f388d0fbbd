"""The second place, written and replayed: a hub out of a backup publishes nothing before it knows what came after.

1. Before a release is committed its number is in the second place; withdrawals and erasures are, a tick after.
2. After a restore `replay` withdraws again what was withdrawn or erased since, and lets feeds and inboxes go on above
   what may have been given out. Until then there is no release. It can be repeated.
3. The log's places begin again where the backup ends, so a line with a lower place than the last follows a replay.
"""

import logging
from typing import Any

from hub import witness
from hub.agreeing import agreed
from hub.agreement import Deed, demand
from hub.errors import NotReady
from hub.roles import Act
from hub.services import erasing
from hub.store import Session, audit, feeds, recovery
from hub.wiring import Hub

log = logging.getLogger(__name__)
ROOM = 1 << 32  # positions: more than any release has
MARKED = 1000  # entries of the audit among which nothing is taken back
FAR = 1000  # releases, if nobody knows how many there were
REFUSAL = "this hub came out of a backup: nothing is published before `hub recover` has replayed the second place"


def is_pending(hub: Hub) -> bool:
    """Whether this hub came out of a backup and has not replayed the second place."""
    with hub.store.reading() as db:
        return recovery.pending(db) is not None


def demand_replayed(hub: Hub) -> None:
    """Raise NotReady if it has not."""
    if is_pending(hub):
        raise NotReady(REFUSAL)


def foretell(hub: Hub, feed: str) -> None:
    """Write the number of a feed's next release to the second place, before it is committed."""
    with hub.store.reading() as db:
        number = recovery.feeds(db)[feed] + 1
    said = {"hub": hub.deployment.uid, "feed": feed, "release": number, "at": hub.clock().isoformat()}
    witness.append(hub.config.witness, witness.RELEASES, [said])


def keep(hub: Hub) -> int:
    """Write what was taken back to the second place, from where it ends; how many lines. An idle call writes none."""
    if is_pending(hub):
        return 0
    total, place, uid = 0, hub.config.witness, hub.deployment.uid
    while True:
        seen = witness.last(place, witness.TAKEN_BACK)
        after = int(seen["position"]) if seen else -1
        with hub.store.reading() as db:
            size = recovery.newest_place(db)
            if after > size:  # of before a restore whose own line was never written: what is here begins below it
                after = -1
            found = recovery.taken_back(db, after)
        if not found:
            if seen is None or size - after > MARKED:  # so that the next look does not begin too far back
                witness.append(place, witness.TAKEN_BACK, [{"hub": uid, "position": size}])
            return total
        lines = [{"hub": uid, "position": at, "action": action, "report": report} for at, action, report in found]
        witness.append(place, witness.TAKEN_BACK, lines)
        total += len(lines)


def replay(hub: Hub, act: Act, *, why_without: str | None = None) -> dict[str, Any]:
    """Take back again what was taken back since the backup, and go on above it; what was done.

    Raises NotReady if there is nothing to replay, or the second place is gone or another hub's and no reason is given;
    NotAgreed unless a second person agreed to the restore.
    """
    if not is_pending(hub):
        message = "this hub has nothing to replay: it was not restored, or it has been replayed"
        raise NotReady(message)
    lines = [] if why_without else _lines(hub)
    why = why_without or "restored from a backup"
    told, size = agreed(hub, act, why, lambda db: _take_back(db, act, lines, why_without))
    witness.append(hub.config.witness, witness.TAKEN_BACK, [{"hub": hub.deployment.uid, "position": size}])
    return told


def _take_back(
    db: Session, act: Act, lines: list[dict[str, Any] | None], why_without: str | None
) -> tuple[dict[str, Any], int]:
    restored = recovery.pending(db)
    demand(db, act, Deed("hub.recover", restored.digest if restored else "", {"without": why_without}))
    reports = {str(one["report"]) for one in lines if one and "report" in one}
    erased = {str(one["report"]) for one in lines if one and one.get("action") == recovery.ERASING}
    begun = {str(one["feed"]): 0 for one in lines if one and "feed" in one}
    for one in lines:
        if one and "feed" in one:
            begun[str(one["feed"])] = max(begun[str(one["feed"])], int(one["release"]))
    told = {
        "erasing": _erase(db, act, sorted(erased)),
        "withdrawn": _withdraw(db, act, sorted(reports)),
        "feeds": _go_on(db, act, None if why_without else begun),
        "unreadable": sum(one is None for one in lines),
        "without": why_without,
    }
    recovery.end(db, act.at, told)
    audit.append(db, act.at, act.caller.token_id, "hub.recover", "hub", **told)
    return told, recovery.newest_place(db)


def _lines(hub: Hub) -> list[dict[str, Any] | None]:
    place = hub.config.witness
    taken, begun = list(witness.every(place, witness.TAKEN_BACK)), list(witness.every(place, witness.RELEASES))
    found = [*taken, *begun]
    with hub.store.reading() as db:
        released = {name for name, last in recovery.feeds(db).items() if last}
    if not any(taken) or not released <= {one["feed"] for one in begun if one}:
        message = (
            f"{place} holds nothing of this hub, or not all: set HUB_WITNESS to its second place, or say why it is gone"
        )
        raise NotReady(
            f"{message} (--without-witness WHY): what was withdrawn since the backup will be published again"
        )
    if any(one["hub"] != hub.deployment.uid for one in found if one):
        message = f"{place} is another hub's second place; set HUB_WITNESS"
        raise NotReady(message)
    return found


def _withdraw(db: Session, act: Act, reports: list[str]) -> int:
    """Withdraw again."""
    count = 0
    for start in range(0, len(reports), 500):
        for report in recovery.still_live(db, reports[start : start + 500]):
            recovery.withdraw(db, report, act.at)
            feeds.queue(db, [report], feeds.feeds_holding(db, report), act.at)
            audit.append(db, act.at, act.caller.token_id, "report.withdraw", report, replayed=True)
            count += 1
    return count


def _erase(db: Session, act: Act, reports: list[str]) -> int:
    """Begin to erase again; the clock carries it out."""
    cause = erasing.Cause(act.caller.token_id, "it was erased before the hub was restored from an older backup")
    found = [one for at in range(0, len(reports), 500) for one in recovery.known(db, reports[at : at + 500])]
    for report in found:
        erasing.begin(db, act.at, report, cause)
    return len(found)


def _go_on(db: Session, act: Act, begun: dict[str, int] | None) -> dict[str, int]:
    """How many releases each feed was moved on."""
    moved = {}
    for feed, stands in recovery.feeds(db).items():
        missed = FAR if begun is None else begun.get(feed, 0) - stands
        if missed > 0:
            recovery.go_on_above(db, feed, missed, missed * ROOM, act.at)
            moved[feed] = missed
    recovery.inboxes_go_on_above(db, ROOM, act.at)
    return moved

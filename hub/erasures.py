"""Erasures are carried out: by the clock, and by whoever erases by hand, each in a transaction of its own.

1. What goes, the record of it, and the payloads of the audit that quote it go in one transaction.
2. Afterwards the journal is emptied (`Store.scour`). A reader may keep it from that: the next tick tries again.
3. Five minutes later an erasure is gone over: a writer that began before it may have committed after.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from hub.roles import CLOCK, Act, shell
from hub.services import erasing, ledger
from hub.services.erasing import Notary
from hub.store import Session
from hub.store.tables import Erasure
from hub.wiring import Hub

MOST = 50  # erasures of one kind in a tick
WHY = "of an erased report"


def notary(hub: Hub) -> Notary:
    """What records are signed with."""
    return Notary(hub.directory.auditor(), hub.deployment.uid, hub.config.erasure_days)


def tick(hub: Hub) -> int:
    """Go on with what was begun, begin what the rules of retention ask for, go over what is done; how many erased."""
    _run_rules(hub)
    with hub.store.reading() as db:
        waiting = erasing.waiting(db, MOST)
        unsettled = erasing.unsettled(db, hub.clock(), MOST, _late(hub))
    done = finish(hub, waiting)
    # Settled once the journal was emptied behind it: until then every tick tries again.
    if unsettled and hub.store.scour():
        for report_id, erases in unsettled:
            hub.store.write(partial(_settle, hub, report_id, erases))
    return done


def finish(hub: Hub, report_ids: Iterable[str]) -> int:
    """Carry out erasures that were begun, as far as no feed shows the reports; how many."""
    made, done = None, 0
    for report_id in report_ids:
        made = made or notary(hub)
        found = hub.store.write(partial(_finish, hub, made, report_id))
        done += found is not None
    if done:
        hub.store.scour()
    return done


def _settle(hub: Hub, report_id: str, erases: str, db: Session) -> None:
    erasing.settle(db, report_id, erases, hub.clock())


def _finish(hub: Hub, by: Notary, report_id: str, db: Session) -> Erasure | None:
    at = hub.clock()
    found = erasing.finish(db, by, report_id, at)
    if found is None:
        return None
    if found.entries:
        ledger.erase(db, Act(shell(CLOCK), at), found.entries, WHY)
    return found.row


def _run_rules(hub: Hub) -> None:
    with hub.store.reading() as db:
        ripe = erasing.ripe(db, hub.clock(), MOST)
    if not ripe:
        return
    by = notary(hub)
    for rule, report_id in ripe:
        hub.store.write(partial(_apply, hub, by, rule.name, report_id))


def _apply(hub: Hub, by: Notary, rule: str, report_id: str, db: Session) -> None:
    erasing.apply_rule(db, by, rule, report_id, hub.clock())


def _late(hub: Hub) -> timedelta:
    """How long a writer may take that began before: on SQLite there is never another one."""
    return timedelta(0) if hub.store.is_sqlite else erasing.LATE

"""The database: its tables, what a power cut would leave of it, whether its rows hang together, its clock."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from hub.examination.finding import Finding
from hub.store import migrations
from hub.store import soundness as stored
from hub.wiring import Hub, now

DURABLE = {
    "journal_mode": {"wal"},
    "synchronous": {"2", "3"},  # FULL, EXTRA
    "fsync": {"on"},
    "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
}
SKEW = timedelta(seconds=5)


def tables(hub: Hub) -> Iterator[Finding]:
    """The database answers, and holds the tables of this version."""
    path = hub.config.database_url.removeprefix("sqlite:///")
    if path != hub.config.database_url and not Path(path).is_file():  # to ask would make one
        yield Finding("tables", "there is no database", "nothing was ever set up here", "hub init")
        return
    if not stored.answers(hub.store):
        means = "nobody can file, read or publish; start it, or put HUB_DATABASE_URL right"
        yield Finding("database", "the database does not answer", means, "systemctl restart postgresql")
        return
    broken = stored.unreadable(hub.store)
    if broken:
        means = "the file is damaged or none of a database: bring back the newest backup"
        yield Finding("integrity", broken, means, "hub restore FILE")
        return
    found, wanted = migrations.current(hub.store), migrations.newest(hub.store)
    if found is None:
        yield Finding("tables", "the database holds no hub", "nothing was ever set up in it", "hub init")
    elif found != wanted:
        means = "the hub does not start on them; take a backup, then bring them up to date"
        yield Finding("tables", f"the tables are of revision {found}, this hub's of {wanted}", means, "hub init")


def durability(hub: Hub) -> Iterator[Finding]:
    """What was acknowledged survives a power cut."""
    for name, value in hub.store.durability().items():
        if value not in DURABLE[name]:
            means = "a report that was acknowledged may be gone after a power cut"
            mend = f"psql -c \"ALTER SYSTEM SET {name} = 'on'\" -c 'SELECT pg_reload_conf()'"
            is_ours = name in {"journal_mode", "synchronous"}  # set at every connection: another value is a fault
            yield Finding("durability", f"{name} is {value}", means, "hub init" if is_ours else mend)


def integrity(hub: Hub) -> Iterator[Finding]:
    """The file is whole."""
    damage = stored.damage(hub.store)
    if damage:
        means = "the file is damaged, by its disk or by a copy made while it was written: bring back the newest backup"
        yield Finding("integrity", damage, means, "hub restore FILE")


def orphans(hub: Hub) -> Iterator[Finding]:
    """Every row has what it belongs to."""
    with hub.store.reading() as db:
        found = stored.orphans(db)
    for what, number in found.items():
        means = "somebody wrote to the tables by hand, or a copy was made without its write-ahead log"
        yield Finding("orphans", f"{number} {what}", means, "hub restore FILE")


def releases(hub: Hub) -> Iterator[Finding]:
    """The newest release of each feed is what was released."""
    with hub.store.reading() as db:
        changed = stored.changed_releases(db)
    for feed, number in changed:
        means = "members may fetch bytes that the hub never released: somebody changed the table"
        yield Finding("releases", f"the bytes of {feed} {number} have changed", means, "hub restore FILE")


def clocks(hub: Hub) -> Iterator[Finding]:
    """The clocks agree, and nothing was released in the future."""
    with hub.store.reading() as db:
        theirs, last = stored.database_clock(db), stored.last_release_at(db)
    mend = "timedatectl set-ntp true"
    if theirs is not None and abs(theirs - now()) > SKEW:
        seconds = abs((theirs - now()).total_seconds())
        means = "embargoes, expiries and allowances differ from host to host"
        yield Finding("clock", f"the database's clock is {seconds:.0f} s off this host's", means, mend)
    if last is not None and last > hub.clock() + SKEW:
        means = "this clock is behind, or was ahead: members who ask for what is new may wait until it has caught up"
        yield Finding("clock", f"a release is of {last:%Y-%m-%d %H:%M} UTC, later than now", means, mend)

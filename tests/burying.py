"""Many reports erased by a rule, and every file of the database searched for what they said."""

from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import col, func, select

from hub import rounds
from hub.store.tables import DataKey, Erasure, Report, RetentionRule
from tests.conftest import World
from tests.factories import a_full_report

MARK = "buriedmark"
MOST_TICKS = 400


@dataclass
class Found:
    """What was erased, and what of it is still in which files: kind of file → how often."""

    erased: int = 0
    settled: int = 0
    before: dict[str, int] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)


def erase_many(world: World, size: int) -> list[bytes]:
    """File, release and erase reports; the wrapped keys that they had."""
    for number in range(size):
        filed = world.file(
            "producer", a_full_report(f"{MARK}-{number}", tlp="green", client_ref=f"{number}-{MARK}-ref")
        )
        if number == 0:
            world.accept(filed["id"], "members")
    world.release()
    assert world.carriers("member", "members"), "a feed shows some of it"
    with world.hub.store.reading() as db:
        keys = [row.wrapped for row in db.exec(select(DataKey))]
    world.clock.forward(days=10)
    at = world.clock()
    with world.hub.store.writing() as db:
        db.add(RetentionRule(name="all", erases="report", days=1, why="the figure", set_by="test", set_at=at))
    return keys


def carry_out(world: World, found: Found, size: int) -> None:
    """Turn the wheel until every erasure is settled."""
    for _ in range(MOST_TICKS):
        rounds.tick(world.hub)
        rounds.index_all(world.hub)
        world.clock.forward(minutes=1)
        with world.hub.store.reading() as db:
            count = select(func.count()).select_from(Report).where(col(Report.erased_at).is_not(None))
            found.erased = db.exec(count).one()
            settled = select(func.count()).select_from(Erasure).where(col(Erasure.settled_at).is_not(None))
            found.settled = db.exec(settled).one()
        if found.settled >= size:
            return


def look(files: dict[str, list[Path]], sought: list[bytes]) -> dict[str, int]:
    """How many of some byte strings are in files, by kind."""
    found = {}
    for kind, paths in files.items():
        contents = [path.read_bytes() for path in paths]
        found[kind] = sum(any(one in content for content in contents) for one in sought)
    return found


def files_of(world: World) -> dict[str, list[Path]]:
    """Every file of the database, by kind: on SQLite all of the home; on PostgreSQL tables and journal."""
    if world.hub.store.is_sqlite:
        return {"home": [path for path in world.hub.config.home.rglob("*") if path.is_file()]}
    with world.hub.store.reading() as db:
        connection = db.connection()
        place = Path(connection.exec_driver_sql("SHOW data_directory").scalar_one())
        number = connection.exec_driver_sql("SELECT oid FROM pg_database WHERE datname = current_database()").scalar()
    return {
        "tables": [path for path in (place / "base" / str(number)).rglob("*") if path.is_file()],
        "journal": [path for path in (place / "pg_wal").rglob("*") if path.is_file()],
    }


def bury(world: World, size: int) -> Found:
    """Erase, and look."""
    found = Found()
    keys = erase_many(world, size)
    found.before = look(files_of(world), keys)
    carry_out(world, found, size)
    found.keys, found.words = look(files_of(world), keys), look(files_of(world), [MARK.encode()])
    return found

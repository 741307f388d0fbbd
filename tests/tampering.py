"""Edits of the audit log by somebody who owns the database: every kind, and what must come of each."""

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, text

from hub import notes, verifying, witnessed
from hub.store import Session, ledger
from hub.verifying import Key, Verdict
from hub.wiring import Hub

Edit = Callable[[Connection, random.Random, int], bool]  # whether it changed anything


def key_of(hub: Hub) -> Key:
    """The key of a hub's log."""
    return Key(notes.origin_of(hub.deployment.uid), hub.directory.audit_log())


def verdict(hub: Hub, db: Session | None = None, **said: Any) -> Verdict:
    """What verifying finds; in a transaction that is given, or in one of its own."""
    held = [witnessed.every(hub.config.witness)]
    if db is not None:
        return verifying.verify(db, key_of(hub), held, **said)
    with hub.store.snapshot() as own:
        return verifying.verify(own, key_of(hub), held, **said)


def untriggered(connection: Connection) -> None:
    """What whoever owns the database can do first: take the triggers away (undone with the transaction)."""
    if connection.dialect.name == "sqlite":
        asked = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'"
        for (name,) in connection.execute(text(asked)).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))


def one_of(connection: Connection, chance: random.Random, table: str, column: str, below: int | None = None) -> Any:
    """A value of a key, by chance."""
    condition = f" WHERE {column} < {below}" if below is not None else ""
    rows = connection.execute(text(f"SELECT {column} FROM {table}{condition} ORDER BY {column}")).scalars().all()
    return chance.choice(rows)


def other(value: Any, chance: random.Random) -> Any:
    """A value that differs."""
    if isinstance(value, bytes | memoryview):
        changed = bytearray(value)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        return bytes(changed)
    if isinstance(value, int):
        return value + chance.choice((1_000_003, 2_000_003))
    return f"{value}{chance.choice('xyz')}"


def _seq(connection: Connection, chance: random.Random, size: int) -> int:
    """The number of an entry at or before the checkpoint."""
    places = connection.execute(text("SELECT seq FROM audit_leaf WHERE position < :s"), {"s": size}).scalars().all()
    return int(chance.choice([seq for seq in places if _has(connection, seq)]))


def _has(connection: Connection, seq: int) -> bool:
    return bool(connection.execute(text("SELECT count(*) FROM audit_entry WHERE seq = :q"), {"q": seq}).scalar())


def _column(name: str) -> Edit:
    def edit(connection: Connection, chance: random.Random, size: int) -> bool:
        seq = _seq(connection, chance, size)
        was = connection.execute(text(f"SELECT {name} FROM audit_entry WHERE seq = :q"), {"q": seq}).scalar()
        if name == "at":
            step = "'2020-01-01 00:00:00.000000'" if connection.dialect.name == "sqlite" else "'2020-01-01T00:00:00Z'"
            connection.execute(text(f"UPDATE audit_entry SET at = {step} WHERE seq = :q"), {"q": seq})
        elif name == "details":
            kind = "jsonb" if connection.dialect.name == "postgresql" else "text"
            said = {"q": seq, "n": f'{{"made up": {chance.random()}}}'}
            value = "CAST(:n AS jsonb)" if kind == "jsonb" else ":n"
            connection.execute(text(f"UPDATE audit_entry SET details = {value} WHERE seq = :q"), said)
        else:
            said = {"q": seq, "n": other(was, chance)}
            connection.execute(text(f"UPDATE audit_entry SET {name} = :n WHERE seq = :q"), said)
        return True

    return edit


def swap(connection: Connection, chance: random.Random, size: int) -> bool:
    """Two entries change their numbers."""
    first, second = _seq(connection, chance, size), _seq(connection, chance, size)
    if first == second:
        return False
    for was, now in ((first, -1), (second, first), (-1, second)):
        connection.execute(text("UPDATE audit_entry SET seq = :n WHERE seq = :w"), {"n": now, "w": was})
    return True


def delete(connection: Connection, chance: random.Random, size: int) -> bool:
    """An entry goes; it is even named where the triggers look."""
    seq = _seq(connection, chance, size)
    connection.execute(
        text("INSERT INTO audit_erased (seq, at) SELECT seq, at FROM audit_entry WHERE seq = :q"), {"q": seq}
    )
    connection.execute(text("DELETE FROM audit_entry WHERE seq = :q"), {"q": seq})
    return True


def insert(connection: Connection, chance: random.Random, size: int) -> bool:
    """An entry comes whose turn is over."""
    del size, chance
    connection.execute(
        text(
            "INSERT INTO audit_entry (seq, at, actor, action, subject, details, salt)"
            " SELECT -5, at, actor, action, subject, details, salt FROM audit_entry ORDER BY seq LIMIT 1"
        )
    )
    return True


def truncate(connection: Connection, chance: random.Random, size: int) -> bool:
    """All from some place on goes, wherever it is told, as if it had never been: tree, tiles, leaves, checkpoints."""
    cut(connection, chance.randrange(size))
    return True


def cut(connection: Connection, start: int) -> None:
    """All from some place on goes."""
    said = {"s": start}
    first = connection.execute(text("SELECT seq FROM audit_leaf WHERE position = :s"), said).scalar()
    connection.execute(text("DELETE FROM audit_entry WHERE seq >= :q"), {"q": first})
    connection.execute(text("DELETE FROM audit_leaf WHERE position >= :s"), said)
    connection.execute(text("DELETE FROM audit_tile WHERE (number + 1) * 256 > :s"), said)
    connection.execute(text("DELETE FROM checkpoint WHERE size > :s"), said)
    connection.execute(text("UPDATE audit_tree SET size = :s, last_seq = :q"), {"s": start, "q": (first or 1) - 1})


def _leaf(name: str) -> Edit:
    def edit(connection: Connection, chance: random.Random, size: int) -> bool:
        place = one_of(connection, chance, "audit_leaf", "position", size)
        was = connection.execute(text(f"SELECT {name} FROM audit_leaf WHERE position = :p"), {"p": place}).scalar()
        said = {"n": other(was, chance), "p": place}
        connection.execute(text(f"UPDATE audit_leaf SET {name} = :n WHERE position = :p"), said)
        return True

    return edit


def delete_leaf(connection: Connection, chance: random.Random, size: int) -> bool:
    """A leaf goes, and its entry with it."""
    place = one_of(connection, chance, "audit_leaf", "position", size)
    connection.execute(text("DELETE FROM audit_leaf WHERE position = :p"), {"p": place})
    return True


def rewrite(connection: Connection, chance: random.Random, size: int) -> bool:
    """An entry is changed, and its leaf's commitment made to fit: everything but the signed root agrees."""
    seq = _seq(connection, chance, size)
    connection.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE seq = :q"), {"q": seq})
    with Session(bind=connection) as session:
        said = {"c": ledger.commitment(ledger.entry(session, seq)), "q": seq}
    connection.execute(text("UPDATE audit_leaf SET commitment = :c WHERE seq = :q"), said)
    return True


def tile(connection: Connection, chance: random.Random, size: int) -> bool:
    """A bit of a tile."""
    del size
    rows = connection.execute(text("SELECT level, number, hashes FROM audit_tile")).all()
    row = chance.choice(rows)
    said = {"h": other(row.hashes, chance), "l": row.level, "n": row.number}
    connection.execute(text("UPDATE audit_tile SET hashes = :h WHERE level = :l AND number = :n"), said)
    return True


def delete_tile(connection: Connection, chance: random.Random, size: int) -> bool:
    """A tile goes."""
    del size
    rows = connection.execute(text("SELECT level, number FROM audit_tile")).all()
    row = chance.choice(rows)
    said = {"l": row.level, "n": row.number}
    connection.execute(text("DELETE FROM audit_tile WHERE level = :l AND number = :n"), said)
    return True


def _checkpoint(name: str) -> Edit:
    def edit(connection: Connection, chance: random.Random, size: int) -> bool:
        held = one_of(connection, chance, "checkpoint", "size", size + 1)
        was = connection.execute(text(f"SELECT {name} FROM checkpoint WHERE size = :s"), {"s": held}).scalar()
        now: Any = other(was, chance)
        if name == "at":
            now = "2020-01-01 00:00:00.000000"
        if name == "note":
            was = str(was)
            place = chance.randrange(len(was))
            now = was[:place] + chr((ord(was[place]) + 1) % 127 or 1) + was[place + 1 :]
        connection.execute(text(f"UPDATE checkpoint SET {name} = :n WHERE size = :s"), {"n": now, "s": held})
        return True

    return edit


def delete_checkpoint(connection: Connection, chance: random.Random, size: int) -> bool:
    """A checkpoint goes."""
    held = one_of(connection, chance, "checkpoint", "size", size + 1)
    connection.execute(text("DELETE FROM checkpoint WHERE size = :s"), {"s": held})
    return True


EDITS: Mapping[str, Edit] = {
    **{f"entry: {name}": _column(name) for name in ("at", "actor", "action", "subject", "details", "salt", "seq")},
    "entries swapped": swap,
    "entry deleted": delete,
    "entry inserted": insert,
    "log cut off": truncate,
    "leaf: commitment": _leaf("commitment"),
    "leaf: seq": _leaf("seq"),
    "leaf: position": _leaf("position"),
    "leaf deleted": delete_leaf,
    "entry and leaf rewritten": rewrite,
    "tile": tile,
    "tile deleted": delete_tile,
    **{f"checkpoint: {name}": _checkpoint(name) for name in ("size", "at", "root", "note")},
    "checkpoint deleted": delete_checkpoint,
}


def tried(hub: Hub, edits: Iterator[str] | list[str], seed: int, size: int) -> Iterator[tuple[str, Verdict]]:
    """Make edits, each in a transaction that is taken back, and say what verifying found of each."""
    chance = random.Random(seed)
    for name in edits:
        found: Verdict | None = None
        with hub.store.writing() as db:
            connection = db.connection()
            untriggered(connection)
            if EDITS[name](connection, chance, size):
                found = verdict(hub, db)
            db.rollback()
        if found is not None:
            yield name, found

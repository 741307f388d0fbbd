"""What is left in the files of what was deleted, and how it goes; see docs/erasure.md.

1. SQLite: `secure_delete` overwrites what is deleted in its page. The write-ahead journal holds earlier pages until it
   is emptied, which no reader of an older state may keep it from.
2. PostgreSQL: VACUUM frees dead rows and lets their bytes lie until their place is used again; only a rewrite
   (VACUUM FULL, which locks the tables) leaves them behind. The server's own journal is not ours to empty.
"""

from typing import Any

from sqlalchemy import Engine, text

PATIENCE = 500  # milliseconds for readers of an older state to end
TABLES = (
    "report", "revision", "data_key", "receipt", "replay", "acceptance", "triage", "hold", "release_text",
    "case_report", "case_file", "blind_tag", "remark", "due", "attachment", "attachment_chunk", "post", "post_status",
    "inbox", "entry", "search_row", "search_term", "search_text", "search_count", "audit_entry",
)  # fmt: skip


def scour(engine: Engine, *, is_full: bool) -> bool:
    """Have what was deleted leave the files; False if a reader kept it from that."""
    return _sqlite(engine) if engine.dialect.name == "sqlite" else _postgresql(engine, is_full=is_full)


def _sqlite(engine: Engine) -> bool:
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    try:
        (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
        driver.execute(f"PRAGMA busy_timeout={PATIENCE}")
        # Waits for readers as long as `busy_timeout` says, and writers for it: never long.
        blocked = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        driver.execute(f"PRAGMA busy_timeout={patience}")
    finally:
        pooled.close()
    return not blocked


def _postgresql(engine: Engine, *, is_full: bool) -> bool:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM {'(FULL) ' if is_full else ''}{', '.join(TABLES)}"))
    return True

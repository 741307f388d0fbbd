"""Migrations: every change of a table, from the first on, for both engines.

May not: change what a released revision does, or know a key: sealed values move as the bytes that they are.
`upgrade` brings a database to the newest; `drift` says what differs between the tables in code and in a database, and
must be empty after an upgrade (tests/hub/store/test_migrations.py).
"""

from importlib.resources import files
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from hub.store.engine import Store
from hub.store.tables import METADATA


def upgrade(store: Store, revision: str = "head") -> None:
    """Bring the database to a revision, in one transaction."""
    command.upgrade(_config(store), revision)


def downgrade(store: Store, revision: str = "base") -> None:
    """Take the database back to a revision."""
    command.downgrade(_config(store), revision)


def current(store: Store) -> str | None:
    """The revision of the database; None if it has none."""
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def drift(store: Store) -> list[Any]:
    """The differences between the tables in code and in the database."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_modelled})
        return list(compare_metadata(context, METADATA))


def _is_modelled(name: str | None, kind: str, _parents: object) -> bool:
    # The text index is each engine's own: no model describes it, and FTS5 keeps tables of its own behind it.
    return not (kind == "table" and (name or "").startswith("search_text"))


def _scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("hub.store") / "migrations"))
    return config


def _config(store: Store) -> Config:
    config = _scripts()
    config.attributes["engine"] = store.engine.execution_options(hub_writes=True)
    config.attributes["metadata"] = METADATA
    return config


def newest(_store: Store) -> str | None:
    """The revision that this version of the hub needs."""
    return newest_known()


def newest_known() -> str | None:
    """The same, without a database."""
    return ScriptDirectory.from_config(_scripts()).get_current_head()

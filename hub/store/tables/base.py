"""How columns and indexes are written, the same for every table."""

from typing import Any

from sqlalchemy import Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from hub.store.columns import Document, Instant, Number, Sortable

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = SQLModel.metadata
METADATA.naming_convention = NAMING


def instant(*, index: bool = False, nullable: bool = False) -> Any:
    """An instant in UTC."""
    return Field(default=None, sa_column=Column(Instant(), index=index, nullable=nullable))


def blob(*, nullable: bool = False) -> Any:
    """Bytes as they are."""
    return Field(default=None, sa_column=Column(LargeBinary(), nullable=nullable))


def document(*, nullable: bool = False) -> Any:
    """A JSON document."""
    return Field(default=None, sa_column=Column(Document, nullable=nullable))


def number(*, is_key: bool = False) -> Any:
    """A whole number of 64 bits; as a key, given by the hub, never by the database."""
    return Field(default=0, sa_column=Column(Number, primary_key=is_key, autoincrement=False, nullable=False))


def sortable(*, is_key: bool = False) -> Any:
    """Text that sorts by its bytes."""
    return Field(default="", sa_column=Column(Sortable, primary_key=is_key, nullable=False))


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows that a condition picks."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))

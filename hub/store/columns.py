"""Column types that mean the same on both engines."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

Document = JSON().with_variant(JSONB(), "postgresql")
Number = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself only for INTEGER
# Text that sorts by its bytes on both engines: PostgreSQL would sort by the rules of some language.
Sortable = String().with_variant(String(collation="C"), "postgresql")


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. SQLite forgets offsets, so they are taken off before and put back after."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database; raises ValueError for an instant without offset, for nobody knows which one it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "an instant without offset cannot be stored"
            raise ValueError(message)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        found: datetime = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return found

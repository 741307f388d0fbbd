"""The only room that speaks SQL.

May not: decide anything that a service decides, open a sealed value, or commit anywhere but in `engine.Store`. The same
code runs on SQLite (WAL, synchronous=FULL, BEGIN IMMEDIATE for writers) and PostgreSQL.
"""

from hub.store.engine import Session, Store

__all__ = ["Session", "Store"]

"""The only room that speaks SQL.

May not: decide anything that a service decides, open a sealed value, or commit anywhere but in `engine.Store`. The same
code runs on SQLite (WAL, synchronous=FULL, BEGIN IMMEDIATE for writers) and PostgreSQL.
"""

from sqlmodel import Session

from hub.store.engine import Store

__all__ = ["Session", "Store"]

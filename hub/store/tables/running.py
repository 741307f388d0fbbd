"""What keeps the service running: who spent how much of its allowance."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from hub.store.tables.base import instant


class Allowance(SQLModel, table=True):
    """What a token took of its allowance in the window that began then. Nothing of where it called from."""

    token_id: str = Field(primary_key=True, foreign_key="token.id")
    kind: str = Field(primary_key=True)  # which allowance: reading, writing, …
    began_at: datetime = instant()
    taken: int

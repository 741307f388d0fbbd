"""What an examination finds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing amiss: what was seen, what it means, and the one command that mends it."""

    check: str
    seen: str
    means: str
    mend: str

"""What the guard found: where and by which rule, and never what."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Code = Callable[[str], str]  # a keyed hash: the same words give the same code, and no code gives its words


class Kind(StrEnum):
    """What sort of thing was found."""

    WITHHELD = "withheld"
    SECRET = "secret"  # noqa: S105 - a kind of finding
    PERSON = "person"
    UNREAD = "unread"  # more code in it than the guard reads


@dataclass(frozen=True, order=True)
class Hit:
    """One finding: the field that would say it, the rule, and of a withheld value which field it is the value of."""

    field: str
    rule: str
    of: str
    code: str  # of what was found: by it a decision is remembered
    kind: Kind = Kind.WITHHELD

    @property
    def key(self) -> tuple[str, str, str]:
        """What a decision is about: the same words in the same field by the same rule."""
        return self.field, self.rule, self.code

"""Traffic Light Protocol 2.0: how far a report may travel as written (FIRST, TLP 2.0, August 2022)."""

from enum import StrEnum


class TLP(StrEnum):
    """The five labels, declared from the widest to the narrowest reach."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"

    @property
    def rank(self) -> int:
        """How narrow this label is: 0 for CLEAR, 4 for RED."""
        return list(TLP).index(self)

    def is_within(self, ceiling: "TLP") -> bool:
        """Whether something with this label may be shown where `ceiling` is the highest label allowed."""
        return self.rank <= ceiling.rank

"""Ratios: two things timed in turns in the same run, so that whatever else the machine does slows both."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Ratio:
    """How long one thing took in terms of another."""

    what: str
    against: str
    own: float  # seconds, the median of all turns
    other: float

    @property
    def value(self) -> float:
        """How many times as long."""
        return self.own / self.other

    @property
    def row(self) -> tuple[str, str, str, str]:
        """A row of the table."""
        return self.what, self.against, f"{self.value:.1f}", f"{self.own * 1000:.2f} ms : {self.other * 1000:.2f} ms"


COLUMNS = ("what", "against", "ratio", "medians here")


def compare(
    what: str, own: Callable[[], object], against: str, other: Callable[[], object], *, turns: int = 100
) -> Ratio:
    """Time two things in turns."""
    for _ in range(max(3, turns // 20)):  # what is loaded at first use
        own()
        other()
    pairs = [(seconds(own), seconds(other)) for _ in range(turns)]
    return Ratio(what, against, median(one for one, _ in pairs), median(one for _, one in pairs))


def seconds(work: Callable[[], object]) -> float:
    """How long something takes, once."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before

"""Quotes: stretches that a text has in common with a long withheld one.

A withheld text is kept as blocks of twenty letters and digits, each with where it stands; forty in a row always hold
one whole block. So a text is read once, whatever the length of what it is compared with.
"""

from dataclasses import dataclass, field

BLOCK = 20
LEAST = 2 * BLOCK  # letters and digits in a row: seven or eight words
ALIKE = 8  # places that are remembered of a block that several texts have


@dataclass
class Quotes:
    """Long withheld texts, normalised, and the blocks by which they are found."""

    texts: list[tuple[str, str]] = field(default_factory=list)  # (text, path)
    blocks: dict[str, list[tuple[int, int]]] = field(default_factory=dict)  # block → (which text, where in it)

    def add(self, key: str, path: str) -> None:
        """Add a text as it is compared."""
        number = len(self.texts)
        self.texts.append((key, path))
        for start in range(0, len(key) - BLOCK + 1, BLOCK):
            places = self.blocks.setdefault(key[start : start + BLOCK], [])
            if len(places) < ALIKE:
                places.append((number, start))

    def found_in(self, stripped: str) -> list[tuple[int, str, str]]:
        """Where a text quotes one of these: the place, the stretch, and the path of what it quotes."""
        found, place, blocks = [], 0, self.blocks
        while blocks and place <= len(stripped) - BLOCK:
            hits = blocks.get(stripped[place : place + BLOCK], ())
            stretches = [(*_stretch(stripped, place, self.texts[one][0], at), self.texts[one][1]) for one, at in hits]
            first, last, path = max(stretches, key=lambda one: one[1] - one[0], default=(place, place, ""))
            if last - first >= LEAST:
                found.append((first, stripped[first:last], path))
                place = last
            else:
                place += 1
        return found


def _stretch(one: str, at: int, other: str, there: int) -> tuple[int, int]:
    """How far two texts agree around a place where they do."""
    back = 0
    while back < min(at, there) and one[at - back - 1] == other[there - back - 1]:
        back += 1
    on, most = BLOCK, min(len(one) - at, len(other) - there)
    while on < most and one[at + on] == other[there + on]:
        on += 1
    return at - back, at + on

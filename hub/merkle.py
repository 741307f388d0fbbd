"""A Merkle tree as RFC 6962 hashes it, read through tiles (C2SP tlog-tiles): roots, proofs and their verification.

Pure. The tree's leaves are `leaf_hash(…)` of what was logged; a node is a complete subtree, named by its height and its
number at that height. A *tile* holds up to 256 neighbouring nodes of height 8·level, so that a proof in a log of a
million leaves reads a handful of them.
"""

import hashlib
from collections.abc import Sequence
from typing import Protocol

WIDE, TALL, HASH = 256, 8, 32  # nodes of a tile; heights between two levels of tiles; bytes
EMPTY = hashlib.sha256().digest()  # the root of a tree without leaves


class Tiles(Protocol):
    """Where the hashes of tiles are read: at least those that lie in the tree that is asked about."""

    def __call__(self, level: int, number: int) -> bytes:
        """The hashes of a tile, one after the other."""


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962, 2.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962, 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def folded(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring nodes of one height, as many as a power of two."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def hashes_of(tile: bytes) -> list[bytes]:
    """The hashes of a tile, each by itself."""
    return [tile[at : at + HASH] for at in range(0, len(tile), HASH)]


def root(tiles: Tiles, size: int) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _range(tiles, 0, size) if size else EMPTY


def inclusion(tiles: Tiles, index: int, size: int) -> list[bytes]:
    """The path that shows a leaf in the tree of `size` leaves (RFC 6962, 2.1.1)."""
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range(tiles, middle, end))
            end = middle
        else:
            path.append(_range(tiles, start, middle))
            start = middle
    return path[::-1]


def consistency(tiles: Tiles, earlier: int, size: int) -> list[bytes]:
    """What shows that the tree of `earlier` leaves, at least one, begins that of `size` leaves (RFC 6962, 2.1.2)."""
    path, start, end, is_whole = [], 0, size, True
    while earlier != end:
        middle = start + _split(end - start)
        if earlier <= middle:
            path.append(_range(tiles, middle, end))
            end = middle
        else:
            path.append(_range(tiles, start, middle))
            start, is_whole = middle, False
    return [*([] if is_whole else [_range(tiles, start, end)]), *path[::-1]]


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], top: bytes) -> bool:
    """Whether a path leads from a leaf's hash to a root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == top


def is_consistent(earlier: int, size: int, path: Sequence[bytes], before: bytes, after: bytes) -> bool:
    """Whether a path shows that the earlier tree begins the later (RFC 9162, 2.1.4.2)."""
    if not 0 < earlier <= size or (earlier == size and path):
        return False
    if earlier == size:
        return before == after
    steps = [before, *path] if earlier & (earlier - 1) == 0 else [*path]
    if not steps:
        return False
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == before and new == after


class Stack:
    """A tree to which leaves are only added: the roots of its complete subtrees, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add a leaf's hash."""
        self._peaks.append(leaf)
        self.size += 1
        rest = self.size
        while not rest & 1:
            right = self._peaks.pop()
            self._peaks[-1] = node_hash(self._peaks[-1], right)
            rest >>= 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        return _joined(self._peaks) if self._peaks else EMPTY


def _range(tiles: Tiles, start: int, end: int) -> bytes:
    """The root over leaves start to end, where start is a multiple of every power of two that the range needs."""
    peaks = []
    while start < end:
        height = (end - start).bit_length() - 1
        peaks.append(_node(tiles, height, start >> height))
        start += 1 << height
    return _joined(peaks)


def _joined(peaks: Sequence[bytes]) -> bytes:
    found = peaks[-1]
    for peak in reversed(peaks[:-1]):
        found = node_hash(peak, found)
    return found


def _node(tiles: Tiles, height: int, number: int) -> bytes:
    """The hash of a complete subtree, folded from the tile below it."""
    level, above = divmod(height, TALL)
    first = number << above
    tile, place = divmod(first, WIDE)
    hashes = tiles(level, tile)
    return folded(hashes_of(hashes[place * HASH : (place + (1 << above)) * HASH]))


def _split(count: int) -> int:
    """The largest power of two below a count (RFC 6962, 2.1)."""
    return 1 << ((count - 1).bit_length() - 1)

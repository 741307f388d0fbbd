"""The tree of RFC 6962: its published vectors, its definition word by word, and what tiles make of it."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import merkle
from hub.merkle import WIDE, Stack

# Of certificate-transparency's own tests (merkletree): eight leaves, and the root after each of them.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Kept:
    """Tiles of a list of leaf hashes, counted as they are read."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.levels = [list(leaves)]
        while len(self.levels[-1]) >= WIDE:
            below = self.levels[-1]
            whole = len(below) // WIDE * WIDE
            self.levels.append([merkle.folded(below[at : at + WIDE]) for at in range(0, whole, WIDE)])
        self.read: set[tuple[int, int]] = set()

    def __call__(self, level: int, number: int) -> bytes:
        self.read.add((level, number))
        return b"".join(self.levels[level][number * WIDE : (number + 1) * WIDE])


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, as it stands there."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


def some(count: int) -> list[bytes]:
    return [merkle.leaf_hash(number.to_bytes(4)) for number in range(count)]


MANY = some(1500)
KEPT = Kept(MANY)


def test_the_published_roots() -> None:
    stack, hashes = Stack(), [merkle.leaf_hash(bytes.fromhex(one)) for one in LEAVES]
    assert stack.root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for size, wanted in enumerate(ROOTS, 1):
        stack.add(hashes[size - 1])
        assert stack.root().hex() == wanted == merkle.root(Kept(hashes), size).hex()


def test_the_published_proofs() -> None:
    """RFC 6962, 2.1.3, of the same leaves: the paths of leaf 0 in 8, and of 6 to 8."""
    kept = Kept([merkle.leaf_hash(bytes.fromhex(one)) for one in LEAVES])
    assert [one.hex() for one in merkle.inclusion(kept, 0, 8)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [one.hex() for one in merkle.consistency(kept, 6, 8)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.integers(0, 700))
def test_tiles_and_stack_make_the_root_of_the_definition(size: int) -> None:
    stack = Stack()
    for one in MANY[:size]:
        stack.add(one)
    assert merkle.root(KEPT, size) == by_definition(MANY[:size]) == stack.root()


@given(st.data())
def test_every_leaf_has_a_path_and_no_other_leaf_or_place_has_the_same(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(MANY)))
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    path, top = merkle.inclusion(KEPT, index, size), merkle.root(KEPT, size)
    assert merkle.is_included(MANY[index], index, size, path, top)
    if other != index:
        assert not merkle.is_included(MANY[other], index, size, path, top)
        assert not merkle.is_included(MANY[index], other, size, path, top)
    assert not merkle.is_included(MANY[index], index, size, [*path, top], top)
    for at in range(len(path)):
        assert not merkle.is_included(MANY[index], index, size, path[:at] + path[at + 1 :], top)
        assert not merkle.is_included(MANY[index], index, size, [*path[:at], top, *path[at + 1 :]], top)


@given(st.data())
def test_an_earlier_tree_begins_a_later_one_and_no_other_does(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(MANY)))
    earlier = data.draw(st.integers(1, size))
    path = merkle.consistency(KEPT, earlier, size)
    before, after = merkle.root(KEPT, earlier), merkle.root(KEPT, size)
    assert merkle.is_consistent(earlier, size, path, before, after)
    forged = merkle.leaf_hash(b"another log")
    assert not merkle.is_consistent(earlier, size, path, forged, after)
    assert not merkle.is_consistent(earlier, size, path, before, forged)
    assert not merkle.is_consistent(earlier, size, [*path, forged], before, after)
    for at in range(len(path)):
        assert not merkle.is_consistent(earlier, size, [*path[:at], forged, *path[at + 1 :]], before, after)


@pytest.mark.parametrize("index", [0, 123_456, 999_999])
def test_a_proof_in_a_log_of_a_million_reads_a_handful_of_tiles(index: int) -> None:
    class Empty:
        def __init__(self) -> None:
            self.read: set[tuple[int, int]] = set()

        def __call__(self, level: int, number: int) -> bytes:
            self.read.add((level, number))
            return bytes(32 * WIDE)

    tiles = Empty()
    assert len(merkle.inclusion(tiles, index, 1_000_000)) <= 20
    assert len(tiles.read) <= 6

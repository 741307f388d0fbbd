"""Sealing: what every later release must still open, and what none may ever open."""

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import assume, given
from hypothesis import strategies as st

from hub import seal
from hub.errors import Tampered
from hub.seal import Place
from tests.strategies import LAW, json_values

PLACE = Place("d-1", "o-1", "r-1", 1)
DEK, PRIVATE, KEK, ROOT = (bytes(range(start, start + 32)) for start in (0, 32, 64, 96))
PUBLIC = bytes.fromhex("358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254")
# Made by release 0.1. Change the format as you like under another format byte; these stay as they are, for ever.
FIELD = bytes.fromhex(
    "01012c4adc6a80b8f65dbe4a4cb66295284b5ca1b754debdb7aa3643de8759db6a03f0bf20e5b9e6754bf48f61965c9bc0c783291862225be93"
    "3ff32db4714c7302f8af0cab9288b6015e88f727fe01805cb7848347c52a60fee11aa06b9"
)
BY_INTAKE = bytes.fromhex(
    "f2efe765c742f998522d2c7777ffca643eb925b45ddea52a49361666946dd924bdf29a93068077200b3064c197caaeb5b3a9bc364337d3b8239"
    "148bd23bc02c5e0fbdfbf72e3c9bce2df4ccffc62f8e4"
)
BY_ADMISSION = bytes.fromhex(
    "010166f0eb19eafe17e87fe9341789f241b46e5a435a031d007a208b3d78235ece7eebcd3fcfa449c37b2322304f829b7e1fccb3b0810285021"
    "bcdd3c397"
)
BY_ROOT = bytes.fromhex(
    "01018baacf9d551b7aa1c886c7d5eece361171f6a503260cf5747265becfc151bc9d017071297d62afa8644ca6ffbc695dc5655d52c01f7c8ed"
    "e73bb74d4"
)
TRANSPLANTS = {
    "deployment": (replace(PLACE, deployment="d-2"), "title"),
    "organisation": (replace(PLACE, organisation="o-2"), "title"),
    "report": (replace(PLACE, report="r-2"), "title"),
    "revision": (replace(PLACE, revision=2), "title"),
    "field": (PLACE, "description"),
}
names = st.text(st.characters(codec="utf-8"), max_size=8)
places = st.builds(Place, names, names, names, st.integers(0, 10**6))


def test_a_field_that_release_0_1_sealed_still_opens() -> None:
    assert seal.open_field(DEK, PLACE, "title", FIELD) == {"/title": "Sealed in release 1: é"}


def test_the_keys_that_release_0_1_wrapped_still_unwrap() -> None:
    assert seal.unwrap_from_intake(PRIVATE, BY_INTAKE, PLACE, "report") == DEK
    assert seal.unwrap_under(KEK, BY_ADMISSION, PLACE, "report") == DEK
    assert seal.unwrap_secret(ROOT, BY_ROOT, "kek", "1") == KEK


def test_what_release_0_1_derived_is_derived_the_same() -> None:
    assert X25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw() == PUBLIC
    assert seal.derive(DEK, "hub.field.v1", "title").hex() == (
        "9fcc8170dee927f9579cf64a23f15ecfc42377534f35f400fda960be3d1f93a9"
    )
    assert seal.commitment(DEK).hex() == "e61111da17665c765fddbb2bf159292c20198d9e63fd2e487919fdb182d001da"
    assert PLACE.bind("hub.field.v1", "title").hex() == (
        "0000000c6875622e6669656c642e763100000003642d31000000036f2d3100000003722d310000000131000000057469746c65"
    )
    assert seal.frame({"title": b"\x01\x02"}).hex() == "0005000000027469746c650102"


@pytest.mark.parametrize(("place", "path"), TRANSPLANTS.values(), ids=TRANSPLANTS)
def test_a_ciphertext_that_was_moved_does_not_open(place: Place, path: str) -> None:
    with pytest.raises(Tampered):
        seal.open_field(DEK, place, path, FIELD)


@pytest.mark.parametrize("place", [place for place, _ in list(TRANSPLANTS.values())[:4]], ids=list(TRANSPLANTS)[:4])
def test_a_wrapped_key_that_was_moved_does_not_unwrap(place: Place) -> None:
    with pytest.raises(Tampered):
        seal.unwrap_from_intake(PRIVATE, BY_INTAKE, place, "report")
    with pytest.raises(Tampered):
        seal.unwrap_under(KEK, BY_ADMISSION, place, "report")


def test_the_key_of_an_identity_is_not_the_key_of_a_report() -> None:
    with pytest.raises(Tampered):
        seal.unwrap_from_intake(PRIVATE, BY_INTAKE, PLACE, "identity")
    with pytest.raises(Tampered):
        seal.unwrap_under(KEK, BY_ADMISSION, PLACE, "identity")


@pytest.mark.parametrize("sealed", [FIELD, BY_INTAKE, BY_ADMISSION, BY_ROOT], ids=["field", "intake", "kek", "root"])
def test_every_flipped_bit_and_every_cut_is_noticed(sealed: bytes) -> None:
    for changed in (*flipped(sealed), *(sealed[:length] for length in range(len(sealed))), sealed + b"\0"):
        with pytest.raises(Tampered):
            opened(sealed, changed)


@LAW
@given(places, st.data(), names, json_values)
def test_no_value_opens_at_another_place(place: Place, data: st.DataObject, path: str, value: Any) -> None:
    sealed = seal.seal_field(DEK, place, path, value)
    assert seal.open_field(DEK, place, path, sealed) == value
    other, elsewhere = data.draw(places), data.draw(names)
    assume((other, elsewhere) != (place, path))
    with pytest.raises(Tampered):
        seal.open_field(DEK, other, elsewhere, sealed)


@LAW
@given(st.tuples(names, names, names, names), st.tuples(names, names, names, names))
def test_no_two_places_look_alike(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    bound = [
        Place(deployment, organisation, report, 1).bind(path) for deployment, organisation, report, path in (one, other)
    ]
    assert (bound[0] == bound[1]) is (one == other)


def test_the_same_value_never_gives_the_same_bytes_twice() -> None:
    assert len({seal.seal_field(DEK, PLACE, "title", "the same") for _ in range(50)}) == 50


def test_the_length_of_a_value_shows_only_as_its_size_class() -> None:
    lengths = {size: len(seal.seal_field(DEK, PLACE, "title", "x" * size)) for size in range(0, 3000, 7)}
    assert len(set(lengths.values())) == 4
    assert lengths[0] == lengths[56]
    assert len(seal.seal_field(DEK, PLACE, "title", "x" * 200_000)) % 65536 == len(seal.FORMAT) + 12 + 16


def test_another_data_key_opens_nothing() -> None:
    with pytest.raises(Tampered):
        seal.open_field(KEK, PLACE, "title", FIELD)
    assert seal.commitment(KEK) != seal.commitment(DEK)


@LAW
@given(st.dictionaries(names, st.binary(max_size=40), max_size=5))
def test_a_row_of_ciphertexts_comes_back_and_a_cut_one_is_noticed(blobs: dict[str, bytes]) -> None:
    framed = seal.frame(blobs)
    assert seal.unframe(framed) == blobs
    for length in range(1, len(framed)):
        try:
            shorter = seal.unframe(framed[:length])
        except Tampered:
            continue
        assert len(shorter) < len(blobs)


def test_a_damaged_row_of_ciphertexts_is_tampered_with_whatever_the_damage() -> None:
    """Any other error would end admission of the whole batch, and of every batch after it."""
    for changed in flipped(seal.frame({"title": b"\x01\x02", "systems[].name": b"\x03"})):
        try:
            seal.unframe(changed)
        except Tampered:
            continue


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=99), min_size=1, max_size=4), st.integers(1, 9))
def test_the_way_of_a_scan_opens_what_the_plain_way_opens(values: dict[str, str], revision: int) -> None:
    place, paths = replace(PLACE, revision=revision), frozenset(list(values)[:2])
    blobs = {path: seal.seal_field(DEK, place, path, {"/": value}) for path, value in values.items()}
    wrapped = seal.wrap_under(KEK, DEK, place, "report")
    found = seal.open_texts(KEK, wrapped, place, seal.frame(blobs), paths)
    assert {path: json.loads(text) for path, text in found.items()} == {path: {"/": values[path]} for path in paths}


@pytest.mark.parametrize(("place", "path"), TRANSPLANTS.values(), ids=TRANSPLANTS)
def test_the_way_of_a_scan_notices_what_was_moved_changed_or_cut(place: Place, path: str) -> None:
    blob, wrapped = seal.seal_field(DEK, PLACE, "title", "x"), seal.wrap_under(KEK, DEK, PLACE, "report")
    whole = seal.frame({"title": blob})
    assert seal.open_texts(KEK, wrapped, PLACE, whole, frozenset({"title"}))
    spoilt = [
        (seal.wrap_under(KEK, DEK, place, "report"), place, path, seal.frame({path: blob})),  # the field was moved
        (wrapped, PLACE, "title", seal.frame({"title": blob[:-1] + bytes([blob[-1] ^ 1])})),
        (wrapped, PLACE, "title", whole[:-1]),
        (wrapped, PLACE, "poc", whole),
    ]
    if place != PLACE:  # its key was moved
        spoilt.append((wrapped, place, path, seal.frame({path: seal.seal_field(DEK, place, path, "x")})))
    for key, where, name, framed in spoilt:
        with pytest.raises(Tampered):
            seal.open_texts(KEK, key, where, framed, frozenset({name}))


def flipped(sealed: bytes) -> list[bytes]:
    """The bytes with each of their bits flipped in turn."""
    return [
        sealed[:place] + bytes([sealed[place] ^ 1 << bit]) + sealed[place + 1 :]
        for place in range(len(sealed))
        for bit in range(8)
    ]


def opened(kind: bytes, changed: bytes) -> Any:
    """What changed bytes of a kind open to."""
    match kind:
        case _ if kind is FIELD:
            return seal.open_field(DEK, PLACE, "title", changed)
        case _ if kind is BY_INTAKE:
            return seal.unwrap_from_intake(PRIVATE, changed, PLACE, "report")
        case _ if kind is BY_ADMISSION:
            return seal.unwrap_under(KEK, changed, PLACE, "report")
        case _:
            return seal.unwrap_secret(ROOT, changed, "kek", "1")

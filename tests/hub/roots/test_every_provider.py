"""What holds for every root provider: only the same key and the same context give a secret back."""

import pytest

from hub.errors import HubError, Tampered
from hub.roots import RootProvider
from tests.hub.roots.conftest import KINDS, PASSPHRASE, Making

SECRET = bytes(range(32))


@pytest.fixture(params=KINDS)
def root(request: pytest.FixtureRequest, make: Making) -> RootProvider:
    return make(request.param)


def test_a_secret_comes_back_for_its_context_and_for_no_other(root: RootProvider) -> None:
    wrapped = root.wrap(SECRET, "kek", "12")
    assert root.unwrap(wrapped, "kek", "12") == SECRET
    for other in (("kek", "1"), ("private", "12"), ("kek", "12", ""), ("kek1", "2"), ("kek",), ("12", "kek"), ()):
        with pytest.raises(Tampered):
            root.unwrap(wrapped, *other)


def test_a_changed_or_cut_secret_is_refused(root: RootProvider) -> None:
    wrapped = root.wrap(SECRET, "kek", "1")
    last = len(wrapped) - 1
    changed = [
        wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :] for at in (0, 1, len(wrapped) // 2, last - 3)
    ]
    for bad in (b"", b"x", wrapped[:1], wrapped[: last // 2], wrapped[:-4], b"\x00\xff" * 40, *changed):
        with pytest.raises(Tampered):
            root.unwrap(bad, "kek", "1")


@pytest.mark.parametrize("kind", KINDS)
def test_another_key_does_not_open_it(kind: str, make: Making) -> None:
    wrapped = make(kind).wrap(SECRET, "kek", "1")
    with pytest.raises(Tampered):
        make(kind).unwrap(wrapped, "kek", "1")


def test_a_secret_is_never_wrapped_to_the_same_bytes_twice_and_is_not_in_them(root: RootProvider) -> None:
    first, second = root.wrap(SECRET, "kek", "1"), root.wrap(SECRET, "kek", "1")
    assert first != second
    assert SECRET not in first


def test_what_is_rewrapped_is_the_same_secret_for_the_same_context(root: RootProvider) -> None:
    first = root.wrap(SECRET, "kek", "1")
    second = root.rewrap(first, "kek", "1")
    assert second != first
    assert root.unwrap(second, "kek", "1") == root.unwrap(first, "kek", "1") == SECRET
    with pytest.raises(Tampered):
        root.rewrap(first, "kek", "2")


def test_a_description_holds_nothing_secret(root: RootProvider, request: pytest.FixtureRequest) -> None:
    wrapped = root.wrap(SECRET, "kek", "1")
    told = root.describe()
    assert told.provider == root.name == request.node.callspec.params["root"]
    shown = f"{told!r} {root!r}"
    secrets = [PASSPHRASE.decode(), "testing-secret", wrapped.hex()]
    if hasattr(root, "root"):
        secrets.append(root.root.hex())
    if hasattr(root, "place") and hasattr(root.place, "token_file"):
        secrets.append(root.place.token_file.read_text().strip())
    assert [one for one in secrets if one in shown] == []


def test_what_an_error_says_holds_neither_secret_nor_wrapped_bytes(root: RootProvider) -> None:
    wrapped = root.wrap(SECRET, "kek", "1")
    with pytest.raises(HubError) as refused:
        root.unwrap(wrapped, "kek", "2")
    said = str(refused.value)
    assert wrapped.decode("latin-1")[-20:] not in said
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__, "the library's own words must not follow in a traceback"

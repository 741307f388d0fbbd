"""Keys: files that only their owner reads, that nothing writes over, and that no other root key opens."""

import stat
from pathlib import Path

import pytest

from hub.errors import NotReady, Tampered
from hub.keys import KeyDirectory, PublisherKeys, new_epoch, unwrap_epoch
from hub.roots import KeyFile
from hub.seal import new_key


@pytest.fixture
def directory(tmp_path: Path) -> KeyDirectory:
    made = KeyDirectory(tmp_path / "keys")
    made.create()
    return made


def test_only_their_owner_may_read_the_key_files(directory: KeyDirectory) -> None:
    assert stat.S_IMODE(directory.place.stat().st_mode) == 0o700
    files = list(directory.place.iterdir())
    assert {file.name for file in files} == set(KeyDirectory.FILES)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_keys_are_never_written_over(directory: KeyDirectory) -> None:
    before = {file.name: file.read_bytes() for file in directory.place.iterdir()}
    with pytest.raises(FileExistsError):
        directory.create()
    assert {file.name: file.read_bytes() for file in directory.place.iterdir()} == before


@pytest.mark.parametrize("name", KeyDirectory.FILES)
def test_not_even_one_key_file_that_is_left_is_written_over(tmp_path: Path, name: str) -> None:
    place = tmp_path / "keys"
    place.mkdir()
    (place / name).write_text("precious", "utf-8")
    with pytest.raises(FileExistsError):
        KeyDirectory(place).create()
    assert (place / name).read_text("utf-8") == "precious"


def test_two_hubs_share_no_key(tmp_path: Path) -> None:
    texts = []
    for name in ("one", "two"):
        made = KeyDirectory(tmp_path / name)
        made.create()
        texts += [file.read_text("utf-8") for file in made.place.iterdir()]
    assert len(set(texts)) == 2 * len(KeyDirectory.FILES)


def test_a_missing_key_file_is_named_with_its_remedy(directory: KeyDirectory) -> None:
    (directory.place / "publisher.key").unlink()
    with pytest.raises(NotReady, match=r"publisher\.key is missing; run `hub init`"):
        directory.publisher()
    assert directory.intake().replay, "a process needs no key file but its own"


def test_intake_can_be_given_its_file_alone(directory: KeyDirectory) -> None:
    for name in ("root.key", "intake.pub", "publisher.key"):
        (directory.place / name).unlink()
    held = directory.intake()
    assert held.signer.sign(b"x")
    with pytest.raises(NotReady):
        directory.root()


def test_a_wrong_root_key_is_refused(directory: KeyDirectory) -> None:
    epoch = new_epoch(1, directory.root())
    assert unwrap_epoch(epoch, directory.root()).number == 1
    with pytest.raises(Tampered):
        unwrap_epoch(epoch, KeyFile(new_key()))


def test_the_secrets_of_an_epoch_cannot_change_places() -> None:
    root = KeyFile(new_key())
    first, second = new_epoch(1, root), new_epoch(2, root)
    for private_key, kek in ((first.kek, first.private_key), (second.private_key, first.kek)):
        swapped = type(first)(1, first.public_key, private_key, kek, "keyfile")
        with pytest.raises(Tampered):
            unwrap_epoch(swapped, root)


def test_an_epoch_is_stored_without_its_secrets() -> None:
    root = KeyFile(new_key())
    stored = new_epoch(1, root)
    opened = unwrap_epoch(stored, root)
    assert opened.private_key not in stored.private_key
    assert opened.kek not in stored.kek
    assert len({stored.public_key, opened.private_key, opened.kek}) == 3


def test_a_replay_is_recognised_by_what_a_body_says_not_by_how_it_is_written(directory: KeyDirectory) -> None:
    keys = directory.intake()
    assert keys.replay_code({"a": 1, "b": "é"}) == keys.replay_code({"b": "é", "a": 1})
    assert (
        len({keys.replay_code(body) for body in ({"a": 1}, {"a": "1"}, {"a": 1.5}, {"a": None}, {}, {"a": [1]})}) == 6
    )


def test_without_the_replay_key_a_body_cannot_be_guessed_from_its_code(tmp_path: Path, directory: KeyDirectory) -> None:
    other = KeyDirectory(tmp_path / "other")
    other.create()
    assert directory.intake().replay_code({"a": 1}) != other.intake().replay_code({"a": 1})


def test_a_pseudonym_is_stable_within_one_audience_and_unlinkable_between_two() -> None:
    keys = PublisherKeys(bytes(range(32)))
    assert keys.pseudonym("members", "o", "Acme Labs") == keys.pseudonym("members", "o", "ACME labs")
    assert keys.pseudonym("members", "o", "Acme Labs") != keys.pseudonym("trusted", "o", "Acme Labs")
    assert keys.pseudonym("members", "o", "Acme Labs") != PublisherKeys(new_key()).pseudonym(
        "members", "o", "Acme Labs"
    )
    told = keys.pseudonym("members", "another filer", "Acme Labs")
    assert told != keys.pseudonym("members", "o", "Acme Labs"), "filing a name must not tell its pseudonym elsewhere"
    names = {keys.pseudonym("members", "o", f"Organisation {number}") for number in range(500)}
    assert len(names) == 500
    assert all(name.startswith("org-") and len(name) == 10 for name in names)


def test_what_the_guard_found_is_remembered_by_a_code_that_gives_nothing_back() -> None:
    keys = PublisherKeys(bytes(range(32)))
    code = keys.guard_code("o", "withheld-name|acmelabs")
    assert code == keys.guard_code("o", "withheld-name|acmelabs")
    others = [keys.guard_code("another filer", "withheld-name|acmelabs"), keys.guard_code("o", "withheld-name|acme")]
    others += [PublisherKeys(new_key()).guard_code("o", "withheld-name|acmelabs"), keys.pseudonym("o", "o", "acmelabs")]
    assert code not in others
    assert len(code) == 32
    assert "acme" not in code
    assert keys.guard_code("o", "half a pair: \ud83d") != code, "whatever a text holds"

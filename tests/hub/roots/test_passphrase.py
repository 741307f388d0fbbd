"""A passphrase: Argon2id at its stated cost, from a file or a terminal, and never less than it should be."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hub.errors import NotReady, Tampered
from hub.roots import complete, in_file, parse
from hub.roots.passphrase import Cost, Passphrase
from hub.seal import unwrap_secret
from tests.hub.roots.conftest import PASSPHRASE, of

SECRET = bytes(range(32))
SALT = "00112233445566778899aabbccddeeff"


def test_the_root_is_argon2id_of_the_passphrase_at_the_cost_that_is_written_down() -> None:
    root = Passphrase(lambda: PASSPHRASE, Cost(bytes.fromhex(SALT)))
    key = Argon2id(salt=bytes.fromhex(SALT), length=32, iterations=3, lanes=4, memory_cost=65536).derive(PASSPHRASE)
    assert unwrap_secret(key, root.wrap(SECRET, "kek", "1"), "kek", "1") == SECRET


def test_two_hubs_with_one_passphrase_have_two_keys() -> None:
    texts = {complete({"provider": "passphrase"}) for _ in range(2)}
    assert len(texts) == 2, "each has a salt of its own"
    first, second = (of(text) for text in texts)
    with pytest.raises(Tampered, match="the passphrase is another one"):
        second.unwrap(first.wrap(SECRET, "kek", "1"), "kek", "1")


def test_another_passphrase_is_refused_in_words() -> None:
    text = complete({"provider": "passphrase"})
    wrapped = of(text).wrap(SECRET, "kek", "1")
    with pytest.raises(Tampered, match="the passphrase is another one") as refused:
        of(text, lambda: b"correct horse battery staple six wordz").unwrap(wrapped, "kek", "1")
    assert "horse" not in str(refused.value)


def test_a_description_asks_for_no_passphrase() -> None:
    def ask() -> bytes:
        raise AssertionError

    told = of(complete({"provider": "passphrase"}), ask).describe()
    assert told.key.startswith("Argon2id, 64 MiB, 3 passes, 4 lanes, salt ")


def test_a_file_may_end_in_a_line_end_and_a_missing_one_is_named(tmp_path: Path) -> None:
    for end in (b"", b"\n", b"\r\n"):
        (tmp_path / "words").write_bytes(PASSPHRASE + end)
        assert in_file(tmp_path / "words")() == PASSPHRASE
    with pytest.raises(NotReady, match="cannot be read: No such file"):
        in_file(tmp_path / "nothing")()
    with pytest.raises(NotReady, match="let HUB_PASSPHRASE_FILE name the file"):
        in_file(None)()


@pytest.mark.parametrize("words", [b"", b"short", b"fifteen bytes.."])
def test_a_short_passphrase_is_refused(words: bytes) -> None:
    with pytest.raises(NotReady, match="shorter than 16 bytes"):
        of(complete({"provider": "passphrase"}), lambda: words).wrap(SECRET, "kek", "1")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f'salt = "{SALT}"\nmemory = 65535', "memory must be a whole number from 65536"),
        (f'salt = "{SALT}"\ntime = 2', "time must be a whole number from 3"),
        (f'salt = "{SALT}"\nlanes = 1', "lanes must be a whole number from 4"),
        (f'salt = "{SALT}"\nlanes = true', "lanes must be a whole number"),
        (f'salt = "{SALT}"\nmemory = 999999999', "memory must be a whole number"),
        ('salt = "0011"', "at least 16 bytes"),
        ('salt = "so salty"', "salt must be hexadecimal"),
        ("salt = 5", "salt must be hexadecimal"),
        ("time = 3", "salt must be hexadecimal"),
    ],
)
def test_less_than_the_least_is_refused(said: str, told: str) -> None:
    with pytest.raises(NotReady, match=told):
        of(f'provider = "passphrase"\n{said}\n')


def test_a_stronger_cost_is_kept_when_the_salt_is_added() -> None:
    said = parse(complete(parse('provider = "passphrase"\nmemory = 131072\n')))
    assert (said["memory"], said["time"], len(said["salt"])) == (131072, 3, 32)

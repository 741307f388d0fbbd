"""Which provider a hub has, and how it changes without a moment in which it has none."""

import json
import sys
from pathlib import Path

import pytest

from hub.errors import Conflict, NotReady, Tampered
from hub.keys import KeyDirectory
from hub.roots import KeyFile, changing, complete, provider_of
from hub.roots.choosing import Change
from hub.roots.provider import Description
from hub.seal import new_key
from tests.hub.roots.conftest import PASSPHRASE, of

SECRET = bytes(range(32))


@pytest.fixture
def directory(tmp_path: Path) -> KeyDirectory:
    made = KeyDirectory(tmp_path / "keys", lambda: PASSPHRASE)
    made.create()
    return made


def test_without_root_toml_it_is_the_key_file(directory: KeyDirectory) -> None:
    assert isinstance(directory.root(), KeyFile)
    assert not (directory.place / "root.toml").exists(), "homes of earlier versions go on as they are"


def test_a_prepared_root_toml_is_completed_and_no_key_file_made(tmp_path: Path) -> None:
    place = tmp_path / "keys"
    place.mkdir()
    (place / "root.toml").write_text('provider = "passphrase"\n', "utf-8")
    directory = KeyDirectory(place, lambda: PASSPHRASE)
    assert not directory.exists
    directory.create()
    assert directory.exists
    assert directory.root().name == "passphrase"
    assert not (place / "root.key").exists()
    assert (place / "root.toml").stat().st_mode & 0o077 == 0
    assert directory.root().unwrap(directory.root().wrap(SECRET, "a"), "a") == SECRET
    assert set(KeyDirectory.expected([one.name for one in place.iterdir()])) == {one.name for one in place.iterdir()}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("provider = keyfile", "cannot be read"),
        ('provider = "hsm"', "provider must be one of keyfile, passphrase, transit, aws"),
        ("", "provider must be one of"),
        ('provider = "keyfile"\nroot = "00"', "keyfile has no root"),
        ('provider = "keyfile"\nfile = "other.key"', r"other\.key is missing"),
        ('provider = "keyfile"\nfile = "../secret.key"', "is missing"),
        ('provider = "keyfile"\nfile = "intake.pub"', "is missing"),
    ],
)
def test_what_root_toml_may_not_say_is_refused(directory: KeyDirectory, text: str, told: str) -> None:
    (directory.place / "root.toml").write_text(text, "utf-8")
    with pytest.raises(NotReady, match=told):
        directory.root()


@pytest.mark.parametrize("content", ["", "{}", '{"root": "zz"}', '{"root": 5}', "[]"])
def test_a_damaged_key_file_is_named(directory: KeyDirectory, content: str) -> None:
    (directory.place / "root.key").write_text(content, "utf-8")
    with pytest.raises(NotReady, match=r"root\.key is no key file of the hub"):
        directory.root()


@pytest.mark.parametrize("library", [("hvac", "transit"), ("boto3", "aws")])
def test_a_missing_library_is_told_with_its_extra(library: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    name, extra = library
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, f"hub.roots.{extra}", raising=False)
    import hub.roots  # noqa: PLC0415

    monkeypatch.delattr(hub.roots, extra, raising=False)
    with pytest.raises(NotReady, match=rf"pip install 'incident-hub\[{extra}\]'"):
        of(f'provider = "{extra}"\n')


def test_while_a_change_is_under_way_both_roots_open_and_the_new_one_wraps(directory: KeyDirectory) -> None:
    before = directory.root().wrap(SECRET, "kek", "1")
    assert not changing.begin(directory.place, {"provider": "passphrase"})
    root = directory.root()
    assert isinstance(root, Change)
    assert root.name == "passphrase"
    assert root.unwrap(before, "kek", "1") == SECRET
    after = root.rewrap(before, "kek", "1")
    with pytest.raises(Tampered):
        root.unwrap(after, "kek", "2")
    changing.finish(directory.place)
    assert directory.root().unwrap(after, "kek", "1") == SECRET
    with pytest.raises(Tampered):
        directory.root().unwrap(before, "kek", "1")
    assert changing.tidy(directory.place) == ["root.key"]
    assert directory.exists


def test_a_change_that_was_cut_off_is_gone_on_with_and_not_crossed_by_another(directory: KeyDirectory) -> None:
    changing.begin(directory.place, {"provider": "passphrase"})
    salt = (directory.place / "root.next.toml").read_text("utf-8")
    assert changing.begin(directory.place, {"provider": "passphrase"})
    assert (directory.place / "root.next.toml").read_text("utf-8") == salt
    with pytest.raises(Conflict, match="a change to passphrase is under way"):
        changing.begin(directory.place, {"provider": "keyfile"})


def test_one_key_file_gives_way_to_another(directory: KeyDirectory) -> None:
    old = directory.root()
    changing.begin(directory.place, {"provider": "keyfile"})
    changing.finish(directory.place)
    assert changing.tidy(directory.place) == ["root.key"]
    new = directory.root()
    assert isinstance(old, KeyFile)
    assert isinstance(new, KeyFile)
    assert new.root != old.root
    assert new.file.startswith("root-")
    assert (directory.place / new.file).stat().st_mode & 0o077 == 0


def test_when_the_new_root_is_not_to_be_had_the_old_one_still_opens() -> None:
    class Gone:
        name = "gone"

        def unwrap(self, wrapped: bytes, *context: str) -> bytes:
            raise NotReady(str(len(wrapped)))

        wrap = rewrap = unwrap

        def describe(self) -> Description:
            raise NotReady

    old, other = KeyFile(new_key()), KeyFile(new_key())
    change = Change(Gone(), old)
    assert change.unwrap(old.wrap(SECRET, "a"), "a") == SECRET
    with pytest.raises(NotReady):
        change.unwrap(other.wrap(SECRET, "a"), "a")


def test_a_hub_can_be_told_by_files_in_memory_alone(directory: KeyDirectory) -> None:
    copied = {one.name: one.read_bytes() for one in directory.place.iterdir()}
    wrapped = directory.root().wrap(SECRET, "a")
    assert provider_of(copied.get, bytes).unwrap(wrapped, "a") == SECRET
    assert json.loads(copied["root.key"])["root"] not in repr(provider_of(copied.get, bytes))
    assert complete({"provider": "keyfile"}) == 'provider = "keyfile"\n'

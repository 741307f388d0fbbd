"""The key files travel alone, whole, and never over other ones."""

import io
import stat
import tarfile

import pytest

from hub import archive
from hub.errors import Conflict, NotReady, Tampered
from hub.keys import KeyDirectory


@pytest.fixture
def copied(world, tmp_path):
    place = tmp_path / "keys.tar"
    archive.backup_keys(world.hub.config.keys, place)
    return place


def contents(directory):
    return {one.name: one.read_bytes() for one in directory.iterdir()}


def test_the_key_files_come_back_as_they_were(world, copied, tmp_path):
    names = archive.restore_keys(copied, tmp_path / "new.keys")
    assert contents(tmp_path / "new.keys") == contents(world.hub.config.keys)
    assert set(names) == {*KeyDirectory.FILES, "epoch.pub"}
    assert stat.S_IMODE((tmp_path / "new.keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "new.keys").iterdir()} == {0o600}
    assert stat.S_IMODE(copied.stat().st_mode) == 0o600


def test_the_same_keys_may_be_put_back_again_and_others_never(world, copied, tmp_path):
    keys = world.hub.config.keys
    archive.restore_keys(copied, keys)
    (keys / "root.key").write_text("{}")
    with pytest.raises(Conflict, match="other key files"):
        archive.restore_keys(copied, keys)
    assert (keys / "root.key").read_text() == "{}"


def test_a_copy_of_keys_is_never_written_over(world, copied):
    with pytest.raises(Conflict, match="exists"):
        archive.backup_keys(world.hub.config.keys, copied)


def test_a_directory_without_keys_is_no_copy(tmp_path):
    with pytest.raises(NotReady, match="HUB_KEYS"):
        archive.backup_keys(tmp_path, tmp_path / "keys.tar")


def entry(name, content=b"{}", kind=tarfile.REGTYPE):
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = kind, len(content), "/etc/passwd"
    return made, content


@pytest.mark.parametrize(
    "wrong",
    [
        entry("../root.key"),
        entry("/etc/root.key"),
        entry("sub/root.key"),
        entry(".."),
        entry("root.key", b"", tarfile.SYMTYPE),
        entry("root.key", b"", tarfile.FIFOTYPE),
        entry("root.key", b"x" * ((1 << 20) + 1)),
        entry("intake.key"),  # the others are missing
    ],
    ids=["above", "absolute", "below", "dots", "link", "pipe", "huge", "incomplete"],
)
def test_a_file_that_is_no_copy_of_keys_writes_nothing(wrong, tmp_path):
    place = tmp_path / "keys.tar"
    with tarfile.open(place, "w") as made:
        made.addfile(wrong[0], io.BytesIO(wrong[1]))
    with pytest.raises(Tampered):
        archive.restore_keys(place, tmp_path / "new.keys")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["keys.tar"]


def test_a_file_of_another_kind_is_refused(tmp_path):
    place = tmp_path / "keys.tar"
    place.write_bytes(b"not a tar file" * 100)
    with pytest.raises(Tampered, match="hub backup --keys"):
        archive.restore_keys(place, tmp_path / "new.keys")

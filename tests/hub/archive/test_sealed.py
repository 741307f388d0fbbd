"""A backup is verified to its last byte, and sealed: nothing of it is read without the keys, or by other ones."""

import json

import pytest

from hub import archive
from hub.errors import NotReady, Tampered
from hub.wiring import connect
from tests.hub.archive.backups import act, check, elsewhere, plain, reseal


def test_a_changed_byte_is_refused_by_the_name_of_its_table(world, kept, tmp_path):
    whole = plain(world, kept)
    starts = {name: whole.index(b'{"table":"%s"' % name.encode()) for name in ("report", "revision", "entry", "token")}
    for name, start in starts.items():
        end = whole.index(b'{"done":"%s"' % name.encode(), start)
        for at in (start + 12, (start + end) // 2, end - 3, end + 4):
            reseal(world, kept, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(Tampered, match=f"table {name}"):
                check(world, kept)
            with pytest.raises(Tampered, match=f"table {name}"):
                archive.restore(elsewhere(world, tmp_path / "new"), act(world), kept)
    # And into what the refusals left, the whole file goes.
    reseal(world, kept, whole)
    archive.restore(elsewhere(world, tmp_path / "new"), act(world), kept)


def test_no_byte_can_change_unnoticed(world, kept):
    whole = kept.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 400)):
        kept.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
        with pytest.raises((Tampered, NotReady)):  # NotReady: it names an epoch that never was
            check(world, kept)
    for end in (0, 1, len(whole) // 2, len(whole) - 1):
        kept.write_bytes(whole[:end])
        with pytest.raises(Tampered):
            check(world, kept)
    kept.write_bytes(whole + b"\n")
    with pytest.raises(Tampered):
        check(world, kept)


def test_rows_cannot_move_between_tables_or_batches_be_left_out(world, kept):
    whole = plain(world, kept)
    start = whole.index(b'{"table":"report"')
    end = whole.index(b'{"table":', start + 1)
    reseal(world, kept, whole[:start] + whole[end:])
    with pytest.raises(Tampered, match="table report"):
        check(world, kept)
    reseal(world, kept, whole[:end] + whole[start:end] + whole[end:])
    with pytest.raises(Tampered):
        check(world, kept)


def test_what_is_released_and_who_filed_it_cannot_be_read_in_a_backup(world, kept):
    content, inside = kept.read_bytes(), plain(world, kept)
    for word in (b"Hub staff", b"members", b'"report"', world.hub.deployment.name.encode()):
        assert word in inside, "the test looked for nothing"
        assert word not in content


def test_a_backup_under_a_destroyed_epoch_opens_no_more(world, kept, tmp_path):
    keys = elsewhere(world, tmp_path / "new")
    secrets = json.loads((keys.keys / "secrets.json").read_text())
    secrets["secrets"] = [one for one in secrets["secrets"] if one["name"] == "index"]
    archive.stage(keys.keys, json.dumps(secrets).encode())
    with pytest.raises(NotReady, match="epoch 1"):
        archive.restore(keys, act(world), kept)
    assert not keys.home.exists()


def test_a_backup_of_an_older_version_says_what_to_restore_it_with(world, kept, tmp_path):
    kept.write_bytes(plain(world, kept))
    with pytest.raises(Tampered, match="restore it with version"):
        archive.restore(elsewhere(world, tmp_path / "new"), act(world), kept)


def test_the_secrets_go_into_the_database_and_stay_nowhere_else(world, kept, tmp_path):
    config = elsewhere(world, tmp_path / "new")
    assert (config.keys / "secrets.json").exists()
    archive.restore(config, act(world), kept)
    assert not (config.keys / "secrets.json").exists()
    hub = connect(config)
    assert hub.keyring.epochs == world.hub.keyring.epochs
    hub.store.close()

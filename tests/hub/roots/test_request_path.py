"""The root provider is asked when a process starts, and by no request: a slow or absent one must not slow the hub."""

import pytest

from hub import rounds
from hub.app import create_app
from hub.errors import NotReady
from hub.keys import KeyDirectory
from tests.conftest import World
from tests.factories import a_report

PURPOSE = "triage of the day"


def test_once_a_process_has_its_keys_nothing_asks_the_root_provider(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = any_world
    world.hub.take_keys()

    def gone(_: KeyDirectory) -> None:
        message = "the root provider was asked"
        raise AssertionError(message)

    monkeypatch.setattr(KeyDirectory, "root", gone)
    filed = world.file("producer", a_report(tlp="green", title="Behind the seal"))
    assert rounds.admit_all(world.hub) == 1
    path = f"/api/v1/reports/{filed['id']}"
    answer = world.send("analyst", "POST", f"{path}/open", {"purpose": PURPOSE, "fields": ["title"]})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    scan = {"purpose": PURPOSE, "contains": "behind"}
    assert world.send("analyst", "POST", "/api/v1/search/sealed", scan).status_code == 200
    world.accept(filed["id"], "members")
    world.release()
    assert len(world.carriers("member", "members")) == 1
    for who, at in (("producer", path), ("analyst", "/api/v1/reports"), ("", "/healthz"), ("", "/readyz")):
        assert world.send(who, "GET", at).status_code == 200, at


def test_a_process_that_may_open_and_cannot_is_told_at_its_start(world: World) -> None:
    (world.hub.config.keys / "root.toml").write_text(
        'provider = "transit"\naddress = "http://127.0.0.1:9"\nkey = "hub"\ntoken_file = "/nonexistent"\n', "utf-8"
    )
    with pytest.raises(NotReady, match="the token's file /nonexistent cannot be read"):
        world.hub.take_keys()


def test_a_process_without_a_root_key_starts_and_files(world: World) -> None:
    (world.hub.config.keys / "root.key").unlink()
    world.hub.take_keys()
    world.web = create_app(world.hub).test_client()
    assert world.file("producer", a_report())["ref"]

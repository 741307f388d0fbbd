"""Settings: where a hub lives, said by an option or the environment, and nowhere else."""

import os
from pathlib import Path

import pytest

from hub.config import Client, Config, client_from_environment, from_environment
from hub.errors import NotReady


def test_without_a_home_it_says_how_to_name_one() -> None:
    with pytest.raises(NotReady, match="give --home DIR or set HUB_HOME"):
        Config.read({})
    with pytest.raises(NotReady):
        Config.read({"HUB_HOME": ""})


def test_an_option_wins_over_the_environment(tmp_path: Path) -> None:
    read = Config.read({"HUB_HOME": "/elsewhere"}, str(tmp_path / "here"))
    assert read.home == tmp_path / "here"
    assert Config.read({"HUB_HOME": str(tmp_path)}).home == tmp_path


def test_the_keys_lie_beside_the_home_and_never_in_it(tmp_path: Path) -> None:
    read = Config.read({}, str(tmp_path / "home"))
    assert read.keys == tmp_path / "home.keys"
    assert read.home not in read.keys.parents
    assert Config.read({"HUB_KEYS": str(tmp_path / "safe")}, str(tmp_path / "home")).keys == tmp_path / "safe"


def test_the_database_is_in_the_home_unless_it_is_said_elsewhere(tmp_path: Path) -> None:
    assert Config.read({}, str(tmp_path)).database_url == f"sqlite:///{tmp_path / 'hub.sqlite3'}"
    elsewhere = Config.read({"HUB_DATABASE_URL": "postgresql://db/hub"}, str(tmp_path))
    assert elsewhere.database_url == "postgresql://db/hub"


def test_a_relative_home_becomes_absolute_so_that_another_process_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Config.read({}, "home").home == tmp_path / "home"
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert Config.read({}, "~/hub").home == tmp_path / "me" / "hub"


def test_another_process_gets_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"HUB_KEYS": str(tmp_path / "k"), "HUB_DATABASE_URL": "postgresql://db/hub", "HUB_NAME": "Ours"}
    first = Config.read(told, str(tmp_path / "home"))
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)
    for name, value in first.environment().items():
        monkeypatch.setenv(name, value)
    assert from_environment() == first


def test_a_client_knows_its_hub_and_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_URL", "https://hub.example.org")
    monkeypatch.setenv("HUB_TOKEN", "a token")
    assert client_from_environment() == Client("https://hub.example.org", "a token")
    monkeypatch.delenv("HUB_URL")
    monkeypatch.delenv("HUB_TOKEN")
    assert client_from_environment() == Client("", None)

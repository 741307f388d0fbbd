"""Settings: where a hub lives, said by an option or the environment, and nowhere else."""

import os
from pathlib import Path

import pytest

from hub.config import UNLIMITED, Client, Config, Limits, client_from_environment, from_environment
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


def test_the_files_of_feeds_are_in_the_home_unless_a_volume_of_their_own_is_named(tmp_path: Path) -> None:
    assert Config.read({}, str(tmp_path / "home")).files == tmp_path / "home" / "files"
    read = Config.read({"HUB_FILES": str(tmp_path / "large")}, str(tmp_path / "home"))
    assert read.files == tmp_path / "large"
    assert read.environment()["HUB_FILES"] == str(tmp_path / "large")


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


def test_limits_are_numbers_and_said_again_to_another_process(tmp_path: Path) -> None:
    read = Config.read({"HUB_LIMIT_READING": "7", "HUB_LIMIT_WRITING": "0"}, str(tmp_path))
    assert read.limits == Limits(reading=7, writing=0, searching=Limits().searching)
    assert Limits.read(read.environment()) == read.limits
    for wrong in ("-1", "many", "1.5", "99999999", "²"):
        with pytest.raises(NotReady, match="HUB_LIMIT_SEARCHING must be a whole number"):
            Config.read({"HUB_LIMIT_SEARCHING": wrong}, str(tmp_path))


def test_a_token_is_believed_for_less_than_the_five_seconds_promised(tmp_path: Path) -> None:
    assert Config.read({}, str(tmp_path)).credential_seconds == 2
    read = Config.read({"HUB_CREDENTIAL_SECONDS": "0"}, str(tmp_path))
    assert read.credential_seconds == 0
    assert read.environment()["HUB_CREDENTIAL_SECONDS"] == "0"
    for wrong in ("-1", "5", "1.5", "long"):
        with pytest.raises(NotReady, match="HUB_CREDENTIAL_SECONDS must be a whole number"):
            Config.read({"HUB_CREDENTIAL_SECONDS": wrong}, str(tmp_path))


def test_a_log_level_is_one_of_four(tmp_path: Path) -> None:
    assert Config.read({}, str(tmp_path)).log_level == "info"
    with pytest.raises(NotReady, match="HUB_LOG_LEVEL is none of debug"):
        Config.read({"HUB_LOG_LEVEL": "loud"}, str(tmp_path))


def test_a_database_url_may_lie_in_a_file(tmp_path: Path) -> None:
    place = tmp_path / "url"
    place.write_text("postgresql://hub:secret@db/hub\n", "utf-8")
    told = {"HUB_DATABASE_URL_FILE": str(place)}
    assert Config.read(told, str(tmp_path)).database_url == "postgresql://hub:secret@db/hub"
    assert Config.read({**told, "HUB_DATABASE_URL": "sqlite://"}, str(tmp_path)).database_url == "sqlite://"
    with pytest.raises(NotReady, match="HUB_DATABASE_URL_FILE cannot be read"):
        Config.read({"HUB_DATABASE_URL_FILE": str(tmp_path / "none")}, str(tmp_path))


def test_a_demo_has_no_limits_unless_they_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HUB_L")]:
        monkeypatch.delenv(name)
    assert from_environment(str(tmp_path)).for_a_demo().limits == UNLIMITED
    assert from_environment(str(tmp_path)).for_a_demo().log_level == "warning"
    monkeypatch.setenv("HUB_LIMIT_READING", "9")
    assert from_environment(str(tmp_path)).for_a_demo().limits.reading == 9


def test_the_folder_of_the_front_server_is_a_path_or_nothing() -> None:
    assert Config.read({}, "/x").front_pages == ""
    assert Config.read({"HUB_FRONT_PAGES": "/_pages/"}, "/x").front_pages == "/_pages/"
    for wrong in ("_pages", "/_pages", "https://example.org/", "/a b/", "/../"):
        with pytest.raises(NotReady, match="HUB_FRONT_PAGES"):
            Config.read({"HUB_FRONT_PAGES": wrong}, "/x")

"""/.well-known: what anybody may know, and nothing that only readers may."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.formats import FORMATS
from hub import policies
from hub.config import Config
from hub.errors import NotReady
from hub.policies import definitions
from tests.conftest import AUDIENCES, World

ABOUT, SECURITY = "/.well-known/incident-hub.json", "/.well-known/security.txt"


def test_the_hub_tells_who_it_is_and_where_everything_lies(world: World) -> None:
    answer = world.send("", "GET", ABOUT)
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["name"] == world.hub.deployment.name
    assert told["identity"] == world.hub.deployment.identity
    assert set(told["feeds"]) == set(AUDIENCES)
    for url in (told["api"]["openapi"], told["schemas"]["report"], told["schemas"]["stix"]):
        assert world.send("", "GET", url.removeprefix("http://localhost")).status_code == 200
    assert world.send("member", "GET", told["taxii"]["url"].removeprefix("http://localhost")).status_code == 200
    members = told["feeds"]["members"]
    assert set(members["files"]) == set(FORMATS)
    for url in members["files"].values():
        assert world.send("member", "GET", url.removeprefix("http://localhost")).status_code == 200


def test_its_keys_are_the_public_ones(world: World) -> None:
    keys = world.send("", "GET", ABOUT).get_json()["keys"]
    number, public = world.hub.directory.epoch()
    assert keys["epoch"] == {"algorithm": "X25519", "number": number, "public_key": public.hex()}
    assert keys["receipts"]["public_key"] == world.hub.sealer.keys.signer.public_key.hex()


def test_nothing_in_it_is_for_readers_only(world: World) -> None:
    """Collection ids are for readers; feeds that an operator added for them, and for producers, in a report's path."""
    text = definitions()["members"].replace('"members"', '"regulator-x"', 1).replace("audience", "marks_of", 1)
    text = f'audience = "regulator-x"\n{text}'.replace('marks_of = "regulator-x"', 'marks_of = "members"')
    text = text.replace("members-indicators", "regulator-indicators")
    world.hub.store.write(lambda db: policies.add(db, "regulator-x", text, world.clock()))
    assert "regulator-x" in {one.name for one in world.hub.collections()}
    told = world.send("", "GET", ABOUT).get_data(as_text=True)
    assert "regulator-x" not in told
    assert not any(one.id in told for one in world.hub.collections())


def test_a_process_without_key_files_tells_no_keys_and_no_paths(world: World) -> None:
    for name in ("epoch.pub", "intake.pub"):
        (world.hub.config.keys / name).unlink()
    answer = world.send("", "GET", ABOUT)
    assert answer.status_code == 200
    assert answer.get_json()["keys"] == {}
    assert str(world.hub.config.keys) not in answer.get_data(as_text=True)


def test_a_contact_makes_a_security_txt(world: World) -> None:
    assert world.send("", "GET", SECURITY).status_code == 404
    assert "contact" not in world.send("", "GET", ABOUT).get_json()
    world.hub.config = replace(world.hub.config, contact="mailto:security@example.org")
    answer = world.send("", "GET", SECURITY)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    said = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).splitlines())
    assert said["Contact"] == "mailto:security@example.org"
    until = datetime.fromisoformat(said["Expires"])
    assert world.clock() + timedelta(days=30) < until < world.clock() + timedelta(days=365), "RFC 9116, 2.5.5"
    assert until.tzinfo == UTC
    assert re.fullmatch(r"https?://.*/\.well-known/security\.txt", said["Canonical"])
    assert world.send("", "GET", ABOUT).get_json()["contact"] == "mailto:security@example.org"


@pytest.mark.parametrize("text", ["security@example.org", "mailto:a@b\r\nExpires: never", "http://x", "https://ü"])
def test_a_contact_that_is_no_uri_is_refused(text: str) -> None:
    with pytest.raises(NotReady, match="HUB_CONTACT"):
        Config.read({"HUB_CONTACT": text}, "here")


def test_a_contact_is_read_from_the_environment() -> None:
    assert (
        Config.read({"HUB_CONTACT": "https://example.org/security"}, "here").contact == "https://example.org/security"
    )
    assert Config.read({}, "here").contact is None

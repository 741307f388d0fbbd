"""An operator keeps the root key elsewhere: sets a hub up on each provider, rehearses recovery, and changes the root.

Everything runs as it would: commands in processes of their own, a real OpenBao, moto's wire of KMS (tests/kms.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub import rounds
from hub.app import create_app
from hub.config import Config
from hub.store import audit
from hub.wiring import connect, set_up
from tests.conftest import EXACT, Clock, World
from tests.factories import a_report
from tests.kms import CREDENTIALS, KmsServer, kms_server
from tests.openbao import NoOpenBao, OpenBao, openbao
from tests.servers import run

WORDS = "correct horse battery staple six words"
PROVIDERS = ("keyfile", "passphrase", "transit", "aws")
TITLE = "Behind the seal"


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    try:
        with openbao(tmp_path_factory.mktemp("openbao")) as server:
            yield server
    except NoOpenBao as none:
        pytest.skip(str(none))


@pytest.fixture(scope="module")
def kms() -> Iterator[KmsServer]:
    with kms_server() as server:
        yield server


@dataclass
class Office:
    """A home, and the files of settings that an operator prepared: by provider, what `hub keys root --to` takes."""

    place: Path
    settings: dict[str, str]

    @property
    def variables(self) -> dict[str, str]:
        """The environment of every process of this hub."""
        return {"HUB_HOME": str(self.place / "home"), "HUB_PASSPHRASE_FILE": str(self.place / "words")}

    def shell(self, *words: str, code: int = 0) -> str:
        """Run a command on the host; what it said."""
        told = run(*words, **self.variables)
        assert told.returncode == code, told.stdout + told.stderr
        return told.stdout + told.stderr

    def set_up(self, provider: str) -> World:
        """`hub init` with a prepared root.toml, or none for a key file; and the people around the hub."""
        keys = self.place / "home.keys"
        if provider != "keyfile":
            keys.mkdir(mode=0o700)
            said = self.settings[provider]
            text = f'provider = "{said}"\n' if said == provider else Path(said).read_text("utf-8")
            (keys / "root.toml").write_text(text, "utf-8")
        self.shell("init")
        hub = set_up(Config.read({**EXACT, **self.variables}))
        world = World(hub, Clock(datetime.now(UTC)), create_app(hub).test_client())
        world.enrol("producer")
        world.enrol("analyst", "Hub staff")
        world.tokens["analyst"] = world.tokens["analyst:Hub staff"]
        return world

    def restart(self, world: World) -> World:
        """A process that starts now and takes its keys anew."""
        world.hub.store.close()
        hub = connect(Config.read({**EXACT, **self.variables}))
        hub.take_keys()
        return World(hub, world.clock, create_app(hub).test_client(), world.tokens, world.ids)


@pytest.fixture
def office(tmp_path: Path, bao: OpenBao, kms: KmsServer, monkeypatch: pytest.MonkeyPatch) -> Office:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    bao.key()
    (tmp_path / "words").write_text(WORDS + "\n", "utf-8")
    (tmp_path / "transit.toml").write_text(bao.settings(bao.token(tmp_path / "token")), "utf-8")
    (tmp_path / "aws.toml").write_text(kms.settings(kms.key()), "utf-8")
    files = {name: str(tmp_path / f"{name}.toml") for name in ("transit", "aws")}
    return Office(tmp_path, {"keyfile": "keyfile", "passphrase": "passphrase", **files})


def opens(world: World, report: str) -> bool:
    """Whether an analyst opens the report's title."""
    wish = {"purpose": "triage of the day", "fields": ["title"]}
    answer = world.send("analyst", "POST", f"/api/v1/reports/{report}/open", wish)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return TITLE in answer.get_data(as_text=True)


def said(world: World, action: str) -> list[dict[str, object]]:
    """The audit's entries of one kind."""
    with world.hub.store.reading() as db:
        return [dict(one) for one in audit.entries(db) if one["action"] == action]


@pytest.mark.slow
@pytest.mark.parametrize(("first", "then"), list(zip(PROVIDERS, PROVIDERS[1:] + PROVIDERS[:1], strict=True)))
def test_a_hub_lives_on_one_root_and_moves_to_another(office: Office, first: str, then: str) -> None:
    world = office.set_up(first)
    report = world.file("producer", a_report(title=TITLE))["id"]
    assert rounds.admit_all(world.hub) == 1
    assert opens(world, report)
    copy = office.place / "keys.tar"
    office.shell("backup", "--keys", str(copy))
    told = office.shell("keys", "rehearse", str(copy))
    assert f"epoch 1: its keys come back, under {first}" in told
    assert f"the data key of report {report} unwraps" in told
    assert "nothing would be lost" in told
    (entry,) = said(world, "keys.rehearse")
    assert entry["details"] == {"epochs": [1], "lost": {}, "faults": 0, "sound": True}

    world = office.restart(world)
    assert opens(world, report)
    standing = world
    told = office.shell("keys", "root", "--to", office.settings[then])
    assert f"3 secrets are under {then}" in told
    assert opens(standing, report), "a running process goes on"
    world = office.restart(world)
    assert opens(world, report)
    assert f"root     {then}: " in (shown := office.shell("keys", "show"))
    assert f"1 data keys; secrets under {then}" in shown
    assert "Hub staff: 1 token with sealed:open" in shown
    later = world.file("producer", a_report(title=TITLE, client_ref="later"))["id"]
    rounds.admit_all(world.hub)
    assert opens(world, later)
    assert not list(world.hub.config.keys.glob("root*.key")) or then == "keyfile"

    told = office.shell("keys", "rehearse", str(copy))
    assert f"under {first}" in told, "the old copy is good together with the old root: only an erasure epoch ends that"
    assert WORDS not in told + shown
    world.hub.store.close()


def test_a_copy_that_is_not_enough_says_what_would_be_lost(office: Office) -> None:
    world = office.set_up("keyfile")
    world.file("producer", a_report(title=TITLE))
    rounds.admit_all(world.hub)
    copy = office.place / "keys.tar"
    office.shell("backup", "--keys", str(copy))
    office.shell("keys", "root", "--to", "passphrase")
    mixed = office.place / "mixed.tar"
    office.shell("backup", "--keys", str(mixed))
    (office.place / "words").write_text("another passphrase altogether", "utf-8")
    told = office.shell("keys", "rehearse", str(mixed), code=1)
    assert "epoch 1 WOULD BE LOST, and with it the sealed fields under 1 data keys" in told
    assert "the passphrase is another one" in told
    assert "hub backup --keys" in told
    assert said(world, "keys.rehearse")[-1]["details"] == {
        "epochs": [],
        "lost": {"1": 1},
        "faults": 1,
        "sound": False,
    }
    world.hub.store.close()

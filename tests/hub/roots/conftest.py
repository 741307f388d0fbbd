"""The real servers that root providers are tried against, and a provider of each kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.roots import RootProvider, complete, parse, provider_of
from tests.kms import CREDENTIALS, KmsServer, kms_server
from tests.openbao import NoOpenBao, OpenBao, openbao

PASSPHRASE = b"correct horse battery staple six words"
KINDS = ("keyfile", "passphrase", "transit", "aws")
Making = Callable[[str], RootProvider]


@pytest.fixture(scope="session")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    """A real OpenBao."""
    try:
        with openbao(tmp_path_factory.mktemp("openbao")) as server:
            yield server
    except NoOpenBao as none:
        pytest.skip(str(none))


@pytest.fixture(scope="session")
def kms() -> Iterator[KmsServer]:
    """The wire of KMS."""
    with kms_server() as server:
        yield server


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Making:
    """Make a provider of a kind; each call one with another key."""

    def made(kind: str) -> RootProvider:
        match kind:
            case "keyfile":
                import os  # noqa: PLC0415

                return provider_of({"root.key": f'{{"root": "{os.urandom(32).hex()}"}}'.encode()}.get, bytes)
            case "passphrase":
                return of(complete({"provider": "passphrase"}))
            case "transit":
                server = request.getfixturevalue("bao")
                server.key()
                return of(server.settings(server.token(tmp_path / "token")))
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        server = request.getfixturevalue("kms")
        return of(server.settings(server.key()))

    return made


def of(text: str, ask: Callable[[], bytes] = lambda: PASSPHRASE) -> RootProvider:
    """The provider that a root.toml says."""
    parse(text)
    return provider_of({"root.toml": text.encode()}.get, ask)

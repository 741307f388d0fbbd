"""Transit, against a real OpenBao server: versions, tokens, seals, and what is said when it is not there."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import HubError, NotReady, Tampered
from hub.roots import RootProvider
from tests.hub.roots.conftest import of
from tests.openbao import OpenBao
from tests.servers import free_port

SECRET = bytes(range(32))


@pytest.fixture
def token(bao: OpenBao, tmp_path: Path) -> Path:
    bao.key()
    return bao.token(tmp_path / "token")


@pytest.fixture
def root(bao: OpenBao, token: Path) -> RootProvider:
    return of(bao.settings(token))


@pytest.fixture
def sealed(bao: OpenBao) -> Iterator[None]:
    bao.client.sys.seal()
    yield
    bao.client.sys.submit_unseal_key(bao.unseal_key)


def test_what_was_wrapped_before_a_rotation_opens_after_it(bao: OpenBao, root: RootProvider) -> None:
    before = root.wrap(SECRET, "kek", "1")
    bao.client.secrets.transit.rotate_key("hub")
    assert root.unwrap(before, "kek", "1") == SECRET
    after = root.rewrap(before, "kek", "1")
    assert (before[:9], after[:9]) == (b"vault:v1:", b"vault:v2:")
    assert root.describe().version == "v2, decrypts from v1"


def test_a_version_that_was_shut_off_opens_nothing_until_it_is_let_in_again(bao: OpenBao, root: RootProvider) -> None:
    transit = bao.client.secrets.transit
    old = root.wrap(SECRET, "kek", "1")
    transit.rotate_key("hub")
    kept = root.rewrap(old, "kek", "1")
    transit.update_key_configuration("hub", min_decryption_version=2)
    with pytest.raises(NotReady, match="below min_decryption_version of the key hub; lower it"):
        root.unwrap(old, "kek", "1")
    assert root.unwrap(kept, "kek", "1") == SECRET


def test_the_servers_own_rewrap_would_lose_what_was_bound(bao: OpenBao, root: RootProvider) -> None:
    """Why `rewrap` decrypts and encrypts. Should this fail one day, the server can do it."""
    wrapped = root.wrap(SECRET, "kek", "1").decode()
    with pytest.raises(Exception, match="message authentication failed"):
        bao.client.secrets.transit.rewrap_data("hub", wrapped)


def test_a_misspelt_key_is_refused_and_not_made(bao: OpenBao, token: Path) -> None:
    all_keys = 'path "transit/*" { capabilities = ["create", "update", "read", "list"] }'
    root = of(bao.settings(bao.token(token, all_keys), key="hbu"))
    with pytest.raises(NotReady, match="there is no key hbu"):
        root.wrap(SECRET, "kek", "1")
    assert "hbu" not in bao.client.secrets.transit.list_keys()["data"]["keys"]


def test_another_mount_is_named(bao: OpenBao, token: Path) -> None:
    broad = bao.token(token, 'path "*" { capabilities = ["create", "update", "read"] }')
    with pytest.raises(NotReady, match=r"there is no key hub at .*/elsewhere"):
        of(bao.settings(broad, mount="elsewhere")).describe()


def test_a_revoked_token_is_named_by_its_file_alone(bao: OpenBao, root: RootProvider, token: Path) -> None:
    wrapped, said = root.wrap(SECRET, "kek", "1"), token.read_text("utf-8").strip()
    bao.client.auth.token.revoke(said)
    with pytest.raises(NotReady, match=r"refuses the token in .*token: it is no longer valid") as refused:
        root.unwrap(wrapped, "kek", "1")
    assert said not in str(refused.value)
    bao.token(token)
    assert root.unwrap(wrapped, "kek", "1") == SECRET, "a token that an agent renewed is read anew"


def test_a_token_for_another_key_is_refused(bao: OpenBao, token: Path) -> None:
    root = of(bao.settings(bao.token(token, 'path "transit/keys/hub" { capabilities = ["read"] }')))
    assert root.describe().key.endswith("/transit/hub")
    with pytest.raises(NotReady, match="or lacks `update` on transit/encrypt and decrypt"):
        root.wrap(SECRET, "kek", "1")


@pytest.mark.usefixtures("sealed")
def test_a_sealed_server_is_to_be_unsealed(bao: OpenBao, tmp_path: Path) -> None:
    (tmp_path / "any").write_text("token", "utf-8")
    with pytest.raises(NotReady, match="is sealed or in standby; unseal it"):
        of(bao.settings(tmp_path / "any")).unwrap(b"vault:v1:AAAA", "kek", "1")


def test_a_server_that_is_not_there_is_told_by_its_address(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token", "utf-8")
    address = f"http://127.0.0.1:{free_port()}"
    said = f'provider = "transit"\naddress = "{address}"\nkey = "hub"\ntoken_file = "{tmp_path}/token"\n'
    with pytest.raises(NotReady, match=f"{address} cannot be reached"):
        of(said).unwrap(b"vault:v1:AAAA", "kek", "1")


def test_a_key_that_cannot_bind_a_context_is_refused(bao: OpenBao, token: Path) -> None:
    bao.client.secrets.transit.create_key("hub-derived", derived=True)
    broad = bao.token(token, 'path "transit/*" { capabilities = ["create", "update", "read"] }')
    with pytest.raises(NotReady, match="make a plain one of type aes256-gcm96"):
        of(bao.settings(broad, key="hub-derived")).wrap(SECRET, "kek", "1")


def test_no_proxy_of_the_environment_sees_a_secret(root: RootProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert root.unwrap(root.wrap(SECRET, "kek", "1"), "kek", "1") == SECRET


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"address": "http://vault.example.org"}, "must be https"),
        ({"address": "http://127.0.0.1.example.org:8200"}, "must be https"),
        ({"key": "../../sys/seal"}, "key and mount are names"),
        ({"key": ".."}, "key and mount are names"),
        ({"mount": "transit/../sys"}, "key and mount are names"),
        ({"token": "s.abc"}, "transit has no token"),
        ({"token_file": ""}, "token_file must be given"),
        ({"token_file": "/nonexistent/token"}, "cannot be read"),
    ],
)
def test_settings_that_cannot_be_are_named(bao: OpenBao, token: Path, change: dict[str, str], told: str) -> None:
    said = {**tomllib.loads(bao.settings(token)), **change}
    with pytest.raises(NotReady, match=told):
        of("".join(f'{name} = "{value}"\n' for name, value in said.items())).describe()


def test_an_answer_for_another_secret_is_tampered(root: RootProvider) -> None:
    first, second = root.wrap(SECRET, "private", "1"), root.wrap(SECRET, "kek", "1")
    for wrapped, name in ((first, "kek"), (second, "private")):
        with pytest.raises(Tampered) as refused:
            root.unwrap(wrapped, name, "1")
        assert isinstance(refused.value, HubError)

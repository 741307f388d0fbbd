"""AWS KMS, on moto's wire (tests/kms.py says what that does not prove)."""

from pathlib import Path

import pytest

from hub.errors import Busy, NotReady, Tampered
from hub.roots import RootProvider
from hub.roots.aws import Place, _meaning
from tests.hub.roots.conftest import of
from tests.kms import CREDENTIALS, REGION, KmsServer
from tests.servers import free_port

SECRET = bytes(range(32))


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def root(kms: KmsServer) -> RootProvider:
    return of(kms.settings(kms.key()))


def test_the_service_binds_the_context_and_tells_it_from_no_context(kms: KmsServer) -> None:
    key = kms.key()
    wrapped = of(kms.settings(key)).wrap(SECRET, "kek", "1")
    with pytest.raises(kms.client.exceptions.InvalidCiphertextException):
        kms.client.decrypt(CiphertextBlob=wrapped, KeyId=key)
    context = {"purpose": "hub.root.v1", "item-0": "kek", "item-1": "1"}
    assert kms.client.decrypt(CiphertextBlob=wrapped, KeyId=key, EncryptionContext=context)["Plaintext"] == SECRET


def test_a_ciphertext_under_somebody_elses_key_is_not_taken(kms: KmsServer, root: RootProvider) -> None:
    context = {"purpose": "hub.root.v1", "item-0": "kek", "item-1": "1"}
    other = kms.client.encrypt(KeyId=kms.key(), Plaintext=b"x" * 32, EncryptionContext=context)["CiphertextBlob"]
    with pytest.raises(Tampered):
        root.unwrap(other, "kek", "1")


def test_what_was_wrapped_before_a_rotation_opens_after_it(kms: KmsServer) -> None:
    key = kms.key()
    root = of(kms.settings(key))
    before = root.wrap(SECRET, "kek", "1")
    kms.client.rotate_key_on_demand(KeyId=key)
    assert root.unwrap(root.rewrap(before, "kek", "1"), "kek", "1") == root.unwrap(before, "kek", "1") == SECRET


def test_a_key_that_is_disabled_or_going_is_told(kms: KmsServer) -> None:
    key = kms.key()
    root = of(kms.settings(key))
    assert root.describe().key.endswith(key)
    kms.client.disable_key(KeyId=key)
    with pytest.raises(NotReady, match="is Disabled; enable it"):
        root.describe()
    kms.client.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with pytest.raises(NotReady, match="is PendingDeletion; enable it, or cancel its deletion"):
        root.describe()


def test_a_key_that_is_not_there_is_told(kms: KmsServer) -> None:
    with pytest.raises(NotReady, match=f"there is no key .* in {REGION}"):
        of(kms.settings("11111111-2222-3333-4444-555555555555")).describe()


def test_a_service_that_is_not_there_is_told() -> None:
    said = f'provider = "aws"\nkey = "k"\nregion = "{REGION}"\nendpoint = "http://127.0.0.1:{free_port()}"\n'
    with pytest.raises(NotReady, match=r"cannot be reached \(EndpointConnectionError\)"):
        of(said).wrap(SECRET, "kek", "1")


def test_a_process_without_credentials_is_told(
    root: RootProvider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(NotReady, match=r"NoCredentialsError.*check key, region and credentials"):
        root.describe()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InvalidCiphertextException", Tampered),
        ("IncorrectKeyException", Tampered),
        ("ThrottlingException", Busy),
        ("KMSInternalException", Busy),
        ("DisabledException", NotReady),
        ("NotFoundException", NotReady),
        ("AccessDeniedException", NotReady),
        ("UnrecognizedClientException", NotReady),
    ],
)
def test_each_refusal_of_the_service_has_its_meaning(code: str, kind: type[Exception]) -> None:
    """The codes of the service's own reference: moto gives back few of them."""
    meant = _meaning(Place("k", REGION), code)
    assert isinstance(meant, kind)
    assert kind is Tampered or REGION in str(meant) or "key k" in str(meant)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('region = "eu-west-1"', "key must be given"),
        ('key = "k"', "region must be given"),
        ('key = "k"\nregion = "r"\nendpoint = "http://kms.example.org"', "endpoint must be https"),
        ('key = "k"\nregion = "r"\nendpoint = "http://localhost.example.org"', "endpoint must be https"),
        ('key = "k"\nregion = "r"\nsecret = "s"', "aws has no secret"),
    ],
)
def test_settings_that_cannot_be_are_named(said: str, told: str) -> None:
    with pytest.raises(NotReady, match=told):
        of(f'provider = "aws"\n{said}\n')

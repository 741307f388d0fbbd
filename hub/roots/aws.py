"""The root key in AWS KMS: it never leaves the service.

1. Each secret is encrypted under the key with its context as encryption context, which KMS binds as associated data
   and writes to CloudTrail in clear: it names secrets ("kek", "3") and tells nothing else.
2. Decryption names the key: KMS would otherwise take whichever one the ciphertext says, and somebody else's would do.
3. `rewrap` is ReEncrypt, in the service. Automatic rotation keeps the old material for what it encrypted.
4. Credentials and proxies come as boto3 finds them (instance role, `AWS_*`, ~/.aws), so that no secret of AWS lies in
   `root.toml`; region and key are in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from hub.errors import Busy, HubError, NotReady, Tampered
from hub.roots.provider import BROKEN, PURPOSE, Description, secure

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
except ModuleNotFoundError:
    LACKING = "root.toml names aws, whose library is not installed: pip install 'incident-hub[aws]'"
    raise NotReady(LACKING) from None

Result = TypeVar("Result")
LIMITS = {"connect_timeout": 5, "read_timeout": 10, "retries": {"total_max_attempts": 3, "mode": "standard"}}
# https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html, "Errors"
BAD = {"InvalidCiphertextException", "IncorrectKeyException"}
SOON = {"ThrottlingException", "DependencyTimeoutException", "KeyUnavailableException", "KMSInternalException"}
DISABLED = {"DisabledException", "KMSInvalidStateException", "InvalidKeyUsageException"}
CHECK = "check key, region and credentials"


@dataclass(frozen=True)
class Place:
    """Which key, in which region."""

    key: str  # id, ARN or alias
    region: str
    endpoint: str | None = None  # another than AWS's own: a VPC endpoint, or a server for tests

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Place":
        """From `root.toml`; raises NotReady for what is missing."""
        for name in ("key", "region"):
            if not isinstance(said.get(name), str) or not said[name]:
                message = f"root.toml: {name} must be given, as text"
                raise NotReady(message)
        endpoint = said.get("endpoint")
        if endpoint is not None:
            secure(endpoint, "endpoint")
        return cls(said["key"], said["region"], endpoint)


@dataclass(frozen=True)
class Kms:
    """A key of AWS KMS."""

    place: Place
    name: str = "aws"

    @cached_property
    def _client(self) -> Any:
        place = self.place
        try:
            session = boto3.session.Session(region_name=place.region)  # the one that boto3 shares keeps old credentials
            return session.client("kms", endpoint_url=place.endpoint, config=Config(**LIMITS))
        except (BotoCoreError, ValueError) as wrong:
            message = f"AWS KMS cannot be called ({type(wrong).__name__}); {CHECK}"
            raise NotReady(message) from None

    def wrap(self, secret: bytes, *context: str) -> bytes:
        """Wrap a secret for a context, under the key's current material."""
        said = {"KeyId": self.place.key, "Plaintext": secret, "EncryptionContext": _context(*context)}
        return bytes(self._asked(lambda kms: kms.encrypt(**said))["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, *context: str) -> bytes:
        """Take a secret back; raises Tampered, NotReady or Busy."""
        said = {"KeyId": self.place.key, "CiphertextBlob": _some(wrapped), "EncryptionContext": _context(*context)}
        return bytes(self._opened(lambda kms: kms.decrypt(**said))["Plaintext"])

    def rewrap(self, wrapped: bytes, *context: str) -> bytes:
        """The same under the key's current material; the secret stays in the service."""
        bound = _context(*context)
        said: dict[str, Any] = {
            "SourceKeyId": self.place.key,
            "DestinationKeyId": self.place.key,
            "CiphertextBlob": _some(wrapped),
        }
        said |= {"SourceEncryptionContext": bound, "DestinationEncryptionContext": bound}
        return bytes(self._opened(lambda kms: kms.re_encrypt(**said))["CiphertextBlob"])

    def describe(self) -> Description:
        """The key as the service tells of it; raises NotReady for one that is disabled or about to be deleted."""
        told = self._asked(lambda kms: kms.describe_key(KeyId=self.place.key))["KeyMetadata"]
        if told["KeyState"] != "Enabled":
            message = f"the key {told['Arn']} is {told['KeyState']}; enable it, or cancel its deletion"
            raise NotReady(message)
        return Description("aws", told["Arn"], "", can_destroy_version=False)

    def _opened(self, ask: Callable[[Any], Result]) -> Result:
        """KMS "denies" a ciphertext that names nobody's key as it denies credentials: a trial tells the two apart."""
        try:
            return self._asked(ask)
        except _Denied as denied:
            try:
                blob = self.wrap(b"a trial", "trial")
                said = {"KeyId": self.place.key, "CiphertextBlob": blob, "EncryptionContext": _context("trial")}
                self._asked(lambda kms: kms.decrypt(**said))
            except HubError:
                raise denied from None
            raise Tampered(BROKEN) from None

    def _asked(self, ask: Callable[[Any], Result]) -> Result:
        client = self._client
        try:
            return ask(client)
        except ClientError as refused:
            raise _meaning(self.place, str(refused.response.get("Error", {}).get("Code", ""))) from None
        except BotoCoreError as unreached:
            kind = type(unreached).__name__
            if "Timeout" in kind:
                message = f"AWS KMS in {self.place.region} did not answer in time; try again"
                raise Busy(message) from None
            message = f"AWS KMS in {self.place.region} cannot be reached ({kind}); {CHECK}"
            raise NotReady(message) from None


class _Denied(NotReady):
    """The credentials lack a permission; or the ciphertext names a key that is not ours."""


def _meaning(place: Place, code: str) -> Tampered | NotReady | Busy:
    """Our word for a refusal, by its code alone: the service's text may quote what we sent."""
    if code in BAD:
        return Tampered(BROKEN)
    if code in SOON:
        return Busy(f"AWS KMS in {place.region} is not to be had now ({code}); try again")
    if code in DISABLED:
        return NotReady(f"the key {place.key} is disabled, pending deletion or for another use; enable it")
    if code == "NotFoundException":
        return NotReady(f"there is no key {place.key} in {place.region}; put key and region in root.toml right")
    kind = code if code.isalnum() else "unknown"
    return _Denied(f"AWS KMS in {place.region} refuses ({kind}): the credentials need kms:Encrypt, kms:Decrypt, "
                    f"kms:ReEncrypt* and kms:DescribeKey on {place.key}")  # fmt: skip


def _context(*context: str) -> dict[str, str]:
    """KMS binds names and values, so that nothing runs together."""
    return {"purpose": PURPOSE} | {f"item-{at}": item for at, item in enumerate(context)}


def _some(wrapped: bytes) -> bytes:
    if not wrapped:
        raise Tampered(BROKEN)  # botocore would refuse it as a wrong parameter
    return wrapped

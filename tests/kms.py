"""The wire of AWS KMS: moto's server on loopback. It proves that we speak the protocol, and nothing of the service.

It has no HSM, no IAM and no real protection: it keeps its keys in memory, and a disabled key still decrypts. What it
does check are ciphertext, key id and encryption context.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}
REGION = "eu-central-1"


@dataclass
class KmsServer:
    """A server, and a key in it."""

    address: str
    client: Any

    def key(self) -> str:
        """A fresh key's id."""
        made: str = self.client.create_key()["KeyMetadata"]["KeyId"]
        return made

    def settings(self, key: str, **more: str) -> str:
        """A root.toml for a key of it."""
        said = {"provider": "aws", "key": key, "region": REGION, "endpoint": self.address, **more}
        return "".join(f'{name} = "{value}"\n' for name, value in said.items())


@contextmanager
def kms_server() -> Iterator[KmsServer]:
    """A server until the end of the block."""
    import boto3  # noqa: PLC0415 - heavy, and only these tests need it
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        secret = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing-secret"}
        client = boto3.client("kms", region_name=REGION, endpoint_url=address, **secret)
        yield KmsServer(address, client)
        client.close()
    finally:
        server.stop()

"""OpenTAXII beside us: the other TAXII 2.1 server that is maintained, in an environment of its own, on this machine.

Installed from its package by the bench; served by gunicorn with one worker over SQLite, as its documentation starts it.
Its objects are posted to it as any client would.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import requests

from tests.servers import PATIENCE, environment, free_port

VERSION = "0.10.0b1"
ACCOUNT = ("bench", "a-password-of-the-bench")
TAXII = "application/taxii+json;version=2.1"
AT_ONCE = 1000
CONFIG = """
domain: "127.0.0.1"
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters: {{db_connection: "sqlite:///{place}/auth.db", create_tables: true, secret: of-the-bench}}
taxii1:
  persistence_api:
    class: opentaxii.persistence.sqldb.SQLDatabaseAPI
    parameters: {{db_connection: "sqlite:///{place}/data.db", create_tables: true}}
taxii2:
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters: {{db_connection: "sqlite:///{place}/data.db", create_tables: true}}
  max_content_length: 209715200
logging: {{opentaxii: error, root: error}}
"""


class NotInstalled(RuntimeError):
    """It could not be installed here; the message says why."""


@dataclass(frozen=True)
class Peer:
    """OpenTAXII, and the collection that holds the objects."""

    url: str
    objects: str  # path
    token: str  # its own kind, which it checks faster than a password


def installed(place: Path) -> Path:
    """An environment with OpenTAXII; raises NotInstalled."""
    binaries = place / "environment" / "bin"
    made = [[sys.executable, "-m", "venv", str(place / "environment")]]
    made += [[str(binaries / "pip"), "install", "--quiet", f"opentaxii=={VERSION}", "gunicorn"]]
    for words in made:
        done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            raise NotInstalled(done.stderr.strip()[-300:])
    return binaries


@contextmanager
def served(place: Path, objects: Sequence[bytes]) -> Iterator[Peer]:
    """OpenTAXII with some objects, served until the end of the block; raises NotInstalled."""
    binaries, port = installed(place), free_port()
    (place / "config.yml").write_text(CONFIG.format(place=place), "utf-8")
    told = environment(OPENTAXII_CONFIG=str(place / "config.yml"))

    def run(name: str, *words: str) -> str:
        done = subprocess.run([binaries / name, *words], env=told, capture_output=True, text=True, check=True)
        return done.stdout

    said = run("opentaxii-create-account", "-u", ACCOUNT[0], "-p", ACCOUNT[1], "-a")
    token = said.split("token:")[1].split()[0]
    root = str(uuid4())
    run("opentaxii-add-api-root", "-t", "bench", "-i", root, "--default")
    run("opentaxii-add-collection", "-r", root, "-t", "bench", "-a", "bench")
    words = ["-b", f"127.0.0.1:{port}", "-w", "1", "--log-level", "error", "opentaxii.http:app"]
    process = subprocess.Popen([binaries / "gunicorn", *words], env=told)
    try:
        peer = Peer(f"http://127.0.0.1:{port}", f"/taxii2/{root}/collections/{{}}/objects/", token)
        yield _filled(peer, root, objects)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _filled(peer: Peer, root: str, objects: Sequence[bytes]) -> Peer:
    line = requests.Session()
    line.headers.update({"Authorization": f"Bearer {peer.token}", "Accept": TAXII, "Content-Type": TAXII})
    listed = _awaited(line, f"{peer.url}/taxii2/{root}/collections/")
    found = re.search(r'"id": ?"([0-9a-f-]{36})"', listed)
    assert found, listed
    path = peer.objects.format(found[1])
    for start in range(0, len(objects), AT_ONCE):
        body = {"objects": [json.loads(one) for one in objects[start : start + AT_ONCE]]}
        answer = line.post(f"{peer.url}{path}", data=json.dumps(body), timeout=120)
        assert answer.status_code == 202, answer.text[:300]
    return Peer(peer.url, path, peer.token)


def _awaited(line: requests.Session, url: str) -> str:
    last = time.monotonic() + PATIENCE
    while True:
        try:
            answer = line.get(url, timeout=5)
            assert answer.ok, answer.text[:300]
        except requests.ConnectionError:
            assert time.monotonic() < last, "it did not start"
            time.sleep(0.1)
        else:
            return answer.text

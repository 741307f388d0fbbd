"""Clients whose dependencies do not go with ours: each in an environment of its own, made once from a hash-pinned lock.

The environments stand inside ours, so that `make clean` takes them too. To lock a client anew:
    echo NAME==VERSION | uv pip compile --universal --generate-hashes --no-annotate --no-header \
        --python-version 3.11 --output-file tests/journeys/clients/requirements-NAME.txt -
"""

import fcntl
import json
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PLACE = Path(sys.prefix) / "clients"
PATIENCE = 300  # seconds for an installation


class NotInstalled(Exception):
    """A client's packages cannot be had here; the message is the installer's last word."""


def python_of(client: str) -> Path:
    """The interpreter of a client's own environment; raises NotInstalled."""
    lock = HERE / f"requirements-{client}.txt"
    place = PLACE / f"{client}-{sha256(lock.read_bytes()).hexdigest()[:12]}"
    PLACE.mkdir(exist_ok=True)
    with (PLACE / f"{client}.turn").open("w") as turn:  # two test processes do not install it at once
        fcntl.flock(turn, fcntl.LOCK_EX)
        # Written last: an installation that broke off is begun anew.
        if not (place / "installed").exists():
            venv.create(place, clear=True)
            _install(lock, place / "bin" / "python")
            (place / "installed").touch()
    return place / "bin" / "python"


def _install(lock: Path, python: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install"]
    options = ["-qq", "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(lock)]
    try:
        done = subprocess.run([*pip, *options], capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as slow:
        raise NotInstalled(f"no end after {PATIENCE} seconds") from slow
    if done.returncode:
        raise NotInstalled(done.stderr.strip().rpartition("\n")[2])


def read_by(python: Path, reader: str, said: Any) -> Any:
    """What a reader beside this file prints, run by a client's interpreter, when it is told something on its input."""
    told = [str(python), "-I", str(HERE / reader)]
    done = subprocess.run(told, input=json.dumps(said), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)

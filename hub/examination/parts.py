"""The libraries: those that requirements.txt pins."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from hub.examination.finding import Finding
from hub.wiring import Hub

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
LIST = Path(__file__).parents[2] / "requirements.txt"


def versions(_hub: Hub, pinned: Path = LIST) -> Iterator[Finding]:
    """Every pinned library that is installed has the pinned version; where there is no list, nothing is said."""
    if not pinned.is_file():
        return
    found = PINNED.findall(pinned.read_text("utf-8"))
    others = [f"{name} {own} for {wanted}" for name, wanted in found if (own := _installed(name)) not in {None, wanted}]
    if others:
        means = "this combination was never tested, and its hashes were not checked"
        mend = f"pip install --require-hashes -r {pinned}"
        yield Finding("versions", ", ".join(others), means, mend)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None

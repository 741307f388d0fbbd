"""docs/figures.md: what was measured, when, on which commit, by which command; each test writes its own section."""

import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.servers import ROOT

PAGE = ROOT / "docs" / "figures.md"
HEAD = """# Figures

Measured by the project's own tests; each command writes its section anew. Ratios are of two things in the same run, so
that they mean the same on another machine; seconds do not.
"""


def write(title: str, command: str, told: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Write a section, in the place of the one with the same title; its text."""
    table = [columns, ["---"] * len(columns), *rows]
    lines = "\n".join(f"| {' | '.join(map(str, row))} |" for row in table)
    stamp = f"{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}, `{command}`"
    section = f"## {title}\n\n{stamp}\n\n{told}\n\n{lines}\n"
    page = PAGE.read_text("utf-8") if PAGE.exists() else HEAD
    before, _, rest = page.partition(f"## {title}\n")
    after = re.search(r"^## ", rest, re.MULTILINE)
    parts = [before.rstrip("\n") + "\n", section, rest[after.start() :] if after else ""]
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text("\n".join(part for part in parts if part), "utf-8")
    return section


def _commit() -> str:
    told = [["git", "rev-parse", "--short", "HEAD"], ["git", "status", "--porcelain", "--untracked-files=no"]]
    try:
        name, changed = (
            subprocess.run(one, cwd=ROOT, capture_output=True, text=True, check=True).stdout for one in told
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name.strip() + (" with changes" if changed.strip() else "")

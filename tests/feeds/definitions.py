"""The feeds that the hub comes with, parsed."""

from pathlib import Path

from feeds import feed

ROOM = Path(feed.__file__).parent / "definitions"
FEEDS = [feed.parse(path.stem, path.read_text("utf-8")) for path in sorted(ROOM.glob("*.toml"))]

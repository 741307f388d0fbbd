"""What these tests write: a feed that shows some entries, in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from feeds.edition import changes
from feeds.entry import Entry, Tombstone, entry_of
from feeds.feed import Feed
from feeds.format import Heading
from feeds.formats import FORMATS
from feeds.mapping import to_stix
from feeds.names import Naming, reference
from schemas.audience import Mode
from schemas.tlp import TLP
from tests.feeds.definitions import FEEDS
from tests.feeds.shown import HUB, projected

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MEMBERS = next(one for one in FEEDS if one.name == "members")


@dataclass
class Shown:
    """A feed's live entries, made as a release makes them."""

    reports: Iterable[dict[str, Any]]
    feed: Feed = MEMBERS
    mode: Mode = Mode.WRITTEN
    recalled: list[Tombstone] = field(default_factory=list)
    departed: list[Tombstone] = field(default_factory=list)

    def objects(self) -> Iterator[bytes]:
        """Every object, in order."""
        for number, report in enumerate(self.reports):
            naming = Naming(bytes([number]) * 32, reference("M", bytes([number]) * 5), HUB, TLP.GREEN)
            for version in changes(to_stix(projected(report, self.feed, self.mode), naming), {}, AT):
                yield version.content

    def entries(self) -> Iterator[Entry]:
        """Every carrier."""
        return (entry_of(one) for one in self.objects() if orjson.loads(one)["type"] == "report")

    def newest(self, most: int) -> Iterator[Entry]:
        """The last carriers."""
        return iter(list(self.entries())[::-1][:most])

    def recalled_entries(self) -> Iterator[Tombstone]:
        """As given."""
        return iter(self.recalled)

    def recalled_objects(self) -> Iterator[Tombstone]:
        """As given."""
        return iter(self.departed)


def heading(feed: Feed = MEMBERS, release: int = 3) -> Heading:
    """A heading of a feed."""
    return Heading(feed, release, "d" * 64, AT, HUB, 'Hub "&<" Ltd', "https://hub.example/feeds/members", "https://h/")


def written(name: str, shown: Shown) -> bytes:
    """A file."""
    return b"".join(FORMATS[name].render(heading(shown.feed), shown))

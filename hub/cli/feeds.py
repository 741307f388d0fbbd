"""`hub feed`."""

from collections.abc import Sequence

import click

from feeds.feed import Feed
from hub.cli.home import home_option, the_hub


@click.group()
def feed() -> None:
    """Feeds and their collections."""


@feed.command("list")
@home_option
def list_(home: str | None) -> None:
    """List feeds: name, collection id, ceiling, schedule; and selections: name, collection id, feed, types."""
    for one in the_hub(home).collections():
        if one.feed:
            click.echo(f"{one.name:18} {one.id}  {_told(one.feed, one.source.kinds)}")


def _told(feed: Feed, types: Sequence[str]) -> str:
    if types:
        return f"of {feed.name}: {', '.join(types)}"
    return f"tlp:{feed.ceiling:6} {feed.cron} {feed.time_zone}"

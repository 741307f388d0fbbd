"""`hub feed`."""

import click

from hub.cli.home import home_option, the_hub


@click.group()
def feed() -> None:
    """Feeds and their collections."""


@feed.command("list")
@home_option
def list_(home: str | None) -> None:
    """List feeds: name, collection id, ceiling, schedule."""
    for one in the_hub(home).collections():
        click.echo(f"{one.feed.name:12} {one.id}  tlp:{one.feed.ceiling:6} {one.feed.cron} {one.feed.time_zone}")

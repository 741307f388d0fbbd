"""`hub feed`: feeds and their collections; a policy explained, compared over the real store, and applied."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feeds.feed import Feed
from hub.cli.home import home_option, the_hub, whoever

if TYPE_CHECKING:
    from feeds.widening import Change
    from hub.services.revealing import Revealed
    from hub.store.tables import Release

A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def feed() -> None:
    """Feeds, their policies and their collections."""


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


@feed.command()
@click.argument("feed", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="how many")
@home_option
def releases(feed: str | None, limit: int, home: str | None) -> None:
    """List releases, the newest first: objects, and reports eligible, brought, and held by reason."""
    from hub.services import accounts

    hub = the_hub(home)
    with hub.store.reading() as db:
        found = accounts.listed(db, hub.feeds(), feed, None, limit)
    for one in found:
        click.echo(_accounted(one))


def _accounted(one: "Release") -> str:
    objects = f"{one.added} added, {one.changed} changed, {one.revoked} revoked"
    if one.eligible is None:
        reports = "not counted then"
    else:
        held = ", ".join(f"{count} at {reason}" for reason, count in sorted((one.held or {}).items())) or "none held"
        reports = f"{one.reports} of {one.eligible} eligible reports; {held}"
    return f"{one.feed:18} {one.number:6}  {one.released_at:%Y-%m-%d %H:%M}  {objects}; {reports}"


@feed.command()
@click.argument("policy", metavar="FILE|NAME")
@home_option
def check(policy: str, home: str | None) -> None:
    """Explain a policy in words: a FILE (members.toml is of the feed members), or what the feed NAME has now.

    A policy that is none, or asks for more than the fields' own lines allow, is refused with its line; exit code 1.
    """
    from feeds.explaining import explain
    from hub import policies
    from hub.errors import NotFound

    place = Path(policy)
    if place.suffix == ".toml":
        found = policies.checked(place.stem, place.read_text("utf-8"))
    else:
        with the_hub(home).store.reading() as db:
            known = policies.active(db, policy)
        if known is None:
            raise NotFound
        found = known
    for line in explain(found):
        click.echo(line)


@feed.command()
@click.argument("file", type=A_FILE)
@click.option("--feed", "name", help="which feed; the file's name, if not given")
@home_option
def diff(file: Path, name: str | None, home: str | None) -> None:
    """Say what the policy in FILE would change, and what it would newly reveal of the reports that are here."""
    from feeds.widening import changes
    from hub import policies
    from hub.services import revealing

    hub, name = the_hub(home), name or file.stem
    new = policies.checked(name, file.read_text("utf-8"))
    with hub.store.reading() as db:
        old = policies.active(db, name)
        found = revealing.revealed(db, old, new, hub.clock())
    for line in _compared(changes(old, new), found):
        click.echo(line)


def _compared(changed: Sequence["Change"], found: "Revealed") -> Iterator[str]:
    if not changed:
        yield "nothing changes"
    for one in changed:
        yield f"{one.told}{'   WIDER: takes two people' if one.is_wider else ''}"
    yield f"\nOf the {found.reports:,} reports that are here:"
    moved = {way: number for way, number in sorted(found.ways.items()) if way[0] != way[1]}
    for (before, after), number in moved.items():
        yield f"  {number:,}  {before} → {after}"
    for (path, before, after), number in sorted(found.fields.items()):
        yield f"  {number:,} show {path} newly: {before} → {after}"
    if not moved and not found.fields:
        yield "  nothing is newly revealed, and none enters or leaves"


@feed.command()
@click.argument("file", type=A_FILE)
@click.option("--feed", "name", help="which feed; the file's name, if not given. A name that is new makes a feed")
@click.option("--why", default="a policy was applied", help="why, for whoever agrees and for the audit")
@home_option
def apply(file: Path, name: str | None, why: str, home: str | None) -> None:
    """Make the policy in FILE the active one; what lets an audience see more takes two people.

    At the next release every report is asked again: what shows too much is corrected or recalled.
    """
    from hub import policies
    from hub.agreeing import agreed
    from hub.roles import Act, Capability

    hub, text = the_hub(home), file.read_text("utf-8")
    act, feed_name = Act(whoever(hub, Capability.FEED_ADMIN), hub.clock()), name or file.stem
    made = agreed(hub, act, why, lambda db: policies.apply(db, act, feed_name, text))
    for one in made.changes:
        click.echo(one.told)
    click.echo(f"{feed_name}: version {made.version} is active; the next release asks every report again")

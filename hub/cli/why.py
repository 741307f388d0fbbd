"""`hub why`: what keeps a report in, over HTTP."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from hub.cli.asking import asked_hub, token_option
from hub.errors import NotFound


@click.command()
@click.argument("report")
@click.argument("feed", required=False)
@token_option
@click.option("--json", "as_json", is_flag=True, help="print the hub's answer")
def why(report: str, feed: str | None, token_file: Path | None, as_json: bool) -> None:
    """Say what keeps a report (id or reference) out of a feed, or out of each, and what lets it.

    HUB_URL names the hub and HUB_TOKEN the token of its producer or of an analyst.
    """
    found = asked_hub(token_file).send("GET", f"/api/v1/reports/{quote(report, safe='')}/path").body
    ways = [way for way in found["feeds"] if feed in {None, way["feed"]}]
    if not ways:
        raise NotFound
    if as_json:
        click.echo(json.dumps({**found, "feeds": ways}, indent=2))
        return
    click.echo(f"{found['ref']} revision {found['revision']}, tlp:{found['tlp']}, {found['state']}")
    for note in found["notes"]:
        click.echo(note)
    for way in ways:
        _tell(way)


def _tell(way: dict[str, Any]) -> None:
    shown = f" as {way['shows']['ref']}" if way["shows"] else ""
    mode = f", {way['mode']}" if way["mode"] else ""
    exits = f", leaves at {way['earliest_exit']} if nobody acts" if way["earliest_exit"] else ""
    click.echo(f"\n{way['feed']} (up to tlp:{way['ceiling']}{mode}): {way['state']}{shown}{exits}")
    for gate in way["gates"]:
        since = f" since {gate['since'][:16]}Z" if gate.get("since") else ""
        click.echo(f"  {gate['state'].replace('_', ' '):11}  {gate['gate']}{since}")
        if "on" in gate:
            click.echo(f"               {gate['on']}")
        if gate.get("clears"):
            click.echo(f"               {_call(gate['clears'])}")


def _call(clears: dict[str, Any]) -> str:
    if "command" in clears:
        return f"{clears['who']}: {clears['command']}"
    body = f" {json.dumps(clears['body'])}" if "body" in clears else ""
    return f"{clears['who']}: {clears['method']} {clears['path']}{body}"

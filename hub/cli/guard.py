"""`hub guard`: what the guard holds, and the decision about it, over HTTP."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from hub.cli.asking import asked_hub, token_option


@click.group()
def guard() -> None:
    """What the guard holds back, by field and rule; HUB_URL names the hub and HUB_TOKEN the token."""


@guard.command(name="list")
@token_option
@click.option("--json", "as_json", is_flag=True, help="print the hub's answers")
def list_(token_file: Path | None, as_json: bool) -> None:
    """List what waits for a decision, the oldest first."""
    hub, cursor = asked_hub(token_file), ""
    while True:
        page = hub.send("GET", f"/api/v1/guard?limit=200{cursor}").body
        for one in page["items"]:
            click.echo(json.dumps(one) if as_json else _line(one))
        if not page["next"]:
            return
        cursor = f"&next={page['next']}"


def _line(one: dict[str, Any]) -> str:
    return f"{one['since'][:16]}Z  {one['ref']}  {one['feed']}  {one['organisation']}: {_hits(one['hits'])}"


def _hits(hits: list[dict[str, str]]) -> str:
    return "; ".join(f"{hit['rule']} in {hit['field']}" + (f", of {hit['of']}" if hit["of"] else "") for hit in hits)


@guard.command()
@click.argument("report")
@token_option
@click.option("--json", "as_json", is_flag=True, help="print the hub's answer")
def show(report: str, token_file: Path | None, as_json: bool) -> None:
    """Show what the guard said of a report (id or reference) before each feed, and what was decided."""
    found = asked_hub(token_file).send("GET", _place(report)).body
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    click.echo(f"{found['ref']} revision {found['revision']}")
    for one in found["verdicts"]:
        stale = "" if one["is_current"] else ", examined anew by the next release"
        click.echo(f"{one['feed']}: {one['state']} since {one['since'][:16]}Z, revision {one['revision']}{stale}")
        for name in ("hits", "warnings"):
            if one[name]:
                click.echo(f"  {name}: {_hits(one[name])}")
    for one in found["decisions"]:
        state = "settled" if one["settled_at"] else "waits for a second person"
        click.echo(f"decision {one['number']}: {one['decision']} for {one['audience']}, {state}: {one['why']}")


@guard.command()
@click.argument("report")
@click.argument("audience")
@click.argument("decision", type=click.Choice(["release", "keep"]))
@click.option("--why", required=True, help="the reason, 10 to 500 characters")
@token_option
def decide(report: str, audience: str, decision: str, why: str, token_file: Path | None) -> None:
    """Let what the guard holds of a report leave to an audience, or keep it."""
    body = {"audience": audience, "decision": decision, "why": why}
    made = asked_hub(token_file).send("POST", _place(report), body).body
    state = "a second person has to say the same" if made["needs_second"] else "settled"
    click.echo(f"{decision} for {audience}: {made['id']} ({state})")


def _place(report: str) -> str:
    return f"/api/v1/reports/{quote(report, safe='')}/guard"

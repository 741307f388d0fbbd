"""`hub proposal` and `hub session`: what takes two people, and work with sealed fields, over HTTP."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from hub.cli.asking import asked_hub, token_option


@click.group()
def proposal() -> None:
    """Look at what takes two people, and agree to it or refuse it. HUB_TOKEN says which person you are."""


@proposal.command("list")
@click.option("--all", "is_all", is_flag=True, help="those that are over, too")
@token_option
def listed(token_file: Path | None, is_all: bool) -> None:
    """List what was proposed and you may agree to, the newest first."""
    path = f"/api/v1/proposals{'?all=true' if is_all else ''}"
    for one in asked_hub(token_file).send("GET", path).body["items"]:
        _show(one)


def _show(one: dict[str, Any]) -> None:
    by = one["person"] or "somebody at the shell"
    click.echo(f"{one['id']}  {one['state']:8}  {one['action']} {one['subject']}, by {by} at {one['proposed_at']}")
    click.echo(f"    why: {one['why']}")
    if one["details"]:
        click.echo(f"    exactly: {json.dumps(one['details'], ensure_ascii=False, sort_keys=True)}")
    if one["approver"]:
        click.echo(f"    agreed to by {one['approver']}")
    elif one["cools_until"]:
        click.echo(f"    fewer than two are eligible: one may do it alone from {one['cools_until']}")


@proposal.command()
@click.argument("proposal_id", metavar="PROPOSAL")
@token_option
def agree(proposal_id: str, token_file: Path | None) -> None:
    """Agree to what another person proposed; then one of you does it."""
    _show(asked_hub(token_file).send("POST", f"/api/v1/proposals/{quote(proposal_id, safe='')}/agree").body)


@proposal.command()
@click.argument("proposal_id", metavar="PROPOSAL")
@token_option
def refuse(proposal_id: str, token_file: Path | None) -> None:
    """Refuse what was proposed, or take your own proposal back."""
    _show(asked_hub(token_file).send("POST", f"/api/v1/proposals/{quote(proposal_id, safe='')}/refuse").body)


@click.group()
def session() -> None:
    """Work with sealed fields: one purpose, one scope, a time limit."""


@session.command()
@click.argument("reports", nargs=-1, metavar="[REPORT…]")
@click.option("--purpose", required=True, help="why, in 10 to 500 characters; it is kept in the audit")
@click.option("--filter", "filter_", metavar="FILTER", default="", help="the reports that it finds, instead of REPORT…")
@click.option("--minutes", type=click.IntRange(1, 720), default=60, show_default=True)
@click.option("--most", type=click.IntRange(1, 100_000), default=50, show_default=True, help="reports to be opened")
@token_option
def begin(
    reports: tuple[str, ...], purpose: str, filter_: str, minutes: int, most: int, token_file: Path | None
) -> None:
    """Begin a session; prints its id, for `hub open --session` and `hub scan --session`."""
    if bool(reports) == bool(filter_):
        message = "name reports, or give --filter"
        raise click.UsageError(message)
    scope: dict[str, Any] = {"filter": filter_} if filter_ else {"reports": list(reports)}
    body = {"purpose": purpose, "minutes": minutes, "most": most, **scope}
    found = asked_hub(token_file).send("POST", "/api/v1/sessions", body).body
    click.echo(found["id"])
    click.echo(f"until {found['until']}, {found['most']} reports at most", err=True)


@session.command("list")
@token_option
def running(token_file: Path | None) -> None:
    """List your sessions that are not over."""
    for one in asked_hub(token_file).send("GET", "/api/v1/sessions").body["items"]:
        click.echo(f"{one['id']}  until {one['until']}  {one['opened']} of {one['most']} opened  {one['purpose']}")


@session.command()
@click.argument("session_id", metavar="SESSION")
@token_option
def end(session_id: str, token_file: Path | None) -> None:
    """End a session before its time."""
    found = asked_hub(token_file).send("POST", f"/api/v1/sessions/{quote(session_id, safe='')}/end").body
    click.echo(f"ended; {found['opened']} reports were opened in it")

"""`hub preview`: what each audience would see of a report, before it is filed or before it is released, over HTTP."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from hub.cli.asking import asked_hub, token_option
from hub.cli.printing import indented
from hub.cli.report import read_file

PURPOSE = "of a filed report: why it is opened, in 10 to 500 characters; it is kept in the audit"


@click.command()
@click.argument("what", metavar="FILE|REPORT")
@click.argument("feed", required=False)
@click.option("--purpose", help=PURPOSE)
@click.option("--session", help="of a filed report: a work session, instead of a purpose")
@click.option("--text-approved", is_flag=True, help="of a file: as if its text for release were approved")
@click.option("--stix", "with_objects", is_flag=True, help="print the STIX objects too")
@click.option("--json", "as_json", is_flag=True, help="print the hub's answer")
@token_option
def preview(what: str, feed: str | None, token_file: Path | None, as_json: bool, **how: Any) -> None:
    """Show what each audience, or that of one FEED, would see of a draft in a FILE, or of a filed REPORT.

    A draft is stored nowhere, and takes a producer's token; a filed report is opened for it, and takes an analyst's.
    """
    hub = asked_hub(token_file)
    if how["purpose"] is None and how["session"] is None:
        query = "?text_approved=true" if how["text_approved"] else ""
        found = hub.send("POST", f"/api/v1/reports/preview{query}", read_file(what)).body
    else:
        why = {name: how[name] for name in ("purpose", "session") if how[name] is not None}
        found = hub.send("POST", f"/api/v1/reports/{quote(what, safe='')}/preview", why).body
    items = [one for one in found["items"] if feed in {None, one["feed"]}]
    if as_json:
        click.echo(json.dumps({**found, "items": items}, ensure_ascii=False))
        return
    for one in items:
        _show(one, with_objects=how["with_objects"])
    if not items:
        click.echo("nobody would see anything of it: its TLP lets it go nowhere, and it names no audience", err=True)


def _show(one: dict[str, Any], *, with_objects: bool) -> None:
    click.echo(f"\n{one['feed']}, {one['mode']}: {'leaves next' if one['is_next'] else 'waits'}")
    for gate in one["closed"]:
        click.echo(f"  closed     {gate['gate']}: {gate['remedy']}")
    for hit in one["held"]:
        of = f", of {hit['of']}" if hit["of"] else ""
        click.echo(f"  held       {hit['rule']} in {hit['field']}{of}")
    for field in one["fields"]:
        rule = "" if field["fate"] == "kept" else f"  ({field['rule']})"
        click.echo(f"  {field['fate']:9}  {field['field']}{rule}")
        for value in field["shows"].values():
            click.echo(indented(value))
    if with_objects:
        for body in one["objects"]:
            click.echo(indented(json.dumps(body, ensure_ascii=False, indent=2)))

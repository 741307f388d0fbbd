"""`hub search`: which reports a filter finds, over HTTP."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from hub.cli.asking import asked_hub, token_option
from hub.client import Client

PAGE = 200


@click.command()
@click.argument("filter_", metavar="[FILTER]", default="")
@click.option("--sort", default="newest", show_default=True, help="newest, filed_at, revised_at, aware_at, severity")
@click.option("--facets", default="", metavar="FIELD,…", help="count the matches by these fields too")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="at most so many reports")
@click.option("--json", "as_json", is_flag=True, help="print the hub's answer")
@token_option
def search(filter_: str, sort: str, facets: str, limit: int, as_json: bool, token_file: Path | None) -> None:
    """Find reports, as in: hub search 'severity >= high and aware_at >= 2026-10'.

    docs/search.md describes filters. HUB_URL names the hub and HUB_TOKEN the token of an analyst, or of a producer,
    who finds its own reports.
    """
    found = _ask(asked_hub(token_file), {"filter": filter_, "sort": sort, "facets": facets}, limit)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for one in found["items"]:
        click.echo(_line(one))
    for name, values in found.get("facets", {}).get("values", {}).items():
        click.echo(f"\n{name}")
        for one in values:
            click.echo(f"  {one['reports']:8}  {one['value']}")
    if found["sealed"]:
        click.echo(f"sealed, found only where they left as written: {', '.join(found['sealed'])}", err=True)
    if found["next"]:
        click.echo("there are more; raise --limit, or narrow the filter", err=True)


def _ask(hub: Client, query: dict[str, str], limit: int) -> dict[str, Any]:
    """The answer to a search, gathered from as many pages as it takes."""
    given = {name: value for name, value in query.items() if value}
    found: dict[str, Any] = {}
    while True:
        most = min(PAGE, limit - len(found.get("items", ())))
        page = hub.send("GET", f"/api/v1/search?{urlencode({**given, 'limit': most})}").body
        found = {**page, "items": found["items"] + page["items"], **_kept(found)} if found else page
        if not page["next"] or len(found["items"]) >= limit:
            return found
        given = {**given, "next": page["next"]}
        given.pop("facets", None)


def _kept(found: dict[str, Any]) -> dict[str, Any]:
    return {"facets": found["facets"]} if "facets" in found else {}


def _line(one: dict[str, Any]) -> str:
    report = one["report"]
    title = report.get("title") or report.get("for_release", {}).get("title") or "(title sealed)"
    codes = f"{report['severity']:8}  {report['report_type']:15}  {one['state']:10}"
    return f"{one['ref']}  {one['filed_at'][:10]}  {codes}  {title}"

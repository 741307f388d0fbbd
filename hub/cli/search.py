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
@click.option("--purpose", help="why, in 10 to 500 characters: for a filter that compares sealed values")
@click.option("--json", "as_json", is_flag=True, help="print the hub's answer")
@token_option
def search(filter_: str, purpose: str | None, as_json: bool, token_file: Path | None, **how: Any) -> None:
    """Find reports, as in: hub search 'severity >= high and aware_at >= 2026-10'.

    docs/search.md describes filters. HUB_URL names the hub and HUB_TOKEN the token of an analyst, or of a producer,
    who finds its own reports. With --purpose an analyst also finds reports by sealed values, as in:
    hub search 'sealed.systems.purl = pkg:pypi/ngx-agent' --purpose 'Who else uses the package of R-7K3M-92QX?'
    """
    hub = asked_hub(token_file)
    if purpose is not None:
        _compare(hub, filter_, purpose, as_json=as_json, **how)
        return
    found = _ask(hub, {"filter": filter_, "sort": how["sort"], "facets": how["facets"]}, how["limit"])
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


def _compare(hub: Client, filter_: str, purpose: str, sort: str, facets: str, limit: int, *, as_json: bool) -> None:
    """The reports that hold sealed values, page by page: each is opened for it, on record."""
    if facets:
        message = "--facets counts what lies in clear; leave it out, or leave out --purpose"
        raise click.UsageError(message)
    body: dict[str, Any] = {"filter": filter_, "purpose": purpose, "sort": sort}
    pages: list[dict[str, Any]] = []
    while not pages or (body["next"] and sum(len(page["items"]) for page in pages) < limit):
        pages.append(hub.send("POST", "/api/v1/search/equal", body).body)
        body["next"] = pages[-1]["next"]
    if as_json:
        click.echo(json.dumps(pages, indent=2, ensure_ascii=False))
        return
    for one in (one for page in pages for one in page["items"]):
        click.echo(f"{one['ref']}  {', '.join(one['fields'])}")
    for one in (one for page in pages for one in page["faults"]):
        click.echo(f"{one['ref']}  could not be opened: {one['detail']}", err=True)
    click.echo(f"{sum(page['opened'] for page in pages)} reports opened for it", err=True)


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

"""`hub open` and `hub scan`: sealed fields for a stated purpose, over HTTP."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from hub.cli.asking import asked_hub, token_option

PURPOSE = "why, in 10 to 500 characters; it is kept in the audit"


@click.command("open")
@click.argument("report")
@click.argument("fields", nargs=-1, metavar="[FIELD…]")
@click.option("--purpose", required=True, help=PURPOSE)
@token_option
@click.option("--json", "as_json", is_flag=True, help="print the hub's answer")
def open_(report: str, fields: tuple[str, ...], purpose: str, token_file: Path | None, as_json: bool) -> None:
    """Open sealed fields of a report (id or reference): all, or those named by schema path, as in `systems[].name`.

    Who reported is opened only where it is named, as in `reporter.name`. HUB_URL names the hub and HUB_TOKEN an
    analyst's token.
    """
    body = {"purpose": purpose, **({"fields": list(fields)} if fields else {})}
    found = asked_hub(token_file).send("POST", f"/api/v1/reports/{quote(report, safe='')}/open", body).body
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{found['ref']} revision {found['revision']}")
    for pointer, value in found["opened"].items():
        click.echo(f"\n{pointer}\n{_indented(value)}")
    for path in found["absent"]:
        click.echo(f"\n{path}: the report has none")


@click.command()
@click.argument("contains")
@click.argument("fields", nargs=-1, metavar="[FIELD…]")
@click.option("--purpose", required=True, help=PURPOSE)
@click.option("--filter", "filter_", help="look only at the reports that this search finds")
@click.option("--rows", type=click.IntRange(1, 5_000), default=1_000, show_default=True, help="reports at a time")
@click.option("--seconds", type=click.IntRange(1, 10), default=5, show_default=True, help="how long at a time")
@click.option("--all", "is_whole", is_flag=True, help="go on until every report was looked at")
@click.option("--next", "following", help="go on where an earlier scan stopped")
@token_option
@click.option("--json", "as_json", is_flag=True, help="print the hub's answers, one a line")
def scan(
    contains: str,
    fields: tuple[str, ...],
    purpose: str,
    filter_: str | None,
    rows: int,
    seconds: int,
    is_whole: bool,
    following: str | None,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Find the reports whose sealed text holds all of some words or "quoted phrases".

    Says in which fields, and how many reports were opened for it; `hub open` shows the text. HUB_URL names the hub and
    HUB_TOKEN an analyst's token.
    """
    hub = asked_hub(token_file)
    given = {"filter": filter_, "fields": list(fields) or None, "next": following}
    body = {"contains": contains, "purpose": purpose, "rows": rows, "seconds": seconds}
    body |= {name: value for name, value in given.items() if value}
    while True:
        found = hub.send("POST", "/api/v1/search/sealed", body).body
        click.echo(json.dumps(found, ensure_ascii=False)) if as_json else _tell(found)
        if not (is_whole and found["next"]):
            return
        body["next"] = found["next"]


def _tell(found: dict[str, Any]) -> None:
    for one in found["items"]:
        click.echo(f"{one['ref']}  {', '.join(one['fields'])}")
    for one in found["faults"]:
        click.echo(f"{one['ref']}  could not be scanned: {one['detail']}", err=True)
    click.echo(f"{len(found['items'])} found; {found['opened']} reports opened for it", err=True)
    if found["next"]:
        click.echo(f"there are more: --next {found['next']}", err=True)


def _indented(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    # A terminal obeys control characters; what was filed must not command it.
    safe = "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text)
    return "\n".join(f"  {line}" for line in safe.split("\n"))

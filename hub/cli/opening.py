"""`hub open` and `hub scan`: sealed fields for a stated purpose, over HTTP."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from hub.cli import download
from hub.cli.asking import asked_hub, token_option
from hub.cli.printing import indented

PURPOSE = "why, in 10 to 500 characters; it is kept in the audit"
SESSION = "a work session (hub session begin), instead of a purpose"
SORTS = "newest (default), filed_at, revised_at, aware_at, severity; a minus before it turns it round"


@click.command("open")
@click.argument("words", nargs=-1, metavar="[REPORT] [FIELD…]")
@click.option("--purpose", help=PURPOSE)
@click.option("--session", help=SESSION)
@click.option("--filter", "filter_", metavar="FILTER", help="open the reports that it finds, instead of REPORT")
@click.option("--sort", help=SORTS)
@click.option("--limit", type=click.IntRange(1, 50), help="open at most so many of them  [default: 20]")
@click.option("--next", "following", help="go on where an earlier page ended")
@click.option(
    "--attachment", metavar="ID", help="open this attachment of REPORT: what it is called, or with --to its bytes"
)
@click.option(
    "--to", type=click.Path(dir_okay=False, path_type=Path), help="save the attachment's bytes in this new file"
)
@token_option
@click.option("--json", "as_json", is_flag=True, help="print the hub's answer")
def open_(
    words: tuple[str, ...],
    purpose: str | None,
    session: str | None,
    attachment: str | None,
    to: Path | None,
    token_file: Path | None,
    as_json: bool,
    **search: Any,
) -> None:
    """Open sealed fields of a report (id or reference), or of a page of a search's, with --filter; or an attachment.

    All fields, or those named by schema path, as in `systems[].name`. Who reported is opened only where it is named, as
    in `reporter.name`, and takes two people. An attachment is saved as it is and never shown: what is in it is its
    filer's. HUB_URL names the hub and HUB_TOKEN an analyst's token.
    """
    if attachment is not None or to is not None:
        if attachment is None or len(words) != 1 or any(search.values()):
            message = "say which: hub open REPORT --attachment ID, and --to FILE for its bytes"
            raise click.UsageError(message)
        path = f"/api/v1/reports/{quote(words[0], safe='')}/attachments/{quote(attachment, safe='')}"
        download.open_attachment(asked_hub(token_file), path, _why(purpose, session), to, as_json=as_json)
        return
    if search["filter_"] is None and (not words or any(search.values())):
        message = "name a report, or say with --filter which reports to open (--filter '' opens any)"
        raise click.UsageError(message)
    path, fields = "search/open", words
    if search["filter_"] is None:
        path, fields = f"reports/{quote(words[0], safe='')}/open", words[1:]
    body = {**_why(purpose, session), **_body(fields, **search)}
    found = asked_hub(token_file).send("POST", f"/api/v1/{path}", body).body
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found.get("items", [found]):
        _show(one)
    _tell_more(found)


@click.command()
@click.argument("contains")
@click.argument("fields", nargs=-1, metavar="[FIELD…]")
@click.option("--purpose", help=PURPOSE)
@click.option("--session", help=SESSION)
@click.option("--filter", "filter_", metavar="FILTER", help="look only at the reports that it finds")
@click.option("--sort", help=SORTS)
@click.option("--rows", type=click.IntRange(1, 5_000), default=1_000, show_default=True, help="reports at a time")
@click.option("--seconds", type=click.IntRange(1, 10), default=5, show_default=True, help="how long at a time")
@click.option("--all", "is_whole", is_flag=True, help="go on until every report was looked at")
@click.option("--next", "following", help="go on where an earlier scan stopped")
@token_option
@click.option("--json", "as_json", is_flag=True, help="print the hub's answers, one a line")
def scan(
    contains: str,
    fields: tuple[str, ...],
    purpose: str | None,
    session: str | None,
    is_whole: bool,
    token_file: Path | None,
    as_json: bool,
    **search: Any,
) -> None:
    """Find the reports whose sealed text holds all of some words or "quoted phrases".

    Says in which fields, and how many reports were opened for it; `hub open` shows the text. HUB_URL names the hub and
    HUB_TOKEN an analyst's token.
    """
    hub, body = asked_hub(token_file), {"contains": contains, **_why(purpose, session), **_body(fields, **search)}
    while True:
        found = hub.send("POST", "/api/v1/search/sealed", body).body
        click.echo(json.dumps(found, ensure_ascii=False)) if as_json else _tell(found)
        if not (is_whole and found["next"]):
            return
        body["next"] = found["next"]


def _why(purpose: str | None, session: str | None) -> dict[str, str]:
    if (purpose is None) == (session is None):
        message = "say why with --purpose, or name a work session with --session"
        raise click.UsageError(message)
    return {"purpose": purpose} if purpose is not None else {"session": session or ""}


def _body(fields: tuple[str, ...], filter_: str | None, following: str | None, **given: Any) -> dict[str, Any]:
    said = {"filter": filter_, "fields": list(fields), "next": following, **given}
    return {name: value for name, value in said.items() if value}


def _show(one: dict[str, Any]) -> None:
    click.echo(f"{one['ref']} revision {one['revision']}")
    if "fault" in one:
        click.echo(f"{one['ref']}  could not be opened: {one['fault']}", err=True)
    for pointer, value in one.get("opened", {}).items():
        click.echo(f"\n{pointer}\n{indented(value)}")
    for path in one.get("absent", ()):
        click.echo(f"\n{path}: the report has none")


def _tell(found: dict[str, Any]) -> None:
    for one in found["items"]:
        click.echo(f"{one['ref']}  {', '.join(one['fields'])}")
    for one in found["faults"]:
        click.echo(f"{one['ref']}  could not be scanned: {one['detail']}", err=True)
    click.echo(f"{len(found['items'])} found; {found['opened']} reports opened for it", err=True)
    _tell_more(found)


def _tell_more(found: dict[str, Any]) -> None:
    if found.get("next"):
        click.echo(f"there are more: --next {found['next']}", err=True)

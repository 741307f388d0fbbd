"""`hub accept`: an analyst's word, over HTTP."""

from pathlib import Path
from urllib.parse import quote

import click

from hub.cli.asking import asked_hub, token_option
from hub.client import Answer, Client
from hub.errors import NotFound


@click.command()
@click.argument("subject", metavar="REPORT|ORG")
@click.argument("audience")
@click.option("--for-release", is_flag=True, help="approve the report's text for release, not the report as written")
@token_option
def accept(subject: str, audience: str, for_release: bool, token_file: Path | None) -> None:
    """Accept a report (id or reference), or all reports of an organisation (id or name), for an audience.

    HUB_URL names the hub and HUB_TOKEN an analyst's token.
    """
    hub = asked_hub(token_file)
    name = quote(subject, safe="")
    answer = _approve(hub, name, audience) if for_release else _accept(hub, name, audience)
    click.echo(f"accepted for {audience}: {answer.body['id']} ({answer.body['subject']})")


def _approve(hub: Client, name: str, audience: str) -> Answer:
    """Show the text in effect and approve it as it was shown: if it changes meanwhile, the hub refuses."""
    found = hub.send("GET", f"/api/v1/reports/{name}/release-text")
    click.echo(f"text for release (whose: {found.body['whose']})")
    for line, text in found.body["text"].items():
        click.echo(f"{line}: {text}")
    for line in found.body["difference"]:
        click.echo(f"  {line}")
    body = {"audience": audience, "subject": "for_release"}
    return hub.send("POST", f"/api/v1/reports/{name}/accept", body, If_Match=found.etag or "")


def _accept(hub: Client, name: str, audience: str) -> Answer:
    try:
        return hub.send("POST", f"/api/v1/reports/{name}/accept", {"audience": audience})
    except NotFound:
        return hub.send("POST", f"/api/v1/members/{name}/accept", {"audience": audience})

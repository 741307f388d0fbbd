"""`hub doctor`: what is amiss with a hub, what it means, and the one command that mends it."""

import json
import sys
from dataclasses import asdict

import click

from hub.cli.home import home_option
from hub.config import from_environment
from hub.wiring import as_found


@click.command()
@home_option
@click.option("--json", "as_json", is_flag=True, help="print one JSON object for tools")
def doctor(home: str | None, as_json: bool) -> None:
    """Examine a hub, beside a running one: exit code 0 if all is well, 1 if something was found. Changes nothing."""
    from hub.examination import examine

    config = from_environment(home)
    hub = as_found(config)
    found = examine(hub)
    hub.store.close()
    if as_json:
        click.echo(json.dumps({"home": str(config.home), "findings": [asdict(one) for one in found]}))
    else:
        for one in found:
            click.echo(f"{one.check}: {one.seen}\n  means  {one.means}\n  mend   {one.mend}")
        click.echo("all is well" if not found else f"{len(found)} found")
    sys.exit(1 if found else 0)

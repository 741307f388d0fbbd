"""`hub schema`."""

import json

import click

from schemas.report import filing_schema


@click.command()
def schema() -> None:
    """Print the JSON Schema of a report."""
    click.echo(json.dumps(filing_schema(), indent=2, ensure_ascii=False))

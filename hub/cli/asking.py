"""The hub that a command asks over HTTP, for every command that does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from hub.client import Client, client
from hub.config import client_from_environment

Command = TypeVar("Command", bound=Callable[..., Any])


def token_option(command: Command) -> Command:
    """Add `--token-file`; without it HUB_TOKEN holds the token."""
    kind = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.option("--token-file", type=kind, help="read the token here")(command)


def asked_hub(token_file: Path | None) -> Client:
    """The hub that HUB_URL names; raises NotReady without an address or a token."""
    settings = client_from_environment()
    return client(settings.url, token_file.read_text("utf-8") if token_file else settings.token)

"""`--home`, for every command that works on a hub's own home."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from hub.config import from_environment
from hub.wiring import Hub, connect

Command = TypeVar("Command", bound=Callable[..., Any])


def home_option(command: Command) -> Command:
    """Add `--home`, which equals HUB_HOME."""
    return click.option("--home", metavar="DIR", help="the hub's home; HUB_HOME equals it")(command)


def the_hub(home: str | None) -> Hub:
    """The hub at a home."""
    return connect(from_environment(home))

"""`--home`, for every command that works on a hub's own home; and the passphrase, for one at a terminal."""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

import click

from hub.config import Config, client_from_environment, from_environment
from hub.errors import Unauthenticated
from hub.roles import Caller, Capability, shell
from hub.roots import Ask
from hub.wiring import Hub, connect

Command = TypeVar("Command", bound=Callable[..., Any])


def home_option(command: Command) -> Command:
    """Add `--home`, which equals HUB_HOME."""
    return click.option("--home", metavar="DIR", help="the hub's home; HUB_HOME equals it")(command)


def the_hub(home: str | None) -> Hub:
    """The hub at a home."""
    config = from_environment(home)
    hub = connect(config)
    hub.ask = asking(config)
    return hub


def whoever(hub: Hub, *capabilities: Capability) -> Caller:
    """Who gives a command: the holder of HUB_TOKEN, if it is one of this hub's, so that the person is known.

    With the rights of whoever has the host's shell. Another hub's token, which may well stand in a shell's environment,
    says nothing here: then nobody is known, and what takes two people says so.
    """
    from hub.services import credentials

    text = client_from_environment().token
    if not text:
        return shell("shell", "", *capabilities)
    try:
        with hub.store.reading() as db:
            found = credentials.look_up(db, text, hub.clock()).holder(lambda: True)
    except Unauthenticated:
        return shell("shell", "", *capabilities)
    return replace(found, capabilities=found.capabilities | {Capability.STAFF_ADMIN, *capabilities})


def asking(config: Config) -> Ask | None:
    """How a command asks a person for the passphrase, once; None if a file holds it or nobody is there to ask."""
    if config.passphrase_file is not None or not sys.stdin.isatty():
        return None
    return cache(prompt)


def prompt(said: str = "Passphrase of the root key", *, twice: bool = False) -> bytes:
    """A passphrase from the terminal, unseen; twice for a new one."""
    typed: str = click.prompt(said, hide_input=True, confirmation_prompt=twice, err=True)
    return typed.encode()

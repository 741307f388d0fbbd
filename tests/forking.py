"""`hub` commands without the seconds of imports that each would begin with: forked from a process that has them.

1. A command is a process of its own, with its own environment, directory and streams, as a shell would start it, and it
   goes through `hub.cli.main`. What serves (`Group` in tests/servers.py) is started as `python -m hub`.
2. The process that it is forked from has read modules in and done nothing else: no thread, no database, no key.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from subprocess import CompletedProcess, TimeoutExpired

NOT_READ_IN = ("hub.__main__", "hub.store.migrations.", "hub.web_server")
ROOMS = ("schemas", "feeds", "hub")


def modules() -> list[str]:
    """Every module that a command may need."""
    found = [one.name for room in ROOMS for one in walk_packages(import_module(room).__path__, f"{room}.")]
    return [*(name for name in found if not name.startswith(NOT_READ_IN)), "stix2", __name__]


FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(modules())


def run(words: tuple[str, ...], told: Mapping[str, str], stdin: str, seconds: float) -> "CompletedProcess[str]":
    """Run a command to its end; raises TimeoutExpired."""
    with tempfile.TemporaryDirectory(prefix="hub-run-") as directory:
        streams = [Path(directory) / name for name in ("stdin", "stdout", "stderr")]
        streams[0].write_text(stdin, "utf-8")
        child = FORKED.Process(target=_run, args=(words, dict(told), [str(one) for one in streams]))
        child.start()
        child.join(seconds)
        code = child.exitcode
        if code is None:
            child.kill()
            child.join()
            raise TimeoutExpired(["hub", *words], seconds)
        child.close()
        said = [one.read_text("utf-8") if one.exists() else "" for one in streams[1:]]
        return CompletedProcess(["hub", *words], code, *said)


def _run(words: tuple[str, ...], told: dict[str, str], streams: list[str]) -> None:
    from hub.cli import main  # noqa: PLC0415 - here is the child

    for number, place in enumerate(streams):
        opened = os.open(place, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    os.environ.clear()
    os.environ.update(told)
    sys.argv = ["hub", *words]
    main()

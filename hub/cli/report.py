"""`hub report`: file reports from files, over HTTP, safely to repeat.

A body without client_ref gets an Idempotency-Key made from it and the token, so that the same file filed again, by
a retry or by a CI job that runs twice, is the same report. The hash is keyed: nobody can guess at a text by it.
"""

import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml

from hub.cli.asking import asked_hub, token_option
from hub.client import Answer, Client, Refused
from hub.errors import Busy, HubError, NotReady


class Plain(yaml.SafeLoader):
    """YAML in which a date stays the text that was written."""


Plain.yaml_implicit_resolvers = {
    first: [(tag, shape) for tag, shape in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@click.command()
@click.argument("files", nargs=-1, metavar="FILE…")
@token_option
@click.option("--upsert", is_flag=True, help="amend the report that has the same client_ref")
@click.option("--dry-run", is_flag=True, help="check the reports and file nothing")
@click.option(
    "--spool", type=click.Path(file_okay=False, path_type=Path), help="keep reports here while the hub is down"
)
@click.option("--json", "as_json", is_flag=True, help="print the hub's answers, one a line")
def report(
    files: tuple[str, ...], token_file: Path | None, upsert: bool, dry_run: bool, spool: Path | None, as_json: bool
) -> None:
    """File reports from JSON or YAML files, or `-` for standard input.

    HUB_URL names the hub and HUB_TOKEN the token. With --spool, what could not be sent is kept in DIR and sent at the
    next call, and the exit code is 75 as long as something waits.
    """
    if not files and spool is None:
        raise click.UsageError("name a file to file, or - for standard input")
    hub = asked_hub(token_file)
    query = "?dry_run=true" if dry_run else "?upsert=true" if upsert else ""
    failed = 0
    for letter in [*_spooled(spool), *(_letter(hub, name, query) for name in files)]:
        try:
            answer = hub.send("POST", f"/api/v1/reports{letter.query}", letter.body, **letter.headers)
        except Busy as busy:
            if spool is None or dry_run:
                raise
            _keep(spool, letter)
            click.echo(f"{letter.name}: kept in {spool}: {busy}", err=True)
            continue
        except HubError as wrong:
            failed += 1
            click.echo(f"{letter.name}: {wrong}", err=True)
            # It would be refused for ever; what only lacks a valid token stays, or an expired one would lose reports.
            if letter.place and isinstance(wrong, Refused) and wrong.is_final:
                letter.place.rename(letter.place.with_suffix(".refused"))
                click.echo(f"{letter.name}: set aside as .refused; mend it and file it again", err=True)
            continue
        _print(letter.name, answer, as_json=as_json)
        if letter.place:
            letter.place.unlink(missing_ok=True)
    if failed:
        sys.exit(1)
    if spool is not None and any(spool.glob("*.json")):
        sys.exit(75)


@dataclass(frozen=True)
class Letter:
    """A report on its way: what is sent, how, under which key, and where it lies if it was spooled."""

    name: str
    body: Any
    query: str
    key: str | None
    place: Path | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The key as a header, unless the body has a client_ref."""
        return {"Idempotency_Key": self.key} if self.key else {}


def _letter(hub: Client, name: str, query: str) -> Letter:
    body = read_file(name)
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, TypeError, RecursionError):
        message = f"{name}: holds what JSON has no word for (a date object, bytes, a loop, half a character)"
        raise NotReady(message) from None
    has_own_key = isinstance(body, dict) and "client_ref" in body
    return Letter(name, body, query, None if has_own_key else _digest(hub, body))


def read_file(name: str) -> Any:
    """A report as a file, or standard input, says it; raises NotReady for what is neither JSON nor YAML."""
    text = sys.stdin.read() if name == "-" else _text(Path(name))
    try:
        # JSON is YAML, but for the better error message it is read as JSON where it looks like it.
        if text.lstrip().startswith("{"):
            return json.loads(text)
        return yaml.load(text, Plain)  # noqa: S506 - Plain is a SafeLoader
    except (ValueError, TypeError, RecursionError, yaml.YAMLError) as wrong:
        reason = str(wrong).splitlines()[0] if isinstance(wrong, json.JSONDecodeError) else type(wrong).__name__
        message = f"{name}: neither JSON nor YAML: {reason}"
        raise NotReady(message) from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        message = f"{path}: cannot be read: {wrong.__class__.__name__}"
        raise NotReady(message) from None


def _digest(hub: Client, body: Any) -> str:
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False).encode()
    return hmac.new(hub.token.encode(), canonical, hashlib.sha256).hexdigest()


def _spooled(spool: Path | None) -> list[Letter]:
    # In the order in which they were kept: of two states of one report, the later one is sent last.
    places = sorted(spool.glob("*.json")) if spool else []
    return [_opened(place) for place in places]


def _opened(place: Path) -> Letter:
    try:
        return Letter(str(place), **json.loads(place.read_text("utf-8")), place=place)
    except (ValueError, TypeError):
        message = f"{place}: was not written by this command; take it out of the spool"
        raise NotReady(message) from None


def _keep(spool: Path, letter: Letter) -> None:
    if letter.place:
        return
    # Kept with its key and its way of sending, so that a new token or another call does not make it a second report.
    kept = {"body": letter.body, "query": letter.query, "key": letter.key}
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = spool / f"{time.time_ns():020}-{os.getpid()}.json"
    draft = place.with_suffix(".part")
    # Written beside its name and moved there: a crash leaves a whole report or none.
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(kept, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(place)


def _print(name: str, answer: Answer, *, as_json: bool) -> None:
    for line in [json.dumps(answer.body, ensure_ascii=False)] if as_json else _lines(name, answer.body):
        click.echo(line)


def _lines(name: str, body: dict[str, Any]) -> Iterator[str]:
    if "id" not in body:
        yield f"{name}: good"
    else:
        yield f"{name}: {body['ref']} revision {body['revision']}"
        yield f"  id       {body['id']}"
        yield f"  receipt  {body['receipt']['commitment']}"
    missing = body["completeness"]["missing"]
    if missing:
        yield f"  to make it complete: {'; '.join(missing)}"

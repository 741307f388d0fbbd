"""`hub report`: file reports from files, over HTTP, safely to repeat.

A body without client_ref gets an Idempotency-Key made from it and the token, so that the same file filed again, by
a retry or by a CI job that runs twice, is the same report. The hash is keyed: nobody can guess at a text by it.
"""

import hashlib
import hmac
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

from hub.client import Answer, Client, client
from hub.config import client_from_environment
from hub.errors import Busy, HubError, NotReady


class Plain(yaml.SafeLoader):
    """YAML in which a date stays the text that was written."""


Plain.yaml_implicit_resolvers = {
    first: [(tag, shape) for tag, shape in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@click.command()
@click.argument("files", nargs=-1, metavar="FILE…")
@click.option("--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="read the token here")
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
    settings = client_from_environment()
    hub = client(settings.url, token_file.read_text("utf-8") if token_file else settings.token)
    query = "?dry_run=true" if dry_run else "?upsert=true" if upsert else ""
    waiting, failed = _spooled(spool), 0
    for name, body in [*waiting, *((name, _read(name)) for name in files)]:
        try:
            answer = hub.send("POST", f"/api/v1/reports{query}", body, **_key(hub, body))
        except Busy as busy:
            if spool is None or dry_run:
                raise
            _keep(spool, hub, body)
            click.echo(f"{name}: kept in {spool}: {busy}", err=True)
            continue
        except HubError as wrong:
            failed += 1
            click.echo(f"{name}: {wrong}", err=True)
            continue
        _print(name, answer, as_json=as_json)
        _forget(spool, hub, body)
    if failed:
        sys.exit(1)
    if spool is not None and any(spool.glob("*.json")):
        sys.exit(75)


def _read(name: str) -> Any:
    text = sys.stdin.read() if name == "-" else _text(Path(name))
    try:
        # JSON is YAML, but for the better error message it is read as JSON where it looks like it.
        if text.lstrip().startswith("{"):
            return json.loads(text)
        return yaml.load(text, Plain)  # noqa: S506 - Plain is a SafeLoader
    except (json.JSONDecodeError, yaml.YAMLError) as wrong:
        message = f"{name}: neither JSON nor YAML: {str(wrong).splitlines()[0]}"
        raise NotReady(message) from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        message = f"{path}: cannot be read: {wrong.__class__.__name__}"
        raise NotReady(message) from None


def _key(hub: Client, body: Any) -> dict[str, str]:
    if isinstance(body, dict) and "client_ref" in body:
        return {}
    return {"Idempotency_Key": _digest(hub, body)}


def _digest(hub: Client, body: Any) -> str:
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False).encode()
    return hmac.new(hub.token.encode(), canonical, hashlib.sha256).hexdigest()


def _spooled(spool: Path | None) -> list[tuple[str, Any]]:
    if spool is None:
        return []
    return [(str(path), json.loads(path.read_text("utf-8"))) for path in sorted(spool.glob("*.json"))]


def _keep(spool: Path, hub: Client, body: Any) -> None:
    # Written beside its name and moved there: a crash leaves a whole report or none.
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = spool / f"{_digest(hub, body)}.json"
    draft = place.with_suffix(".part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(body, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(place)


def _forget(spool: Path | None, hub: Client, body: Any) -> None:
    if spool is not None:
        (spool / f"{_digest(hub, body)}.json").unlink(missing_ok=True)


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

"""`hub attach`: attach files to a report, over HTTP, chunk by chunk; run again, it goes on where it stood.

Nothing is kept here between two runs: the hub knows an upload again by the file's name, type, size and hash. Needs no
server: click and requests, as `hub report`.
"""

import base64
import hashlib
import json
import mimetypes
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from hub.cli.asking import asked_hub, token_option
from hub.client import Client
from hub.errors import Busy, HubError, NotReady

BLOCK = 1 << 20  # bytes read at a time
UNKNOWN = "application/octet-stream"


@click.command()
@click.argument("report")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--media-type", help="what the files are; without it, by their names")
@token_option
@click.option("--json", "as_json", is_flag=True, help="print the hub's answers, one a line")
def attach(
    report: str, files: tuple[Path, ...], media_type: str | None, token_file: Path | None, as_json: bool
) -> None:
    """Attach files to a report of yours (id or reference): up to 100 MiB each, sealed as they arrive.

    What broke off goes on when the same command runs again; a file that is there already is not sent twice. HUB_URL
    names the hub and HUB_TOKEN the token. Exits 75 if the hub is away or busy: run it again.
    """
    hub, failed = asked_hub(token_file), 0
    for file in files:
        try:
            answer = _attach(hub, report, file, media_type)
        except Busy as busy:
            message = f"{file.name}: {busy}; run the same command to go on"
            raise Busy(message) from None
        except (HubError, OSError) as wrong:
            failed += 1
            click.echo(f"{file.name}: {_words(wrong)}", err=True)
            continue
        click.echo(json.dumps(answer) if as_json else f"{file.name}: {answer['id']} {answer['state']}")
    if failed:
        sys.exit(1)


def _words(wrong: HubError | OSError) -> str:
    return (wrong.strerror or type(wrong).__name__) if isinstance(wrong, OSError) else str(wrong)


def _attach(hub: Client, report: str, file: Path, media_type: str | None) -> dict[str, Any]:
    kind = media_type or mimetypes.guess_type(file.name)[0] or UNKNOWN
    size, sha256 = _measured(file)
    said = {"name": file.name, "media_type": kind, "size": size, "sha256": sha256}
    path = f"/api/v1/reports/{quote(report, safe='')}/attachments"
    answer = hub.send("POST", path, said).body
    with file.open("rb") as opened:
        while answer["next"] is not None:
            _tell(file, answer)
            opened.seek(answer["next"])
            answer = _send(hub, f"{path}/{answer['id']}?offset={answer['next']}", opened.read(answer["chunk_size"]))
    _tell(file, answer)
    return answer


def _measured(file: Path) -> tuple[int, str]:
    size, whole = 0, hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(BLOCK):
            size += len(block)
            whole.update(block)
    if not size:
        raise NotReady("is empty; there is nothing to attach")
    return size, whole.hexdigest()


def _send(hub: Client, path: str, chunk: bytes) -> dict[str, Any]:
    digest = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
    return hub.put(path, chunk, Content_Digest=f"sha-256=:{digest}:").body


def _tell(file: Path, answer: dict[str, Any]) -> None:
    share = 100 * answer["received"] // answer["size"]
    click.echo(f"{file.name}: {answer['received']:,} of {answer['size']:,} bytes ({share} %)", err=True)

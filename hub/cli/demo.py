"""`hub demo`: a whole hub on an empty home, with sample reports released, until interrupted.

Standard output holds what the user asked for; everything else goes to standard error.
"""

import json
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import requests

from hub.cli.home import home_option
from hub.cli.running import end, web_command
from hub.config import Config, from_environment
from hub.demo.playing import Stage, enrol, play
from hub.errors import NotReady
from hub.wiring import set_up

MARKER = "demo.json"
WAIT = 60  # seconds for the web server to come up


@click.command()
@home_option
@click.option("--port", default=0, help="0, the default, takes a free one")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object for tools instead of a guide")
def demo(home: str | None, port: int, as_json: bool) -> None:
    """Start a hub with sample reports and print what to try next. Serves until interrupted."""
    signal.signal(signal.SIGTERM, _interrupt)
    with _home(home) as settings:
        config = settings.for_a_demo()
        hub = set_up(config)
        port = port or _free_port()
        commands = [web_command("127.0.0.1", port, 2, 4)]
        children = [subprocess.Popen(command, env=config.environment()) for command in commands]
        try:
            stage = Stage(hub, f"http://127.0.0.1:{port}")
            _wait(stage.url, children)
            enrol(stage)
            marker = config.home / MARKER
            if not json.loads(marker.read_text("utf-8"))["is_played"]:
                play(stage, _say)
                marker.write_text(json.dumps({"is_played": True}), "utf-8")
            told = _told(stage)
            click.echo(json.dumps(told) if as_json else guide(told))
            children.append(subprocess.Popen([sys.executable, "-m", "hub", "schedule"], env=config.environment()))
            _serve(children)
        except KeyboardInterrupt:
            _say("stopping")
        finally:
            end(children)
            hub.store.close()


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    click.echo(text, err=True)


@contextmanager
def _home(given: str | None) -> Iterator[Config]:
    with tempfile.TemporaryDirectory(prefix="hub-demo-") as made:
        try:
            config = from_environment(given)
        except NotReady:
            config = from_environment(str(Path(made) / "home"))
        _claim(config)
        yield config


def _claim(config: Config) -> None:
    """Take an empty home, or one that an earlier demo made; refuse any other."""
    marker = config.home / MARKER
    if marker.exists():
        return
    if config.home.exists() and any(config.home.iterdir()):
        message = f"{config.home} is not empty and was not made by a demo; choose another --home"
        raise NotReady(message)
    config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    marker.write_text(json.dumps({"is_played": False}), "utf-8")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait(url: str, children: list["subprocess.Popen[bytes]"]) -> None:
    last = time.monotonic() + WAIT
    while time.monotonic() < last:
        if any(child.poll() is not None for child in children):
            message = "the web server did not start; is the port taken? choose another with --port"
            raise NotReady(message)
        try:
            if requests.get(f"{url}/readyz", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    message = "the web server does not answer"
    raise NotReady(message)


def _serve(children: list["subprocess.Popen[bytes]"]) -> None:
    while all(child.poll() is None for child in children):
        time.sleep(0.2)
    message = "a part of the demo ended by itself"
    raise NotReady(message)


def _told(stage: Stage) -> dict[str, Any]:
    roles = ("producer", "member", "researcher", "analyst", "operator", "auditor")
    return {
        "home": str(stage.hub.config.home),
        "url": stage.url,
        "taxii": f"{stage.url}/taxii2/",
        "tokens": {role: stage.tokens[role] for role in roles},
        "collections": _collections(stage),
    }


def _collections(stage: Stage) -> dict[str, str]:
    found = {one.name: one.id for one in stage.hub.collections() if not one.source.kinds}
    return {**found, "inbox": stage.inbox}


GUIDE = """
Incident Hub is running at {url} (Ctrl-C stops it). Read its API at {url}/api/docs

Paste this into a second terminal; then everything here and in README.md works as it stands:

hub() {{ PYTHONPATH={root} {python} -m hub "$@"; }}
export HUB_URL={url} HUB_HOME={home} MEMBERS={members}
export PRODUCER={producer}
export MEMBER={member}
export RESEARCHER={researcher}
export ANALYST={analyst}
export OPERATOR={operator}
export AUDITOR={auditor}
SINCE=$(date -u +%Y-%m-%dT%H:%M:%SZ)

1. File a report, as a developer. It stays sealed here; members get a redacted projection.

curl -s $HUB_URL/api/v1/reports -H "Authorization: Bearer $PRODUCER" \\
  -H "Content-Type: application/json" -H "Idempotency-Key: my-first-report" \\
  -d '{{"report_type": "near_miss", "title": "Agent tried to wire money twice",
       "description": "The second transfer was stopped by a limit.", "aware_at": "2026-11-20T10:00:00Z",
       "severity": "medium", "systems": [{{"name": "Treasury agent"}}], "share_redacted_with": ["members"]}}'

2. Release it now, instead of at the next quarter of an hour.

hub publish members

3. Fetch what is new in the feed, as a member organisation.

curl -s -G $HUB_URL/taxii2/hub/collections/$MEMBERS/objects/ -H "Authorization: Bearer $MEMBER" \\
  -d added_after=$SINCE | python3 -m json.tool

   or all of it, in Python:

from taxii2client.v21 import Collection, as_pages
feed = Collection("{url}/taxii2/hub/collections/{members}/", user="member", password="{member}")
for page in as_pages(feed.get_objects, per_request=50):
    for thing in page["objects"]:
        print(thing["type"], thing.get("name", ""))

Collections:
{collections}"""


def guide(told: dict[str, Any]) -> str:
    """What a newcomer can try next, ready to paste."""
    collections = told["collections"]
    listed = "".join(f"  {name:11} {found}\n" for name, found in collections.items())
    names = {**told, **told["tokens"], "members": collections["members"], "python": shlex.quote(sys.executable)}
    names["root"] = shlex.quote(str(Path(__file__).parents[2]))  # a second terminal opens anywhere
    return GUIDE.format(**{**names, "collections": listed})

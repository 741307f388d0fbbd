"""nginx sends the pages that the hub built, to those whom the hub lets in, with the headers that the hub gives them."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.conftest import World
from tests.deploy.standing import NGINX, awaited, nginx_configured
from tests.factories import a_report
from tests.servers import free_port, living_world, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.nginx,
    pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine"),
]
LIKE = ("ETag", "Vary", "Cache-Control", "Content-Type", "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last")
SAFE = ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy")


@dataclass
class Front:
    """nginx before a hub: who asks, and how often it asked the hub."""

    world: World
    url: str
    hub: str
    log: Path

    def get(self, base: str, **headers: str) -> requests.Response:
        """The page of the members' feed, as the member."""
        path = f"/taxii2/hub/collections/{self.world.collection('members')}/objects/?limit=1000"
        said = {"Authorization": f"Bearer {self.world.tokens['member']}", "Accept-Encoding": "identity", **headers}
        return requests.get(f"{base}{path}", headers=said, timeout=10)

    def asked(self) -> int:
        """How often the hub was asked for a page."""
        return self.log.read_text("utf-8").count("/objects/")


@contextmanager
def nginx(place: Path, pages: Path, upstream: int) -> Iterator[str]:
    """The deployment's nginx, as the user that runs this test; its URL."""
    own = free_port()
    conf = nginx_configured(place, [upstream], own)
    text = conf.read_text("utf-8").replace("/var/lib/incident-hub-files/.pages/", f"{pages}/")
    conf.write_text(("user root;\n" if os.geteuid() == 0 else "") + text, "utf-8")
    process = subprocess.Popen([NGINX or "nginx", "-c", str(conf), "-g", "daemon off;"], stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{own}"
        awaited(lambda: requests.get(f"{url}/readyz", timeout=5).ok, "nginx is not ready")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    place = tmp_path_factory.mktemp("front")
    world = living_world(place)
    world.enrol("producer")
    world.enrol("analyst", "Hub staff")
    world.enrol("member", audiences=("members",))
    world.tokens["analyst"] = world.tokens["analyst:Hub staff"]
    for number in range(3):
        filed = world.file("producer", a_report(client_ref=f"T-{number}", tlp="green", title=f"WORDS-{number}"))
        world.accept(filed["id"], "members")
        world.ids["report"] = filed["id"]
    world.release()
    home = world.hub.config.home
    with serving(home, workers=1, HUB_FRONT_PAGES="/_pages/", HUB_LOG_LEVEL="info") as server:
        port = urlsplit(server.url).port
        assert port
        with nginx(place / "nginx", world.hub.pages.place, port) as url:
            yield Front(world, url, server.url, home.with_name(f"{home.name}.log"))
    world.hub.store.close()


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_nginx_sends_the_file_with_the_headers_of_the_hub(front: Front, coding: str) -> None:
    own = front.get(front.hub, **{"Accept-Encoding": coding, "X-Hub-Sends": "yes"})
    before = front.asked()
    sent = front.get(front.url, **{"Accept-Encoding": coding})
    assert front.asked() == before + 1, "the hub decided, and sent nothing"
    assert (sent.status_code, sent.content) == (200, own.content)
    assert b"WORDS-0" in sent.content
    assert {name: sent.headers.get(name) for name in LIKE} == {name: own.headers[name] for name in LIKE}
    assert sent.headers.get("Content-Encoding", "identity") == coding
    assert {name: sent.headers[name] for name in SAFE} == {name: own.headers[name] for name in SAFE}
    assert not {"X-Accel-Redirect", "Last-Modified", "Accept-Ranges"} & set(sent.headers)
    again = front.get(front.url, **{"Accept-Encoding": coding, "If-None-Match": sent.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_nobody_else_finds_the_file(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    named = front.get(front.hub)
    path = named.headers["X-Accel-Redirect"]
    assert named.content == b""
    assert requests.get(f"{front.url}{path}", timeout=10).status_code == 404
    monkeypatch.setitem(front.world.tokens, "member", front.world.enrol("member", "Another", audiences=("public",)))
    assert front.get(front.url).status_code == 404


def test_what_nginx_does_not_find_the_hub_sends(front: Front, tmp_path: Path) -> None:
    own = front.get(front.hub, **{"X-Hub-Sends": "yes"})
    port = urlsplit(front.hub).port
    assert port
    with nginx(tmp_path / "other", tmp_path / "nowhere", port) as url:
        before = front.asked()
        sent = front.get(url)
        assert front.asked() == before + 2
    assert (sent.status_code, sent.content) == (200, own.content)
    assert {name: sent.headers[name] for name in LIKE} == {name: own.headers[name] for name in LIKE}


def test_what_was_taken_back_is_sent_by_nobody(front: Front) -> None:
    assert b"WORDS-2" in front.get(front.url).content
    path = f"/api/v1/reports/{front.world.ids['report']}/withdraw"
    assert front.world.send("producer", "POST", path).status_code == 200
    front.world.release()
    now = front.get(front.url)
    assert now.status_code == 200
    assert b"WORDS-0" in now.content
    assert b"WORDS-2" not in now.content
    files = [one for one in front.world.hub.pages.place.rglob("*") if one.is_file()]
    assert not [one for one in files if b"WORDS-2" in one.read_bytes()]

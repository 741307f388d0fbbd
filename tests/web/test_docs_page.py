"""The API's documentation in a real browser: it shows every operation, under its strict policy, without the network."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.servers import living_world, serving

playwright = pytest.importorskip("playwright.sync_api", reason="needs the playwright package")
CHROMIUM = shutil.which("chromium")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VERBS = {"get", "post", "put", "patch", "delete"}
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium on this machine"),
]


@dataclass
class Visit:
    """A page, and what it complained about and asked for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def listen(self) -> None:
        """Note every error, failure and request from now on."""
        self.page.add_init_script(LISTEN)
        self.page.on("console", lambda told: self._note(told.text, is_bad=told.type in {"error", "warning"}))
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("requestfailed", lambda request: self._note(f"failed: {request.url}"))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def _note(self, complaint: str, *, is_bad: bool = True) -> None:
        if is_bad:
            self.complaints.append(complaint)

    @property
    def violations(self) -> list[str]:
        """What the content security policy stopped."""
        found: list[str] = self.page.evaluate("window.violations")
        return found


@dataclass(frozen=True)
class Site:
    """A hub that serves, and a producer's token."""

    url: str
    token: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    place = tmp_path_factory.mktemp("docs")
    world = living_world(place)
    token = world.enrol("producer")
    world.hub.store.close()
    with serving(place / "home", workers=1) as started:
        yield Site(started.url, token)


@pytest.fixture
def visit() -> Iterator[Visit]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        made = Visit(browser.new_page())
        made.listen()
        yield made
        browser.close()


def _operations(site: Site) -> set[str]:
    paths = requests.get(f"{site.url}/api/v1/openapi.json", timeout=30).json()["paths"]
    return {f"{verb.upper()} {path}" for path, verbs in paths.items() for verb in VERBS & set(verbs)}


def test_the_documentation_shows_every_operation_and_breaks_no_policy(site: Site, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{site.url}/api/docs")
    page.wait_for_selector(".opblock")
    shown = {
        f"{block.query_selector('.opblock-summary-method').inner_text()} "
        f"{block.query_selector('[data-path]').get_attribute('data-path')}"
        for block in page.query_selector_all(".opblock-summary")
    }
    assert shown == _operations(site)
    assert "POST /api/v1/reports" in shown
    assert visit.violations == []
    assert visit.complaints == []
    assert visit.hosts == {site.host}


def test_a_developer_can_put_in_a_token_and_try_an_operation(site: Site, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{site.url}/api/docs")
    page.locator(".auth-wrapper .authorize").first.click()
    page.locator(".auth-container", has_text="bearer").locator("input").fill(site.token)
    page.locator(".auth-container", has_text="bearer").get_by_role("button", name="Apply").click()
    page.locator(".btn-done").first.click()
    operation = page.locator(".opblock-get", has=page.locator('[data-path="/api/v1/reports"]'))
    operation.locator("button.opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table tbody .response-col_status").first
    playwright.expect(answer).to_contain_text("200")
    assert visit.violations == []
    assert visit.complaints == []
    assert visit.hosts == {site.host}


def test_the_listener_notices_what_the_policy_stops(site: Site, visit: Visit) -> None:
    visit.page.goto(f"{site.url}/api/docs")
    visit.page.evaluate("document.body.appendChild(document.createElement('script')).textContent = 'window.ran = 1'")
    visit.page.wait_for_function("window.violations.length > 0")
    assert visit.violations[0].startswith("script-src-elem inline")
    assert visit.page.evaluate("window.ran") is None

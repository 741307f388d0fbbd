"""Nobody but an importer makes a public record: it needs no acceptance, so a forged one goes straight to `public`."""

import json
from pathlib import Path

from hub.roles import Act, shell
from hub.services import membership
from tests.conftest import World
from tests.factories import a_report
from tests.servers import run

RECORD = {
    "id": "PYSEC-2099-1",
    "details": "A made-up advisory.",
    "affected": [{"package": {"name": "x", "ecosystem": "PyPI", "purl": "pkg:pypi/x"}}],
    "references": [],
    "aliases": [],
    "modified": "2026-01-01T00:00:00Z",
    "published": "2026-01-01T00:00:00Z",
}


def imported(world: World, place: Path) -> str:
    """Import one record from the shell; the id of its source's organisation."""
    (place / "advisories.jsonl").write_text(json.dumps(RECORD) + "\n", "utf-8")
    done = run("import", "osv", str(place / "advisories.jsonl"), "--home", str(world.hub.config.home))
    assert done.returncode == 0, done.stderr
    with world.hub.store.reading() as db:
        return next(one.organisation.id for one in membership.listed(db, "", 100) if one.organisation.is_source)


def test_a_public_source_has_no_tokens(world: World, tmp_path: Path) -> None:
    source = imported(world, tmp_path)
    answer = world.send("operator", "POST", f"/api/v1/members/{source}/tokens", {"roles": ["producer"]})
    assert answer.status_code == 409


def test_an_organisation_with_the_name_of_a_source_takes_nothing_over(world: World, tmp_path: Path) -> None:
    source = imported(world, tmp_path)
    with world.hub.store.reading() as db:
        name = membership.find(db, source).name
    other = world.hub.config.home.parent / "other"
    done = run("init", "--home", str(other))
    assert done.returncode == 0
    assert run("member", "add", name, "--home", str(other)).returncode == 0
    done = run("import", "osv", str(tmp_path / "advisories.jsonl"), "--home", str(other))
    assert done.returncode == 1
    assert "not a public source" in done.stderr


def test_a_filer_cannot_claim_an_origin(world: World) -> None:
    origin = {"source": "osv", "id": "X", "licence": "CC0"}
    answer = world.send("producer", "POST", "/api/v1/reports", a_report(client_ref="X", origin=origin))
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/origin"


def test_a_tokens_issuer_over_http_makes_no_analyst(world: World) -> None:
    member = world.ids["The producer's organisation"]
    answer = world.send("operator", "POST", f"/api/v1/members/{member}/tokens", {"roles": ["analyst"]})
    assert answer.status_code == 409
    with world.hub.store.writing() as db:
        wanted = membership.Wanted(["analyst"])
        assert membership.issue(db, Act(shell("test"), world.clock()), member, wanted).text, "the shell does"

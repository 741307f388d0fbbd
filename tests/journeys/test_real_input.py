"""All of the public data there is, from import to a member's client: nothing refused, nothing lost, nothing malformed.

Skips where the data is absent. The whole run with the validator over every object is `make figures`.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stix2validator import ValidationOptions, validate_instance
from taxii2client.v21 import Collection, as_pages

from feeds.conformance import check
from feeds.hygiene import clean
from feeds.mapping.extension import AI_EXTENSION
from tests.conftest import World
from tests.servers import living_world, run, serving

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
SOURCES = {"atlas": 57, "avid": 913, "aiid": 1137, "osv": 284}
FEEDS = ("reference", "researchers", "public")
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the public data is not beside this checkout")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A home that imported all of it, over the command line, and released it."""
    made = living_world(tmp_path_factory.mktemp("real"))
    made.enrol("member", "Reader", FEEDS)
    home = str(made.hub.config.home)
    for source, number in SOURCES.items():
        done = run("import", source, str(SHARED / source), "--home", home)
        outcomes = Counter(line.split()[0] for line in done.stdout.splitlines())
        assert outcomes == {"filed": number}, done.stderr
    done = run("publish", "--home", home)
    assert done.returncode == 0, done.stderr
    yield made
    made.hub.store.close()


@pytest.fixture(scope="module")
def fetched(world: World) -> dict[str, list[dict[str, Any]]]:
    """Every object of every feed, as taxii2-client pages through it."""
    found = {}
    with serving(world.hub.config.home) as server:
        for feed in FEEDS:
            url = f"{server.url}/taxii2/hub/collections/{world.collection(feed)}/"
            collection = Collection(url, user="any", password=world.tokens["member:Reader"])
            pages = as_pages(collection.get_objects, per_request=500)
            found[feed] = [one for page in pages for one in page["objects"]]
    return found


def test_each_object_arrives_exactly_once(world: World, fetched: dict[str, list[dict[str, Any]]]) -> None:
    for feed in FEEDS:
        ids = [one["id"] for one in fetched[feed]]
        assert len(ids) == len(set(ids))
        with world.hub.store.reading() as db:
            stored = db.connection().exec_driver_sql(
                f"SELECT count(*) FROM entry WHERE feed = '{feed}'"  # noqa: S608 - a literal of this file
            )
            assert len(ids) == stored.scalar_one()


def titles() -> dict[tuple[str, str], tuple[str, str]]:
    """(source, id) → (title, text), read from the sources' own files without the importers."""
    found = {}
    for record in _records("atlas/case_studies.jsonl"):
        found["atlas", record["id"]] = (record["name"], record["summary"])
    for record in (*_records("avid/reports.jsonl"), *_records("avid/vulnerabilities.jsonl")):
        metadata = record["metadata"]
        key = metadata.get("report_id") or metadata["vuln_id"]
        found["avid", key] = (record["problemtype"]["description"]["value"], record["description"]["value"])
    for record in _records("aiid/incidents.jsonl"):
        found["aiid", str(record["incident_id"])] = (record["title"], "")
    for record in _records("osv/advisories.jsonl"):
        found["osv", record["id"]] = (record.get("summary") or record["id"], record["details"])
    return found


def _records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SHARED / name).read_text("utf-8").splitlines()]


def test_one_carrier_a_record_holds_its_title_and_text(fetched: dict[str, list[dict[str, Any]]]) -> None:
    expected = titles()
    assert len(expected) == sum(SOURCES.values())
    for feed in FEEDS:
        carriers = [one for one in fetched[feed] if one["type"] == "report"]
        assert len(carriers) == len(expected)
        for carrier in carriers:
            source, key = _origin(carrier)
            title, text = expected[source, key]
            # Sources write Markdown and HTML: it arrives as plain text, and the entry says so.
            assert carrier["name"] == clean(title)
            if text:
                assert carrier["description"] == clean(text)
            limits = carrier["extensions"][AI_EXTENSION].get("limits", ())
            cleaned = {one["field"] for one in limits if one["rule"] == "cleaned"}
            assert ("description" in cleaned) is (clean(text) != text)


def _origin(carrier: dict[str, Any]) -> tuple[str, str]:
    found = next(one for one in carrier["external_references"] if one["source_name"] in SOURCES)
    return found["source_name"], found["external_id"]


def test_every_object_passes_the_gate_again(fetched: dict[str, list[dict[str, Any]]]) -> None:
    for one in fetched["researchers"]:
        check(one)


@pytest.mark.parametrize("feed", ["reference", pytest.param("researchers", marks=pytest.mark.figures),
                                  pytest.param("public", marks=pytest.mark.figures)])  # fmt: skip
def test_the_oasis_validator_reports_no_error(feed: str, fetched: dict[str, list[dict[str, Any]]]) -> None:
    options = ValidationOptions(version="2.1")
    results = ((one["id"], validate_instance(one, options)) for one in fetched[feed])
    faulty = {stix_id: [error.message[:200] for error in result.errors] for stix_id, result in results if result.errors}
    assert faulty == {}

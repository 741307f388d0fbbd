"""A developer amends and withdraws over HTTP: by the revision it read, whole fields at a time, and once for all."""

import pytest

from tests.conftest import World
from tests.factories import MINIMAL, a_full_report, a_report
from tests.wire import REPORTS, send_bytes

REF = {"client_ref": "TICKET-4711"}


def test_an_amendment_replaces_whole_top_level_fields_and_null_removes_them(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_full_report(), key="one")
    path = f"{REPORTS}/{filed['id']}"
    patch = {"systems": [{"name": "Only this", "kind": "model"}], "poc": None, "recommendation": None, "tlp": None}
    answer = world.send("producer", "PATCH", path, patch, If_Match='"r1"')
    assert (answer.status_code, answer.headers["ETag"], answer.get_json()["revision"]) == (200, '"r2"', 2)
    read = world.send("producer", "GET", path).get_json()
    assert read["report"]["systems"] == [{"kind": "model"}]
    assert [place for place in read["sealed"] if place.startswith("/systems")] == ["/systems/0/name"]
    assert "/poc" not in read["sealed"]
    assert "/title" in read["sealed"]
    assert "recommendation" not in read["report"]
    assert read["report"]["tlp"] == "amber+strict", "without a word of its producer a report goes nowhere"
    assert read["report"]["vulnerability"] == a_full_report()["vulnerability"]


@pytest.mark.parametrize("kind", ["application/merge-patch+json", "application/json"])
def test_a_merge_patch_is_read_under_its_own_media_type_too(world: World, kind: str) -> None:
    path = f"{REPORTS}/{world.file('producer', MINIMAL)['id']}"
    patch = b'{"severity": "low"}'
    assert send_bytes(world, patch, path, method="PATCH", If_Match='"r1"', Content_Type=kind).status_code == 200


def test_an_amendment_names_the_revision_it_amends(any_world: World) -> None:
    world = any_world
    path = f"{REPORTS}/{world.file('producer', MINIMAL)['id']}"
    assert world.send("producer", "PATCH", path, {"severity": "low"}).status_code == 428
    for stale in ('"r2"', '"r0"', '"x"', '"1"', 'W/"r1"', '"r²"', '"r01"', '"r0000000010"', '""', "r1x", '"r-1"'):
        answer = send_bytes(world, b'{"severity": "low"}', path, method="PATCH", If_Match=stale)
        assert answer.status_code == 412, stale
    assert world.send("producer", "PATCH", path, {"severity": "low"}, If_Match='"r1"').status_code == 200
    assert world.send("producer", "PATCH", path, {"severity": "info"}, If_Match='"r1"').status_code == 412


@pytest.mark.parametrize("name", sorted(MINIMAL))
def test_none_of_the_six_fields_can_be_removed(world: World, name: str) -> None:
    path = f"{REPORTS}/{world.file('producer', MINIMAL)['id']}"
    answer = world.send("producer", "PATCH", path, {name: None}, If_Match='"r1"')
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [f"/{name}"]


@pytest.mark.parametrize(
    "patch",
    [
        {"nonsense": 1},
        {"nonsense": None},
        {"client_ref": "OTHER"},
        {"client_ref": None},
        {"origin": None},
        {"tlp": "x"},
    ],
    ids=repr,
)
def test_an_amendment_that_does_not_fit_makes_no_revision(world: World, patch: dict[str, object]) -> None:
    path = f"{REPORTS}/{world.file('producer', a_report(**REF))['id']}"
    assert world.send("producer", "PATCH", path, patch, If_Match='"r1"').status_code == 422
    assert world.send("producer", "GET", path).get_json()["revision"] == 1
    assert world.send("producer", "GET", path).get_json()["report"]["client_ref"] == REF["client_ref"]


def test_a_withdrawn_report_stays_withdrawn(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", a_report(**REF))
    path = f"{REPORTS}/{filed['id']}"
    states = [world.send("producer", "POST", f"{path}/withdraw").get_json()["state"] for _ in range(2)]
    assert states == ["withdrawn", "withdrawn"]
    assert world.send("producer", "PATCH", path, {"severity": "low"}, If_Match='"r1"').status_code == 409
    upsert = world.send("producer", "POST", f"{REPORTS}?upsert=true", a_report(**REF, severity="low"))
    assert upsert.status_code == 409
    assert world.send("producer", "POST", REPORTS, a_report(**REF)).get_json()["state"] == "withdrawn"


def test_a_conditional_read_notices_that_the_report_was_withdrawn(world: World) -> None:
    path = f"{REPORTS}/{world.file('producer', MINIMAL)['id']}"
    etag = world.send("producer", "GET", path).headers["ETag"]
    world.send("producer", "POST", f"{path}/withdraw")
    assert world.send("producer", "GET", path, If_None_Match=etag).status_code == 200


def test_a_producer_reads_its_clear_fields_and_of_sealed_ones_only_that_they_are_sealed(world: World) -> None:
    filed = world.file("producer", a_report(title="A sealed title", recommendation="A clear word"))
    answer = world.send("producer", "GET", f"{REPORTS}/{filed['id']}")
    assert "A sealed title" not in answer.get_data(as_text=True)
    body = answer.get_json()
    assert body["report"]["recommendation"] == "A clear word"
    assert body["sealed"] == ["/description", "/systems/0/name", "/title"]

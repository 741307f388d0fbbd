"""A producer attaches files over HTTP: chunk by chunk, resumable, checked, and never readable back."""

from typing import Any

import pytest
from sqlalchemy import text

from hub import receiving, rounds
from hub.attachment_sealing import CHUNK
from hub.services import attaching
from hub.store import audit
from tests.attaching import (
    MARK,
    a_file,
    ask,
    attach,
    attached,
    begin,
    beginning,
    chunks,
    digest_of,
    place,
    put,
)
from tests.conftest import World
from tests.factories import a_report


def test_a_file_goes_in_and_comes_out_the_same(any_world: World) -> None:
    world, content = any_world, a_file()
    report = world.file("producer", a_report())
    begun = begin(world, report["ref"], content)
    assert begun.status_code == 201
    said = begun.get_json()
    assert (said["state"], said["next"], said["chunk_size"], said["size"]) == ("open", 0, CHUNK, len(content))
    assert begun.headers["Location"] == said["links"]["self"] == place(report["id"], said["id"])
    for number, (offset, chunk) in enumerate(chunks(content)):
        assert said["next"] == offset
        answer = put(world, report["id"], said["id"], offset, chunk)
        said = answer.get_json()
        assert answer.headers["Upload-Offset"] == str(offset + len(chunk))
        assert (said["state"] == "complete") is (number == 2)
    assert (said["next"], said["received"]) == (None, len(content))
    assert receiving.admit(world.hub) == 1
    told = world.send("producer", "GET", said["links"]["self"]).get_json()
    assert told["state"] == "verified"
    assert told["commitment"] == said["commitment"]
    opened = ask(world, report["id"], said["id"])
    assert opened.status_code == 200
    assert opened.data == content


def test_an_upload_that_broke_off_goes_on_where_it_stood(world: World) -> None:
    report, content = world.file("producer", a_report())["id"], a_file()
    one = begin(world, report, content).get_json()["id"]
    (first, *rest) = chunks(content)
    assert put(world, report, one, *first).status_code == 200
    told = world.send("producer", "HEAD", place(report, one))
    assert (told.status_code, told.data, told.headers["Upload-Offset"]) == (200, b"", str(CHUNK))
    again = begin(world, report, content)  # by who knows nothing any more
    assert again.status_code == 200
    assert (again.get_json()["id"], again.get_json()["next"]) == (one, CHUNK)
    for offset, chunk in rest:
        assert put(world, report, one, offset, chunk).status_code == 200
    assert begin(world, report, content).get_json()["state"] == "complete"
    assert [item["id"] for item in listed(world, report)] == [one]


def test_a_chunk_sent_again_is_harmless_and_another_in_its_place_refused(any_world: World) -> None:
    world, content = any_world, a_file()
    report = world.file("producer", a_report())["id"]
    one = begin(world, report, content).get_json()["id"]
    (first, second, _) = chunks(content)
    assert put(world, report, one, *first).status_code == 200
    assert put(world, report, one, *first).get_json()["received"] == CHUNK
    other = put(world, report, one, 0, second[1])
    assert other.status_code == 409
    assert "DELETE" in other.get_json()["detail"]
    early = put(world, report, one, 2 * CHUNK, content[2 * CHUNK :])
    assert early.status_code == 409
    assert f"stands at {CHUNK} bytes" in early.get_json()["detail"]
    assert world.send("producer", "GET", place(report, one)).get_json()["received"] == CHUNK


@pytest.mark.parametrize(
    ("offset", "size", "headers", "refusal"),
    [
        (1, CHUNK, {}, (400, "multiples of")),
        (3 * CHUNK, 1000, {}, (400, "below the size")),
        (0, CHUNK - 1, {}, (400, f"has {CHUNK} bytes")),
        (0, CHUNK + 1, {}, (413, "larger than")),
        (0, 0, {}, (400, "has")),
        (0, CHUNK, {"Content_Digest": ""}, (400, "add the header")),
        (0, CHUNK, {"Content_Digest": "md5=:x:"}, (400, "add the header")),
        (0, CHUNK, {"Content_Digest": digest_of(b"other")}, (400, "send it again")),
        (0, CHUNK, {"Content_Type": "application/json"}, (415, "application/octet-stream")),
        (0, CHUNK, {"Content_Encoding": "gzip"}, (415, "Content-Encoding")),
    ],
)
def test_a_chunk_that_is_none_says_what_to_send(
    world: World, offset: int, size: int, headers: dict[str, str], refusal: tuple[int, str]
) -> None:
    report, content = world.file("producer", a_report())["id"], a_file()
    one = begin(world, report, content).get_json()["id"]
    answer = put(world, report, one, offset, (content + content)[:size], **headers)
    assert answer.status_code == refusal[0]
    assert refusal[1] in answer.get_data(as_text=True)
    assert world.send("producer", "GET", place(report, one)).get_json()["received"] == 0


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"size": 0}, "/size"),
        ({"size": (100 << 20) + 1}, "/size"),
        ({"size": "7"}, "/size"),
        ({"sha256": "A" * 64}, "/sha256"),
        ({"media_type": "text"}, "/media_type"),
        ({"name": " "}, "/name"),
        ({"state": "verified"}, "/state"),
        ({"report_id": "x"}, "/report_id"),
    ],
    ids=str,
)
def test_a_beginning_that_is_wrong_names_the_field(world: World, change: dict[str, Any], pointer: str) -> None:
    report = world.file("producer", a_report())["id"]
    answer = begin(world, report, b"x", **change)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]
    assert listed(world, report) == []


def test_a_file_that_is_not_what_was_declared_never_becomes_part_of_a_report(any_world: World) -> None:
    """One chunk tells at once; several, at admission, which says what to do."""
    world = any_world
    report = world.file("producer", a_report())["id"]
    small = begin(world, report, b"what was declared").get_json()["id"]
    answer = put(world, report, small, 0, b"something else at"[:17])
    assert answer.status_code == 409
    assert "sha256" in answer.get_json()["detail"]
    content = a_file()
    large = attach(world, report, content, sha256="0" * 64)
    assert receiving.admit(world.hub) == 0
    told = world.send("producer", "GET", place(report, large["id"])).get_json()
    assert (told["state"], told["verified_at"]) == ("faulty", None)
    assert "attach the file anew" in told["fault"]
    assert ask(world, report, large["id"]).status_code == 409
    assert world.send("producer", "DELETE", place(report, large["id"])).status_code == 200
    assert world.send("producer", "DELETE", place(report, small)).status_code == 200
    receiving.tick(world.hub)  # the clock deletes what was taken back
    assert rows(world) == (0, 0, 0)
    assert attached(world, report, content)["state"] == "verified"


def test_what_is_complete_stays_and_what_is_not_can_be_taken_back(any_world: World) -> None:
    world = any_world
    report = world.file("producer", a_report())["id"]
    kept = attach(world, report, b"small")["id"]
    answer = world.send("producer", "DELETE", place(report, kept))
    assert answer.status_code == 409
    assert "erased" in answer.get_json()["detail"]
    one = begin(world, report, a_file()).get_json()["id"]
    assert put(world, report, one, 0, a_file()[:CHUNK]).status_code == 200
    assert world.send("producer", "DELETE", place(report, one)).get_json() == {"id": one}
    assert [item["id"] for item in listed(world, report)] == [kept]
    receiving.tick(world.hub)
    assert rows(world) == (1, 1, 2)


def test_nobody_but_its_producer_attaches_and_nothing_tells_that_there_is_something(world: World) -> None:
    report = world.file("producer", a_report())["id"]
    one = begin(world, report, a_file()).get_json()["id"]
    other = world.file("producer", a_report(title="Another"), key="other")["id"]
    world.enrol("producer", "Curious")
    chunk = a_file()[:CHUNK]
    for who in ("producer:Curious", "analyst", "member", "operator", "auditor"):
        for path in (place(report), place("R-0000-0000")):
            assert world.send(who, "POST", path, beginning(b"x")).status_code == 404
        assert put(world, report, one, 0, chunk, who=who).status_code == 404
        assert world.send(who, "DELETE", place(report, one)).status_code == 404
    assert world.send("producer:Curious", "GET", place(report)).status_code == 404
    assert world.send("producer:Curious", "GET", place(report, one)).status_code == 404
    assert put(world, other, one, 0, chunk).status_code == 404  # under another report of one's own
    assert world.send("analyst", "GET", place(report, one)).get_json()["state"] == "open"


def test_caps_say_what_to_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "PER_REPORT", 3)
    monkeypatch.setattr(attaching, "UNDER_WAY", 2)
    first, second = (world.file("producer", a_report(client_ref=f"r-{n}"))["id"] for n in range(2))
    for number in range(3):
        attach(world, first, f"file {number}".encode())
    full = begin(world, first, b"one more")
    assert (full.status_code, "archive" in full.get_json()["detail"]) == (409, True)
    assert begin(world, first, b"file 1").status_code == 200  # it is there already
    for number in range(2):
        assert begin(world, second, f"file {number}".encode()).status_code == 201
    busy = begin(world, second, b"one more")
    assert (busy.status_code, "under way" in busy.get_json()["detail"]) == (409, True)
    assert world.send("producer", "POST", f"/api/v1/reports/{second}/withdraw").status_code == 200
    gone = begin(world, second, b"one more")
    assert (gone.status_code, "withdrawn" in gone.get_json()["detail"]) == (409, True)


def test_the_clock_takes_away_what_is_under_way_for_a_day(any_world: World) -> None:
    world = any_world
    report, content = world.file("producer", a_report())["id"], a_file()
    one = begin(world, report, content).get_json()["id"]
    put(world, report, one, 0, content[:CHUNK])
    whole = attach(world, report, b"whole")["id"]
    world.clock.forward(hours=23)
    rounds.tick(world.hub)
    assert {item["id"] for item in listed(world, report)} == {one, whole}
    world.clock.forward(hours=2)
    rounds.tick(world.hub)
    assert [(item["id"], item["state"]) for item in listed(world, report)] == [(whole, "verified")]
    assert rows(world) == (1, 1, 2)
    assert put(world, report, one, CHUNK, content[CHUNK : 2 * CHUNK]).status_code == 404


def test_every_step_is_in_the_audit_and_its_producer_reads_it(world: World) -> None:
    report = world.file("producer", a_report())["id"]
    done = attached(world, report, a_file())
    ask(world, report, done["id"])
    items = world.send("producer", "GET", f"/api/v1/audit?subject={report}").get_json()["items"]
    told = [(one["action"], one["actor"]) for one in items if one["details"].get("attachment") == done["id"]]
    assert told == [
        ("open.outcome", "staff"), ("open.intent", "staff"), ("attachment.admit", "hub"), ("open.intent", "hub"),
        ("attachment.complete", "own"), ("attachment.begin", "own"),
    ]  # fmt: skip
    assert [one["details"].get("commitment") for one in items].count(done["commitment"]) == 1
    assert "ticket 4711" not in str(items)
    with world.hub.store.reading() as db:
        assert MARK not in str(audit.entries(db))


def listed(world: World, report: str) -> list[dict[str, Any]]:
    """The attachments of a report, as its producer sees them."""
    found: list[dict[str, Any]] = world.send("producer", "GET", place(report)).get_json()["items"]
    assert MARK not in str(found)
    return found


def rows(world: World) -> tuple[int, ...]:
    """How many attachments, chunks and keys of either there are."""
    asked = ("attachment", "attachment_chunk", "data_key WHERE purpose LIKE 'attachment/%'")
    with world.hub.store.reading() as db:
        return tuple(db.connection().execute(text(f"SELECT count(*) FROM {one}")).scalar_one() for one in asked)  # noqa: S608

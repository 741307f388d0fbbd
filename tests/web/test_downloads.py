"""An analyst opens attachments: on record first, inert, and never looking whole when it is not."""

import base64
import hashlib
from typing import Any

import pytest
import requests
from sqlalchemy import text

from hub import receiving
from hub.errors import Tampered
from hub.services import attachment_admission, downloading
from hub.store import audit
from tests.attaching import MARK, PURPOSE, a_file, ask, attach, attached, begin, place
from tests.conftest import World
from tests.factories import a_report
from tests.servers import living_world, serving


def filed(world: World, content: bytes, **changes: Any) -> tuple[str, str]:
    """A report with an admitted attachment; the ids of both."""
    report = world.file("producer", a_report())["id"]
    return report, attached(world, report, content, **changes)["id"]


def test_it_comes_as_inert_bytes_under_a_name_of_ours(world: World) -> None:
    content = b"<html><script>alert(1)</script>" + a_file(2000)
    report, one = filed(world, content, name="invoice.html", media_type="text/html")
    answer = ask(world, report, one)
    assert (answer.status_code, answer.data) == (200, content)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{one}.bin"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Content-Length"] == str(len(content))
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert "invoice" not in str(answer.headers)
    assert "html" not in str(answer.headers)


def test_what_it_is_called_is_opened_by_itself(any_world: World) -> None:
    world, content = any_world, a_file(2000)
    report, one = filed(world, content, name="../../trace\x1b[31m.jsonl")
    answer = ask(world, report, one, "head")
    assert answer.get_json() == {
        "id": one, "report": report, "purpose": PURPOSE, "name": "../../trace\x1b[31m.jsonl",
        "media_type": f"application/x-{MARK}", "size": 2000, "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    assert answer.headers["Cache-Control"] == "no-store"
    assert said(world) == [
        ("open.intent", {"attachment": one, "fields": ["head"], "purpose": PURPOSE}),
        ("open.outcome", {"attachment": one, "opened": ["head"]}),
    ]


def test_intent_and_outcome_frame_the_bytes(any_world: World) -> None:
    world = any_world
    content = a_file()
    report, one = filed(world, content)
    assert ask(world, report, one).data == content
    size = len(content)
    assert said(world) == [
        ("open.intent", {"attachment": one, "fields": ["content", "head"], "purpose": PURPOSE}),
        ("open.outcome", {"attachment": one, "opened": ["content", "head"], "bytes": size}),
    ]


@pytest.mark.parametrize("what", ["open", "head"])
def test_without_a_purpose_or_the_right_nothing_opens(world: World, what: str) -> None:
    report, one = filed(world, a_file(100))
    for who in ("producer", "member", "researcher", "operator", "auditor"):
        assert ask(world, report, one, what, who).status_code == 404
    for body in ({}, {"purpose": "why"}, {"purpose": PURPOSE, "fields": ["head"]}):
        assert world.send("analyst", "POST", f"{place(report, one)}/{what}", body).status_code == 422
    for path in (place("R-0000-0000", one), place(report, "x"), place(report, report)):
        assert world.send("analyst", "POST", f"{path}/{what}", {"purpose": PURPOSE}).status_code == 404
    assert said(world) == []


def test_what_is_not_whole_or_not_admitted_says_what_to_do(world: World) -> None:
    report = world.file("producer", a_report())["id"]
    begun = begin(world, report, a_file()).get_json()["id"]
    complete = attach(world, report, b"small")["id"]
    for one, words in ((begun, "not complete"), (complete, "hub schedule")):
        answer = ask(world, report, one)
        assert answer.status_code == 409
        assert words in answer.get_json()["detail"]
    assert said(world) == []


def spoil(world: World, table: str, column: str, where: str) -> None:
    """Change the last byte of a column."""
    with world.hub.store.writing() as db:
        raw = db.connection().execute(text(f"SELECT {column} FROM {table} WHERE {where}")).scalar_one()  # noqa: S608
        put = text(f"UPDATE {table} SET {column} = :raw WHERE {where}")  # noqa: S608
        db.connection().execute(put, {"raw": raw[:-1] + bytes([raw[-1] ^ 1])})


SPOILT = [
    ("attachment", "head", "1 = 1"),
    ("attachment", "manifest", "1 = 1"),
    ("attachment", "signature", "1 = 1"),
    ("attachment_chunk", "sealed", "number = 0"),
    ("data_key", "wrapped", "purpose LIKE 'attachment/%/head'"),
    ("data_key", "wrapped", "purpose LIKE 'attachment/%/0'"),
]


@pytest.mark.parametrize("spoilt", SPOILT, ids=" ".join)
def test_what_does_not_verify_is_refused_before_its_first_byte(world: World, spoilt: tuple[str, str, str]) -> None:
    report, one = filed(world, a_file())
    spoil(world, *spoilt)
    answer = ask(world, report, one)
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("tampered")
    (_, (action, outcome)) = said(world)
    assert (action, outcome["opened"], outcome["bytes"]) == ("open.outcome", [], 0)
    assert outcome["fault"] == answer.get_json()["detail"]


@pytest.mark.parametrize("spoilt", [*SPOILT, ("attachment_chunk", "sealed", "number = 2")], ids=" ".join)
def test_what_does_not_verify_at_admission_is_set_aside(world: World, spoilt: tuple[str, str, str]) -> None:
    report = world.file("producer", a_report())["id"]
    one = attach(world, report, a_file())["id"]
    spoil(world, *spoilt)
    assert receiving.admit(world.hub) == 0
    assert world.send("producer", "GET", place(report, one)).get_json()["state"] == "faulty"
    assert ask(world, report, one).status_code == 409


MOVED = """UPDATE attachment_chunk SET sealed =
(SELECT c.sealed FROM attachment_chunk c WHERE c.attachment_id = {} AND c.number = {})
WHERE attachment_id = :one AND number = {} AND :other <> ''"""
CHANGES = {
    "a chunk sent twice": MOVED.format(":one", 0, 1),
    "the same chunk of another attachment": MOVED.format(":other", 2, 2),
    "the last one gone": "DELETE FROM attachment_chunk WHERE attachment_id = :one AND number = 2 AND :other <> ''",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_behind_the_first_chunk_breaks_the_answer_off(world: World, change: str) -> None:
    content = a_file()
    report, one = filed(world, content)
    other = attached(world, report, a_file(mark="other"))["id"]
    of = {"one": one, "other": other}
    with world.hub.store.writing() as db:
        db.connection().execute(text(CHANGES[change]), of)
    answer = ask(world, report, one)
    assert answer.headers["Content-Length"] == str(len(content))
    with pytest.raises(Tampered):
        _ = answer.data
    outcome = said(world)[-1][1]
    assert 0 < outcome["bytes"] < len(content)
    assert outcome["opened"] == []


def test_who_breaks_off_is_on_record_with_how_much_was_read(world: World) -> None:
    report, one = filed(world, a_file())
    answer = ask(world, report, one)
    assert next(iter(answer.iter_encoded()))
    answer.close()
    outcome = said(world)[-1][1]
    assert (outcome["bytes"], outcome["fault"]) == (1 << 20, "broken off by who read it")


@pytest.mark.parametrize("what", ["open", "head"])
def test_nothing_opens_when_the_intent_cannot_be_written(
    world: World, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, one = filed(world, a_file())
    calls: list[object] = []
    monkeypatch.setattr(downloading, "open_part", lambda *given: calls.append(given))
    refuse(world, "open.intent")
    assert ask(world, report, one, what).status_code == 500
    assert calls == []


def test_a_file_whose_outcome_cannot_be_written_is_not_given_out_whole(world: World) -> None:
    content = a_file()
    report, one = filed(world, content)
    refuse(world, "open.outcome")
    answer = ask(world, report, one)
    parts = answer.iter_encoded()
    assert next(parts) + next(parts) == content[: 2 << 20]
    with pytest.raises(Exception, match="disk is full"):
        next(parts)
    assert ask(world, report, one, "head").status_code == 500


def test_admission_opens_nothing_without_its_intent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    report = world.file("producer", a_report())["id"]
    attach(world, report, a_file(100))
    calls: list[object] = []
    monkeypatch.setattr(attachment_admission, "open_received", lambda *given: calls.append(given))
    refuse(world, "open.intent")
    with pytest.raises(Exception, match="disk is full"):
        receiving.admit(world.hub)
    assert calls == []


@pytest.mark.slow
def test_over_a_real_connection_what_breaks_off_is_no_answer(tmp_path: Any) -> None:
    world, content = living_world(tmp_path), a_file()
    world.enrol("producer")
    world.enrol("analyst", "Hub staff")
    report, one = filed(world, content)
    with serving(world.hub.config.home) as server:
        address, headers = f"{server.url}{place(report, one)}/open", authorised(world)
        whole = requests.post(address, json={"purpose": PURPOSE}, headers=headers, timeout=30)
        assert whole.content == content
        spoil(world, "attachment_chunk", "sealed", "number = 2")
        with pytest.raises(requests.RequestException):
            requests.post(address, json={"purpose": PURPOSE}, headers=headers, timeout=30)
    world.hub.store.close()


def authorised(world: World) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.tokens['analyst:Hub staff']}"}


def refuse(world: World, action: str) -> None:
    """Have the database itself refuse an action's entries from now on."""
    with world.hub.store.writing() as db:
        said = f"CREATE TRIGGER refuse_it BEFORE INSERT ON audit_entry WHEN NEW.action = '{action}'"
        db.connection().execute(text(f"{said} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"))


def said(world: World) -> list[tuple[str, dict[str, Any]]]:
    """What the audit says of openings by people."""
    with world.hub.store.reading() as db:
        entries = audit.entries(db)
    return [
        (one["action"], one["details"])
        for one in entries
        if one["action"].startswith("open.") and one["actor"] != "clock"
    ]

"""Text for release by an analyst: it stands over the producer's, is approved as it was read, and shows as the hub's."""

from typing import Any

import pytest

from feeds.mapping.extension import AI_EXTENSION
from hub.store import audit
from tests.conftest import World
from tests.factories import a_report

OWN = {"title": "Mine", "summary": "First.\nSecond."}
HUBS = {"title": "For readers", "summary": "First.\nThird.", "language": "en"}


def test_an_analysts_text_leaves_once_it_is_approved_and_is_named_as_the_hubs(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    assert approve(world, filed, '"r1x0"').status_code == 200
    world.release()
    assert name(world) == "Mine"
    tag = write(world, filed, HUBS).headers["ETag"]
    world.release()
    assert name(world).startswith("High-severity incident (M-"), "nobody has approved the hub's words yet"
    assert approve(world, filed, tag).status_code == 200
    world.release()
    assert name(world) == "For readers"
    (carrier,) = world.carriers("member", "members")
    assert carrier["extensions"][AI_EXTENSION]["triaged"] == ["for_release"]


def test_the_report_as_filed_keeps_its_producers_words(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    write(world, filed, HUBS)
    assert world.send("producer", "GET", own(filed)).get_json()["report"]["for_release"] == OWN


def test_once_the_producer_writes_another_text_that_one_stands_again_unapproved(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    approve(world, filed, write(world, filed, HUBS).headers["ETag"])
    patch = {"for_release": {**OWN, "title": "Mine, mended"}}
    assert world.send("producer", "PATCH", own(filed), patch, If_Match='"r1"').status_code == 200
    world.release()
    assert name(world).startswith("High-severity incident (M-")
    body = read(world, filed)
    assert (body["whose"], body["text"]["title"], body["approved_for"]) == ("producer", "Mine, mended", [])
    assert body["written"]["text"] == HUBS, "an analyst still sees what was written, to write it anew"


def test_another_amendment_leaves_the_hubs_text_and_its_approval(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    approve(world, filed, write(world, filed, HUBS).headers["ETag"])
    assert world.send("producer", "PATCH", own(filed), {"harm_status": "none"}, If_Match='"r1"').status_code == 200
    world.release()
    assert name(world) == "For readers"


def test_what_was_read_is_what_is_approved(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    read_before = world.send("analyst", "GET", own(filed)).headers["ETag"]
    tag = write(world, filed, HUBS).headers["ETag"]
    for stale in (read_before, '"r1x0"', '"r2x1"', '"x1"', '"t1"'):
        assert approve(world, filed, stale).status_code == 412, stale
    assert approve(world, filed, "*").status_code == 400
    assert approve(world, filed, tag).status_code == 200
    assert read(world, filed)["approved_for"] == ["members"]
    write(world, filed, {**HUBS, "title": "Edited"})
    assert approve(world, filed, tag).status_code == 412
    assert read(world, filed)["approved_for"] == []


def test_the_reports_own_tag_suffices_while_no_analyst_wrote(world: World) -> None:
    filed = shared(world)
    assert approve(world, filed, world.send("analyst", "GET", own(filed)).headers["ETag"]).status_code == 200


def test_an_approval_is_audited_with_the_text_that_it_names(world: World) -> None:
    filed = shared(world)
    approve(world, filed, write(world, filed, HUBS).headers["ETag"])
    with world.hub.store.reading() as db:
        found = {one["action"]: one["details"] for one in audit.entries(db)}
    assert found["report.accept"]["text"] == found["report.write_text"]["text"]
    assert "readers" not in repr(found), "its digest, and none of its words"


def test_an_analyst_writes_where_the_producer_wrote_nothing_and_takes_it_back(any_world: World) -> None:
    world = any_world
    filed = shared(world, for_release=None)
    assert read(world, filed)["whose"] == "nobody"
    approve(world, filed, write(world, filed, HUBS).headers["ETag"])
    world.release()
    assert name(world) == "For readers"
    assert write(world, filed, {}).get_json()["whose"] == "nobody"
    world.release()
    assert name(world).startswith("High-severity incident (M-")


def test_the_same_words_written_again_need_a_new_approval(any_world: World) -> None:
    """What was taken back, or written over, is approved no more: nobody said that it may leave now."""
    world, filed = any_world, shared(any_world)
    for meanwhile in ({}, {**HUBS, "title": "Others"}):
        approve(world, filed, write(world, filed, HUBS).headers["ETag"])
        assert read(world, filed)["approved_for"] == ["members"]
        write(world, filed, meanwhile)
        assert write(world, filed, HUBS).get_json()["approved_for"] == []
        world.release()
        assert name(world).startswith("High-severity incident (M-")
    with world.hub.store.reading() as db:
        ended = [one["details"].get("ended") for one in audit.entries(db) if one["action"] == "report.write_text"]
    assert ended == [None, ["members"], None, None, ["members"], None]


def test_an_approval_of_the_producers_own_text_outlives_the_hubs(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    approve(world, filed, '"r1x0"')
    write(world, filed, HUBS)
    assert write(world, filed, {}).get_json()["approved_for"] == ["members"]
    world.release()
    assert name(world) == "Mine"


def test_two_analysts_do_not_overwrite_each_other(world: World) -> None:
    filed = shared(world)
    assert write(world, filed, HUBS, '"r1x0"').status_code == 200
    assert write(world, filed, OWN, '"r1x0"').status_code == 412
    assert write(world, filed, OWN, "").status_code == 428
    assert read(world, filed)["text"] == HUBS


def test_the_producer_sees_the_difference_and_no_persons_name(any_world: World) -> None:
    world, filed = any_world, shared(any_world)
    write(world, filed, HUBS)
    answer = world.send("producer", "GET", f"{own(filed)}/release-text")
    body = answer.get_json()
    assert (body["whose"], body["text"], body["written"]) == ("hub", HUBS, None)
    assert body["difference"][3:] == [
        "-title: Mine", "+title: For readers", " summary: First.", "-summary: Second.", "+summary: Third.",
        "+language: en",
    ]  # fmt: skip
    assert b"CANARY" not in answer.data
    assert b"token:" not in answer.data
    assert read(world, filed)["written"]["why"] == "CANARY-why"


@pytest.mark.parametrize("who", ["producer:Curious Ltd", "member", "researcher", "operator", "auditor"])
def test_nobody_else_reads_it(world: World, who: str) -> None:
    filed = shared(world)
    world.enrol("producer", "Curious Ltd")
    seen = world.send(who, "GET", f"{own(filed)}/release-text")
    missing = world.send(who, "GET", "/api/v1/reports/R-0000-0000/release-text")
    assert (seen.status_code, seen.data) == (404, missing.data)


def test_a_withdrawn_report_takes_no_text(world: World) -> None:
    filed = shared(world)
    world.send("producer", "POST", f"{own(filed)}/withdraw")
    assert write(world, filed, HUBS).status_code == 409


def test_a_language_alone_is_no_text(world: World) -> None:
    assert write(world, shared(world), {"language": "en"}).status_code == 400


def shared(world: World, **changes: Any) -> dict[str, Any]:
    """A report that members see redacted, with text for release of its producer's."""
    body = a_report(share_redacted_with=["members"], **{"for_release": OWN, **changes})
    filed = world.file("producer", body)
    world.accept(filed["id"], "trusted")
    return filed


def write(world: World, filed: dict[str, Any], text: dict[str, str], tag: str = "*") -> Any:
    """Write as the analyst."""
    headers = {"If_Match": tag} if tag else {}
    return world.send("analyst", "PUT", f"{own(filed)}/release-text", {**text, "why": "CANARY-why"}, **headers)


def approve(world: World, filed: dict[str, Any], tag: str) -> Any:
    """Approve as the analyst what a tag names."""
    body = {"audience": "members", "subject": "for_release"}
    return world.send("analyst", "POST", f"{own(filed)}/accept", body, If_Match=tag)


def read(world: World, filed: dict[str, Any]) -> dict[str, Any]:
    """The text as the analyst reads it."""
    found: dict[str, Any] = world.send("analyst", "GET", f"{own(filed)}/release-text").get_json()
    return found


def name(world: World) -> str:
    """The name of the one entry in the members' feed."""
    (carrier,) = world.carriers("member", "members")
    told: str = carrier["name"]
    return told


def own(filed: dict[str, Any]) -> str:
    """Where a report lives."""
    return f"/api/v1/reports/{filed['id']}"

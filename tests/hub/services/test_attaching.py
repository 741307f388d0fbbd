"""What intake takes chunk by chunk: two at once, and what somebody does to the database between two requests."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from hub.app import create_app
from hub.attachment_sealing import CHUNK
from hub.roles import Act, Caller, Capability
from hub.services import attaching
from hub.services.attaching import Address
from tests.attaching import a_file, begin, chunks, digest_of, place, put
from tests.conftest import World
from tests.factories import a_report


def begun(world: World, content: bytes) -> tuple[str, str]:
    """A report and an upload under way; the ids of both."""
    report = world.file("producer", a_report())["id"]
    return report, begin(world, report, content).get_json()["id"]


def together(*works: Callable[[], object]) -> None:
    """Do several things at once; raises what one of them raised."""
    with ThreadPoolExecutor(len(works)) as pool:
        for one in [pool.submit(work) for work in works]:
            one.result()


def sender(world: World, address: str, chunk: bytes, told: list[int]) -> Callable[[], None]:
    """Who sends a chunk from a client of its own."""
    client, headers = create_app(world.hub).test_client(), {
        "Authorization": f"Bearer {world.tokens['producer']}",
        "Content-Type": "application/octet-stream",
        "Content-Digest": digest_of(chunk),
    }  # fmt: skip
    return lambda: told.append(client.put(address, data=chunk, headers=headers).status_code)


def test_the_same_chunk_sent_by_several_at_once_is_taken_once(any_world: World) -> None:
    world, content, told = any_world, a_file(), list[int]()
    report, one = begun(world, content)
    for offset, chunk in chunks(content):
        address = f"{place(report, one)}?offset={offset}"
        together(*(sender(world, address, chunk, told) for _ in range(3)))
    assert told == [200] * 9
    assert world.send("producer", "GET", place(report, one)).get_json()["state"] == "complete"
    with world.hub.store.reading() as db:
        assert db.connection().execute(text("SELECT count(*) FROM attachment_chunk")).scalar_one() == 3


def test_of_two_chunks_for_one_place_one_is_taken_and_the_other_told(any_world: World) -> None:
    world, told = any_world, list[int]()
    report, one = begun(world, a_file())
    address = f"{place(report, one)}?offset=0"
    together(*(sender(world, address, bytes([number]) * CHUNK, told) for number in range(3)))
    assert sorted(told) == [200, 409, 409]


def test_a_file_begun_by_several_at_once_is_one_upload(any_world: World) -> None:
    world, content, told = any_world, a_file(), list[str]()
    report = world.file("producer", a_report())["id"]
    together(*(beginner(world, report, content, told) for _ in range(3)))
    assert len(told) == 3
    assert len(set(told)) == 1


def beginner(world: World, report: str, content: bytes, told: list[str]) -> Callable[[], None]:
    """Who begins from a client of its own."""
    other = World(world.hub, world.clock, create_app(world.hub).test_client(), world.tokens, world.ids)

    def started() -> None:
        answer = begin(other, report, content)
        assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
        told.append(answer.get_json()["id"])

    return started


def test_a_chunk_that_another_wrote_meanwhile_is_looked_at_again(world: World) -> None:
    content, hub = a_file(), world.hub
    report, one = begun(world, content)
    owner = world.ids["The producer's organisation"]
    by = Act(Caller("t", owner, "", frozenset({Capability.REPORT_WRITE}), frozenset()), world.clock())
    with hub.store.reading() as db:
        at = attaching.spot(db, hub.sealer, by.caller, Address(report, one, 0))
    sealed = attaching.seal(hub.sealer, at, content[:CHUNK])
    assert put(world, report, one, 0, content[:CHUNK]).status_code == 200
    assert hub.store.write(lambda db: attaching.take(db, hub.sealer, by, at, sealed)) is None
    with hub.store.reading() as db:
        again = attaching.spot(db, hub.sealer, by.caller, Address(report, one, 0))
    assert attaching.seal(hub.sealer, again, content[:CHUNK]) is None


MEDDLING = {
    "another size": "UPDATE attachment SET size = size + 1",
    "another head": "UPDATE attachment SET head = (SELECT sealed FROM attachment_chunk WHERE number = 0)",
    "another beginning": "UPDATE attachment SET manifest = signature",
    "a slip exchanged": "UPDATE attachment_chunk SET slip = "
    "(SELECT c.slip FROM attachment_chunk c WHERE c.number = 1) WHERE number = 0",
    "a slip signed by nobody": "UPDATE attachment_chunk SET signature = slip WHERE number = 0",
    "a chunk too few": "DELETE FROM attachment_chunk WHERE number = 0",
}


@pytest.mark.parametrize("statement", MEDDLING.values(), ids=MEDDLING)
def test_intake_signs_no_manifest_over_what_is_not_its_own(world: World, statement: str) -> None:
    content = a_file()
    report, one = begun(world, content)
    *rest, last = chunks(content)
    for chunk in rest:
        assert put(world, report, one, *chunk).status_code == 200
    with world.hub.store.writing() as db:
        db.connection().execute(text(statement))
    answer: Any = put(world, report, one, *last)
    assert answer.status_code in {400, 409}
    told = world.send("producer", "GET", place(report, one)).get_json()
    assert (told["state"], told["commitment"]) == ("open", None)

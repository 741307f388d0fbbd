"""A producer attaches files over HTTP: chunk by chunk, resumable, checked, and never readable back."""

from hub import receiving
from hub.attachment_sealing import CHUNK
from tests.attaching import a_file, ask, begin, chunks, place, put
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

"""/feeds/<feed>/<file>: who gets a file, under which headers, and what a client saves by its tag."""

import json

import pytest
from werkzeug.test import TestResponse

from feeds.formats import FORMATS
from tests.conftest import World
from tests.factories import a_report

BUNDLE = "/feeds/members/bundle.json"


@pytest.fixture
def shown(world: World) -> World:
    """A hub whose members' feed shows a report."""
    filed = world.file("producer", a_report(client_ref="T-1", tlp="green"))
    world.accept(filed["id"], "members")
    world.release()
    return world


def told(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All of an answer, but for the name of the request."""
    headers = [pair for pair in answer.headers.to_wsgi_list() if pair[0] != "X-Request-Id"]
    return answer.status_code, answer.data, sorted(headers)


def test_a_file_comes_with_its_type_and_in_no_shared_cache(shown: World) -> None:
    for name, one in FORMATS.items():
        answer = shown.send("member", "GET", f"/feeds/members/{name}")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == one.media_type
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        is_saved = answer.headers.get("Content-Disposition") == f'attachment; filename="members-{name}"'
        assert is_saved is name.endswith(".csv")


def test_a_tag_that_still_holds_saves_the_file(shown: World) -> None:
    for name in FORMATS:
        path = f"/feeds/members/{name}"
        first = shown.send("member", "GET", path)
        tag = first.headers["ETag"]
        assert not tag.startswith("W/")
        again = shown.send("member", "GET", path, If_None_Match=tag)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == "private, no-cache"
        assert shown.send("member", "GET", path, If_None_Match='"another"').data == first.data


def test_a_head_says_what_a_get_would_without_the_file(shown: World) -> None:
    head, got = (shown.send("member", method, BUNDLE) for method in ("HEAD", "GET"))
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert head.headers.get("Content-Length") in {None, str(len(got.data))}


def test_a_feed_that_one_may_not_read_is_like_one_that_is_not_there(shown: World) -> None:
    for who in ("producer", "analyst", "operator", "auditor", "member", "researcher"):
        closed = "members" if who == "researcher" else "trusted"
        for name in (*FORMATS, "nothing.txt"):
            answers = [shown.send(who, "GET", f"/feeds/{feed}/{name}") for feed in (closed, "no-such-feed")]
            assert told(answers[0]) == told(answers[1])
            assert answers[0].status_code == 404


def test_the_public_feed_too_needs_a_token(shown: World) -> None:
    assert shown.send("", "GET", "/feeds/public/atom.xml").status_code == 401
    assert shown.send("member", "GET", "/feeds/public/atom.xml").status_code == 200


def test_a_grant_that_expired_ends_the_files_too(shown: World) -> None:
    tag = shown.send("member", "GET", BUNDLE).headers["ETag"]
    shown.clock.forward(days=301)
    assert shown.send("member", "GET", BUNDLE, If_None_Match=tag).status_code == 404


def test_a_file_larger_than_memory_is_sent_whole(shown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = shown.send("member", "GET", BUNDLE).data
    monkeypatch.setattr("hub.web.editions.IN_MEMORY", 100)
    monkeypatch.setattr("hub.web.editions.CHUNK", 64)
    answer = shown.send("member", "GET", BUNDLE)
    assert answer.data == whole
    answer.close()


def test_a_client_that_does_not_read_holds_no_transaction(shown: World) -> None:
    """The answer is open and unread, and the log of the database can be folded all the same."""
    answer = shown.web.open(BUNDLE, headers={"Authorization": f"Bearer {shown.tokens['member']}"}, buffered=False)
    assert shown.hub.store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert json.loads(answer.data)["type"] == "bundle"

"""What a process keeps of pages, and which coding a client gets."""

import io
from typing import Any

import pytest
from flask import Flask

from hub.shelf import Label
from hub.web.taxii import coding
from hub.web.taxii.kept import Kept


def label(number: int, feed: str = "members") -> Label:
    return Label(feed, f"{number}.identity", "a" * 32, "b" * 32)


def offer(kept: Kept, number: int, times: int = 2, feed: str = "members", size: int = 10) -> None:
    for _ in range(times):
        kept.offer(label(number, feed), io.BytesIO(b"x" * size))


def test_a_page_is_kept_when_it_is_asked_for_again() -> None:
    kept = Kept()
    offer(kept, 1, times=1)
    assert kept.find(label(1)) is None
    offer(kept, 1, times=1)
    assert kept.find(label(1)) == b"x" * 10
    assert kept.find(label(2)) is None


def test_whoever_walks_through_a_feed_turns_nothing_out() -> None:
    kept = Kept()
    offer(kept, 1)
    for number in range(2, 1000):
        offer(kept, number, times=1)
    assert list(kept.pages) == [label(1)]


def test_no_more_is_kept_than_there_is_room_for_and_the_oldest_goes() -> None:
    kept = Kept(most=35)
    for number in (1, 2, 3):
        offer(kept, number)
    kept.find(label(1))
    offer(kept, 4)
    assert list(kept.pages) == [label(3), label(1), label(4)]
    assert kept.size == 30
    offer(kept, 5, size=36)
    assert kept.find(label(5)) is None


def test_a_release_turns_the_pages_of_its_feed_out_one_that_is_read_meanwhile_too() -> None:
    kept = Kept()
    offer(kept, 1)
    offer(kept, 1, feed="public")
    kept.turn_out("members")
    assert list(kept.pages) == [label(1, "public")]
    assert kept.size == 10

    class Slow(io.BytesIO):
        def read(self, *given: Any) -> bytes:
            kept.turn_out("members")
            return super().read(*given)

    offer(kept, 2, times=1)
    kept.offer(label(2), Slow(b"old"))
    assert kept.find(label(2)) is None


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("*", "zstd"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0.5, identity", "identity"),
        ("br", "identity"),
        ("identity;q=0, *;q=0", "identity"),
        (";;;,=q", "identity"),
    ],
)
def test_a_client_gets_the_coding_that_it_wants_most(header: str | None, wanted: str) -> None:
    headers = {} if header is None else {"Accept-Encoding": header}
    with Flask("test").test_request_context("/", headers=headers):
        assert coding.negotiated() == wanted

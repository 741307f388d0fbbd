"""A token is all or nothing: no other string opens anything, and a demo token nothing from afar."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from hub import tokens
from hub.roles import Act, shell
from hub.services import membership
from hub.services.membership import Wanted
from tests.conftest import World
from tests.factories import a_report

FAR = {"REMOTE_ADDR": "203.0.113.9"}


def test_a_token_with_any_one_character_changed_is_refused(world: World) -> None:
    """Neither the checksum nor the prefix may be a part that nobody compares."""
    text = world.tokens["producer"]
    assert ask(world, text).status_code == 200
    for place, character in enumerate(text):
        for other in {near(character), "0", "z", "-"} - {character}:
            changed = f"{text[:place]}{other}{text[place + 1 :]}"
            assert ask(world, changed).status_code == 401, place
    for changed in (text[:-1], text[1:], text + "0", text + text, text.upper(), text.lower(), f"{text}\u0000"):
        assert ask(world, changed.replace("\u0000", "%00")).status_code == 401


def test_a_changed_secret_with_its_checksum_made_anew_is_refused(world: World) -> None:
    """The checksum is public arithmetic; what counts is the hash of the whole token."""
    text = world.tokens["producer"]
    for place in range(text.rindex("_") + 1, len(text) - 6):
        body = f"{text[:place]}{near(text[place])}{text[place + 1 : -6]}"
        forged = body + tokens._check(body)
        assert tokens.id_of(forged) is not None, "the forgery is well-formed, so that only its hash refuses it"
        assert ask(world, forged).status_code == 401


def test_every_refused_token_is_answered_in_the_same_words(world: World) -> None:
    """Unknown, expired, revoked, mistyped: the difference would say which ids exist."""
    operator = world.enrol("operator", "Second staff")
    rows = world.send("operator", "GET", f"/api/v1/members/{world.ids['Second staff']}/tokens").get_json()["items"]
    path = f"/api/v1/members/{world.ids['Second staff']}/tokens/{rows[0]['id']}"
    assert world.send("operator", "DELETE", path).status_code == 200
    unknown = tokens.issue().text
    told = {
        ask(world, one).data for one in (operator, unknown, "hub_live_nonsense", world.tokens["producer"][:-1] + "-")
    }
    world.clock.forward(days=366)
    told.add(ask(world, world.tokens["producer"]).data)
    assert len(told) == 1


@pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.7", "192.168.1.2", "::ffff:203.0.113.9", "2001:db8::1", ""])
def test_a_demo_token_off_loopback_is_refused(world: World, address: str) -> None:
    """Demo tokens are printed on screens and in documentation."""
    demo = demo_token(world)
    assert demo.startswith("hub_demo_")
    assert ask(world, demo).status_code == 200
    assert ask(world, demo, address="::1").status_code == 200
    assert ask(world, demo, address=address).status_code == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_a_demo_token_behind_a_proxy_is_refused(world: World, header: str) -> None:
    """Behind a proxy on the same host everyone comes from loopback."""
    answer = world.web.get(
        "/api/v1/reports", headers={"Authorization": f"Bearer {demo_token(world)}", header: "for=127.0.0.1"}
    )
    assert answer.status_code == 401


def test_a_live_token_works_from_anywhere(world: World) -> None:
    """Or the law above would pass because nothing works from afar."""
    assert ask(world, world.tokens["producer"], address="203.0.113.9").status_code == 200


def test_nothing_that_appears_in_an_answer_works_as_a_credential(world: World) -> None:
    """Ids, references, receipts, cursors and entity tags are written into logs, tickets and mails."""
    seen = set(everything_shown(world))
    assert len(seen) > 100, "the law looked at nothing"
    for text in seen:
        assert ask(world, text).status_code == 401, text
        password = b64encode(f"anyone:{text}".encode()).decode()
        answer = world.web.get("/taxii2/", headers={"Authorization": f"Basic {password}"})
        assert answer.status_code == 401, text


def test_a_tokens_text_appears_in_the_answer_that_made_it_and_nowhere_else(world: World) -> None:
    """The hub stores its hash; whoever reads the database or an answer gets no credential."""
    path = f"/api/v1/members/{world.ids['Hub staff']}/tokens"
    made = world.send("operator", "POST", path, {"roles": ["producer"]}).get_json()["token"]
    assert ask(world, made).status_code == 200
    assert made not in set(everything_shown(world))
    secret = made.split("_")[3][:32].encode()
    world.hub.store.close()
    files = [one for one in world.hub.config.home.rglob("*") if one.is_file()]
    assert files
    assert [one.name for one in files if secret in one.read_bytes()] == []


def everything_shown(world: World) -> Iterator[str]:
    """Every string in every answer that a person gets on a usual day, and in its headers."""
    filed = world.send(
        "producer", "POST", "/api/v1/reports", a_report(client_ref="t-1", share_redacted_with=["members"])
    )
    world.accept(filed.get_json()["id"], "members")
    world.release()
    own = f"/api/v1/reports/{filed.get_json()['id']}"
    collection = f"/taxii2/hub/collections/{world.collection('members')}/"
    asked = [("producer", own), ("producer", f"{own}/receipt"), ("analyst", "/api/v1/reports?limit=1")]
    asked += [("operator", "/api/v1/members?limit=1"), ("member", "/taxii2/"), ("member", "/taxii2/hub/collections/")]
    asked += [("operator", f"/api/v1/members/{one}/tokens") for one in world.ids.values()]
    asked += [("member", f"{collection}{rest}") for rest in ("", "objects/?limit=2", "manifest/?limit=2")]
    yield from strings(filed)
    for who, path in asked:
        answer = world.send(who, "GET", path)
        assert answer.status_code == 200, path
        yield from strings(answer)


def strings(answer: TestResponse) -> Iterator[str]:
    """Every word in an answer's body and headers that could be typed as a token."""
    waiting: list[Any] = [answer.get_json(force=True), dict(answer.headers)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str) and item.isascii() and item.isprintable():
            yield item


def near(character: str) -> str:
    """Another character, of the alphabet where this one is."""
    return tokens.ALPHABET[(tokens.ALPHABET.find(character) + 1) % len(tokens.ALPHABET)]


def ask(world: World, text: str, address: str = "127.0.0.1") -> TestResponse:
    """Ask for a page that every token of a producer or analyst may see."""
    headers = {"Authorization": f"Bearer {text}"}
    return world.web.get("/api/v1/reports", headers=headers, environ_overrides={"REMOTE_ADDR": address})


def demo_token(world: World) -> str:
    """A token as `hub demo` makes them."""
    act = Act(shell("test"), world.clock())
    with world.hub.store.writing() as db:
        return membership.issue(db, act, world.ids["Hub staff"], Wanted(["producer"], is_demo=True)).text

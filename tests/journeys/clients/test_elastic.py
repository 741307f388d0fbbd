"""Elastic's integration "Custom Threat Intelligence" (ti_custom), its requests replayed.

From elastic/integrations, packages/ti_custom/data_stream/indicator: agent/stream/cel.yml.hbs (the CEL program),
manifest.yml (the settings and their defaults), elasticsearch/ingest_pipeline/default.yml (what becomes of an object);
and from elastic/beats, x-pack/filebeat/input/cel/input.go (what the agent does with a result, or with none):
- The URL is that of the objects, in full. The first poll asks for `added_after` = now less the initial interval, in
  whole seconds; without that setting it asks for everything, each time. Later polls ask for what was added after the
  X-TAXII-Date-Added-Last that it kept (since 0.6.0; before, the look-back stayed the same for ever).
- Pages are asked for with `next`, and `limit` if set, and nothing else; `more` is not looked at: as long as `next` is
  not empty, it goes on. `Content-Type` stands on a GET (a setting since 0.9.0). Basic, or a key type of one's own and
  an API key, `Bearer` by default.
- An answer without `objects`, which TAXII 2.1 asks for when there is nothing new, was an evaluation error up to the fix
  "Handle TAXII envelopes without objects" (pull request 19303, June 2026): the agent logs it, reports itself degraded,
  sends one error document, and keeps its cursor. Nothing is lost. With the fix, nothing happens.
- The pipeline drops whatever is not a STIX 2.1 indicator, unless "Restrict STIX 2.1 format" is off. A document's `_id`
  is made of id, created and pattern, and a data stream takes each `_id` once.
"""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from tests.journeys.clients.hubs import Served, assert_each_once

MEDIA = "application/taxii+json;version=2.1"


@dataclass
class Agent:
    """An agent with the integration: its settings, the cursor that it keeps, and what it has sent on."""

    url: str
    authorization: str
    initial_interval: timedelta | None = timedelta(hours=24)
    limit: int | None = None
    tolerates_missing: bool = True  # since pull request 19303
    keeps_cursor: bool = True  # since 0.6.0
    cursor: str | None = None
    objects: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def poll(self) -> list[dict[str, Any]]:
        """One interval: evaluations until none wants more; what the last of them brought."""
        got: list[dict[str, Any]] = []
        url = self._first()
        while url:
            body, last = self._get(url)
            if "objects" not in body and not self.tolerates_missing:
                self.errors.append("failed eval: no such key: objects")
                break
            page = body.get("objects", [])
            got += page
            if page and self.keeps_cursor:  # it is published with the last event of a page: without one it stays
                self.cursor = last
            url = self._next(body["next"]) if body.get("next") else ""
        self.objects += got
        return got

    def _first(self) -> str:
        if self.initial_interval is None:
            return self.url
        since = self.cursor or f"{datetime.now(UTC) - self.initial_interval:%Y-%m-%dT%H:%M:%SZ}"
        return self._with(added_after=since)

    def _next(self, cursor: str) -> str:
        return self._with(next=cursor)

    def _with(self, **said: str) -> str:
        limit = {"limit": str(self.limit)} if self.limit else {}
        return f"{self.url.rstrip('/')}/?{urlencode({**said, **limit})}"

    def _get(self, url: str) -> tuple[dict[str, Any], str | None]:
        headers = {"Accept": MEDIA, "Content-Type": MEDIA, "Authorization": self.authorization}
        self.asked.append(url)
        answer = requests.get(url, headers=headers, timeout=30)
        assert answer.status_code in {200, 206}, answer.text
        return answer.json(), answer.headers.get("X-Taxii-Date-Added-Last")


@dataclass
class DataStream:
    """`logs-ti_custom.indicator-*` behind its ingest pipeline."""

    restrict_stix: bool = True
    documents: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)

    def take(self, objects: list[dict[str, Any]]) -> None:
        """Index what the agent sent on; a second document of one `_id` is refused."""
        for one in objects:
            if self.restrict_stix and (one["type"], one.get("spec_version")) != ("indicator", "2.1"):
                continue
            key = (one["id"], one.get("created", ""), one.get("pattern", ""))
            self.documents.setdefault(key, _document(one))


def _document(one: dict[str, Any]) -> dict[str, Any]:
    indicator = {"name": one.get("name"), "description": one.get("description"), "last_seen": one.get("modified")}
    expires = one.get("valid_until") or (one.get("modified") if one.get("revoked") else None)
    stix = {name: value for name, value in one.items() if name not in {"name", "description", "labels"}}
    return {
        "threat.indicator": {**indicator, "type": _type(one.get("pattern", ""))},
        "tags": one.get("labels", []),
        "stix": {**stix, "ioc_expiration_date": expires},
    }


def _type(pattern: str) -> str | None:
    return next(
        (kind for kind in ("domain-name", "ipv4-addr", "ipv6-addr", "url") if pattern.startswith(f"[{kind}")), None
    )


def an_agent(served: Served, name: str = "members-indicators", **settings: Any) -> Agent:
    """The integration, as docs/clients.md says to set it up."""
    basic = base64.b64encode(f"elastic:{served.token}".encode()).decode()
    return Agent(f"{served.collection(name)}objects/", f"Basic {basic}", **settings)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "limit"), [("members", 4), ("members", None), ("members-indicators", 2)])
def test_it_gets_every_object_once(served, name, limit):
    agent = an_agent(served, name, limit=limit)
    agent.poll()
    with served.releasing() as is_going_on:
        while is_going_on():
            agent.poll()
    agent.poll()
    assert_each_once(agent.objects, served, name)
    served.restart()
    assert agent.poll() == []
    served.correct(served.release_more(1)[0], {"title": "Corrected since", "description": "So.", "severity": "high"})
    agent.poll()
    assert_each_once(agent.objects, served, name)
    assert all("added_after" not in url for url in agent.asked if "next=" in url)


def test_an_empty_poll_is_an_error_in_its_log_before_the_fix_and_loses_nothing(served):
    old, new = (an_agent(served, "members", tolerates_missing=one) for one in (False, True))
    for agent in (old, new):
        agent.poll()
        assert agent.poll() == []
    assert (old.errors, new.errors) == (["failed eval: no such key: objects"], [])
    served.release_more(1)
    for agent in (old, new):
        agent.poll()
        assert_each_once(agent.objects, served, "members")


def test_before_0_6_it_looks_back_as_far_with_every_poll_and_keeps_each_once(served):
    agent, stream = an_agent(served, keeps_cursor=False), DataStream()
    for _ in range(2):
        assert_each_once(agent.poll(), served, "members-indicators")
    stream.take(agent.objects)
    assert len(stream.documents) == len({one["id"] for one in agent.objects if one["type"] == "indicator"})


def test_an_indicator_shows_its_value_kind_labels_and_marking_and_goes_when_recalled(served):
    agent, stream = an_agent(served), DataStream()
    stream.take(agent.poll())
    wanted = set(served.expected["written"].indicators)
    seen = {one["threat.indicator"]["name"]: one for one in stream.documents.values()}
    assert seen.keys() == wanted
    assert {one["threat.indicator"]["type"] for one in seen.values()} == {"domain-name", "ipv4-addr"}
    assert {label for one in seen.values() for label in one["tags"]} == {"untrusted-content", "pap:clear", "pap:green"}
    green = {one["id"] for one in served.truth("members-indicators") if one.get("name") == "TLP:GREEN"}
    assert {ref for one in seen.values() for ref in one["stix"]["object_marking_refs"]} == green, "the id, not its name"
    assert {one["stix"]["ioc_expiration_date"] for one in seen.values()} == {None}
    served.withdraw("written")
    stream.take(agent.poll())
    ended = [one for one in stream.documents.values() if one["stix"]["ioc_expiration_date"]]
    assert {one["stix"]["id"] for one in ended} == {one["stix"]["id"] for one in seen.values()}
    assert all(one["stix"]["revoked"] for one in ended)


def test_with_the_restriction_off_reports_show_too_but_never_a_second_version(served):
    agent, stream = an_agent(served, "members"), DataStream(restrict_stix=False)
    stream.take(agent.poll())
    (more,) = served.release_more(1)
    stream.take(agent.poll())
    shown = served.expected[more]
    report = next(one for one in stream.documents.values() if one["threat.indicator"]["name"] == shown.name)
    assert report["threat.indicator"]["description"] == shown.summary
    assert f"severity:{shown.severity}" in report["tags"]
    served.correct(more, {"title": "Another title", "description": "So.", "severity": "high"})
    got = agent.poll()
    assert "Another title" in {one.get("name") for one in got}
    stream.take(got)
    names = {one["threat.indicator"]["name"] for one in stream.documents.values()}
    assert "Another title" not in names, "the first version stays: the `_id` of the second is the same"


@pytest.mark.parametrize("key_type", ["Bearer", "Token"])
def test_an_api_key_of_either_type_does(served, key_type):
    agent = Agent(f"{served.collection()}objects", f"{key_type} {served.token}", initial_interval=None)
    agent.poll()
    assert_each_once(agent.objects, served)

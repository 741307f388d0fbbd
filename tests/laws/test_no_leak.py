"""Nothing withheld occurs in a feed, a log, an error or another role's answer; nothing sealed in raw bytes.

The expectation below is written by hand, not computed from the marks: it is what DESIGN.md and the field table promise,
and a mark that is changed by mistake has to meet it here.
"""

import base64
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from feeds import transforms
from feeds.mapping.extension import AI_EXTENSION
from schemas.anatomy import LEAVES, present
from schemas.marks import Kept
from tests.conftest import AUDIENCES, World
from tests.factories import a_full_report, canary

FEEDS = ("trusted", "members", "researchers", "public")
TYPES = (
    "incident",
    "near_miss",
    "hazard",
    "vulnerability",
    "threat",
    "compromise",
    "audit_finding",
    "risk_assessment",
)
ORGANISATIONS = ("Alder", "Birch", "Cedar")

# What arrives of a report as written, by hand.
EVERYWHERE = {
    "report_type", "title", "description", "language", "aware_at", "occurred_start", "occurred_end",
    "systems[].name", "systems[].developer", "systems[].version", "systems[].kind", "systems[].purl", "systems[].cpe",
    "systems[].deployment", "systems[].modality",
    "severity", "harm_status", "oecd_severity", "risk_area", "harm_types", "relation_of_ai", "entity", "intent",
    "timing", "lifecycle_stage", "actor_role", "autonomy_level", "breadth",
    "harm_quantity.deaths", "harm_quantity.injured", "harm_quantity.persons_affected", "harm_quantity.loss_eur",
    "harm_quantity.band", "affected_parties[].role",
    "taxonomy[].scheme", "taxonomy[].version", "taxonomy[].code",
    "attack_steps[].scheme", "attack_steps[].version", "attack_steps[].tactic", "attack_steps[].technique",
    "attack_steps[].description",
    "vulnerability.cve", "vulnerability.cwe", "vulnerability.cvss_vector", "vulnerability.exploited",
    "root_cause", "contributing", "recommendation", "references[].title", "references[].url", "references[].id",
    "actions_taken[].scheme", "actions_taken[].version", "actions_taken[].code", "actions_taken[].status",
    "actions_taken[].text",
    "mitigations[].scheme", "mitigations[].version", "mitigations[].code", "mitigations[].status",
    "mitigations[].text",
    "location.country", "pap", "iep.permitted_actions", "iep.affected_party_notifications", "iep.attribution",
    "iep.encrypt_in_transit", "iep.unmodified_resale",
}  # fmt: skip
VETTED = {"threat.motive", "threat.confidence", "audit.result", "risk_assessment.conclusion"}
READERS = {
    "compromise.asset", "compromise.state", "threat.actor", "threat.indicators[].type", "threat.indicators[].value",
    "threat.indicators[].pap", "urgent",
}  # fmt: skip
PARTNERS = {"safe_harbour.claimed", "safe_harbour.terms_ref", "safe_harbour.attested_at"}
AS_WRITTEN = {
    "trusted": EVERYWHERE | VETTED | READERS | PARTNERS,
    "members": EVERYWHERE | VETTED | READERS,
    "researchers": EVERYWHERE | VETTED,
    "public": EVERYWHERE,
}
SEALED = [path for path, leaf in LEAVES.items() if leaf.mark.kept in {Kept.SEALED, Kept.IDENTITY}]


def spellings(text: str) -> Iterator[bytes]:
    """A text as it might lie in bytes: as it is, in UTF-16, hexadecimal, percent and base64 at each alignment."""
    raw = text.encode()
    yield raw
    yield text.encode("utf-16-le")
    yield raw.hex().encode()
    yield quote(text, safe="").encode()
    for offset in range(3):
        yield base64.b64encode(b"\0" * offset + raw)[4 if offset else 0 : -4]


def leaked(data: bytes, salt: str, paths: list[str]) -> set[str]:
    """The paths whose canary occurs in some bytes, in any spelling."""
    return {path for path in paths if any(found in data for found in spellings(canary(path, salt)))}


@pytest.fixture
def full(any_world: World) -> World:
    """A hub with three approved organisations, and a reader of every audience."""
    world = any_world
    world.enrol("member", "Everybody's reader", AUDIENCES)
    for name in ORGANISATIONS:
        world.enrol("producer", name)
        path = f"/api/v1/members/{world.ids[name]}/accept"
        assert world.send("analyst", "POST", path, {"audience": "trusted"}).status_code == 200
    return world


def file_all(world: World, **changes: Any) -> dict[str, dict[str, Any]]:
    """File one report of each type from each organisation, each with its own salt; id by salt."""
    filed = {}
    for name in ORGANISATIONS:
        for kind in TYPES:
            salt = f"{name}-{kind}".replace("_", "-")
            filed[salt] = world.file(f"producer:{name}", a_full_report(salt, report_type=kind, **changes))
    return filed


def fetched(world: World, feed: str) -> bytes:
    """Every byte that a feed gives: objects, all versions, and the manifest."""
    base = f"/taxii2/hub/collections/{world.collection(feed)}"
    who = "member:Everybody's reader"
    whole = b"".join(
        world.send(who, "GET", f"{base}/{path}?limit=1000&match[version]=all").data
        for path in ("objects/", "manifest/")
    )
    assert b'"more":true' not in whole
    return whole


def carriers_of(world: World, feed: str) -> list[dict[str, Any]]:
    return world.carriers("member:Everybody's reader", feed)


def assert_nothing_leaks_redacted(world: World, filed: dict[str, Any]) -> None:
    for feed in FEEDS:
        assert len(carriers_of(world, feed)) == len(filed), f"not one carrier a report in {feed}"
        data = fetched(world, feed)
        assert b"CANARY" not in data, f"{feed}: {[leaked(data, salt, list(LEAVES)) for salt in filed]}"
        assert not any(leaked(data, salt, list(LEAVES)) for salt in filed)
    assert carriers_of(world, "reference") == []


def test_redacted_no_canary_reaches_any_feed(full: World) -> None:
    filed = file_all(full, tlp="red", share_redacted_with=["public", "researchers"])
    full.release()
    assert_nothing_leaks_redacted(full, filed)


def test_amber_strict_is_above_every_ceiling_too(full: World) -> None:
    filed = file_all(full, tlp="amber+strict", share_redacted_with=["public", "researchers"])
    full.release()
    assert_nothing_leaks_redacted(full, filed)


def test_breaking_a_transform_is_noticed(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law can fail: a pseudonym that keeps the name, as a bug would, breaks it."""
    broken = transforms.Transform("pseudonym", transforms.keep, lambda schema: schema)
    monkeypatch.setitem(transforms.TRANSFORMS, "pseudonym", broken)
    filed = file_all(full, tlp="red", share_redacted_with=["public", "researchers"])
    full.release()
    with pytest.raises(AssertionError, match=r"systems\[\]\.developer|not one carrier"):
        assert_nothing_leaks_redacted(full, filed)


def test_as_written_exactly_the_promised_fields_arrive(full: World) -> None:
    filed = file_all(full, tlp="clear", share_redacted_with=None)
    for answer in filed.values():
        full.accept(answer["id"], "public", "researchers")
    full.release()
    for feed in FEEDS:
        carriers = carriers_of(full, feed)
        assert len(carriers) == len(filed)
        for carrier in carriers:
            assert arrived(carrier) == AS_WRITTEN[feed], feed
        data = fetched(full, feed)
        text = [path for path in LEAVES if canary(path) in repr(a_full_report())]
        for salt in filed:
            assert leaked(data, salt, text) == AS_WRITTEN[feed] & set(text), feed


def arrived(carrier: dict[str, Any]) -> set[str]:
    """The schema paths that a carrier shows."""
    homes = {"title": "name", "description": "description", "language": "lang"}
    found = {path for path, home in homes.items() if home in carrier}
    return found | present(carrier["extensions"][AI_EXTENSION]["fields"])


def test_no_canary_in_logs_errors_or_the_answers_of_other_roles(
    full: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    filed = file_all(full, tlp="red", share_redacted_with=["public", "researchers"])
    full.release()
    told = b"".join(_errors(full))
    for who in ("member", "researcher", "operator", "auditor", "producer", ""):
        told += b"".join(_answers(full, who, [one["id"] for one in filed.values()]))
    told += caplog.text.encode() + "".join(capfd.readouterr()).encode()
    assert b"CANARY" not in told
    seen = b"".join(_answers(full, "analyst", [one["id"] for one in filed.values()]))
    assert b"CANARY" in seen, "the analyst reads clear fields"
    assert not any(leaked(seen, salt, SEALED) for salt in filed), "and no sealed one without a warrant"
    own = b"".join(_answers(full, "producer:Alder", [one["id"] for one in filed.values()]))
    assert not any(leaked(own, salt, SEALED) for salt in filed), "not even its producer reads a sealed field back"


def _errors(world: World) -> Iterator[bytes]:
    """Answers to bodies that are wrong in every field, one at a time."""
    report = a_full_report("wrong")
    for name in report:
        for wrong in ("CANARY-wrong" * 3000, ["CANARY-wrong", {}], {"CANARY": 1}, -1):
            body = {**report, name: wrong, "client_ref": "x"} if name != "client_ref" else {**report, name: wrong}
            answer = world.send("producer:Alder", "POST", "/api/v1/reports", body)
            if answer.status_code >= 400:
                # The name of an unknown field is told back, since it is what has to be mended; values never are.
                yield answer.data.replace(b"/CANARY", b"")


def _answers(world: World, who: str, ids: list[str]) -> Iterator[bytes]:
    for path in ("/api/v1/reports?limit=200", "/api/v1/members", "/taxii2/", "/taxii2/hub/collections/"):
        yield world.send(who, "GET", path).data
    for report_id in ids:
        yield world.send(who, "GET", f"/api/v1/reports/{report_id}").data
        yield world.send(who, "GET", f"/api/v1/reports/{report_id}/receipt").data
        yield world.send(who, "PATCH", f"/api/v1/reports/{report_id}", {}, If_Match='"r9"').data


def test_no_sealed_canary_lies_in_the_files_of_a_hub(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    home = world.hub.config.home
    place = home.parent / "tmp"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    filed = world.file("producer", a_full_report("raw", tlp="red", share_redacted_with=["members"]))
    whole = _bytes_under(home.parent)
    assert leaked(whole, "raw", ["recommendation"]), "the search finds what does lie there in clear"
    assert not leaked(whole, "raw", SEALED)
    world.accept(filed["id"], "members")
    world.release()
    assert not leaked(_bytes_under(home.parent), "raw", SEALED)


def _bytes_under(place: Path) -> bytes:
    files = [path for path in place.rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files), "the write-ahead log is looked into as well"
    return b"".join(path.read_bytes() for path in files)

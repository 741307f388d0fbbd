# ruff: noqa: E501 - the table below has long rows
"""What went wrong elsewhere, one test a class; each is named after its class.

| class, and where it happened | held by |
| --- | --- |
| 1 a parameter left out widens who sees (MISP CVE-2026-85533) | test_1_distribution_bypass_by_missing_parameter |
| 2 checked by one method, done by another (MISP CVE-2026-95671) | tests/laws/test_cells.py::test_no_cell_is_crossed_and_forbidden_looks_like_absent |
| 3 a child inherits its parent's visibility (MISP CVE-2026-95683) | test_3_and_4_child_inherits_parent_visibility_and_relation_leak |
| 4 a relation tells of what is hidden (MISP CVE-2026-94394) | test_3_and_4_child_inherits_parent_visibility_and_relation_leak |
| 5 a policy with a typo or wildcard (MISP CVE-2026-95805, 95685) | test_5_policy_typo |
| 6 one object is authorised, another changed (MISP CVE-2026-56424) | tests/laws/test_cells_confused.py::test_an_id_of_another_kind_or_parent_is_what_is_not_there |
| 7 the audit log tells all (MISP CVE-2023-50918) | tests/web/test_audit.py::test_the_log_of_one_organisation_tells_nothing_of_another |
| 8 a second path to the data (MISP 4f27f83a7) | tests/laws/test_visible_sets.py::test_every_way_to_ask_finds_the_same_reports |
| 9 another instance's id is trusted (MISP CVE-2021-31780) | test_9_id_from_other_instance_trusted |
| 10 a credential is compared in part (MISP PR 6585) | tests/laws/test_tokens.py::test_a_token_with_any_one_character_changed_is_refused |
| 11 a comparison takes as long as it agrees (MISP PR 7677, caldera 2819) | test_11_timing |
| 12 a right above one's own is given (MISP CVE-2026-44380) | test_12_vertical_escalation |
| 14 a public id is taken as a credential (OpenCTI CVE-2026-27960) | tests/laws/test_tokens.py::test_nothing_that_appears_in_an_answer_works_as_a_credential |
| 15 a header is trusted (OpenCTI PYSEC-2026-3445) | test_15_trusted_header |
| 16 mass assignment (OpenCTI PYSEC-2025-178) | tests/laws/test_mass_assignment.py::test_a_server_side_name_in_a_filing_is_refused |
| 17 an object of another type (OpenCTI CVE-2026-21886) | tests/laws/test_cells_confused.py::test_an_id_of_another_kind_or_parent_is_what_is_not_there |
| 20 a path out of a request (IRIS CVE-2026-22783) | test_20_mass_assignment_and_path |
| 21 stored XSS (IRIS CVE-2026-16969, OpenCTI CVE-2026-35212) | test_21_stored_xss |
| 22 a role by the API (TheHive CVE-2017-18376) | tests/laws/test_mass_assignment.py::test_a_server_side_name_in_an_operators_body_is_refused |
| 23 a pattern that denies (OpenCTI CVE-2024-37155) | test_23_deny_by_regex |
| 24 a zip bomb (OTel CVE-2024-36129, GuardDog CVE-2026-22870) | tests/web/test_bodies.py::test_a_body_that_swells_is_refused_before_it_fills_the_memory |

Not there yet, so that nothing can be tested: 13 (no login by another's identity provider), 18 (nothing fetches an
address: records are imported from files at the shell), 19 (no templates), 25 (no cookies, no sign-in page), 26 (feeds
are not signed yet; that a log cannot be rolled back is the audit's own law).
"""

import ast
import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from feeds.formats import FORMATS
from hub.roles import ROLES, STAFF, Capability
from hub.web.policy import Policy, needs
from tests.conftest import World
from tests.factories import a_full_report, a_report
from tests.servers import ROOT
from tests.stage import post

FUTURE = "2027-05-01T00:00:00Z"
SECRETS = {  # names of what must be compared in constant time
    "secret", "sha256", "password", "kek", "private_key", "receipt_code", "mac", "hmac", "token_text", "bearer", "root_key",
}  # fmt: skip
PUBLISHED = {"hub/store/soundness.py", "hub/archive/frames.py"}  # compare hashes of what they themselves just read
TRUSTED = {  # headers that some server somewhere believes
    "synchronized-upsert": "true", "X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "PUT",
    "X-Method-Override": "PATCH", "X-Original-URL": "/api/v1/members", "X-Rewrite-URL": "/api/v1/members",
    "X-Forwarded-User": "analyst", "X-Remote-User": "analyst", "Remote-User": "analyst", "X-User": "analyst",
    "X-Role": "analyst", "X-Roles": "analyst,operator", "X-Organisation": "Hub staff", "X-Org-Id": "1",
    "X-Audience": "trusted", "X-TLP": "clear", "X-Debug": "1", "X-Admin": "true", "X-Internal": "true",
    "X-Forwarded-Prefix": "/api/v1/members", "X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "https",
    "X-Real-IP": "127.0.0.1", "X-Client-IP": "127.0.0.1", "Cookie": "session=analyst; token=1",
    "Expect": "", "Prefer": "respond-async, return=representation", "X-Impersonate": "analyst",
    "opencti-applicant-id": "88ec0c6a-13ce-5e39-b486-354fe4a7084f",
}  # fmt: skip
FREE = {"title", "description", "name", "summary", "developer", "text", "impact", "detail", "mitigation", "sector"}
ATTACKS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "</script><svg onload=alert(1)>",
    "{{7*7}}", "${7*7}", "]]><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
)  # fmt: skip


def test_the_table_above_names_tests_that_there_are() -> None:
    rows = re.findall(r"^\| (\d+) .*\| (\S+) \|$", __doc__ or "", re.MULTILINE)
    assert len(rows) == 21
    for number, held_by in rows:
        place, _, name = held_by.rpartition("::")
        text = (ROOT / place if place else Path(__file__)).read_text("utf-8")
        assert f"\ndef {name}(" in text, number


def shown_to_member(world: World) -> str:
    return json.dumps(world.objects("member", "members"))


def test_1_distribution_bypass_by_missing_parameter(world: World) -> None:
    """Every subset of what says who may see, when filed and when amended: what is left out never widens."""
    limits: dict[str, Any] = {"tlp": "red", "share_redacted_with": [], "embargo_until": FUTURE}
    names = {}
    for number, chosen in enumerate(subsets(limits)):
        filed = world.file("producer", a_report(client_ref=f"c-{number}", title=f"Hidden {number}", **chosen))
        names[filed["id"]] = filed["ref"]
        if "tlp" in chosen:
            world.accept(filed["id"], "members")  # a ceiling holds even against an analyst's acceptance
        kept = world.file("producer", a_report(client_ref=f"a-{number}", title=f"Hidden a{number}", **limits))
        names[kept["id"]] = kept["ref"]
        patch = {"severity": "low", **chosen}
        answer = world.send("producer", "PATCH", f"/api/v1/reports/{kept['id']}", patch, If_Match='"r1"')
        assert answer.status_code == 200, answer.get_data(as_text=True)
        kept_says = world.send("producer", "GET", f"/api/v1/reports/{kept['id']}").get_json()["report"]
        for name in ("tlp", "embargo_until"):
            assert kept_says[name] == limits[name], f"{name} was lost when {sorted(chosen)} was sent"
        assert not kept_says.get("share_redacted_with")
    world.release()
    assert len(names) == 16
    assert "Hidden" not in shown_to_member(world)
    assert world.carriers("member", "members") == []


def subsets(whole: dict[str, Any]) -> list[dict[str, Any]]:
    sizes = range(len(whole) + 1)
    return [dict(some) for size in sizes for some in itertools.combinations(whole.items(), size)]


def test_3_and_4_child_inherits_parent_visibility_and_relation_leak(world: World) -> None:
    """A RED report in one case with a GREEN one: the feed tells of the green one, and of nothing that is tied to it."""
    green, red = (
        world.file("producer", a_report(client_ref=tlp, tlp=tlp, title=f"Title {tlp}", share_redacted_with=["members"]))
        for tlp in ("green", "red")
    )
    for one in (green, red):
        world.accept(one["id"], "members")
    case = {"title": "Canary case", "reports": [green["id"], red["id"]], "why": "Seen."}
    assert world.send("analyst", "POST", "/api/v1/cases", case).status_code == 201
    world.release()
    objects = world.objects("member", "members")
    text = json.dumps(objects)
    assert "Title green" in text
    assert [word for word in ("Title red", red["id"], red["ref"], "Canary case") if word in text] == []
    there = {one["id"] for one in objects}
    for one in objects:
        ends = [one[name] for name in ("source_ref", "target_ref", "sighting_of_ref") if name in one]
        assert set(ends + one.get("object_refs", [])) <= there, f"{one['id']} names what the feed does not hold"


def test_5_policy_typo(world: World) -> None:
    """A right is a member of an enumeration: a misspelt one stops the import, and nothing stands for all of them."""
    for wrong in ("report:wirte", "*", "report:*", ""):
        with pytest.raises(ValueError, match="is not a valid Capability"):
            needs(Capability(wrong))
    for name, view in world.web.application.view_functions.items():
        rule = getattr(view, "policy", None)
        assert isinstance(rule, Policy), name
        assert all(isinstance(one, Capability) for one in rule.capabilities), name
        assert not (rule.is_public and rule.capabilities), name


def test_9_id_from_other_instance_trusted(world: World) -> None:
    """What a member posts is the member's, whoever's ids and identity it bears; nothing that stands is changed."""
    theirs = world.file("producer", a_report(client_ref="theirs"))
    world.release()
    before = world.send("producer", "GET", f"/api/v1/reports/{theirs['id']}").data
    uid = world.hub.deployment.identity
    forged = {
        "type": "incident", "spec_version": "2.1", "id": f"incident--{theirs['id']}", "created_by_ref": uid,
        "created": "2026-11-20T10:00:00.000Z", "modified": "2099-01-01T10:00:00.000Z", "name": "Taken over",
    }  # fmt: skip
    post(world, "member", forged)
    world.release()
    assert world.send("producer", "GET", f"/api/v1/reports/{theirs['id']}").data == before
    listed = world.send("producer", "GET", "/api/v1/reports").get_json()["items"]
    assert [one["id"] for one in listed] == [theirs["id"]]


def test_11_timing() -> None:
    """`==` ends at the first byte that differs; a secret is compared by `hmac.compare_digest`."""
    found = []
    for path in sorted((ROOT / "hub").rglob("*.py")):
        if str(path.relative_to(ROOT)) in PUBLISHED:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
                found += [
                    f"{path.relative_to(ROOT)}:{node.lineno}: {side}"
                    for side in (node.left, *node.comparators)
                    if compared_name(side) in SECRETS
                ]
    assert found == []
    assert "compare_digest" in (ROOT / "hub" / "tokens.py").read_text("utf-8")


def compared_name(side: ast.expr) -> str:
    while (
        isinstance(side, ast.Call) and isinstance(side.func, ast.Attribute) and side.func.attr in {"hex", "hexdigest"}
    ):
        side = side.func.value
    return side.attr if isinstance(side, ast.Attribute) else side.id if isinstance(side, ast.Name) else ""


@pytest.mark.parametrize("who", ROLES)
def test_12_vertical_escalation(world: World, who: str) -> None:
    """Over HTTP nobody issues or rotates a token of those who read all, approve or administer; nor grants itself one."""
    for role in ROLES:
        organisation = f"Target {role}"
        world.enrol(role, organisation)
        path = f"/api/v1/members/{world.ids[organisation]}/tokens"
        mixed = next(one for one in ("member", "producer") if one != role)
        token_id = world.tokens[f"{role}:{organisation}"].split("_")[2]
        answers = [world.send(who, "POST", path, {"roles": [role, mixed]})]
        answers.append(world.send(who, "POST", f"{path}/{token_id}/rotate", {}))
        may = who == "operator" and role not in STAFF
        for answer in answers:
            assert answer.status_code in ({200, 201} if may else {404, 409}), (role, answer.get_data(as_text=True))
            assert (b"hub_live_" in answer.data) == may


def test_15_trusted_header(world: World) -> None:
    """No header but the token's says who asks; none changes what is shown, or a marking."""
    filed = world.file("producer", a_report(client_ref="red", tlp="red", title="Red title"))
    world.accept(filed["id"], "members")
    world.release()
    objects = f"/taxii2/hub/collections/{world.collection('members')}/objects/"
    paths = ("/api/v1/reports", f"/api/v1/reports/{filed['id']}", "/api/v1/members", "/api/v1/search", objects)
    for who, path in itertools.product(("", *ROLES), paths):
        plain = seen(world.send(who, "GET", path))
        for name, value in TRUSTED.items():
            assert seen(world.send(who, "GET", path, **{name: value})) == plain, (who, path, name)
        assert seen(world.send(who, "GET", path, **TRUSTED)) == plain, (who, path)
    again = a_report(client_ref="red", tlp="red", title="Red again")
    assert world.send("producer", "POST", "/api/v1/reports?upsert=true", again, **TRUSTED).status_code == 200
    stands = world.send("producer", "GET", f"/api/v1/reports/{filed['id']}").get_json()["report"]
    assert stands["tlp"] == "red"
    world.release()
    assert world.carriers("member", "members") == []


def seen(answer: TestResponse) -> tuple[int, bytes]:
    """Status and body, but for the hours that a collection's page may name."""
    return answer.status_code, answer.data if not answer.is_streamed else answer.get_data()


def test_20_mass_assignment_and_path(world: World) -> None:
    """No path out of a request is one on the disk; what names a file is chosen from what there is."""
    keys = world.hub.config.keys / "root.key"
    assert keys.exists()
    ups = ("../", "..%2f", "%2e%2e/", "..\\", "%2e%2e%2f", "....//", "..%c0%af", "/", "%00/")
    for up, depth, tail in itertools.product(ups, (1, 4), ("root.key", "hub.sqlite3", "etc/passwd")):
        wanted = f"{up * depth}{tail}"
        for root in ("/feeds/members/", "/feeds/", "/api/docs/", "/schemas/"):
            answer = world.send("member", "GET", f"{root}{wanted}")
            assert answer.status_code in {400, 404, 308}, (root, wanted)
            assert b"root:" not in answer.data
            assert keys.read_bytes()[:20] not in answer.data


def test_21_stored_xss(world: World) -> None:
    """Whatever is filed, no answer that repeats it is a page, and no browser may take it for one."""
    report = a_full_report(client_ref="xss", share_redacted_with=["members"], tlp="green")
    attacked = json.loads(json.dumps(report), object_hook=with_attacks)
    filed = world.send("producer", "POST", "/api/v1/reports", attacked, Idempotency_Key="xss")
    assert filed.status_code == 201, filed.get_data(as_text=True)
    world.accept(filed.get_json()["id"], "members")
    world.release()
    own = f"/api/v1/reports/{filed.get_json()['id']}"
    asked = [("producer", own), ("analyst", own), ("analyst", f"{own}/triage"), ("analyst", "/api/v1/reports")]
    asked += [("member", f"/feeds/members/{name}") for name in FORMATS]
    asked.append(("member", f"/taxii2/hub/collections/{world.collection('members')}/objects/"))
    repeated = 0
    for who, path in asked:
        answer = world.send(who, "GET", path)
        assert "html" not in answer.headers.get("Content-Type", ""), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
        repeated += b"alert(1)" in answer.get_data()
        if "xml" in answer.headers.get("Content-Type", ""):
            assert b"<script" not in answer.get_data(), path
    assert repeated >= 2, "nothing repeated what was filed: this proved nothing"


def with_attacks(part: dict[str, Any]) -> dict[str, Any]:
    """A part with an attack in each text that is free."""
    turn = itertools.cycle(ATTACKS)
    return {
        name: f"{value} {next(turn)}" if name in FREE and isinstance(value, str) else value
        for name, value in part.items()
    }


def test_23_deny_by_regex(world: World) -> None:
    """Nothing is forbidden by its spelling: a path, method or token in another spelling opens no more."""
    spellings = (
        "/api/v1/members\n", "/api/v1/members%0a", "/api/v1/members%0d%0a", "/api/v1//members", "//api/v1/members",
        "/API/V1/members", "/api/v1/Members", "/api/v1/members;x=1", "/api/v1/./members", "/api/v1/reports/../members",
        "/api/v1/members%00", "/api/v1/members%20", "/api/v1/%6dembers", "/api/v1/members/", "/api/v1/members?",
        "/api/v1/members#", "/api/v1/members.json", "/api%2fv1%2fmembers", "/api/v1/\uff4dembers",
    )  # fmt: skip
    for who, path in itertools.product(("", "producer", "member", "researcher", "analyst", "auditor"), spellings):
        answer = world.send(who, "GET", path)
        assert answer.status_code in {400, 401, 404}, (who, path)
        assert b"items" not in answer.data
    for method in ("get", "Get", "GET\n", "PROPFIND", "TRACE", "CONNECT", "GETX"):
        answer = world.web.open(
            "/api/v1/members", method=method, headers={"Authorization": f"Bearer {world.tokens['producer']}"}
        )
        assert answer.status_code in {400, 404, 405, 501}, method

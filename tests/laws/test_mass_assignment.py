"""What the server decides cannot be decided by a body: every such name is refused, and changes nothing."""

from collections.abc import Mapping
from json import dumps, loads
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from hub.store.tables import AudienceGrant, Organisation, Report, Revision, Token
from schemas.report import FILED
from tests.conftest import World
from tests.factories import a_report

SERVER_SIDE = sorted(
    ({*Report.model_fields, *Revision.model_fields} - set(FILED.fields))
    | {"origin", "organisation", "reporter_id", "roles", "is_admin", "approved_at", "accepted", "state", "receipt"}
)
AT = "2026-11-20T10:00:00Z"
VALUES: Mapping[str, Any] = {
    "origin": {"source": "atlas", "id": "x", "licence": "none"}, "is_import": True, "withdrawn_at": AT,
    "admitted_at": AT, "roles": ["operator"], "stamp": 7, "revision": 9, "shared_with": ["public"],
}  # fmt: skip


def test_the_list_of_server_side_names_is_not_empty() -> None:
    """It is computed from the tables, so that a new column joins it; these are the ones that matter most."""
    assert {"id", "organisation_id", "ref", "revision", "is_import", "admitted_at", "manifest"} <= set(SERVER_SIDE)
    assert "title" not in SERVER_SIDE


@pytest.mark.parametrize("is_null", [False, True], ids=["as fits", "null"])
def test_a_server_side_name_in_a_filing_is_refused(world: World, is_null: bool) -> None:
    """A filer who could set `origin` would skip acceptance; one who could set `organisation_id` would be another."""
    before = rows(world)
    for name in SERVER_SIDE:
        body = {**a_report(client_ref="t-1"), name: None if is_null else VALUES.get(name, "x")}
        for query in ("", "?upsert=true", "?dry_run=true"):
            answer = world.send("producer", "POST", f"/api/v1/reports{query}", body)
            assert answer.status_code == 422, name
            assert [one["pointer"] for one in answer.get_json()["errors"]] == [f"/{name}"]
    assert rows(world) == before


@pytest.mark.parametrize("is_null", [False, True], ids=["as fits", "null"])
def test_a_server_side_name_in_an_amendment_is_refused(world: World, is_null: bool) -> None:
    """`null` removes a field in a merge patch; a name that cannot be set cannot be removed either."""
    filed = world.file("producer", a_report(client_ref="t-1"))
    before = rows(world)
    for name in [*SERVER_SIDE, "client_ref"]:
        patch = {"severity": "low", name: None if is_null else VALUES.get(name, "x")}
        answer = world.send("producer", "PATCH", f"/api/v1/reports/{filed['id']}", patch, If_Match='"r1"')
        assert answer.status_code == 422, name
        assert [one["pointer"] for one in answer.get_json()["errors"]] == [f"/{name}"]
    assert rows(world) == before


def test_a_server_side_name_in_a_batch_is_refused_line_by_line(world: World) -> None:
    """A batch is many filings, and no way around one."""
    before = rows(world)
    lines = b"\n".join(
        dumps({**a_report(client_ref=name), name: VALUES.get(name, "x")}).encode() for name in SERVER_SIDE
    )
    headers = {"Authorization": f"Bearer {world.tokens['producer']}", "Content-Type": "application/x-ndjson"}
    answer = world.web.post("/api/v1/reports/batch", data=lines, headers=headers)
    results = [loads(line) for line in answer.data.splitlines()]
    assert [one["status"] for one in results] == [422] * len(SERVER_SIDE)
    assert rows(world) == before


@pytest.mark.parametrize(
    ("path", "body", "table"),
    [
        ("", {"name": "New"}, Organisation),
        ("/{}/grants", {"audience": "members", "expires_at": "2027-01-01T00:00:00Z"}, AudienceGrant),
        ("/{}/tokens", {"roles": ["producer"]}, Token),
        ("/{}/tokens/{}/rotate", {"grace_days": 1}, Token),
    ],
    ids=["organisation", "grant", "token", "rotation"],
)
def test_a_server_side_name_in_an_operators_body_is_refused(
    world: World, path: str, body: Mapping[str, Any], table: type[SQLModel]
) -> None:
    """An operator who could set `sha256` or `approved_at` could be anyone, or approve without an analyst."""
    member = world.ids["Hub staff"]
    token = world.tokens["auditor"].split("_")[2]
    before = rows(world)
    names = set(table.model_fields) - set(body) - {"label", "days"} | {"is_demo", "is_source", "sha256", "approved_at"}
    for name in sorted(names):
        for value in ("x", None, True):
            answer = world.send(
                "operator", "POST", f"/api/v1/members{path.format(member, token)}", {**body, name: value}
            )
            assert answer.status_code == 422, name
    assert rows(world) == before


def rows(world: World) -> dict[str, list[Any]]:
    """Everything in the tables that a body could try to change."""
    with world.hub.store.reading() as db:
        return {
            table.__name__: [row.model_dump() for row in db.exec(select(table))]
            for table in (Report, Revision, Organisation, AudienceGrant, Token)
        }

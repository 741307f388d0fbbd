"""A receipt proves a filing to anyone, with nothing but what the hub answered, and tells nobody what was filed."""

import json

import pytest
from cryptography.exceptions import InvalidSignature

from tests.conftest import World
from tests.factories import MINIMAL
from tests.receipts import check_receipt
from tests.wire import REPORTS


def test_a_receipt_can_be_checked_with_nothing_but_the_answer(any_world: World) -> None:
    world = any_world
    filed = world.file("producer", MINIMAL)
    path = f"{REPORTS}/{filed['id']}"
    first = world.send("producer", "GET", f"{path}/receipt").get_json()
    check_receipt(first)
    assert {name: first[name] for name in filed["receipt"]} == filed["receipt"]
    said = json.loads(first["manifest"])
    assert (said["report"], said["revision"]) == (first["report"], first["revision"]) == (filed["id"], 1)
    assert "An agent deleted" not in json.dumps(first)
    world.send("producer", "PATCH", path, {"title": "Another"}, If_Match='"r1"')
    second = world.send("producer", "GET", f"{path}/receipt").get_json()
    check_receipt(second)
    assert second["salt"] != first["salt"]
    with pytest.raises(InvalidSignature):
        check_receipt({**first, "signature": second["signature"]})


def test_the_documentation_says_how_a_receipt_is_checked(world: World) -> None:
    schemas = world.web.get("/api/v1/openapi.json").get_json()["components"]["schemas"]
    assert "hub.receipt.v1" in json.dumps([schemas["FullReceipt"], schemas.get("Receipt")])

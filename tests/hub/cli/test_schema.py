import json

import pytest
from jsonschema import Draft202012Validator

from tests.factories import a_full_report, a_report
from tests.servers import run


@pytest.fixture(scope="module")
def schema():
    done = run("schema")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_is_a_json_schema(schema):
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("body", [a_report(), a_full_report()], ids=["minimal", "full"])
def test_it_takes_a_good_report(schema, body):
    assert [fault.message for fault in Draft202012Validator(schema).iter_errors(body)] == []


@pytest.mark.parametrize(
    "body",
    [a_report(title=None), a_report(severity="terrible"), a_report(nickname="x"), a_report(systems=[])],
    ids=["without title", "unknown severity", "unknown field", "no system"],
)
def test_it_refuses_what_the_hub_refuses(schema, body):
    assert not Draft202012Validator(schema).is_valid(body)

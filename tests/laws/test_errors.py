"""An error names the field and the remedy, and never holds the value: errors are logged, mailed and pasted."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from marshmallow import fields

from hub import errors
from hub.services import intake
from hub.web import problems
from schemas.anatomy import lines, part_of
from schemas.fields import Many
from schemas.part import Part
from schemas.report import FILED, Report
from tests.conftest import World
from tests.factories import a_report

FAMILY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.HubError)]
VALUE = "SECRET-7391"  # what must not come back
WRONG: Mapping[str, Any] = {
    "text": VALUE,
    "long text": VALUE * 4000,
    "object": {"x": VALUE},
    "list": [VALUE],
    "list of lists": [[VALUE]],
    "list of objects": [{"x": VALUE}],
    "number": 7391_7391_7391,
    "control": f"{VALUE}\x07",
    "blank": f" \t{VALUE} ",
}


def test_no_refusal_of_a_report_repeats_a_value(world: World) -> None:
    """Every field, given every kind of wrong value: whatever is refused is refused without an echo."""
    told = []
    for path, body in every_wrong_report():
        answer = world.send("producer", "POST", "/api/v1/reports?dry_run=true", body)
        assert answer.status_code in {200, 422}, path
        if answer.status_code == 422:
            told.append(path)
            assert not has_secret(answer.data), path
            assert all(one["detail"] and one["pointer"].startswith("/") for one in answer.get_json()["errors"]), path
    assert len(told) > 500, "the law looked at nothing"


@pytest.mark.parametrize(
    "raw",
    [
        f'{{"title": "{VALUE}"',
        f'{{"title": "{VALUE}", "title": "{VALUE}"}}',
        f'{{"title": "{VALUE}\\u0000"}}',
        f'{{"title": "{VALUE}\\ud800"}}',
        f'{{"title": NaN, "poc": "{VALUE}"}}',
        f'{{"title": {"9" * 40}, "poc": "{VALUE}"}}',
        f'"{VALUE}"',
        f'["{VALUE}"]',
        "[" * 100 + f'"{VALUE}"' + "]" * 100,
        f"{VALUE}",
        f'{{"title": "{VALUE}\n"}}',
    ],
)
def test_no_refusal_of_a_body_repeats_it(world: World, raw: str) -> None:
    """What is not even JSON may be a report that was cut in the middle."""
    headers = {"Authorization": f"Bearer {world.tokens['producer']}", "Content-Type": "application/json"}
    for method, path in (("POST", "/api/v1/reports"), ("POST", "/api/v1/reports?dry_run=true")):
        answer = world.web.open(path, method=method, data=raw.encode("utf-8", "surrogatepass"), headers=headers)
        assert 400 <= answer.status_code < 500
        assert not has_secret(answer.data)


def test_an_unexpected_error_says_nothing_in_its_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that nobody wrote for a caller may hold anything."""
    monkeypatch.setattr(intake, "read_list", failing)
    answer = world.send("producer", "GET", "/api/v1/reports")
    assert answer.status_code == 500
    assert not has_secret(answer.data)
    assert set(answer.get_json()) == {"type", "title", "status", "detail"}


def test_an_unexpected_error_leaves_its_place_in_the_log_and_no_value(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log must help whoever mends it; a database's message, or a KeyError, repeats what was filed."""
    monkeypatch.setattr(intake, "read_list", failing)
    world.send("producer", "GET", "/api/v1/reports")
    assert "ValueError" in caplog.text
    assert "test_errors.py" in caplog.text, "where it happened is what helps"
    assert not has_secret(caplog.text.encode())


@pytest.mark.parametrize("kind", FAMILY)
def test_every_error_of_the_family_has_a_status_or_is_not_for_callers(kind: type[Exception]) -> None:
    """An error without a line in the table becomes a 500; these two never reach a caller, and meant to."""
    silent = {errors.HubError, errors.Unarmed}
    assert (kind in problems.STATUSES) is (kind not in silent)
    if kind in problems.STATUSES:
        assert 400 <= problems.STATUSES[kind] < 600


def failing(*_: Any) -> None:
    raise ValueError(VALUE)


def has_secret(told: bytes) -> bool:
    """Whether an answer repeats a value, whole or in pieces."""
    return any(piece in told for piece in (b"SECRET", b"7391"))


def every_wrong_report() -> Iterator[tuple[str, dict[str, Any]]]:
    """A report for each field and each wrong value, the rest of it right."""
    for name in FILED.fields:
        for path, make in places(Report, name):
            for label, value in WRONG.items():
                yield f"{path} as {label}", {**a_report(client_ref="t-1"), **make(value)}


def places(part: type[Part], name: str, prefix: str = "") -> Iterator[tuple[str, Callable[[Any], dict[str, Any]]]]:
    """The field itself and every field inside it, each with a function that puts a value there."""
    kind: fields.Field[Any] = lines(part)[name]
    yield prefix + name, lambda value: {name: value}
    inner = part_of(kind)
    for below in lines(inner) if inner else ():
        for path, make in places(inner or Part, below, f"{prefix}{name}."):
            yield path, partial(within, name, make, is_list=isinstance(kind, Many))


def within(name: str, make: Callable[[Any], Any], value: Any, *, is_list: bool) -> dict[str, Any]:
    """A part with one field in it, where its part belongs."""
    return {name: [make(value)] if is_list else make(value)}

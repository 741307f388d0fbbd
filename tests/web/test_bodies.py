"""What a body may be: strict JSON in UTF-8, bounded before and after unpacking, and refused without being repeated."""

import gzip
import json
import tracemalloc
import zlib

import pytest

from tests.conftest import World
from tests.factories import MINIMAL, a_report
from tests.wire import REPORTS, listed, send_bytes

WHOLE = json.dumps(MINIMAL).encode()
MEBIBYTE = 1 << 20


def with_title(text: str) -> bytes:
    return WHOLE.replace(b"An agent deleted a table", text.encode())


@pytest.mark.parametrize(
    ("body", "status", "pointer", "words"),
    [
        (json.dumps(a_report(colour="red")).encode(), 422, "/colour", "not a field"),
        (json.dumps(a_report(systems=[{"name": "x", "nam": 1}])).encode(), 422, "/systems/0/nam", "not a field"),
        (WHOLE[:-1] + b', "title": "x"}', 400, "/title", "twice"),
        (with_title("x\\u0000y"), 400, "/title", "NUL"),
        (with_title("\\ud800"), 400, "/title", "surrogate"),
        (WHOLE[:-1] + b', "\\ud800": 1, "\\ud800": 2}', 400, "/�", "twice"),
        (WHOLE[:-1] + b', "\\ud800": 1}', 400, "", "surrogate"),
        (WHOLE[:-1] + b', "poc": ' + b"[" * 50 + b"]" * 50 + b"}", 413, "", "nested deeper"),
        (b"[" * 100_000, 413, "", "nested deeper"),
        (WHOLE[:-1] + b', "prompts": [' + b'"x",' * 20_000 + b'"x"]}', 413, "", "values"),
        (WHOLE + b" " * MEBIBYTE, 413, "", "larger than 1,048,576 bytes"),
        (WHOLE[:-1] + b', "urgent": NaN}', 400, "", "NaN"),
        (WHOLE[:-1] + b', "harm_quantity": {"deaths": 1' + b"0" * 30 + b"}}", 400, "", "digits"),
        (b"", 400, "", "not JSON"),
        (b"report_type: incident", 400, "", "not JSON"),
        (WHOLE.decode().encode("utf-16"), 400, "", "UTF-8"),
        (b"\xef\xbb\xbf" + WHOLE, 400, "", "JSON"),
        (b"[]", 422, "", "must be an object"),
        (b"null", 422, "", "must be an object"),
    ],
)
def test_each_bad_body_has_an_error_of_its_own(
    world: World, body: bytes, status: int, pointer: str, words: str
) -> None:
    answer = send_bytes(world, body)
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert {"type", "title", "status", "detail", "errors"} == set(problem)
    assert problem["type"].startswith("urn:incident-hub:")
    assert problem["errors"][0]["pointer"] == pointer
    assert words in problem["errors"][0]["detail"]
    assert listed(world) == []


def test_every_fault_is_named_and_no_value_repeated(world: World) -> None:
    secret = "Zebra-4711"
    body = a_report(title=5, severity=secret, tlp=secret, aware_at=secret, systems=[{"name": "", "kind": secret}])
    answer = send_bytes(world, json.dumps(body).encode())
    assert {one["pointer"] for one in answer.get_json()["errors"]} == {
        "/title", "/severity", "/tlp", "/aware_at", "/systems/0/name", "/systems/0/kind",
    }  # fmt: skip
    assert secret not in answer.get_data(as_text=True)


def test_a_time_without_an_offset_is_refused_with_an_example(world: World) -> None:
    answer = send_bytes(world, json.dumps(a_report(aware_at="2026-11-20T10:00:00")).encode())
    assert answer.status_code == 422
    assert "2026-11-20T10:00:00+01:00" in answer.get_json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/jsonx"],
)
def test_another_content_type_is_refused_naming_the_right_one(world: World, kind: str) -> None:
    answer = send_bytes(world, WHOLE, Content_Type=kind)
    assert answer.status_code == 415
    assert "application/json" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/json"]
)
def test_the_charset_may_be_said_and_case_does_not_matter(world: World, kind: str) -> None:
    assert send_bytes(world, WHOLE, Content_Type=kind).status_code == 201


def test_another_charset_is_refused(world: World) -> None:
    answer = send_bytes(world, WHOLE, Content_Type="application/json; charset=latin-1")
    assert (answer.status_code, "UTF-8" in answer.get_json()["detail"]) == (415, True)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", " gzip "])
def test_a_gzipped_body_is_read(world: World, encoding: str) -> None:
    assert send_bytes(world, gzip.compress(WHOLE), Content_Encoding=encoding).status_code == 201


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip", "x"])
def test_another_encoding_is_refused_naming_those_that_are_read(world: World, encoding: str) -> None:
    answer = send_bytes(world, zlib.compress(WHOLE), Content_Encoding=encoding)
    assert (answer.status_code, "gzip" in answer.get_json()["detail"]) == (415, True)


@pytest.mark.parametrize(
    "packed",
    [WHOLE, gzip.compress(WHOLE)[:-4], gzip.compress(WHOLE) + b"x", gzip.compress(WHOLE) * 2, b"", b"\x1f\x8b"],
    ids=["plain", "cut", "more", "twice", "empty", "head"],
)
def test_what_is_not_one_whole_gzip_stream_is_refused(world: World, packed: bytes) -> None:
    answer = send_bytes(world, packed, Content_Encoding="gzip")
    assert (answer.status_code, "gzip" in answer.get_json()["detail"]) == (400, True)


def test_a_body_that_swells_is_refused_before_it_fills_the_memory(world: World) -> None:
    bomb = gzip.compress(b" " * (200 * MEBIBYTE), compresslevel=1)
    assert len(bomb) < MEBIBYTE
    send_bytes(world, WHOLE)
    tracemalloc.start()
    answer = send_bytes(world, bomb, Content_Encoding="gzip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 413
    assert "unpacked" in answer.get_json()["detail"]
    assert peak < 20 * MEBIBYTE, f"a bomb of 200 MiB took {peak / MEBIBYTE:.0f} MiB"


def test_a_batch_may_be_larger_than_a_report_but_not_endless(world: World) -> None:
    path, kind = f"{REPORTS}/batch", "application/x-ndjson"
    many = b"\n" * 5_001
    assert send_bytes(world, many, path, Content_Type=kind).status_code == 413
    bomb = gzip.compress(b"\n" * (100 * MEBIBYTE), compresslevel=1)
    assert send_bytes(world, bomb, path, Content_Type=kind, Content_Encoding="gzip").status_code == 413
    assert send_bytes(world, b"\n" * 5_000, path, Content_Type=kind).status_code == 200
    line = send_bytes(world, WHOLE + b" " * MEBIBYTE + b"\n" + WHOLE, path, Content_Type=kind)
    assert [json.loads(one)["status"] for one in line.get_data().splitlines()] == [413, 201]
    assert send_bytes(world, WHOLE, path).status_code == 415


@pytest.mark.parametrize("query", ["?dryrun=true", "?dry_run=1", "?upsert=TRUE", "?upsert=true&upsert=x&more=1"])
def test_an_unknown_or_sloppy_parameter_is_refused(world: World, query: str) -> None:
    assert send_bytes(world, WHOLE, REPORTS + query).status_code == 422
    assert listed(world) == []

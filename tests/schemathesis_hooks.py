"""What schemathesis cannot guess: names of things that are there. Loaded by its own process (`SCHEMATHESIS_HOOKS`).

Every other generated name is replaced by a known one, and every other If-Match by `*`, chosen by what was generated:
the same run makes the same calls again.
"""

import json
import os
from typing import Any
from zlib import crc32

import schemathesis

KNOWN: dict[str, list[str]] = json.loads(os.environ["KNOWN_TO_SCHEMATHESIS"])  # parameter → names of things
schemathesis.serializer.alias("application/x-ndjson", "text/plain")


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, path_parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: _known(KNOWN.get(name), value) for name, value in (path_parameters or {}).items()}


@schemathesis.hook
def map_headers(context: schemathesis.HookContext, headers: Any) -> Any:
    if headers and "If-Match" in headers:
        headers["If-Match"] = _known(["*"], headers["If-Match"])
    return headers


def _known(names: list[str] | None, value: Any) -> Any:
    number = crc32(repr(value).encode())
    return names[number // 2 % len(names)] if names and number % 2 else value

"""Run by misp-stix's own interpreter: the MISP events that it makes of fetched objects, and what it says it dropped."""

import json
import sys
from typing import Any

from misp_stix_converter import ExternalSTIX2toMISPParser
from stix2 import parse


def read(objects: list[dict[str, Any]]) -> dict[str, Any]:
    """Convert one bundle, as `misp_stix_converter import` does."""
    bundle = {"type": "bundle", "id": "bundle--44af6c39-c09b-49c5-9de2-394224b04982", "objects": objects}
    parser = ExternalSTIX2toMISPParser()
    parser.load_stix_bundle(parse(bundle, allow_custom=True))
    parser.parse_stix_bundle()
    events = parser.misp_events
    found = events if isinstance(events, list) else [events]
    return {
        "events": [json.loads(one.to_json()) for one in found],
        "errors": sorted({error for errors in parser.errors.values() for error in errors}),
    }


if __name__ == "__main__":
    json.dump(read(json.load(sys.stdin)), sys.stdout)

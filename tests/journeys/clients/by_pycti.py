"""Run by pycti's own interpreter: what pycti makes of fetched objects, as JSON.

All is pycti's own, its splitter and its importers, up to the GraphQL calls: here they are answered and written down
instead of sent. What they say is what the platform would store and show.
"""

import json
import re
import sys
from typing import Any

from pycti import OpenCTIApiClient
from pycti.utils.opencti_stix2_splitter import OpenCTIStix2Splitter

CALL = re.compile(r"(mutation|query)\s+\w+[^{]*\{\s*(\w+)")


class Platform(OpenCTIApiClient):  # type: ignore[misc]
    """An OpenCTI that holds nothing, answers as it must, and remembers what it was told."""

    def __init__(self) -> None:
        """Connect to nobody."""
        super().__init__("http://nowhere.invalid", "token", perform_health_check=False, log_level="error")
        self.told: list[dict[str, Any]] = []

    def query(self, query: str, variables: Any = None, disable_impersonate: bool = False) -> dict[str, Any]:
        """Answer a call of the API."""
        found = CALL.search(query)
        assert found, query
        kind, call = found.groups()
        if call == "vocabularyCategories":
            return {"data": {call: []}}
        if kind == "query":
            return {"data": {call: {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}}
        said = variables.get("input", variables)
        self.told.append({"call": call, **{name: value for name, value in said.items() if _is_json(value)}})
        name = said.get("value") or said.get("external_id") or said.get("stix_id")
        stored = {"id": name, "standard_id": name, "entity_type": call, "parent_types": [], "observables": []}
        return {"data": {call: stored}}


def _is_json(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, list, dict))


def read(polls: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Import what each poll brought, in order, as the connector's worker would; whatever fails ends it."""
    platform, left_out, ids = Platform(), [], {}
    for objects in polls:
        for one in objects:
            if one["type"] in {"report", "incident"}:
                ids[one["id"]] = platform.stix2.generate_standard_id_from_stix(one)
        bundle = {"type": "bundle", "objects": objects}
        _, incompatible, parts = OpenCTIStix2Splitter().split_bundle_with_expectations(bundle, use_json=False)
        left_out += [one["type"] for one in incompatible]
        for part in parts:
            for item in part["objects"]:
                platform.stix2.import_item(item)
    return {"told": platform.told, "left_out": left_out, "ids": ids}


if __name__ == "__main__":
    json.dump(read(json.load(sys.stdin)), sys.stdout)

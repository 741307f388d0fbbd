"""What Cortex XSOAR makes of STIX objects: its parser as a model, for the product is not run here.

From demisto/content, Packs/ApiModules/Scripts/TAXII2ApiModule/TAXII2ApiModule.py (class STIX2XSOARParser):
- load_stix_objects_from_envelope: the types that have a parsing function; `extension-definition` and all others are
  passed over. `incident`, `note`, `observed-data` and `marking-definition` are among those.
- parse_report: the value is the name; description, published, labels as tags; a relationship `related-to` for each
  reference whose object came in the same fetch, on the same page or an earlier one.
- parse_attack_pattern: the name; an external id is kept in the raw JSON alone.
- parse_indicator: type and value out of the pattern; parse_vulnerability: the CVE number.
- get_tlp, MARKING_DEFINITION_TO_TLP: TLP 1 alone. Whatever else is marked with the colour that the instance is set to.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

PARSED = {
    "indicator": "Indicator",
    "attack-pattern": "Attack Pattern",
    "malware": "Malware",
    "report": "Report",
    "course-of-action": "Course of Action",
    "campaign": "Campaign",
    "intrusion-set": "Intrusion Set",
    "tool": "Tool",
    "threat-actor": "Threat Actor",
    "infrastructure": "Infrastructure",
    "domain-name": "Domain",
    "ipv4-addr": "IP",
    "ipv6-addr": "IPv6",
    "email-addr": "Email",
    "url": "URL",
    "autonomous-system": "ASN",
    "file": "File",
    "mutex": "Mutex",
    "user-account": "Account",
    "windows-registry-key": "Registry Key",
    "identity": "Identity",
    "location": "Location",
    "vulnerability": "CVE",
    "x509-certificate": "X509 Certificate",
}
TLP_1 = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "WHITE",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "GREEN",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "AMBER",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "RED",
}
EQUALS = re.compile(r"(\w.*?value=)'(.*?)'")  # INDICATOR_EQUALS_VAL_PATTERN, in a pattern without its spaces
OF_PATTERN = {"domain-name": "Domain", "ipv4-addr": "IP", "ipv6-addr": "IPv6", "url": "URL", "email-addr": "Email"}


@dataclass
class Parser:
    """One fetch: what it has parsed so far, and would create."""

    tlp_color: str
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    passed_over: set[str] = field(default_factory=set)
    last_modified: str | None = None
    most: int | None = None  # "Max Indicators Per Fetch"
    made: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """`reached_limit`: whether the fetch ends here, in the middle of a page or not."""
        return self.most is not None and len(self.made) >= self.most

    def parse(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """`parse_generator_type_envelope` for one page."""
        page = list(objects)
        self.known |= {one["id"]: one for one in page if one["type"] not in {"extension-definition", "relationship"}}
        for one in page:
            if self.is_full:
                return
            if one["type"] == "relationship":
                continue
            if one["type"] not in PARSED:
                self.passed_over.add(one["type"])
                continue
            found = self._of(one)
            self.made += found
            if found and one.get("modified"):
                self.last_modified = max(self.last_modified or "", one["modified"])

    def _of(self, one: Mapping[str, Any]) -> list[dict[str, Any]]:
        if one["type"] == "indicator":
            terms = EQUALS.findall(one["pattern"].replace(" ", ""))
            named = [(next(OF_PATTERN[kind] for kind in OF_PATTERN if kind in term), value) for term, value in terms]
            return [self._made(one, kind, value) for kind, value in named]
        if one["type"] == "vulnerability":
            numbers = [ref["external_id"] for ref in one.get("external_references", ()) if ref["source_name"] == "cve"]
            return [self._made(one, "CVE", numbers[0] if numbers else "")]
        return [self._made(one, PARSED[one["type"]], one.get("name") or one.get("value", ""))]

    def _made(self, one: Mapping[str, Any], kind: str, value: str) -> dict[str, Any]:
        colours = [TLP_1[ref] for ref in one.get("object_marking_refs", ()) if ref in TLP_1]
        fields = {
            "description": one.get("description", ""),
            "tags": sorted(one.get("labels", ())),
            "trafficlightprotocol": colours[0] if colours else self.tlp_color,
        }
        made = {"value": value, "type": kind, "fields": fields, "rawJSON": one}
        if one["type"] == "report":
            made["relationships"] = [self.known[ref].get("name", "") for ref in one["object_refs"] if ref in self.known]
        return made

"""The types of STIX 2.1, by section of the OASIS Standard; a bundle is none of them, for it is not an object.

A type of somebody's own is none either: a selection (`feeds.feed`) may name these only.
"""

# Section 4.
DOMAIN = frozenset({
    "attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident", "indicator",
    "infrastructure", "intrusion-set", "location", "malware", "malware-analysis", "note", "observed-data", "opinion",
    "report", "threat-actor", "tool", "vulnerability",
})  # fmt: skip
# Section 5.
RELATIONSHIPS = frozenset({"relationship", "sighting"})
# Section 6.
OBSERVABLES = frozenset({
    "artifact", "autonomous-system", "directory", "domain-name", "email-addr", "email-message", "file", "ipv4-addr",
    "ipv6-addr", "mac-addr", "mutex", "network-traffic", "process", "software", "url", "user-account",
    "windows-registry-key", "x509-certificate",
})  # fmt: skip
# Section 7.
META = frozenset({"extension-definition", "language-content", "marking-definition"})
KINDS = DOMAIN | RELATIONSHIPS | OBSERVABLES | META

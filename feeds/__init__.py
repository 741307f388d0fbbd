"""What may leave the hub.

Pure: nothing in this package reads a clock, a file, a key, a database or a random source. Whatever varies comes in as
an argument, so the same report and policy always give the same bytes. May import: schemas, stix2, jsonschema_rs,
orjson.

The order of the rooms is the order of leaving: `eligibility` (may it leave, and how) → `projection` (a new object from
what the marks allow) → `hygiene` (plain text) → `guard` (what would say too much is held) → `mapping` (STIX 2.1) →
`conformance` (nothing malformed leaves) → `edition` (what changed).
"""

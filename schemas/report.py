"""The report: what a developer or lab files, one line a field, and in that line where the field may go.

Six fields make a report: `report_type`, `title`, `description`, `aware_at`, `severity` and the name of one system. All
else is optional and asked for by completeness (`schemas.completeness`), never by a refusal.
"""

from typing import Any

from schemas.fields import LANGUAGE, Flag, Instant, JsonSchema, Many, OneOf, Shaped, Text
from schemas.marks import both, clear, parts, sealed, written
from schemas.part import Of, Part, describe
from schemas.parts import (
    Action,
    AffectedParty,
    AttackStep,
    Audit,
    Compromise,
    Consent,
    Evidence,
    ForRelease,
    HarmQuantity,
    Hold,
    InformationExchangePolicy,
    Location,
    Origin,
    Reference,
    Reportability,
    Reporter,
    RiskAssessment,
    SafeHarbour,
    System,
    TaxonomyCode,
    Threat,
    Triage,
    Triggers,
    Vulnerability,
)

DAY_TO_READERS = {"trusted": "day", "members": "day"}
NARROW_AREAS = {"trusted": "keep", "members": "keep", "researchers": "without:cbrn", "public": "without:cbrn"}


class Report(Part):
    """All of a report, as filed or imported."""

    # What happened
    report_type = clear(OneOf("report_type", required=True), both(everyone="keep"))
    title = sealed(Text(300, required=True), written(everyone="keep"))
    description = sealed(Text(20_000, required=True), written(everyone="keep"))
    language = clear(Shaped(LANGUAGE, "must be a BCP 47 tag such as en or pt-BR"), written(everyone="keep"))
    aware_at = clear(Instant(required=True), both(**DAY_TO_READERS, researchers="day", public="month"))
    occurred_start = clear(Instant(), both(**DAY_TO_READERS, researchers="month", public="month"))
    occurred_end = clear(Instant(), both(**DAY_TO_READERS, researchers="month", public="month"))
    triggers = parts(Of(Triggers))
    systems = parts(Many(Of(System), least=1, most=100, required=True))

    # How bad, to whom
    severity = clear(OneOf("severity", required=True), both(everyone="keep"))
    harm_status = clear(OneOf("harm_status"), both(everyone="keep"))
    oecd_severity = clear(OneOf("oecd_severity"), both(everyone="keep"))
    risk_area = clear(Many(OneOf("risk_area"), most=6), both(**NARROW_AREAS))
    harm_types = clear(Many(OneOf("harm_type"), most=12), both(everyone="keep"))
    harm_quantity = parts(Of(HarmQuantity))
    affected_parties = parts(Many(Of(AffectedParty), most=100))

    # How the system was involved
    relation_of_ai = clear(OneOf("relation_of_ai"), both(everyone="keep"))
    entity = clear(OneOf("causal_entity"), both(everyone="keep"))
    intent = clear(OneOf("causal_intent"), both(everyone="keep"))
    timing = clear(OneOf("causal_timing"), both(everyone="keep"))
    lifecycle_stage = clear(OneOf("lifecycle_stage"), both(everyone="keep"))
    actor_role = clear(OneOf("actor_role"), both(everyone="keep"))
    autonomy_level = clear(OneOf("autonomy_level"), both(everyone="keep"))
    breadth = clear(OneOf("breadth"), both(everyone="keep"))
    taxonomy = parts(Many(Of(TaxonomyCode), most=100))

    # What each type adds
    attack_steps = parts(Many(Of(AttackStep), most=100))
    vulnerability = parts(Of(Vulnerability))
    poc = sealed(Text(20_000))
    prompts = sealed(Many(Text(20_000), most=50))
    outputs = sealed(Many(Text(20_000), most=50))
    reproduction = sealed(Text(20_000))
    monitoring_patterns = sealed(Text(5_000))  # GPAI template: patterns seen after release, near misses among them
    compromise = parts(Of(Compromise))
    threat = parts(Of(Threat))
    audit = parts(Of(Audit))
    risk_assessment = parts(Of(RiskAssessment))

    # Why, and what was done
    root_cause = sealed(Text(5_000), written(everyone="keep"))
    contributing = clear(Many(OneOf("contributing_factor"), most=12), both(everyone="keep"))
    actions_taken = parts(Many(Of(Action), most=50))
    mitigations = parts(Many(Of(Action), most=50))
    recommendation = clear(Text(5_000), written(everyone="keep"))
    evidence = parts(Many(Of(Evidence), most=100))
    references = parts(Many(Of(Reference), most=100))
    location = parts(Of(Location))

    # Who, and under which terms
    reporter = parts(Of(Reporter))
    safe_harbour = parts(Of(SafeHarbour))
    consent = parts(Of(Consent))
    reportability = parts(Many(Of(Reportability), most=40))
    original = sealed(Text(1 << 20))  # what the report was made from, as it came: a STIX object that was posted
    client_ref = clear(Shaped(r"[\x21-\x7e]{1,200}", "must be 1 to 200 printable ASCII characters without spaces"))

    # How far it may travel
    tlp = clear(OneOf("tlp", load_default="amber+strict"))  # becomes the entry's marking
    pap = clear(OneOf("pap"), both(everyone="keep"))
    iep = parts(Of(InformationExchangePolicy))
    share_redacted_with = clear(Many(OneOf("audience"), most=4))
    for_release = parts(Of(ForRelease))
    urgent = clear(Flag(), both(trusted="keep", members="keep"))
    embargo_until = clear(Instant())
    hold = parts(Of(Hold))
    origin = parts(Of(Origin))
    triage = parts(Of(Triage))


IMPORTED = Report(exclude=("triage",))
FILED = Report(exclude=("origin", "triage"))  # a filer who could set `origin` would skip acceptance
AMENDED = Report(exclude=("origin", "triage", "client_ref"), partial=True)


def filing_schema() -> JsonSchema:
    """The JSON Schema (2020-12) of what a filer may send; printed by `hub schema`."""
    shape = describe(Report)
    for name in Report().fields.keys() - FILED.fields.keys():
        shape["properties"].pop(name)
    heading: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Report"}
    return {**heading, "description": "A report as filed with Incident Hub.", **shape}

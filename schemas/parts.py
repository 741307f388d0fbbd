"""The parts of a report: one class a group, one line a field, and in that line what leaves of it.

Where a line is silent about an audience or a mode, nothing leaves to it. `notes` on single lines say why they differ
from their neighbours; `docs/decisions/0003-codes-travel-with-their-text.md` says why codes of steps and actions do.
"""

from schemas.coded import VERSION, Coded, SchemeName
from schemas.equality import Form
from schemas.fields import CODE, LANGUAGE, CodeOf, Count, Flag, Instant, Many, OneOf, Shaped, Text, Url
from schemas.marks import both, clear, found_equal, identity, parts, redacted, sealed, written
from schemas.part import Of, Part

READERS = {"trusted": "keep", "members": "keep"}  # the members' width: codes that say too much for anyone else
VETTED = {**READERS, "researchers": "keep"}  # and vetted researchers


class TaxonomyCode(Coded):
    """One code of a public taxonomy."""

    scheme = clear(SchemeName(), both(everyone="keep"))
    version = clear(Shaped(*VERSION), both(everyone="keep"))
    code = clear(Shaped(CODE, "must be a code: letters, digits and . _ : + -", required=True), both(everyone="keep"))


class System(Part):
    """An AI system that the report is about."""

    name = sealed(Text(200, required=True), written(everyone="keep"))
    developer = sealed(Text(200), written(everyone="keep"), redacted(trusted="pseudonym", members="pseudonym"))
    version = sealed(Text(80, is_exact=True), written(everyone="keep"), redacted(trusted="major", members="major"))
    kind = clear(OneOf("system_kind"), both(everyone="keep"))
    purl = found_equal(
        sealed(Shaped(r"pkg:[!-~]{1,300}", "must be a package URL such as pkg:pypi/name"), written(everyone="keep")),
        Form.WHOLE,
    )
    cpe = found_equal(
        sealed(Shaped(r"cpe:[!-~]{1,300}", "must be a CPE 2.3 name"), written(everyone="keep")), Form.WHOLE
    )
    deployment = clear(OneOf("deployment"), written(everyone="keep"), redacted(trusted="keep"))
    modality = clear(Many(OneOf("modality"), most=10), written(everyone="keep"), redacted(trusted="keep"))


class Triggers(Part):
    """The instants from which regulatory clocks run. Each law counts from another one."""

    discovered_at = sealed(Instant())
    aware_model_involvement_at = sealed(Instant())
    classified_at = sealed(Instant())
    causal_link_at = sealed(Instant())
    reasonable_belief_at = sealed(Instant())


class HarmQuantity(Part):
    """How much harm, as numbers. Only bands leave."""

    deaths = sealed(Count(), both(everyone="band"))
    injured = sealed(Count(), both(everyone="band"))
    persons_affected = sealed(Count(), both(everyone="band"))
    loss_eur = sealed(Count(), both(everyone="band"))
    band = clear(OneOf("harm_band"), both(everyone="keep"))


class AffectedParty(Part):
    """Someone harmed or involved. Leaves as a role, and so as a count of roles."""

    name = sealed(Text(200))
    role = sealed(OneOf("party_role"), both(everyone="keep"))
    contact = found_equal(sealed(Text(300)), Form.DOMAIN)
    status = sealed(OneOf("party_status"))


class AttackStep(Coded):
    """One step of an attack, with its ATLAS or ATT&CK codes."""

    codes = ("technique", "tactic")

    scheme = clear(SchemeName(), written(everyone="keep"), redacted(**VETTED))
    version = clear(Shaped(*VERSION), written(everyone="keep"), redacted(**VETTED))
    tactic = clear(CodeOf("ATLAS", "ATTACK"), written(everyone="keep"), redacted(**VETTED))
    technique = clear(CodeOf("ATLAS", "ATTACK"), written(everyone="keep"), redacted(**VETTED))
    description = sealed(Text(5_000), written(everyone="keep"))


# The metrics of CVSS 3.0, 3.1 and 4.0 by name, so that a vector carries no words (FIRST, CVSS v3.1 6 and v4.0 7).
CVSS3 = "AV|AC|PR|UI|S|C|I|A|E|RL|RC|CR|IR|AR|MAV|MAC|MPR|MUI|MS|MC|MI|MA"
CVSS4 = "AV|AC|AT|PR|UI|VC|VI|VA|SC|SI|SA|S|AU|R|V|RE|E|CR|IR|AR|MAV|MAC|MAT|MPR|MUI|MVC|MVI|MVA|MSC|MSI|MSA"
URGENCY = "U:(?:X|Clear|Green|Amber|Red)"
CVSS = rf"CVSS:3\.[01](?:/(?:{CVSS3}):[A-Z]){{8,22}}|CVSS:4\.0(?:/(?:{CVSS4}):[A-Z]|/{URGENCY}){{11,32}}"


class Vulnerability(Part):
    """The weakness, by its public numbers."""

    cve = clear(
        Many(Shaped(r"CVE-\d{4}-(?:\d{4}|[1-9]\d{4,18})", "must be a CVE number such as CVE-2026-12345"), most=50),
        both(everyone="keep"),
    )
    cwe = clear(Many(CodeOf("CWE"), most=50), both(everyone="keep"))
    cvss_vector = clear(
        Shaped(CVSS, "must be a CVSS 3.x or 4.0 vector string"),
        both(everyone="keep"),
    )
    exploited = clear(OneOf("exploited"), both(everyone="keep"))


class Compromise(Part):
    """What was taken or tampered with, and how sure that is."""

    asset = clear(OneOf("compromise_asset"), both(**READERS))
    state = clear(OneOf("compromise_state"), both(**READERS))
    detail = sealed(Text(5_000))


class Indicator(Part):
    """Something to look for. Its PAP says what a reader may do with it, and RED or AMBER keeps it here."""

    type = clear(OneOf("indicator_type"), written(**READERS))
    value = found_equal(
        sealed(Text(1_000, is_exact=True, required=True), written(trusted="by_pap", members="by_pap")), Form.WHOLE
    )
    pap = clear(OneOf("pap"), written(**READERS))


class Threat(Part):
    """Who or what is behind it."""

    actor = sealed(Text(200), written(**READERS))
    indicators = parts(Many(Of(Indicator), most=200))
    motive = clear(OneOf("motive"), both(**VETTED))
    confidence = clear(OneOf("confidence"), both(**VETTED))


class Audit(Part):
    """The finding of an audit. Its result leaves; who audited what does not."""

    auditor = sealed(Text(200))
    scope = sealed(Text(2_000))
    criterion = sealed(Text(2_000))
    result = sealed(OneOf("audit_result"), both(**VETTED))
    evidence = sealed(Text(5_000))


class RiskAssessment(Part):
    """The conclusion of a risk assessment, as a code; its reasoning stays."""

    capability = sealed(Text(500))
    threshold = sealed(Text(500))
    conclusion = sealed(OneOf("assessment_conclusion"), both(**VETTED))
    mitigations = sealed(Text(5_000))
    internal_use = sealed(Flag())


class Action(Coded):
    """Something done, or to be done, about it."""

    scheme = clear(SchemeName(), written(everyone="keep"), redacted(**READERS))
    version = clear(Shaped(*VERSION), written(everyone="keep"), redacted(**READERS))
    code = clear(Shaped(CODE, "must be a code such as AML.M0015"), written(everyone="keep"), redacted(**READERS))
    status = clear(OneOf("action_status"), written(everyone="keep"), redacted(**READERS))
    text = sealed(Text(5_000), written(everyone="keep"))


class Evidence(Part):
    """Where evidence lies, by its hash. The evidence itself, weights and CSAM above all, never comes here."""

    kind = sealed(OneOf("evidence_kind"))
    sha256 = found_equal(sealed(Shaped(r"[0-9a-f]{64}", "must be 64 lower-case hexadecimal digits")), Form.WHOLE)
    size = sealed(Count())
    media_type = sealed(Shaped(r"[\w.+-]{1,60}/[\w.+-]{1,60}", "must be a media type such as text/plain"))
    held_by = sealed(Text(200))


class Reference(Part):
    """A public source."""

    title = clear(Text(500), written(everyone="keep"))
    url = clear(Url(), written(everyone="keep"))
    id = clear(Shaped(CODE, "must be an identifier such as CVE-2026-12345"), written(everyone="keep"))


class Location(Part):
    """Where it happened: the country narrows to a region for a wide audience, and the place stays."""

    country = clear(OneOf("country"), both(**READERS, researchers="region", public="region"))
    text = sealed(Text(500))


class Reporter(Part):
    """Who reported, under a key of its own, in no feed. The organisation comes from the token, never from here."""

    mode = identity(OneOf("reporter_mode"))
    name = identity(Text(200))
    contact = identity(Text(300))
    relationship = identity(OneOf("reporter_relationship"))


class SafeHarbour(Part):
    """The good-faith terms that the filer claims. The hub cannot grant immunity."""

    claimed = clear(Flag(), both(trusted="keep"))
    terms_ref = clear(Text(500), written(trusted="keep"))
    attested_at = clear(Instant(), both(trusted="day"))


class Consent(Part):
    """What the producer agreed to beyond feeds."""

    regulator = clear(OneOf("consent_choice"))
    attribution = clear(OneOf("consent_choice"))
    after = clear(Instant())


class InformationExchangePolicy(Part):
    """FIRST IEP 2.0, the parts that bind a reader."""

    permitted_actions = clear(OneOf("iep_permitted_actions"), both(everyone="keep"))
    affected_party_notifications = clear(OneOf("affected_party_notifications"), both(everyone="keep"))
    attribution = clear(OneOf("iep_attribution"), both(everyone="keep"))
    encrypt_in_transit = clear(OneOf("encrypt_in_transit"), both(everyone="keep"))
    unmodified_resale = clear(OneOf("unmodified_resale"), both(everyone="keep"))


class Hold(Part):
    """The producer's own hold: nothing leaves before it expires."""

    reason = sealed(Text(1_000))
    expires_at = clear(Instant(required=True))


class Reportability(Part):
    """What one law asks. Severity says how bad it is; this says what must be told, and it is never derived from it."""

    regime = sealed(OneOf("regime", required=True))
    applicable = sealed(OneOf("applicable"))
    rationale = sealed(Text(2_000))
    decided_by = sealed(Text(200))
    decided_at = sealed(Instant())
    due_at = sealed(Instant())
    submitted_at = sealed(Instant())
    receipt = sealed(Text(200))


class ForRelease(Part):
    """Text written to be read by a feed's audience. Leaves once an analyst approved it, and only in its own words."""

    title = clear(Text(200), redacted(everyone="approved"))
    summary = clear(Text(5_000), redacted(everyone="approved"))
    advice = clear(Text(5_000), redacted(everyone="approved"))
    language = clear(Shaped(LANGUAGE, "must be a BCP 47 tag such as de-CH"), redacted(everyone="approved"))


class Triage(Part):
    """What only an analyst says of a report: no filer and no importer can set it (`schemas.triage`)."""

    credibility = clear(OneOf("credibility"), both(**READERS))
    family = clear(Shaped(r"[a-z0-9][a-z0-9.-]{0,59}", "must be a system family such as gpt-4, in lower case"))


class Origin(Part):
    """Where a public record comes from. Set by importers only: no filer can claim that its report is public."""

    source = clear(
        Shaped(r"[a-z][a-z0-9_]{1,30}", "must be an importer's name", required=True), written(everyone="keep")
    )
    id = clear(Text(100, is_exact=True, required=True), written(everyone="keep"))
    url = clear(Url(), written(everyone="keep"))
    licence = clear(Text(100, required=True), written(everyone="keep"))

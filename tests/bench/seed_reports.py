"""What the seed's reports say: the document of the k-th report, and all that is decided about it, from k alone.

The same seed, size and k always give the same report, in whatever order and process they are made.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

from feeds.names import reference
from schemas import vocabulary
from tests.bench.seed_words import PHRASE, narrative, title

FIRST, LAST = datetime(2021, 11, 24, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
ORGANISATIONS, SOURCES = 200, ("aiid", "atlas", "avid", "osv")
PHRASED = 7  # reports whose narrative holds PHRASE
RELEASED = 10_000  # of a large seed, so many go through the publisher
NAMED, SHARING = 7, 20  # every seventh report names a product that about twenty share
TYPES = {
    "incident": 34, "vulnerability": 20, "near_miss": 14, "hazard": 12, "threat": 7, "compromise": 5,
    "audit_finding": 4, "risk_assessment": 4,
}  # fmt: skip
SEVERITIES = {"medium": 31, "low": 25, "high": 15, "unknown": 14, "info": 9, "critical": 6}
TLPS = {"amber+strict": 45, "green": 20, "amber": 18, "clear": 12, "red": 5}
SHARES = {(): 75, ("trusted",): 7, ("members",): 10, ("members", "researchers"): 5, ("public",): 3}
FORMS = {"%Y-%m-%dT%H:%M:%SZ": 45, "%Y-%m-%dT%H:%MZ": 15, "%Y-%m-%d": 28, "%Y-%m": 9, "%Y": 3}
FIRST_NAMES = (
    "Larkspur",
    "Hollowell",
    "Quillmere",
    "Tarnside",
    "Osprey",
    "Vellum",
    "Brackish",
    "Ninefold",
    "Sable",
    "Juniper",
)
SECOND_NAMES = ("Agent", "Assist", "Copilot", "Vision", "Triage", "Planner", "Voice", "Search", "Guard", "Scribe")
FAMILIES = [f"{first} {second}" for first in FIRST_NAMES for second in SECOND_NAMES]
TECHNIQUES = sorted(code for code in vocabulary.scheme("ATLAS").terms if ".T0" in code)
ATLAS = vocabulary.scheme("ATLAS").version


def skew(count: int) -> list[float]:
    """Cumulative weights of which the first are by far the heaviest."""
    return list(accumulate(1 / (place + 3) for place in range(count)))


ORGANISATION_SKEW, FAMILY_SKEW, TECHNIQUE_SKEW = skew(ORGANISATIONS), skew(len(FAMILIES)), skew(len(TECHNIQUES))


@dataclass(frozen=True)
class Seed:
    """Which store: its size, and the number from which all chance comes."""

    size: int
    number: int = 3

    @property
    def released(self) -> int:
        """How many reports, the first, go through the real publisher."""
        return min(RELEASED, self.size // 10)

    def random(self, what: str, of: int) -> Random:
        """The generator of one thing."""
        return Random(f"{self.number}/{what}/{of}")


@dataclass
class Told:
    """One report: what was filed, when, by whom, and what became of it."""

    number: int
    id: str
    ref: str
    filed_at: datetime
    organisation: int  # number of the organisation; of a public source, its place in SOURCES
    is_import: bool
    document: dict[str, Any]
    withdrawn_at: datetime | None = None
    held_until: datetime | None = None  # by an analyst
    asserted: dict[str, Any] = field(default_factory=dict)
    accepted: tuple[str, ...] = ()


def name_of(seed: Seed, kind: str, number: int) -> str:
    """The id of one thing."""
    return str(UUID(int=seed.random(kind, number).getrandbits(128), version=4))


def ref_of(letter: str, number: int) -> str:
    """A reference that no other number has: the numbers are only shuffled within their 35 bits."""
    shuffled = (number * 0x3_9E37_79B1 + 0x1_2345_6789) % (1 << 35)
    return reference(letter, (shuffled << 5).to_bytes(5))


def phrased(seed: Seed) -> set[int]:
    """The numbers of the reports whose narrative holds PHRASE."""
    return {(2 * place + 1) * seed.size // (2 * PHRASED) for place in range(PHRASED)}


def tell(seed: Seed, number: int) -> Told:
    """The report of a number."""
    random = seed.random("report", number)
    filed_at = FIRST + (LAST - FIRST) * ((number + random.random()) / seed.size)
    is_import = random.random() < 0.08
    told = Told(
        number=number,
        id=str(UUID(int=random.getrandbits(128), version=4)),
        ref=ref_of("R", number),
        filed_at=filed_at.replace(microsecond=0),
        organisation=number % len(SOURCES) if is_import else one(random, ORGANISATION_SKEW),
        is_import=is_import,
        document=_document(seed, random, number, filed_at, is_import=is_import),
    )
    _decide(seed, random, told)
    return told


def cpe_of(seed: Seed, number: int) -> str:
    """A name that about twenty reports share, far apart from one another."""
    return f"cpe:2.3:a:seed:tool-{number // NAMED % max(1, seed.size // NAMED // SHARING)}:*:*:*:*:*:*:*:*"


def one(random: Random, cumulative: list[float]) -> int:
    """A place in a skewed list."""
    return random.choices(range(len(cumulative)), cum_weights=cumulative)[0]


def pick(random: Random, weights: dict[Any, int]) -> Any:
    """A key of a table of weights."""
    return random.choices(list(weights), weights=list(weights.values()))[0]


def _document(seed: Seed, random: Random, number: int, filed_at: datetime, *, is_import: bool) -> dict[str, Any]:
    kind = pick(random, TYPES)
    aware = filed_at - timedelta(hours=random.expovariate(1 / 90))
    said = narrative(random, random.randint(200, 600))
    if number in phrased(seed):
        said = f"{said} Then {PHRASE}."
    document: dict[str, Any] = {
        "report_type": kind,
        "title": title(random),
        "description": said,
        "aware_at": aware.strftime(pick(random, FORMS)),
        "severity": pick(random, SEVERITIES),
        "systems": [_system(random) for _ in range(1 if random.random() < 0.85 else 2)],
        "client_ref": f"{SOURCES[number % 4]}:{number}" if is_import else f"CASE-{number}",
        "tlp": "clear" if is_import else pick(random, TLPS),
    }
    if number % NAMED == 0:  # not drawn: what is drawn after it stays as it was
        document["systems"][0]["cpe"] = cpe_of(seed, number)
    _add_codes(seed, random, kind, document)
    if is_import:
        source = SOURCES[number % 4]
        document["origin"] = {"source": source, "id": str(number), "licence": "CC BY 4.0"}
    else:
        _add_terms(random, filed_at, document)
    return document


def _system(random: Random) -> dict[str, Any]:
    family = FAMILIES[one(random, FAMILY_SKEW)]
    first, second = family.split()
    spellings = (family, family.lower(), f"{first}-{second}", f"{first}{second}", f"{first.upper()} {second}")
    system = {"name": random.choice(spellings), "kind": random.choice(("agent", "model", "system", "tool"))}
    if random.random() < 0.5:
        system["version"] = f"{random.randint(1, 6)}.{random.randint(0, 20)}"
    if random.random() < 0.3:
        system["developer"] = f"{first} Works"
    if random.random() < 0.15:
        system["purl"] = f"pkg:pypi/{first.lower()}-{second.lower()}"
    return system


def _add_codes(seed: Seed, random: Random, kind: str, document: dict[str, Any]) -> None:
    if random.random() < (0.7 if kind == "vulnerability" else 0.06):
        pool = max(20, seed.size // 40)  # so that several reports share a number
        drawn = {int(pool * random.random() ** 2) for _ in range(random.choice((1, 1, 1, 2, 3)))}
        document["vulnerability"] = {"cve": [f"CVE-{2021 + at % 6}-{10000 + at}" for at in sorted(drawn)]}
        if random.random() < 0.4:
            document["vulnerability"]["cwe"] = [f"CWE-{random.choice((20, 74, 77, 79, 94, 200, 287, 502, 1427))}"]
    steps = random.choice((0, 0, 0, 1, 1, 2, 3))
    if steps:
        places = {one(random, TECHNIQUE_SKEW) for _ in range(steps)}
        document["attack_steps"] = [
            {"scheme": "ATLAS", "version": ATLAS, "technique": TECHNIQUES[place]} for place in sorted(places)
        ]
    if random.random() < 0.3:
        document["harm_types"] = random.sample(("privacy", "economic_property", "physical", "reputational"), k=2)
    if random.random() < 0.25:
        document["risk_area"] = [random.choice(("ai_safety", "critical_infrastructure", "discrimination_bias", "cbrn"))]
    if random.random() < 0.3:
        document["location"] = {"country": random.choice(("DE", "FR", "US", "GB", "JP", "BR", "IN", "CH", "KE", "SE"))}
    if random.random() < 0.3:
        document["autonomy_level"] = random.choice(("none", "assist", "supervised", "autonomous"))


def _add_terms(random: Random, filed_at: datetime, document: dict[str, Any]) -> None:
    if random.random() < 0.3:
        document["reporter"] = {"mode": "named", "name": f"Person {random.randrange(10**6)}"}
    if random.random() < 0.25:
        document["root_cause"] = narrative(random, 40)
    if shared := pick(random, SHARES):
        document["share_redacted_with"] = list(shared)
    if random.random() < 0.06:
        document["for_release"] = {"title": title(random), "summary": narrative(random, 40)}
    if random.random() < 0.03:
        until = filed_at + timedelta(days=random.randint(10, 900))
        document["embargo_until"] = until.strftime("%Y-%m-%dT%H:%M:%SZ")
    if random.random() < 0.01:
        document["urgent"] = True


def _decide(seed: Seed, random: Random, told: Told) -> None:
    if told.is_import:
        return
    if random.random() < 0.02:
        told.withdrawn_at = told.filed_at + timedelta(days=random.randint(1, 30))
    if random.random() < 0.005:
        told.held_until = told.filed_at + timedelta(days=random.randint(20, 300))
    if random.random() < 0.05:
        told.asserted = {
            "severity": pick(random, SEVERITIES),
            "triage": {
                "credibility": random.choice(("confirmed", "probable", "possible", "doubtful")),
                "family": FAMILIES[one(random, FAMILY_SKEW)].lower().replace(" ", "-"),
            },
        }
    if told.number < seed.released and random.random() < 0.6:
        told.accepted = (random.choice(("trusted", "members", "public")),)

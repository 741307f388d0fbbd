"""The transforms that a mark may name, each with the JSON Schema of what comes out.

A transform takes one value and a `Scene` (what it may look at) and returns what may leave, or WITHHELD. It says less
than its input or the same, never more.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from schemas import instant, vocabulary
from schemas.anatomy import Leaf
from schemas.fields import Instant, Many

JsonSchema = dict[str, Any]
WITHHELD: Final = object()
BANDS: Mapping[str, int] = vocabulary.document("harm_band")["lower_bounds"]  # term → least count, ascending


@dataclass(frozen=True)
class Scene:
    """What a transform may look at beside its value."""

    part: Mapping[str, Any] = field(default_factory=dict)  # the fields beside it, as filed
    pseudonym: Callable[[str], str] = lambda _: "redacted"  # value → name, stable within one audience and filer
    is_approved: bool = False  # an analyst approved the text written for release


@dataclass(frozen=True)
class Transform:
    """A named way of saying less."""

    name: str
    apply: Callable[[Any, Scene, str], Any]
    schema: Callable[[JsonSchema], JsonSchema]


class UnknownTransform(ValueError):
    """A mark or a feed names a transform that does not exist. Raised at import or load: a typo never opens a field."""


def keep(value: Any, _scene: Scene, _argument: str) -> Any:
    """As it is."""
    return value


def day(value: str, _scene: Scene, _argument: str) -> str:
    """The day in UTC, or less if less is known."""
    return _shorten(value, 10)


def month(value: str, _scene: Scene, _argument: str) -> str:
    """The month in UTC, or the year if no more is known."""
    return _shorten(value, 7)


def quarter(value: str, _scene: Scene, _argument: str) -> str:
    """The quarter in UTC, or the year if no more is known."""
    moment = instant.read(value)
    year = f"{moment.at.year:04}"
    return year if moment.precision == "year" else f"{year}-Q{(moment.at.month + 2) // 3}"


def count(value: list[Any], _scene: Scene, _argument: str) -> int:
    """How many there are."""
    return len(value)


def _shorten(value: str, length: int) -> str:
    moment = instant.read(value)
    known = {"year": 4, "month": 7}.get(moment.precision, 10)
    return moment.at.date().isoformat()[: min(length, known)]


def region(value: str, _scene: Scene, _argument: str) -> str:
    """The UN M49 region of a country."""
    return str(vocabulary.enumeration("country").terms[value]["region"])


def band(value: int, _scene: Scene, _argument: str) -> str:
    """The order of magnitude of a count."""
    return max((least, name) for name, least in BANDS.items() if value >= least)[1]


def major(value: str, _scene: Scene, _argument: str) -> Any:
    """The major number of a version, or nothing where there is none to be had."""
    found = re.fullmatch(r"[vV]?(\d{1,4})(?:[.\-+_].*)?", value, re.DOTALL)
    return found[1] if found else WITHHELD


def pseudonym(value: str, scene: Scene, _argument: str) -> str:
    """A name that stays the same within one audience and filer and means nothing outside them."""
    return scene.pseudonym(value)


def approved(value: str, scene: Scene, _argument: str) -> Any:
    """Text written for release, once an analyst approved it."""
    return value if scene.is_approved else WITHHELD


def by_pap(value: str, scene: Scene, _argument: str) -> Any:
    """An indicator whose PAP lets its reader act on it (CLEAR or GREEN); an unmarked one stays."""
    return value if scene.part.get("pap") in {"clear", "green"} else WITHHELD


def without(value: list[str], _scene: Scene, argument: str) -> Any:
    """A list of codes less the one named."""
    return [code for code in value if code != argument] or WITHHELD


def _same(schema: JsonSchema) -> JsonSchema:
    return schema


def _shape(pattern: str) -> Callable[[JsonSchema], JsonSchema]:
    return lambda _: {"type": "string", "pattern": pattern}


def _terms(*terms: str) -> Callable[[JsonSchema], JsonSchema]:
    return lambda _: {"type": "string", "enum": list(terms)}


REGIONS = sorted({country["region"] for country in vocabulary.enumeration("country").terms.values()})
TRANSFORMS = {
    transform.name: transform
    for transform in (
        Transform("keep", keep, _same),
        Transform("day", day, _shape(r"^\d{4}(-\d{2}(-\d{2})?)?$")),
        Transform("month", month, _shape(r"^\d{4}(-\d{2})?$")),
        Transform("quarter", quarter, _shape(r"^\d{4}(-Q[1-4])?$")),
        Transform("count", count, lambda _: {"type": "integer", "minimum": 1}),
        Transform("region", region, _terms(*REGIONS)),
        Transform("band", band, _terms(*BANDS)),
        Transform("major", major, _shape(r"^\d{1,4}$")),
        Transform("pseudonym", pseudonym, _shape(r"^[a-z]+-[0-9A-Z]{6}$")),
        Transform("approved", approved, _same),
        Transform("by_pap", by_pap, _same),
        Transform("without", without, _same),
    )
}


DATES = ("keep", "day", "month", "quarter")  # each says less than the one before
MADE_OBJECTS = ("vulnerability.cve", "vulnerability.cwe")  # of each of their values: a number makes none


def coarser(leaf: Leaf, spelling: str) -> tuple[str, ...]:
    """The transforms that say less of a field than one of its line, in the order of how much they say."""
    if isinstance(leaf.kind, Instant) and spelling in DATES:
        return DATES[DATES.index(spelling) + 1 :]
    is_list = isinstance(leaf.kind, Many) and leaf.path not in MADE_OBJECTS
    return ("count",) if is_list and spelling == "keep" else ()


def named(spelling: str) -> tuple[Transform, str]:
    """The transform that `name` or `name:argument` spells; raises UnknownTransform."""
    name, _, argument = spelling.partition(":")
    if name not in TRANSFORMS:
        message = f"there is no transform {name!r}; there are {', '.join(TRANSFORMS)}"
        raise UnknownTransform(message)
    return TRANSFORMS[name], argument

"""From a projection to STIX 2.1: plain dicts with explicit ids, without times, which an edition adds.

May not: read anything but the projection and the naming; use stix2's constructors, which would add a clock and random
ids. `report` is the carrier of every entry, because many clients drop a lone `incident`.
"""

from typing import Any

from feeds.hygiene import cleaned
from feeds.mapping.actor import actors
from feeds.mapping.attack import attack_patterns
from feeds.mapping.carrier import carrier, carrier_id
from feeds.mapping.developer import developers
from feeds.mapping.incident import incidents
from feeds.mapping.indicator import indicators
from feeds.mapping.mitigation import mitigations
from feeds.mapping.note import notes
from feeds.mapping.place import places
from feeds.mapping.system import systems
from feeds.mapping.vulnerability import vulnerabilities
from feeds.names import Naming
from feeds.projection import Projection

Body = dict[str, Any]


def to_stix(projection: Projection, naming: Naming) -> list[Body]:
    """Every object of one report in one feed, the carrier first; none has `created` or `modified` yet."""
    projection = cleaned(projection)
    happened, weak = incidents(projection, naming), vulnerabilities(projection, naming)
    main = _ids([*happened, *weak])
    attacks = attack_patterns(projection, naming, main)
    techniques = _ids(attacks, "attack-pattern")
    behind = actors(projection, naming, main, techniques)
    others = [
        *happened,
        *weak,
        *attacks,
        *developers(projection, naming, main),
        *systems(projection, naming, main),
        *mitigations(projection, naming, main, techniques),
        *behind,
        *indicators(projection, naming, _ids(happened), _ids(behind, "threat-actor")),
        *places(projection, naming, _ids(happened)),
        *notes(projection, naming, [carrier_id(naming), *main]),
    ]
    return [carrier(projection, naming, others), *others]


def _ids(bodies: list[Body], kind: str = "") -> list[str]:
    return [body["id"] for body in bodies if not kind or body["type"] == kind]

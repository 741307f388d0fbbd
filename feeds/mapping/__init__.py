"""From a projection to STIX 2.1: plain dicts with explicit ids, without times, which an edition adds.

May not: read anything but the projection and the naming; use stix2's constructors, which would add a clock and random
ids. `report` is the carrier of every entry, because many clients drop a lone `incident`.
"""

from typing import Any

from feeds.mapping.attack import attack_patterns
from feeds.mapping.carrier import carrier
from feeds.mapping.developer import developers
from feeds.mapping.incident import incidents
from feeds.mapping.vulnerability import vulnerabilities
from feeds.names import Naming
from feeds.projection import Projection

Body = dict[str, Any]


def to_stix(projection: Projection, naming: Naming) -> list[Body]:
    """Every object of one report in one feed, the carrier first; none has `created` or `modified` yet."""
    main = [*incidents(projection, naming), *vulnerabilities(projection, naming)]
    related = [
        *attack_patterns(projection, naming, [body["id"] for body in main]),
        *developers(projection, naming, [body["id"] for body in main]),
    ]
    return [carrier(projection, naming, [*main, *related]), *main, *related]

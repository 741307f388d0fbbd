"""`indicator`, and what it is based on: `observed-data` with the value as an observable.

Policy and PAP decided before which values are here. Some clients read patterns, some only observables; so both leave.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from feeds import moments
from feeds.mapping.body import UNTRUSTED, relationship, sco, sdo
from feeds.mapping.observable import observable
from feeds.names import Naming
from feeds.projection import Projection
from schemas.instant import Moment


def indicators(projection: Projection, naming: Naming, incidents: list[str], actors: list[str]) -> list[dict[str, Any]]:
    """For each value that is what its type says: observable, observed data, indicator, and what it points to."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for indicator in projection.fields.get("threat", {}).get("indicators", ()):
        if indicator.keys() >= {"type", "value"}:
            found.setdefault((indicator["type"], indicator["value"]), indicator)
    window = _window(projection.fields)
    made: dict[str, dict[str, Any]] = {}
    for indicator in found.values():
        made |= {body["id"]: body for body in _of(naming, indicator, window, incidents, actors)}
    return list(made.values())


def _of(
    naming: Naming, indicator: Mapping[str, Any], window: Mapping[str, str], incidents: list[str], actors: list[str]
) -> Iterator[dict[str, Any]]:
    seen = observable(indicator["type"], indicator["value"])
    if seen is None:
        return
    value = sco(naming, seen.kind, seen.pattern, **seen.properties)
    data = sdo(naming, "observed-data", seen.pattern, **window, number_observed=1, object_refs=[value["id"]])
    labels = [UNTRUSTED, *([f"pap:{indicator['pap']}"] if "pap" in indicator else [])]
    said = {"name": indicator["value"], "pattern": seen.pattern, "pattern_type": "stix", "labels": labels}
    finder = sdo(naming, "indicator", seen.pattern, **said)
    yield from (value, data, finder, relationship(naming, finder["id"], "based-on", data["id"]))
    # STIX 2.1, 4.7: indicator indicates threat-actor. For incident it names no verb; related-to is open to any two.
    yield from (relationship(naming, finder["id"], "indicates", actor) for actor in actors)
    yield from (relationship(naming, finder["id"], "related-to", incident) for incident in incidents if not actors)


def _window(fields: Mapping[str, Any]) -> dict[str, str]:
    """When it was observed, no closer than the entry says it: from the start of what happened until it was noticed.

    Empty if the entry tells neither; the edition then sets the instant of its release.
    """
    told = [fields[name] for name in ("occurred_start", "occurred_end", "aware_at") if name in fields]
    if not told:
        return {}
    found = [moments.read(text) for text in told]
    first, last = min(one.at for one in found), max(_end(one) for one in found)
    return {"first_observed": _written(first), "last_observed": _written(last)}


def _end(moment: Moment) -> datetime:
    end = moment.at
    if moment.precision == "quarter":
        end = end.replace(month=end.month + 2)
    if moment.precision == "year":
        end = end.replace(month=12)
    if moment.precision in {"year", "quarter", "month"}:
        end = end.replace(day=monthrange(end.year, end.month)[1])
    whole_day = moment.precision in {"year", "quarter", "month", "day"}
    return end.replace(hour=23, minute=59, second=59) if whole_day else end


def _written(at: datetime) -> str:
    return f"{at.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"

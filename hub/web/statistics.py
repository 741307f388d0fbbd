"""/api/v1/stats: counts of what a feed shows, for whoever may read them."""

from collections.abc import Mapping
from typing import Any

from hub.roles import Capability
from hub.services import statistics as service
from hub.services.statistics import Counts, Edition
from hub.web import shown
from hub.web.api import Blueprint
from hub.web.policy import caller, needs, the_hub
from schemas.statistics import Statistics, StatisticsQuery

statistics = Blueprint("statistics", __name__, url_prefix="/api/v1/stats", description="Statistics")


@statistics.route("", methods=["GET"])
@needs(Capability.STATS_READ, Capability.FEED_READ)
@statistics.arguments(StatisticsQuery(), location="query")
@statistics.response(200, Statistics)
def counts(query: dict[str, Any]) -> dict[str, Any]:
    """How many entries of a feed show which value of a coded field; without `by`, of every one."""
    hub = the_hub()
    feed = service.one_of(caller(), hub.feeds(), query["feed"])
    with hub.store.snapshot() as db:  # the numbers are those of the release that they name
        if "by" not in query:
            edition, found = service.overview(db, feed)
            return {**_edition(edition), "every": [_counts(one) for one in found]}
        edition, one = service.of_field(db, feed, query["by"], query["months"])
    months = [{"month": month, "shown": _values(values)} for month, values in one.months.items()]
    return {**_edition(edition), **_counts(one), "months": months}


def _edition(found: Edition) -> dict[str, Any]:
    as_of = shown.instant(found.as_of)
    return {"feed": found.feed, "release": found.release, "as_of": as_of, "total": found.total}


def _counts(found: Counts) -> dict[str, Any]:
    values = _values(found.values)
    return {"by": found.by, "shown": values, "withheld": found.withheld, "unstated": found.unstated}


def _values(values: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"value": value, "entries": entries} for value, entries in values.items()]

"""`/metrics`, in Prometheus' text format: what the database tells, and the requests that this host answered.

For an operator's token alone, as `authorization` of the scraper: even a count of reports tells when somebody filed.
"""

import re
import time
from collections.abc import Iterable, Iterator
from itertools import accumulate

from flask import Blueprint, Response, current_app

from hub.roles import Capability
from hub.services import measuring
from hub.services.measuring import Metric, Number
from hub.web.counting import BOUNDS, Counters, Row
from hub.web.policy import needs, the_hub

numbers = Blueprint("numbers", __name__)
TEXT = "text/plain; version=0.0.4; charset=utf-8"
COUNTED_FOR = 60.0  # seconds that the number of all reports is kept
MEASURED_FOR = 2.0  # and all others: several scrapers cost no more than one
SPECIAL = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@numbers.get("/metrics")
@needs(Capability.MEMBER_ADMIN)
def metrics() -> Response:
    """Every number, as text."""
    counters: Counters = current_app.extensions["counters"]
    return Response("\n".join([*_measured(), *_requests(counters.total()), ""]), content_type=TEXT)


def _measured() -> list[str]:
    kept = current_app.extensions.setdefault("measured", {})
    now = time.monotonic()
    hub = the_hub()
    with hub.store.reading() as db:
        if now >= kept.get("count again", now):
            kept["reports"], kept["count again"] = measuring.count(db), now + COUNTED_FOR
        if now >= kept.get("measure again", now):
            found = measuring.measure(db, kept["reports"], hub.clock())
            kept["lines"], kept["measure again"] = list(_lines(found)), now + MEASURED_FOR
    lines: list[str] = kept["lines"]
    return lines


def _lines(metrics: Iterable[Metric]) -> Iterator[str]:
    for metric in metrics:
        yield f"# HELP {metric.name} {metric.what}"
        yield f"# TYPE {metric.name} {metric.kind}"
        yield from (_line(metric.name, one) for one in metric.numbers)


def _line(name: str, number: Number) -> str:
    labels = ",".join(f'{label}="{text.translate(SPECIAL)}"' for label, text in number.labels.items())
    return f"{name}{{{labels}}} {number.value:.15g}" if labels else f"{name} {number.value:.15g}"


def _requests(rows: dict[str, Row]) -> Iterator[str]:
    refused = sum(sum(buckets) for key, (_, buckets) in rows.items() if key.split(" ")[1] == "429")
    told = "Requests refused because an allowance was spent"
    yield from _lines([Metric("hub_allowance_refused_total", "counter", told, (Number(refused),))])
    yield "# HELP hub_request_seconds Requests by route, method and status"
    yield "# TYPE hub_request_seconds histogram"
    for key, (seconds, buckets) in sorted(rows.items()):
        yield from _histogram(key, seconds, buckets)


def _histogram(key: str, seconds: float, buckets: list[int]) -> Iterator[str]:
    method, status, route = key.split(" ", 2)
    labels = {"route": re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route), "method": method, "status": status}
    for bound, upto in zip([*map(str, BOUNDS), "+Inf"], accumulate(buckets), strict=True):
        yield _line("hub_request_seconds_bucket", Number(upto, {**labels, "le": bound}))
    yield _line("hub_request_seconds_sum", Number(seconds, labels))
    yield _line("hub_request_seconds_count", Number(sum(buckets), labels))

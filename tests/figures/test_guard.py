"""The guard on all of the public data there is, and on its own corpus: what it holds, warns of, misses and costs.

Every record is examined as it would leave `public` as written. Public text only warns; what would hold it, were the
same text written by a producer at TLP:GREEN, is counted beside it.
"""

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from feeds.guard import Behind, Subject, examine
from feeds.policy import policy_of
from feeds.projection import project
from feeds.transforms import Scene
from hub.importers import read, sources
from schemas.anatomy import divide, join
from schemas.audience import Mode
from tests.feeds.guard.subjects import FEEDS, code
from tests.feeds.guard.test_corpus import rates
from tests.page import write

pytestmark = pytest.mark.figures
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
MOST = 0.02  # of public records held


def as_imported(report):
    """A public record on its way out as written."""
    divided, policy = divide(report), policy_of(FEEDS["public"], Mode.WRITTEN)
    projection = project(join(divided.clear, divided.sealed), policy, Scene())
    opened = {**divided.sealed, **divided.identity}
    return Subject(divided.clear, opened, projection, policy, Behind(), is_public=True)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public data is not beside this checkout")
def test_public_records_are_rarely_held():
    records = [one.report for name in sources() for one in read(sources()[name], SHARED / name) if one.report]
    assert len(records) > 2000
    held: Counter[str] = Counter()
    warned: Counter[str] = Counter()
    took, strict, kept = 0.0, 0, 0
    for report in records:
        subject = as_imported(report)
        began = time.perf_counter()
        found = examine(subject, code)
        took += time.perf_counter() - began
        kept += bool(found.holds)
        strict += bool(found.holds or examine(replace(subject, is_public=False), code).holds)
        held.update({hit.rule for hit in found.holds})
        warned.update({hit.rule for hit in found.warnings})
    rows = [
        ("records", len(records), ""),
        ("held", kept, f"{kept / len(records):.2%}, wanted ≤ {MOST:.0%}"),
        ("would be held were they TLP:GREEN", strict, f"{strict / len(records):.2%}"),
        *((f"held by `{rule}`", number, "") for rule, number in held.most_common()),
        *((f"warned of by `{rule}`", number, "") for rule, number in warned.most_common()),
        ("milliseconds a record", f"{took / len(records) * 1000:.2f}", ""),
    ]
    told = "All records of the four public sources, as written to `public`, where everything but a secret only warns."
    print(write("The guard on public records", "make figures", told, ("what", "records", ""), rows))
    assert kept / len(records) <= MOST


def test_the_corpus_of_evasions_and_what_is_missed():
    rows = [
        (name, harmful, f"{caught / harmful:.0%}" if harmful else "-", harmless, held)
        for name, harmful, caught, harmless, held in rates()
    ]
    told = "`tests/feeds/guard/corpus`: our own text; every miss is marked there."
    columns = ("class", "evasions", "caught", "harmless texts", "held")
    print(write("The guard on its corpus of evasions", "make figures", told, columns, rows))
    assert sum(held for *_, held in rows) == 0

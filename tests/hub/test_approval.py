"""Whose text for release is in effect, and how it differs from the producer's."""

import time
from dataclasses import dataclass, field

from hub.approval import LINES, effective, text_digest

OWN = {"title": "Mine", "summary": "One.\nTwo."}
HUBS = {"title": "Hub's", "summary": "One.\nTwo."}


@dataclass
class Row:
    text: dict[str, str] = field(default_factory=lambda: dict(HUBS))
    base_digest: str = text_digest(OWN)
    number: int = 1


def test_the_producers_text_is_in_effect_until_an_analyst_writes():
    found = effective({"for_release": OWN}, None)
    assert (found.text, found.is_hub, found.number, found.difference) == (OWN, False, 0, [])


def test_an_analysts_text_stands_over_the_one_that_it_was_written_over():
    found = effective({"for_release": OWN}, Row())
    assert (found.text, found.own, found.is_hub) == (HUBS, OWN, True)
    assert found.digest == text_digest(HUBS)


def test_once_the_producer_writes_another_that_one_stands_again():
    later = {**OWN, "title": "Mine, mended"}
    found = effective({"for_release": later}, Row())
    assert (found.text, found.is_hub, found.number) == (later, False, 1)


def test_an_analyst_may_write_where_the_producer_wrote_nothing():
    found = effective({}, Row(base_digest=text_digest({})))
    assert (found.text, found.is_hub) == (HUBS, True)
    assert found.difference == [
        "--- producer", "+++ hub", "@@ -0,0 +1,3 @@", "+title: Hub's", "+summary: One.", "+summary: Two.",
    ]  # fmt: skip


def test_an_empty_text_of_an_analyst_takes_the_earlier_one_back():
    found = effective({"for_release": OWN}, Row(text={}, number=2))
    assert (found.text, found.is_hub, found.number) == (OWN, False, 2)


def test_the_difference_is_by_line():
    assert effective({"for_release": OWN}, Row()).difference[3:] == [
        "-title: Mine", "+title: Hub's", " summary: One.", " summary: Two.",
    ]  # fmt: skip


def test_a_long_text_costs_no_more_than_its_length():
    own = {"summary": "\n".join("ab"[n % 2] * (n % 3) for n in range(2_500))}
    other = {"summary": "\n".join("ba"[n % 2] * (n % 5) for n in range(2_500))}
    began = time.process_time()
    found = effective({"for_release": own}, Row(other, text_digest(own))).difference
    assert time.process_time() - began < 0.5
    assert len(found) > LINES

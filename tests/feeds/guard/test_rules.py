"""The detectors: each has cases of its own, none takes long, and none sees what every report holds."""

import random
import string
import time

import pytest

from feeds.guard.hits import Kind
from feeds.guard.rules import RULES
from tests.feeds.guard.subjects import found, saying, told
from tests.feeds.guard.test_corpus import CLASSES

CASES = [case for name in ("secrets", "people") for case in CLASSES[name]["case"]]


def test_rules_have_names_of_their_own():
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert {rule.kind for rule in RULES} == {Kind.SECRET, Kind.PERSON}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_has_a_case_that_it_holds(rule):
    assert any(case["rule"] == rule.id and case.get("hold", True) for case in CASES)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.proof], ids=lambda rule: rule.id)
def test_each_rule_with_a_proof_refuses_something_that_has_its_form(rule):
    texts = ["".join(case["text"]) for case in CASES if not case.get("hold", True)]
    texts += ["AKIA" + "QWERTYUIOPASDFGX"[:6] + "EXAMPLE"[:7] + "ABC", "xoxb-your-token-1234567890"]
    texts += [
        "sk_live_" + "example" * 4,
        "AIza" + "your-key-" * 4,
        "AIza" + ("your-" * 7),
        "sk-ant-api03-" + "xxxx" * 12,
    ]
    texts += [
        "sk-" + "xxxx" * 12,
        "hf_" + "x" * 34,
        "glpat-" + "your-token-goes-here",
        "https://user:<password>@example.org",
    ]
    texts += ["https://user:${PASS}x@example.org", "https://user:....@example.org", "Call +1 415 555 0123 now"]
    texts += ["Tel. 0415 555 0123", "371449635398432", "CH9300762011623852958", "0x:", "10.999.1.1", "300.20.30.40"]
    hits = [match for text in texts for match in rule.pattern.finditer(text)]
    assert not hits or not all(rule.proof(match) for match in hits)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_text_takes_a_rule_long(rule):
    """Twice the text takes about twice the time, whatever is repeated in it."""
    chance = random.Random(4)
    pieces = [
        *rule.hints, "a", "A", "0", "1 ", "1-", "12.", "a.", "a@", "a at ", "a dot ", " ", "-", "_", ":", "=", "eyJ",
        "+1 ", "0a ", "password: ", "a:", "://", "ab1:", "CH9300", "tel 0", '"',
    ]  # fmt: skip
    texts = [piece * (20_000 // len(piece)) for piece in pieces]
    texts += ["".join(chance.choice([*pieces, *string.printable[:70]]) for _ in range(9_000)) for _ in range(3)]
    for text in texts:
        began = time.perf_counter()
        list(rule.pattern.finditer(text))
        assert time.perf_counter() - began < 3, (rule.id, text[:20])


def test_a_report_as_people_write_it_holds_nothing_of_the_kind():
    text = (
        "On 14 September 2026 at 13:22:05 UTC the agent ran version 1.12.4 (build 20260914.3) and logged 1,900 runs; "
        "see CVE-2026-9999901, CWE-494, AML.T0051.001, RFC 9457 section 3.1 and ISO/IEC 27001:2022. The hash was "
        "9f2c1e0b7a6d5c4f3e2d1c0b9a8f7e6d5c4b3a29181716151413121110f0e0d0, and it cost about 38 500 EUR in 2 days. "
        "Contact security@vendor.example or your own desk; the token budget is 4096 and the secret is to say less."
    )
    assert told(found(saying(text), behind="")) == set()

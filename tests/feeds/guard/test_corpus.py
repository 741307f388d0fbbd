"""The rules' own corpus of evasions: each case is caught, or listed as what is not; and what must not hold does not.

A case withholds `value` in a `place` and lets `text` leave, or only lets text leave that a detector must see. `hold =
false` is a text that must not hold; `caught = false` a miss that is known. Texts of `secrets` are written in pieces.
"""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from schemas.audience import Mode
from tests.factories import a_report
from tests.feeds.guard.subjects import found, saying, withholding

CORPUS = Path(__file__).parent / "corpus"
CLASSES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(CORPUS.glob("*.toml"))}
LEAST = 300
KNOWN_MISSES = {  # class → how many cases of it are not caught; to be lowered, never raised in silence
    "base64": 4,
    "days-and-numbers": 1,
    "hex": 3,
    "homoglyph": 3,
    "leetspeak": 20,
    "people": 5,
    "secrets": 4,
    "split": 3,
}


def rules_of(case: dict[str, Any]) -> set[str]:
    """The rules by which a case is held."""
    text = "".join(case["text"]) if isinstance(case["text"], list) else case["text"]
    if "type" in case:
        report = a_report(
            client_ref="guard-1",
            tlp="green",
            reporter={"contact": "oq@quillmark.example.net"},
            evidence=[{"sha256": "9f2c1e0b7a6d5c4f3e2d1c0b9a8f7e6d5c4b3a29181716151413121110f0e0d0"}],
            threat={"indicators": [{"type": case["type"], "value": text, "pap": "green"}]},
        )
        return {hit.rule for hit in found(report, mode=Mode.WRITTEN).holds}
    report = withholding(case["place"], case["value"], text) if "place" in case else saying(text)
    return {hit.rule for hit in found(report).holds}


def is_caught(case: dict[str, Any]) -> bool:
    rules = rules_of(case)
    return case["rule"] in rules if "rule" in case else bool(rules)


@pytest.mark.parametrize("name", CLASSES)
def test_each_case_is_held_let_through_or_known_to_be_missed(name: str) -> None:
    wrong = []
    for case in CLASSES[name]["case"]:
        expected = case.get("hold", True) and case.get("caught", True)
        if is_caught(case) != expected:
            wrong.append((case, sorted(rules_of(case))))
    assert wrong == []


def test_the_corpus_is_large_and_its_misses_are_the_known_ones() -> None:
    cases = [(name, case) for name, one in CLASSES.items() for case in one["case"]]
    assert len(cases) >= LEAST
    assert all(CLASSES[name]["class"] == name for name in CLASSES)
    missed = Counter(name for name, case in cases if not case.get("caught", True))
    assert missed == KNOWN_MISSES


def rates() -> list[tuple[str, int, int, int, int]]:
    """By class: evasions, of them caught, harmless texts, of them held."""
    found_ = []
    for name, one in CLASSES.items():
        harmful = [case for case in one["case"] if case.get("hold", True)]
        harmless = [case for case in one["case"] if not case.get("hold", True)]
        caught, held = sum(map(is_caught, harmful)), sum(map(is_caught, harmless))
        found_.append((name, len(harmful), caught, len(harmless), held))
    return found_


@pytest.mark.parametrize("name", ["fullwidth", "invisible", "marks", "separators", "case", "base64", "hex", "percent"])
def test_at_least_nine_in_ten_evasions_of_a_class_are_caught(name: str) -> None:
    _, harmful, caught, _, _ = next(one for one in rates() if one[0] == name)
    assert caught / harmful >= 0.9

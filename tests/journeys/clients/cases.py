"""The reports that stand in the served hub's feed for members, and what a person should see of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FILERS = ("Filer one", "Filer two", "Filer three")
STRICT = {"tlp": "amber+strict", "share_redacted_with": ["public"]}


@dataclass(frozen=True)
class Shown:
    """What a person should see of one report in the feed for members."""

    name: str  # the title, the one approved for release, or one made of codes
    summary: str | None  # as written, or as approved for release
    severity: str
    techniques: tuple[str, ...] = ()
    tlp: str = "green"
    indicators: tuple[str, ...] = ()
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Case:
    """A report to file, by whom, and what is to be seen of it; {ref} in a name is the entry's reference."""

    who: str
    body: Mapping[str, Any]
    shown: Shown


INDICATORS = [
    {"type": "domain", "value": "notes.attacker.example", "pap": "clear"},
    {"type": "ipv4", "value": "203.0.113.7", "pap": "green"},
    {"type": "url", "value": "https://secret.example/drop", "pap": "amber"},
]
WORDED = {
    "title": "A support agent paid out a refund it was told to refuse",
    "summary": "A customer talked a support agent out of its instructions.",
    "advice": "Give no agent a payment tool without a limit.",
}
CASES: Mapping[str, Case] = {
    "written": Case(
        FILERS[0],
        {
            "title": "A web page made an agent mail its notes",
            "description": "Hidden text told the agent to send its notes out.\nIt did so twice.",
            "severity": "high",
            "tlp": "green",
            "occurred_start": "2026-11-18",
            "attack_steps": [{"technique": "AML.T0051.001", "description": "Text in white on white."}],
            "threat": {"indicators": INDICATORS, "motive": "financial"},
            "recommendation": "Confirm each mail that an agent sends.",
            "share_redacted_with": ["public"],
        },
        Shown(
            "A web page made an agent mail its notes",
            "Hidden text told the agent to send its notes out.\nIt did so twice.",
            "high",
            ("AML.T0051.001",),
            indicators=("203.0.113.7", "notes.attacker.example"),
        ),
    ),
    "vulnerability": Case(
        FILERS[1],
        {
            "report_type": "vulnerability",
            "title": "A model server runs what a checkpoint tells it",
            "description": "Loading a checkpoint executes code.",
            "severity": "critical",
            "tlp": "clear",
            "vulnerability": {"cve": ["CVE-2026-12345"], "cwe": ["CWE-502"]},
            "share_redacted_with": ["public"],
        },
        Shown(
            "A model server runs what a checkpoint tells it",
            "Loading a checkpoint executes code.",
            "critical",
            tlp="clear",
        ),
    ),
    "corrected": Case(
        FILERS[2],
        {
            "title": "A ranking model hid a warning",
            "description": "First word.",
            "severity": "low",
            "tlp": "green",
            "share_redacted_with": ["public"],
        },
        Shown("A ranking model hid a warning", "First word.", "low"),
    ),
    "codes": Case(
        FILERS[0],
        {
            "report_type": "near_miss",
            "title": "Sealed title",
            "description": "Sealed words.",
            "severity": "medium",
            "attack_steps": [{"technique": "AML.T0054"}],
            **STRICT,
        },
        Shown("Medium-severity near miss ({ref})", None, "medium", ("AML.T0054",)),
    ),
    "worded": Case(
        FILERS[1],
        {
            "title": "Sealed title of the refund",
            "description": "Sealed words.",
            "severity": "high",
            "attack_steps": [{"technique": "AML.T0051.000"}],
            "for_release": WORDED,
            **STRICT,
        },
        Shown(WORDED["title"], WORDED["summary"], "high", ("AML.T0051.000",)),
    ),
}
CORRECTION = {"title": "A ranking model hid forty warnings", "description": "Corrected word.", "severity": "critical"}

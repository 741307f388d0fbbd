"""What the documents name is there: files, commands, options, fields. A document that lies costs more than none."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from hub.cli import hub
from schemas.anatomy import LEAVES
from schemas.marks import Kept
from tests.documents import README, ROOT, blocks

DOCUMENTS = [
    README,
    *(ROOT / f"{name}.md" for name in ("CHANGELOG", "CONTRIBUTING", "SECURITY")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("deploy/**/*.md")),
]
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
ROOMS = ("schemas", "feeds", "hub", "tests", "docs", "deploy")
SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"(?:^|run: |&& |=\S+ )hub ([a-z][^|&;\n]*)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
A_PAGE = 45  # lines


def _name(document: Path) -> str:
    return str(document.relative_to(ROOT))


every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=_name)


@every_document
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text("utf-8")
    spans = [span for span in SPAN.findall(text) if span.startswith(tuple(f"{room}/" for room in ROOMS))]
    assert [span for span in spans if not _stands(span)] == []
    assert [link for link in LINK.findall(text) if not (document.parent / link).exists()] == []


def _stands(span: str) -> bool:
    """Whether `path` is there; and, in `path: Name, Other`, each of the names in it."""
    path, _, names = span.partition(": ")
    place = ROOT / path
    if not place.exists() or not names:
        return place.exists() or "<" in path
    return all(name.split(".")[-1] in place.read_text("utf-8") for name in names.split(", "))


def _commands(document: Path) -> list[str]:
    """What follows `hub` in the code of a document; in prose a hub is a thing."""
    text = document.read_text("utf-8")
    code = [*(block.text for block in blocks(text)), *SPAN.findall(text)]
    return COMMAND.findall("\n".join(code))


@every_document
def test_every_command_that_a_document_names_is_one_with_its_options(document: Path) -> None:
    named = [found.split() for found in _commands(document)]
    assert [" ".join(words) for words in named if not _is_command(words)] == []


def test_every_command_that_a_unit_or_container_runs_is_one() -> None:
    texts = [path.read_text("utf-8") for path in ROOT.glob("deploy/**/*") if path.is_file() and path.suffix != ".md"]
    named = [found for text in texts for found in re.findall(r"-m,? hub,? ([a-z][a-z ,-]*)", text)]
    assert {found.split()[0].strip(",") for found in named} >= {"init", "schedule", "member"}
    assert [found for found in named if not _is_command(found.replace(",", " ").split())] == []


def _is_command(words: list[str]) -> bool:
    command: click.Command = hub
    rest = list(words)
    while isinstance(command, click.Group) and rest:
        found = command.get_command(click.Context(command), rest.pop(0))
        if found is None:
            return False
        command = found
    known = {option for parameter in command.params for option in parameter.opts}
    return {word.partition("=")[0] for word in rest if word.startswith("--")} <= known


def test_the_readme_names_every_command_that_a_person_needs() -> None:
    named = {found.split()[0] for found in _commands(README)}
    assert "accept" in named
    assert set(hub.list_commands(click.Context(hub))) - named == {"demo", "schedule"}  # demo is `make demo`


def test_what_the_readme_says_is_not_there_yet_is_not_there() -> None:
    _, _, missing = README.read_text("utf-8").partition("## What is not there yet")
    commands = hub.list_commands(click.Context(hub))
    assert [span for span in SPAN.findall(missing) if span in commands] == []
    assert "pull" in SPAN.findall(missing)


def test_the_threat_model_lists_exactly_the_fields_that_lie_in_clear() -> None:
    text = (ROOT / "docs/threat-model.md").read_text("utf-8")
    _, _, after = text.partition("## What lies in clear, and why\n")
    rows = [row for row in after.partition("\n## ")[0].splitlines() if row.startswith("| `")]
    listed = [path for row in rows for path in SPAN.findall(row.split("|")[1])]
    assert sorted(listed) == sorted(path for path, leaf in LEAVES.items() if leaf.mark.kept is Kept.CLEAR)


def test_the_threat_model_begins_with_who_can_open_everything() -> None:
    first = (ROOT / "docs/threat-model.md").read_text("utf-8").split("\n\n")[1]
    assert first.startswith("**Who controls the host and the root key can open everything.**")


def _headings(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.startswith("**"))


def test_a_decision_is_numbered_fits_a_page_and_says_what_why_and_at_what_cost() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        text = path.read_text("utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. "), path
        assert len(text.splitlines()) <= A_PAGE, path
        openings = [line.split("**")[1] for line in _headings(text)]
        assert [one for one in openings if one in {"Decided.", "Why.", "It costs"}] == ["Decided.", "Why.", "It costs"]

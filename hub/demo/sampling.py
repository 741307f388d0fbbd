"""The sample reports, and what happens to them: files beside this one, read as `hub report` would read them."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

ROOM = files("hub.demo") / "samples"


@dataclass(frozen=True)
class Organisation:
    """A fictitious organisation and its reports, by path."""

    slug: str
    name: str
    standing_acceptance: str
    is_producer: bool
    reports: dict[str, dict[str, Any]]


def organisations() -> Iterator[Organisation]:
    """Every organisation, by its folder's name."""
    for folder in sorted(ROOM.iterdir(), key=lambda path: path.name):
        if folder.is_dir():
            about = yaml.safe_load((folder / "organisation.yaml").read_text("utf-8"))
            reports = {
                f"{folder.name}/{path.name}": yaml.safe_load(path.read_text("utf-8"))
                for path in sorted(folder.iterdir(), key=lambda path: path.name)
                if path.name != "organisation.yaml"
            }
            producer = about.get("demo_token") == "producer"
            yield Organisation(folder.name, about["name"], about["standing_acceptance"], producer, reports)


def story() -> dict[str, list[dict[str, Any]]]:
    """What happens to the samples, step by step."""
    told: dict[str, list[dict[str, Any]]] = yaml.safe_load((ROOM / "story.yaml").read_text("utf-8"))
    return told

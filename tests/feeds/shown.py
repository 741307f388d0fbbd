"""What these tests show: a report as a feed projects it, under a fixed name."""

from collections.abc import Mapping
from typing import Any

from feeds.feed import Feed
from feeds.names import Naming, reference
from feeds.policy import policy_of
from feeds.projection import Projection, project
from feeds.transforms import Scene
from schemas.audience import Mode
from schemas.tlp import TLP

HUB = "identity--6b0c8f8e-6a0f-4b7e-9a53-3d0b1d8f7c11"
SCENE = Scene(pseudonym=lambda _: "dev-7K3M9Q", is_approved=True)
NAMING = Naming(b"\x07" * 32, reference("M", b"12345"), HUB, TLP.GREEN)


def projected(report: Mapping[str, Any], feed: Feed, mode: Mode) -> Projection:
    """The report as that feed shows it in that mode, its text for release approved."""
    return project(report, policy_of(feed, mode), SCENE)

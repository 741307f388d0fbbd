"""The suite itself: every check says which section it holds and how strictly, and there are many."""

import re

import pytest

SAYS = re.compile(
    r"(?:(?:[1-8](?:\.\d+)*|B)(?:, | and | to )?)+ (?:MUST|SHOULD|MAY, and it does|MAY, [^:]* MUST|MAY): \S"
)


def test_every_check_names_its_section_and_how_strict_it_is(request: pytest.FixtureRequest) -> None:
    checks = [
        one for one in request.session.items if one.path.parent == request.path.parent and one.path != request.path
    ]
    silent = [one.nodeid for one in checks if not SAYS.match(getattr(one, "function").__doc__ or "")]  # noqa: B009
    assert silent == []

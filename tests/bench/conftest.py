"""How large the benches are: `make bench ARGS="--narratives 100000 -k scanning"` takes some minutes."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--narratives", type=int, default=20_000, help="admitted narratives that are scanned")

"""How large the benches are: `make bench ARGS="--narratives 100000"` takes a few minutes more than the default."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--narratives", type=int, default=20_000, help="admitted narratives that are scanned")

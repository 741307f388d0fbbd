"""The hub that each client's file fetches from: one a file, so that none meets what another did."""

import pytest

from tests.journeys.clients.hubs import served_hub


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with served_hub(tmp_path_factory.mktemp("served")) as found:
        yield found

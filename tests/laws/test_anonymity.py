"""Two hundred filings, each from its own address, browser and cookie: no trace of any of them, in any place.

`make figures` does the same with ten thousand.
"""

from pathlib import Path

import pytest

from tests.anonymous_run import file_unseen
from tests.postgres import NoPostgres


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_no_marker_of_any_filing_is_found_in_any_file_row_or_feed(tmp_path: Path, engine: str) -> None:
    try:
        found = file_unseen(tmp_path, engine, 200)
    except NoPostgres as none:
        pytest.skip(str(none))
    assert found.markers == []
    assert found.acknowledged == 200
    assert found.is_searched, "the search found not even what lies in clear: this proved nothing"
    assert found.served > 0

"""The API's own description, held against a running hub by schemathesis, as its producers use it."""

from pathlib import Path

import pytest

from tests.fuzzing import assert_all_is_as_described

EXAMPLES = 440  # an operation, in each phase that draws them


@pytest.mark.slow
def test_no_call_of_producers_is_an_error_of_ours_or_answered_otherwise_than_described(tmp_path: Path) -> None:
    assert_all_is_as_described(tmp_path, "producer", examples=EXAMPLES, requests=13_500, operations=11)

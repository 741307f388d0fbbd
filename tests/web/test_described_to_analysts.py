"""The API's own description, held against a running hub by schemathesis, as its analysts use it."""

from pathlib import Path

import pytest

from tests.fuzzing import assert_all_is_as_described

EXAMPLES = 130  # an operation, in each phase that draws them


@pytest.mark.slow
def test_no_call_of_analysts_is_an_error_of_ours_or_answered_otherwise_than_described(tmp_path: Path) -> None:
    assert_all_is_as_described(tmp_path, "analyst", examples=EXAMPLES, requests=4_200, operations=22)

"""The API's own description, held against a running hub by schemathesis, as its analysts use it."""

from pathlib import Path

import pytest

from tests.fuzzing import assert_all_is_as_described, fuzz

EXAMPLES = 130  # an operation, in each phase that draws them


@pytest.mark.slow
def test_no_call_of_analysts_is_an_error_of_ours_or_answered_otherwise_than_described(tmp_path: Path) -> None:
    run = fuzz(tmp_path, "analyst", EXAMPLES)
    assert_all_is_as_described(run, requests=4_200, operations=22)

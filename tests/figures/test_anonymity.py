"""Ten thousand filings, each from its own address, browser and cookie: what is found of them."""

import time

import pytest

from tests.anonymous_run import file_unseen
from tests.page import write

pytestmark = pytest.mark.figures
FILINGS = 10_000
COMMAND = "make figures"


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_ten_thousand_filings_leave_no_trace_of_their_reporters_network(tmp_path, engine):
    began = time.monotonic()
    found = file_unseen(tmp_path, engine, FILINGS)
    rows = [
        ("filings, each from its own 127.x.y.z, with its own headers, User-Agent and cookie", FILINGS),
        ("of them acknowledged", found.acknowledged),
        ("files searched while the hub ran, and again after it ended", found.files),
        ("megabytes of them", found.size // 1_000_000),
        ("markers found", len(found.markers)),
        ("seconds", round(time.monotonic() - began)),
    ]
    told = (
        "Addresses stand in X-Forwarded-For, Forwarded and X-Real-IP and are those of the clients' sockets. Searched,"
        " as bytes: database, WAL, home, keys, logs at level debug of gunicorn and the schedule, temporary files; and"
        " every row of every table, a page of the feed, and PostgreSQL's files and log. A word that does lie in clear"
        " (client_ref) is found by the same search."
    )
    print(write(f"Traces of reporters, {engine}", COMMAND, told, ("what", "count"), rows))
    assert (found.markers, found.is_searched) == ([], True)
    assert found.acknowledged == FILINGS

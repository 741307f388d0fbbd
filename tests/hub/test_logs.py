"""A log line is one JSON object; what others would fill in is left out, and of an error only what we may say."""

import json
import logging
from typing import Any

import pytest

from hub.errors import NotReady
from hub.logs import JsonLines, NoAddresses, configuration


def line(name: str, message: Any, *arguments: Any, level: int = logging.INFO, **more: Any) -> dict[str, Any]:
    record = logging.LogRecord(name, level, __file__, 1, message, arguments, more.pop("exc_info", None))
    record.__dict__.update(more)
    text = JsonLines().format(record)
    assert "\n" not in text
    told: dict[str, Any] = json.loads(text)
    return told


def test_a_line_has_time_level_logger_event_and_the_fields_that_our_code_gave() -> None:
    told = line("hub.request", "request", fields={"route": "/api/v1/reports", "status": 201})
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "info", "logger": "hub.request", "event": "request", "route": "/api/v1/reports", "status": 201,
    }  # fmt: skip


def test_our_own_messages_are_whole() -> None:
    assert line("hub.schedule", "released %s %d", "members", 3)["event"] == "released members 3"


@pytest.mark.parametrize(
    ("message", "arguments", "event"),
    [
        ("Error handling request %s %s", ("GET", "/path?secret"), "Error handling request … …"),
        ("Booting worker with pid: %s", (41,), "Booting worker with pid: 41"),
        ("Listening at: %s (%s)", ("http://127.0.0.1:80", 7), "Listening at: … (7)"),
        ("%(ip)s", ({"ip": "198.51.100.7"},), "%(ip)s"),
        (ValueError("198.51.100.7"), (), "ValueError"),
    ],
)
def test_of_other_libraries_only_the_template_is_told(message: Any, arguments: tuple[Any, ...], event: str) -> None:
    assert line("gunicorn.error", message, *arguments)["event"] == event


def test_of_an_error_its_place_is_told_and_its_message_only_if_it_is_ours() -> None:
    def failed(error: Exception) -> dict[str, Any]:
        with pytest.raises(type(error)) as caught:
            raise error
        return line("hub", "failed", exc_info=(caught.type, caught.value, caught.tb))

    theirs, ours = failed(ValueError("the sealed title")), failed(NotReady("run `hub init`"))
    assert theirs["error"] == "ValueError"
    assert "sealed title" not in json.dumps(theirs)
    assert "test_logs.py" in theirs["place"][0]
    assert ours["error"] == "NotReady: run `hub init`"


def test_gunicorn_s_warnings_are_dropped_for_each_names_a_client() -> None:
    def passes(name: str, level: int) -> bool:
        return NoAddresses().filter(logging.LogRecord(name, level, "", 1, "Invalid request from ip=1", (), None))

    assert not passes("gunicorn.error", logging.WARNING)
    assert passes("gunicorn.error", logging.ERROR)
    assert passes("hub.rounds", logging.WARNING)


def test_the_configuration_has_no_access_log() -> None:
    told = configuration("info")
    assert told["loggers"]["gunicorn.access"]["handlers"] == []
    assert told["root"] == {"level": "INFO", "handlers": ["stderr"]}

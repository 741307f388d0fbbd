"""Logs: one JSON object a line on standard error. Nothing about a reporter's network, and no value that was sealed.

1. A line holds: time, level, logger, event, and the named fields that the hub's own code gave it.
2. Of other libraries only the template of a message is written, with whole numbers in it: what they would fill in may
   be an address, a path with its query, or a quoted value.
3. Of an error, its kind and place; its message only if it is one of ours.
4. gunicorn's warnings are dropped: each is written for one client, and names it.
"""

import json
import logging
import logging.config
import traceback
from datetime import UTC, datetime
from typing import Any

from hub.errors import HubError

OWN = ("hub", "feeds", "schemas")
LEVELS = ("debug", "info", "warning", "error")
HIDDEN = "…"


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a record that cannot be told is told as its template."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": event(record),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = told(record.exc_info[1])
            line["place"] = [row.strip() for row in traceback.format_tb(record.exc_info[2])]
        return json.dumps(line, ensure_ascii=True, default=str)


def event(record: logging.LogRecord) -> str:
    """What happened: our own message as it is, of other libraries the template."""
    if record.name.split(".", 1)[0] in OWN:
        return record.getMessage()
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    kept = tuple(one if isinstance(one, int) else HIDDEN for one in record.args or ())
    try:
        return record.msg % kept if kept else record.msg
    except (TypeError, ValueError):
        return record.msg


def told(error: BaseException) -> str:
    """What may be said of an error: its kind, and its message if it is one of ours."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, HubError) else kind


class NoAddresses(logging.Filter):
    """Lets no warning of gunicorn through: they begin `Invalid request from ip=`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        return not (record.name.startswith("gunicorn") and record.levelno == logging.WARNING)


def configuration(level: str) -> dict[str, Any]:
    """What `logging.config.dictConfig` and gunicorn's `logconfig_dict` take."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "hub.logs.JsonLines"}},
        "filters": {"no addresses": {"()": "hub.logs.NoAddresses"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "lines",
                "filters": ["no addresses"],
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {
            "gunicorn.error": {"level": level.upper(), "handlers": ["stderr"], "propagate": False},
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
            "apscheduler": {"level": "WARNING"},
            "alembic": {"level": "WARNING"},
        },
    }


def set_up(level: str) -> None:
    """Have this process log so."""
    logging.config.dictConfig(configuration(level))

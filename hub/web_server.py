"""How gunicorn serves the hub: `hub serve` starts it with this module, `deploy/gunicorn.conf.py` begins with it.

No access log, and every line of its own through `hub.logs`: gunicorn's format names addresses and paths.
"""

from hub.config import from_environment
from hub.errors import NotReady
from hub.logs import configuration


def _level() -> str:
    try:
        return from_environment().log_level
    except NotReady:  # told by the worker, with its remedy
        return "info"


accesslog = None
logconfig_dict = configuration(_level())
worker_class = "gthread"
limit_request_line = 8190
timeout = 60  # seconds without a sign of life before a worker is killed
graceful_timeout = 30  # seconds that requests under way have to end
control_socket_disable = True

"""gunicorn for a hub behind a front server: `gunicorn -c deploy/gunicorn.conf.py 'hub.app:serving()'`.

Begins with `hub/web_server.py` (JSON lines, no access log) and adds what a deployment needs. Where it listens, and with
how many workers and threads: HUB_BIND, HUB_WORKERS, HUB_THREADS (deploy/env.example).
"""

from hub import web_server
from hub.config import from_environment, serving_from_environment

_serving = serving_from_environment()

bind = _serving.bind
workers = _serving.workers
threads = _serving.threads
worker_class = web_server.worker_class
accesslog = web_server.accesslog
logconfig_dict = web_server.logconfig_dict
limit_request_line = web_server.limit_request_line
timeout = web_server.timeout
graceful_timeout = web_server.graceful_timeout

keepalive = 75  # seconds, longer than the front server keeps an idle connection: it must be the one to close
max_requests = 50_000  # then a worker is replaced, whatever it may have leaked
max_requests_jitter = 5_000  # and not all at once
worker_tmp_dir = "/dev/shm"  # noqa: S108 - the workers' heartbeat must not wait for a disk
# One socket a process: two of one home must not take each other's. gunicornc reads it.
control_socket = str(from_environment().home / f"gunicorn-{bind.rpartition(':')[2]}.ctl")

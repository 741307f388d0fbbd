"""The service: keys, sealing, store, services (one file per person), faces (web, CLI, clock).

The rooms stand on one another: errors → config, keys, seal → store → services → wiring, web → app, cli, schedule. May
not import at module level what a client of the hub does not need: `hub report` loads this file too.
"""

__version__ = "0.1.0"

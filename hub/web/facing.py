"""Which routes are there: those of the faces that this process is. A route of another face is no route.

1. It is not matched at all, so whatever asks for it is answered as by a path that nobody ever thought of: the same
   words, the same headers, the same count.
2. A method that only another face has on a path of ours is not there either. One that nobody has is refused as the
   whole hub refuses it, and links are built as the whole hub builds them.
3. A route that no face names keeps the application from starting.
"""

from collections.abc import Iterable
from typing import Any

from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter

from hub import faces


class Unplaced(RuntimeError):
    """A route is of no face: the hub does not start."""


class OwnAdapter(MapAdapter):
    """Finds the routes of some faces."""

    def match(self, path_info: str | None = None, method: str | None = None, *args: Any, **more: Any) -> Any:
        """The route, as ever; raises NotFound for one of another face."""
        try:
            found: Any = super().match(path_info, method, *args, **more)
        except MethodNotAllowed as refused:
            if not self._has_own(path_info, refused.valid_methods or ()):
                raise NotFound from None
            raise
        endpoint = getattr(found[0], "endpoint", found[0])
        is_asking = (method or self.default_method).upper() == "OPTIONS"
        if self._is_own(endpoint) or (is_asking and self._has_own(path_info, self._methods(path_info))):
            return found
        raise NotFound

    def _methods(self, path_info: str | None) -> Iterable[str]:
        try:
            super().match(path_info, "--")
        except MethodNotAllowed as refused:
            return refused.valid_methods or ()
        return ()

    def _has_own(self, path_info: str | None, methods: Iterable[str]) -> bool:
        others = (one for one in methods if one != "OPTIONS")
        return any(self._is_own(super(OwnAdapter, self).match(path_info, one)[0]) for one in others)

    def _is_own(self, endpoint: str) -> bool:
        own: OwnMap = self.map  # type: ignore[assignment]
        return not faces.of_route(endpoint).isdisjoint(own.faces)


class OwnMap(Map):
    """Routes of which a process has some."""

    faces = faces.ALL

    def bind_to_environ(self, *args: Any, **more: Any) -> MapAdapter:
        """For a request: the plain adapter where all routes are ours."""
        whole = super().bind_to_environ(*args, **more)
        if self.faces >= faces.WEB:
            return whole
        own = OwnAdapter.__new__(OwnAdapter)
        own.__dict__.update(whole.__dict__)
        return own


class Application(Flask):
    """A Flask application that has the routes of some faces."""

    url_map_class = OwnMap

    def limit_to(self, own: frozenset[str]) -> None:
        """Leave only what these faces have; raises Unplaced for a route of no face."""
        bare = sorted({one.rule for one in self.url_map.iter_rules() if not faces.of_route(one.endpoint)})
        if bare:
            message = f"routes of no face: {', '.join(bare)}; name each in hub/faces.py"
            raise Unplaced(message)
        self.url_map.faces = own  # type: ignore[attr-defined]

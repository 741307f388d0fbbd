"""A hub of four faces on PostgreSQL: each an application of its own, with its own key files and its own database role.

A front sends each request to the face that a front server would, so that a test asks as it asks the whole hub.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from psycopg import sql
from sqlalchemy import make_url
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from hub import faces, handing, rounds
from hub.app import create_app
from hub.services.publishing import Outcome
from hub.store import walls
from hub.wiring import Hub, connect
from tests.conftest import World, make_world
from tests.postgres import fresh_database

PASSWORD = "of-a-test"


@dataclass
class Front:
    """Sends a request to the face that has the route, as a front server would."""

    whole: Flask
    faces: Mapping[str, FlaskClient]

    def open(self, path: str, *, method: str = "GET", **more: Any) -> TestResponse:
        """Ask."""
        return self.faces[self.face_of(path, method)].open(path, method=method, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        """Ask by GET."""
        return self.open(path, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        """Ask by POST."""
        return self.open(path, method="POST", **more)

    def face_of(self, path: str, method: str) -> str:
        """Where a request goes: a method that nobody has, to where its path is; what is no path, to the console."""
        adapter, place = self.whole.url_map.bind("localhost"), path.partition("?")[0]
        try:
            endpoint, _ = adapter.match(place, method)
        except HTTPException:
            known = sorted(adapter.allowed_methods(place))
            return faces.front_of(adapter.match(place, known[0])[0]) if known else faces.CONSOLE
        return faces.front_of(endpoint)

    @property
    def application(self) -> Flask:
        """The whole hub's, which knows every route."""
        return self.whole


@dataclass
class FacedWorld(World):
    """The people of a test around four faces; `hub` is the owner's, as a shell on the host has it."""

    hubs: dict[str, Hub] = field(default_factory=dict)
    prefix: str = ""

    def release(self) -> dict[str, Outcome]:
        """As ever, by the publisher."""
        publisher = self.hubs[faces.PUBLISHER]
        rounds.admit_all(publisher)
        outcomes = {outcome.feed: outcome for outcome in rounds.publish_all(publisher, publisher.feeds())}
        rounds.index_all(publisher)
        return outcomes

    def url(self, face: str) -> str:
        """The database as a face's role reaches it."""
        return url_of(self.hub.config.database_url, walls.role(self.prefix, face))


def url_of(owner: str, role: str) -> str:
    """The URL of a database for a role."""
    return make_url(owner).set(username=role, password=PASSWORD).render_as_string(hide_password=False)


@contextmanager
def faced_world(place: Path, cluster: str) -> Iterator[FacedWorld]:
    """A hub of four faces on a fresh database of a cluster."""
    prefix = f"t{uuid4().hex[:12]}_"
    with roles_of(cluster, prefix), fresh_database(cluster) as url:
        whole = make_world(place, url)
        walls.raise_walls(whole.hub.store, prefix, whole.clock(), "a test")
        shown = {one.name: getattr(whole, one.name) for one in World.__dataclass_fields__.values()}
        world = FacedWorld(**shown, prefix=prefix)
        for face in faces.FACES:
            world.hubs[face] = _hub_of(world, face, place / face)
        apps = {face: create_app(world.hubs[face]).test_client() for face in faces.WEB}
        world.web = cast("FlaskClient", Front(whole.web.application, apps))
        try:
            yield world
        finally:
            for hub in (whole.hub, *world.hubs.values()):
                hub.store.close()


def _hub_of(world: FacedWorld, face: str, place: Path) -> Hub:
    """A face as its process has it: a home and a key directory of its own, and a login that is its role's."""
    keys, home = place / "keys", place / "home"
    handing.copy_keys(world.hub, face, keys)
    home.mkdir(mode=0o700, parents=True)
    own = replace(world.hub.config, home=home, keys=keys, witness=place / "witness", faces=frozenset({face}))
    hub = connect(replace(own, database_url=world.url(face)))
    hub.clock = world.clock
    hub.take_keys()
    return hub


@contextmanager
def roles_of(cluster: str, prefix: str) -> Iterator[None]:
    """Roles are of the whole cluster: theirs are made before and dropped after the database."""
    names = [sql.Identifier(walls.role(prefix, face)) for face in faces.FACES]
    with psycopg.connect(make_url(cluster).set(drivername="postgresql").render_as_string(hide_password=False)) as base:
        base.autocommit = True
        for one in names:
            base.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(one, sql.Literal(PASSWORD)))
        try:
            yield
        finally:
            for one in names:
                base.execute(sql.SQL("DROP ROLE {}").format(one))


def copied(world: FacedWorld, face: str, place: Path) -> Path:
    """All that lies in a face's key directory, as a thief takes it along."""
    shutil.copytree(world.hubs[face].config.keys, place)
    return place

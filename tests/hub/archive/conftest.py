"""A hub that was backed up."""

import pytest

from tests.factories import a_full_report, a_report
from tests.hub.archive.backups import keep


@pytest.fixture
def kept(world, tmp_path):
    world.file("producer", a_full_report(tlp="green", client_ref="FULL"))
    filed = world.file("producer", a_report(client_ref="ONE", tlp="green"))
    world.accept(filed["id"], "members")
    world.release()
    return keep(world, tmp_path / "hub.backup")

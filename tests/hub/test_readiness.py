"""Ready is who can do the work: database, tables, keys, disk; and the answer tells no secret."""

import pytest
from sqlalchemy import text

from hub import readiness
from hub.config import Config
from tests.conftest import World


def test_a_hub_that_is_set_up_is_ready(any_world: World) -> None:
    answer = any_world.web.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready"})


def test_tables_of_another_version_are_not(any_world: World) -> None:
    with any_world.hub.store.writing() as db:
        db.connection().execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = any_world.web.get("/readyz")
    assert answer.status_code == 503
    assert "hub init" in answer.get_json()["detail"]
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize("content", [None, "", "{}", '{"signing": "no hex"}'])
def test_keys_that_cannot_be_read_are_not_and_nothing_of_them_is_told(world: World, content: str | None) -> None:
    path = world.hub.config.keys / "intake.key"
    path.unlink()
    if content is not None:
        path.write_text(content, "utf-8")
    answer = world.web.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["detail"] == "the key files cannot be read"
    assert str(world.hub.config.home) not in answer.get_data(as_text=True)


def test_a_disk_without_room_is_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LEAST_FREE", 1 << 62)
    assert world.web.get("/readyz").get_json()["detail"].startswith("the home takes no more")


def test_a_database_that_does_not_answer_is_not(world: World) -> None:
    gone = Config.read({"HUB_DATABASE_URL": "postgresql://hub@127.0.0.1:1/hub"}, str(world.hub.config.home))
    world.hub.store.close()
    world.hub.store = type(world.hub.store)(gone.database_url)
    answer = world.web.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["detail"] == "the database does not answer"
    assert world.web.get("/healthz").status_code == 200

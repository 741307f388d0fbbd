"""`hub backup` and `hub restore` at the shell, beside a running hub."""

from hub.config import Config
from hub.wiring import connect
from tests.factories import a_report
from tests.servers import run
from tests.sessions import second_agrees


def test_a_backup_beside_a_running_hub_names_what_it_holds_and_where_the_keys_are(office, tmp_path):
    office.world.file("producer:Filer", a_report(client_ref="KEPT"))
    place, keys = tmp_path / "hub.backup", tmp_path / "keys.tar"
    done = office.shell("backup", str(place))
    assert done.returncode == 0, done.stderr
    assert "1 reports" in done.stdout
    assert "--keys" in done.stderr
    done = office.shell("backup", "--keys", str(keys))
    assert done.returncode == 0, done.stderr
    assert "root.key" in done.stdout
    assert "elsewhere" in done.stderr
    done = office.shell("restore", "--check", str(place))
    assert done.returncode == 0
    assert "whole" in done.stdout
    done = office.shell("backup", str(place))
    assert (done.returncode, "exists" in done.stderr) == (1, True)
    done = office.shell("restore", str(place))
    assert done.returncode == 1
    assert "not empty" in done.stderr


def test_the_keys_come_back_before_the_data(office, tmp_path):
    place, keys, new = tmp_path / "hub.backup", tmp_path / "keys.tar", str(tmp_path / "new")
    office.shell("backup", str(place))
    office.shell("backup", "--keys", str(keys))
    done = run("restore", str(place), HUB_HOME=new)
    assert done.returncode == 1
    assert "No keys" in done.stderr
    done = run("restore", "--keys", str(keys), HUB_HOME=new)
    assert done.returncode == 0, done.stderr
    done = run("restore", str(place), HUB_HOME=new)
    assert done.returncode == 0, done.stderr
    done = run("publish", HUB_HOME=new)
    assert done.returncode == 1
    assert "hub recover" in done.stderr
    done = run("recover", HUB_HOME=new)
    assert done.returncode == 1
    assert "HUB_WITNESS" in done.stderr
    words, mine = ("recover", "--without-witness", "it burnt with the host"), office.world.tokens["olga"]
    done = run(*words, HUB_HOME=new, HUB_TOKEN=mine)
    assert (done.returncode, "takes two people" in done.stderr) == (75, True)
    second_agrees(connect(Config.read({}, new)), office.world.tokens["omar"])
    done = run(*words, HUB_HOME=new, HUB_TOKEN=mine)
    assert done.returncode == 0, done.stderr
    assert run("publish", HUB_HOME=new).returncode == 0
    assert run("recover", HUB_HOME=new).returncode == 1


def test_a_backup_is_verified_with_a_copy_of_the_keys_alone(office, tmp_path):
    place, keys = tmp_path / "hub.backup", tmp_path / "keys.tar"
    office.shell("backup", str(place))
    done = office.shell("backup", "--keys", str(keys))
    assert "Destroy it by" in done.stderr
    done = run("restore", "--check", str(place), "--keys", str(keys), HUB_HOME=str(tmp_path / "new"))
    assert done.returncode == 0, done.stderr
    assert "whole" in done.stdout
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "new.keys").exists()


def test_wrong_words_are_told(tmp_path):
    for words in (("restore",), ("restore", "--check"), ("backup",)):
        assert run(*words, HUB_HOME=str(tmp_path)).returncode == 2
    done = run("restore", str(tmp_path / "none"), HUB_HOME=str(tmp_path / "new"))
    assert done.returncode == 1
    assert "none" in done.stderr
    assert "Traceback" not in done.stderr

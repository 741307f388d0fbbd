"""Two people run a hub: what one proposes at the shell the other agrees to; between the two nothing happens."""

import re

import pytest

from hub import rounds
from tests.factories import a_full_report
from tests.servers import living_world, run, serving

PEOPLE = (("operator", "olga"), ("operator", "omar"), ("analyst", "anna"), ("analyst", "abel"))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    world = living_world(tmp_path_factory.mktemp("two"))
    world.enrol("producer")
    for role, name in PEOPLE:
        world.enrol(role, "Hub staff", person=name)
    with serving(world.hub.config.home, workers=1) as server:
        yield world, server.url


def shell(served, who, *words):
    """A command on the host, by a person who shows a token."""
    world, _ = served
    return run(*words, HUB_HOME=str(world.hub.config.home), HUB_TOKEN=world.tokens[who])


def client(served, who, *words):
    """A command from elsewhere."""
    world, url = served
    return run(*words, HUB_URL=url, HUB_TOKEN=world.tokens[who])


def named(refused):
    """The proposal that a refused command left."""
    return re.findall(r"A-\w{4}-\w{4}", refused.stderr)[0]


def agreed(served, who, refused):
    """The proposal that a refused command left, agreed to by somebody else."""
    assert refused.returncode == 75, refused.stdout + refused.stderr
    name = named(refused)
    listed = client(served, who, "proposal", "list")
    assert name in listed.stdout, listed.stderr
    done = client(served, who, "proposal", "agree", name)
    assert done.returncode == 0, done.stderr
    assert "ready" in done.stdout
    return name


def test_two_erase_a_report(served):
    world, _ = served
    filed = world.file("producer", a_full_report(client_ref="gone"))
    words = ("erase", filed["ref"], "--why", "its producer asked for it in writing")
    name = agreed(served, "omar", shell(served, "olga", *words))
    assert world.send("producer", "GET", f"/api/v1/reports/{filed['id']}").status_code == 200
    done = shell(served, "olga", *words)
    assert done.returncode == 0, done.stderr
    assert '"by":"hand"' in done.stdout
    assert world.send("producer", "GET", f"/api/v1/reports/{filed['id']}").status_code == 410
    assert name not in client(served, "omar", "proposal", "list").stdout
    assert f"{name}  done" in client(served, "omar", "proposal", "list", "--all").stdout


def test_one_alone_erases_nothing(served):
    world, _ = served
    filed = world.file("producer", a_full_report(client_ref="stays"))
    words = ("erase", filed["ref"], "--why", "nobody asked for it at all")
    refused = shell(served, "olga", *words)
    name = named(refused)
    own = client(served, "olga", "proposal", "agree", name)
    assert (own.returncode, "another person" in own.stderr) == (1, True)
    assert shell(served, "olga", *words).returncode == 75
    other = world.file("producer", a_full_report(client_ref="stays-too"))["ref"]
    unknown = run("erase", other, *words[2:], HUB_HOME=str(world.hub.config.home))
    assert (unknown.returncode, "HUB_TOKEN" in unknown.stderr) == (75, True)
    assert client(served, "omar", "proposal", "refuse", name).returncode == 0
    assert world.send("producer", "GET", f"/api/v1/reports/{filed['id']}").status_code == 200


def test_two_make_an_epoch_and_a_rule(served):
    words = ("keys", "rotate", "--why", "a laptop with a copy of the keys was lost")
    agreed(served, "omar", shell(served, "olga", *words))
    done = shell(served, "omar", *words)  # either of them does it
    assert (done.returncode, "epoch 2" in done.stdout) == (0, True), done.stderr
    rule = ("retention", "set", "old", "--erases", "report", "--days", "365", "--why", "our policy, section 4")
    agreed(served, "omar", shell(served, "olga", *rule))
    assert shell(served, "olga", *rule).returncode == 0
    assert "old: erases report" in shell(served, "olga", "retention", "list").stdout
    assert shell(served, "olga", "retention", "remove", "old").returncode == 0


def test_two_let_a_third_open_sealed_fields(served):
    words = ("token", "issue", "Hub staff", "--role", "analyst", "--person", "ada")
    agreed(served, "omar", shell(served, "olga", *words))
    done = shell(served, "olga", *words)
    assert done.stdout.startswith("hub_live_"), done.stderr
    _, url = served
    listed = run("session", "list", HUB_URL=url, HUB_TOKEN=done.stdout.strip())
    assert listed.returncode == 0, listed.stderr


def test_an_analyst_works_in_a_session(served):
    world, _ = served
    filed = world.file("producer", a_full_report(client_ref="worked"))
    rounds.admit_all(world.hub)
    begun = client(served, "anna", "session", "begin", filed["ref"], "--purpose", "does it name the same agent?")
    assert begun.returncode == 0, begun.stderr
    session = begun.stdout.strip()
    opened = client(served, "anna", "open", filed["ref"], "title", "--session", session)
    assert "/title" in opened.stdout, opened.stderr
    assert "1 of 50 opened" in client(served, "anna", "session", "list").stdout
    assert client(served, "abel", "open", filed["ref"], "title", "--session", session).returncode == 1
    assert client(served, "anna", "session", "end", session).returncode == 0
    over = client(served, "anna", "open", filed["ref"], "title", "--session", session)
    assert (over.returncode, "is over" in over.stderr) == (1, True)
    both = client(served, "anna", "open", filed["ref"], "--session", session, "--purpose", "for both at once")
    assert both.returncode == 2


def test_who_reported_is_shown_by_two(served):
    world, _ = served
    filed = world.file("producer", a_full_report(client_ref="who"))
    rounds.admit_all(world.hub)
    words = ("open", filed["ref"], "reporter.name", "--purpose", "to warn them that their name leaked")
    refused = client(served, "anna", *words)
    assert (refused.returncode, "two people" in refused.stderr) == (1, True)
    name = named(refused)
    assert client(served, "abel", "proposal", "agree", name).returncode == 0
    shown = client(served, "anna", *words)
    assert "/reporter/name" in shown.stdout, shown.stderr

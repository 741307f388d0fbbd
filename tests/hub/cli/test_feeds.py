"""`hub feed`: a policy explained, compared over what is here, and applied by two people if it widens."""

from feeds.mapping.extension import AI_EXTENSION
from hub import policies
from tests.factories import a_report
from tests.sessions import second_agrees

MEMBERS = policies.definitions()["members"]
NARROW = MEMBERS.replace("[schedule]", '[narrow]\nwithhold = ["recommendation"]\n\n[schedule]', 1)


def test_a_policy_is_explained_compared_and_applied(office, tmp_path):
    place = tmp_path / "members.toml"
    place.write_text(NARROW)
    told = office.shell("feed", "check", str(place))
    assert told.returncode == 0, told.stderr
    assert "up to TLP:GREEN" in told.stdout
    filed = office.world.file("producer:Filer", a_report(client_ref="FED", tlp="green", recommendation="Update it."))
    office.world.tokens["analyst"] = office.world.tokens["analyst:Hub staff"]
    office.world.accept(filed["id"], "members")
    office.world.release()
    told = office.shell("feed", "releases", "members")
    assert "1 of 1 eligible reports; none held" in told.stdout
    told = office.shell("feed", "diff", str(place))
    assert "recommendation, as written: keep → withheld\n" in told.stdout
    assert "nothing is newly revealed" in told.stdout
    told = office.shell("feed", "apply", str(place))
    assert (told.returncode, "version 2 is active" in told.stdout) == (0, True), told.stderr
    place.write_text(MEMBERS)
    told = office.shell("feed", "diff", str(place))
    assert "WIDER: takes two people" in told.stdout
    assert "1 show recommendation newly: withheld → keep" in told.stdout
    words = ("feed", "apply", str(place), "--why", "members asked for the advice")
    assert office.shell(*words, who="olga").returncode == 75
    assert "recommendation" in office.shell("feed", "check", "members").stdout.partition("never, though")[2]
    second_agrees(office.world.hub, office.world.tokens["omar"])
    told = office.shell(*words, who="olga")
    assert (told.returncode, "version 3 is active" in told.stdout) == (0, True), told.stderr


def test_a_policy_that_says_less_corrects_what_was_released(office, tmp_path):
    place = tmp_path / "trusted.toml"
    place.write_text(policies.definitions()["trusted"] + '\n[narrow.coarsen]\naware_at = "quarter"\n')
    told = office.shell("feed", "check", str(place))
    assert "the quarter in utc, or the year if no more is known" in told.stdout
    filed = office.world.file("producer:Filer", a_report(client_ref="LESS", tlp="green", aware_at="2026-11-20"))
    office.world.tokens["analyst"] = office.world.tokens["analyst:Hub staff"]
    office.world.accept(filed["id"], "trusted")
    office.world.release()
    office.world.enrol("member", "Partner", audiences=("trusted",))
    assert shown(office.world) == "2026-11-20"
    told = office.shell("feed", "diff", str(place))
    assert "aware_at, as written: day → quarter\n" in told.stdout, "less for all: one person"
    assert office.shell("feed", "apply", str(place)).returncode == 0
    office.world.release()
    assert shown(office.world) == "2026-Q4"


def shown(world):
    """What the trusted partners' newest entry says of when."""
    carrier = world.carriers("member:Partner", "trusted")[-1]
    return carrier["extensions"][AI_EXTENSION]["fields"]["aware_at"]


def test_what_is_no_policy_is_refused_with_its_line(office, tmp_path):
    place = tmp_path / "members.toml"
    place.write_text(MEMBERS.replace('ceiling = "green"', 'ceiling = "red"'))
    for words in (("check",), ("diff",), ("apply",)):
        told = office.shell("feed", *words, str(place))
        assert told.returncode == 1
        assert "ceiling: no feed is above amber" in told.stderr
        assert "(line 4)" in told.stderr
    assert office.shell("feed", "check", "nothing").returncode == 1

"""`hub preview`, as a producer with a file and as an analyst with a filed report."""

import json

from hub import rounds
from tests.factories import a_report


def test_a_draft_is_previewed_from_a_file_and_not_filed(office, tmp_path):
    place = tmp_path / "draft.json"
    place.write_text(json.dumps(a_report(tlp="green", share_redacted_with=["members"])))
    before = len(office.filed())
    told = office.client("producer:Filer", "preview", str(place))
    assert told.returncode == 0, told.stderr
    assert "members, redacted: leaves next" in told.stdout
    assert "closed     accepted: an analyst accepts the report" in told.stdout
    assert "withheld   title  (not for this audience in a redacted projection)" in told.stdout
    assert len(office.filed()) == before
    one = office.client("producer:Filer", "preview", str(place), "trusted", "--stix")
    assert "trusted, written" in one.stdout
    assert "members" not in one.stdout
    assert '"type": "report"' in one.stdout


def test_a_filed_report_is_previewed_by_an_analyst_who_says_why(office):
    filed = office.world.file("producer:Filer", a_report(client_ref="SEEN", tlp="green"))
    rounds.admit_all(office.world.hub)
    words = ("preview", filed["ref"], "members", "--purpose", "to see what members would see")
    told = office.client("analyst:Hub staff", *words)
    assert told.returncode == 0, told.stderr
    assert "kept       title" in told.stdout
    assert office.client("producer:Filer", *words).returncode == 1


def test_what_goes_nowhere_says_so(office, tmp_path):
    place = tmp_path / "draft.json"
    place.write_text(json.dumps(a_report()))
    told = office.client("producer:Filer", "preview", str(place))
    assert (told.returncode, told.stdout) == (0, "")
    assert "nobody would see anything of it" in told.stderr

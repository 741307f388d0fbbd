import json

from tests.factories import a_report

ANALYST, PURPOSE = "analyst:Hub staff", "--purpose=triage of ticket 4711"


def file(office, ref, **changes):
    filed = office.world.file("producer:Filer", a_report(client_ref=ref, **changes))
    assert office.shell("publish").returncode == 0  # admits first
    return filed


def test_a_report_is_opened_for_a_purpose_and_read_as_text(office):
    filed = file(office, "OPEN-1", description="Marmalade\x1b[31m on the ledger")
    done = office.client(ANALYST, "open", filed["ref"], PURPOSE)
    assert done.returncode == 0, done.stderr
    assert "/title\n  An agent deleted a table\n" in done.stdout
    assert "Marmalade" in done.stdout
    assert "\x1b" not in done.stdout
    assert "/systems/0/name" in done.stdout


def test_only_named_fields_are_opened_and_the_answer_comes_as_json(office):
    filed = file(office, "OPEN-2")
    done = office.client(ANALYST, "open", filed["id"], "title", "poc", PURPOSE, "--json")
    answer = json.loads(done.stdout)
    assert answer["opened"] == {"/title": "An agent deleted a table"}
    assert answer["absent"] == ["poc"]


def test_without_a_purpose_or_a_right_nothing_opens(office):
    filed = file(office, "OPEN-3")
    assert office.client(ANALYST, "open", filed["id"]).returncode == 2
    refused = office.client("producer:Filer", "open", filed["id"], PURPOSE)
    assert (refused.returncode, refused.stdout) == (1, "")
    short = office.client(ANALYST, "open", filed["id"], "--purpose=why")
    assert short.returncode == 1
    assert "/purpose" in short.stderr


def test_words_are_found_page_by_page(office):
    first = file(office, "SCAN-1", description="A quixotic agent.")
    second = file(office, "SCAN-2", title="Quixotic")
    done = office.client(ANALYST, "scan", "quixotic", PURPOSE, "--rows=1", "--all")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{second['ref']}  /title", f"{first['ref']}  /description"]
    page = office.client(ANALYST, "scan", "quixotic", "title", PURPOSE, "--rows=1", "--json")
    answer = json.loads(page.stdout)
    assert [item["ref"] for item in answer["items"]] == [second["ref"]]
    rest = office.client(ANALYST, "scan", "quixotic", "title", PURPOSE, "--next", answer["next"])
    assert rest.stdout == ""
    assert "0 found" in rest.stderr

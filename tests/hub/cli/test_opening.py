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


def test_a_filter_and_a_sort_find_by_command_what_they_find_by_api(office):
    for ref, severity in (("BOTH-1", "low"), ("BOTH-2", "critical"), ("BOTH-3", "high")):
        file(office, ref, severity=severity, description="A vermilion agent.")
    asked = {"filter": "client_ref in (BOTH-1, BOTH-2, BOTH-3) and severity != low", "sort": "severity"}
    words = [f"--filter={asked['filter']}", f"--sort={asked['sort']}", PURPOSE, "--json"]
    told = {"purpose": PURPOSE.partition("=")[2], **asked}
    for command, path, more in (
        (["open", "title"], "open", {"fields": ["title"], "limit": 20}),
        (["scan", "vermilion", "description"], "sealed", {"contains": "vermilion", "fields": ["description"]}),
    ):
        done = office.client(ANALYST, *command, *words)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert answer == office.world.send(ANALYST, "POST", f"/api/v1/search/{path}", {**told, **more}).get_json()
        names = [one["ref"] for one in answer["items"]]
        assert names == [one["ref"] for client_ref in ("BOTH-3", "BOTH-2") for one in office.filed()
                         if one["report"]["client_ref"] == client_ref]  # fmt: skip


def test_a_page_is_opened_as_text_and_goes_on(office):
    for ref in ("PAGE-1", "PAGE-2"):
        file(office, ref, title=f"Title of {ref}")
    words = ["title", "--filter=client_ref in (PAGE-1, PAGE-2)", PURPOSE, "--limit=1"]
    first = office.client(ANALYST, "open", *words)
    assert "Title of PAGE-2" in first.stdout
    cursor = first.stderr.rpartition("--next ")[2].strip()
    rest = office.client(ANALYST, "open", *words, f"--next={cursor}")
    assert "Title of PAGE-1" in rest.stdout
    assert "--next" not in rest.stderr


def test_a_filter_that_cannot_be_read_or_no_report_says_what_is_wrong(office):
    wrong = office.client(ANALYST, "scan", "x", PURPOSE, "--filter=severty = low")
    assert wrong.returncode == 1
    assert "column 1" in wrong.stderr
    assert office.client(ANALYST, "open", PURPOSE).returncode == 2
    assert office.client(ANALYST, "open", "R-0000-0000", PURPOSE, "--sort=newest").returncode == 2

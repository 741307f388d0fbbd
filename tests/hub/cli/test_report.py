import json
import subprocess
import sys

import pytest
import requests
import yaml

from tests.factories import a_report
from tests.servers import ROOT, environment, free_port, run

WHO = "producer:Filer"
SERVER_ROOMS = ("apscheduler", "cryptography", "flask", "gunicorn", "marshmallow", "sqlalchemy", "sqlmodel", "stix2")


@pytest.fixture
def written(tmp_path):
    """Writes a report to a file."""

    def write(name="report.json", **changes):
        path = tmp_path / name
        path.write_text(json.dumps(a_report(**changes)), "utf-8")
        return str(path)

    return write


@pytest.fixture
def nowhere():
    """The address of a hub that is down."""
    return f"http://127.0.0.1:{free_port()}"


def test_a_json_file_is_filed_and_its_id_and_receipt_are_printed(office, written):
    done = office.client(WHO, "report", written(title="From JSON"))
    assert done.returncode == 0, done.stderr
    newest = office.filed()[0]
    receipt = office.world.send(WHO, "GET", newest["links"]["receipt"]).get_json()
    assert newest["id"] in done.stdout
    assert newest["ref"] in done.stdout
    assert receipt["commitment"] in done.stdout


def test_yaml_dates_need_no_quotes_and_keep_their_precision(office, tmp_path):
    path = tmp_path / "report.yaml"
    body = a_report(client_ref="YAML-1")
    del body["aware_at"]
    path.write_text(yaml.safe_dump(body) + "aware_at: 2026-11-20\noccurred_start: 2026-11-19T08:30:00+01:00\n", "utf-8")
    done = office.client(WHO, "report", str(path))
    assert done.returncode == 0, done.stderr
    shown = office.world.send(WHO, "GET", office.filed()[0]["links"]["self"]).get_json()["report"]
    assert shown["aware_at"] == "2026-11-20", "a date became an instant that nobody wrote"
    assert shown["occurred_start"] == "2026-11-19T08:30:00+01:00"


def test_a_report_can_come_from_standard_input(office):
    before = len(office.filed())
    done = office.client(WHO, "report", "-", stdin=json.dumps(a_report(client_ref="STDIN-1")))
    assert done.returncode == 0, done.stderr
    assert len(office.filed()) == before + 1


def test_filing_a_file_twice_files_one_report(office, written):
    path = written(title="Once only")
    first = office.client(WHO, "report", "--json", path)
    again = office.client(WHO, "report", "--json", path)
    assert json.loads(first.stdout)["id"] == json.loads(again.stdout)["id"]


def test_a_changed_body_needs_upsert(office, written):
    office.client(WHO, "report", written(client_ref="UP-1"))
    changed = written(client_ref="UP-1", severity="low")
    refused = office.client(WHO, "report", changed)
    assert refused.returncode == 1
    assert "UP-1" not in refused.stdout
    assert "upsert" in refused.stderr
    amended = office.client(WHO, "report", "--upsert", "--json", changed)
    assert amended.returncode == 0, amended.stderr
    assert json.loads(amended.stdout)["revision"] == 2


def test_a_dry_run_says_what_is_missing_and_files_nothing(office, written):
    before = len(office.filed())
    done = office.client(WHO, "report", "--dry-run", written(title="Dry"))
    assert done.returncode == 0, done.stderr
    assert "good" in done.stdout
    assert "to make it complete" in done.stdout
    assert len(office.filed()) == before


def test_a_dry_run_of_a_bad_report_fails_and_names_the_field(office, written):
    done = office.client(WHO, "report", "--dry-run", written(severity="terrible"))
    assert done.returncode == 1
    assert "/severity" in done.stderr
    assert "terrible" not in done.stderr, "a refused value is never echoed"


def test_one_bad_file_of_several_fails_and_the_others_are_filed(office, written):
    before = len(office.filed())
    done = office.client(
        WHO, "report", written("bad.json", aware_at="2026-11-20 10:00"), written("good.json", title="OK")
    )
    assert done.returncode == 1
    assert "bad.json" in done.stderr
    assert "good.json" in done.stdout
    assert len(office.filed()) == before + 1


@pytest.mark.parametrize("content", ["{", "a: [", "\x00"])
def test_a_file_that_is_neither_json_nor_yaml_fails_with_its_name(office, tmp_path, content):
    path = tmp_path / "broken"
    path.write_text(content, "utf-8")
    done = office.client(WHO, "report", str(path))
    assert done.returncode == 1
    assert "broken" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_file_at_all_is_wrong_usage(office):
    assert office.client(WHO, "report").returncode == 2


@pytest.mark.parametrize("missing", ["HUB_URL", "HUB_TOKEN"])
def test_a_missing_address_or_token_is_named(office, written, missing):
    done = office.client(WHO, "report", written(), **{missing: ""})
    assert done.returncode == 1
    assert missing in done.stderr


def test_a_wrong_token_fails(office, written):
    done = office.client(WHO, "report", written(), HUB_TOKEN="hub_live_nonsense")
    assert done.returncode == 1
    assert "401" in done.stderr


def test_the_token_can_come_from_a_file(office, written, tmp_path):
    (tmp_path / "token").write_text(office.world.tokens[WHO] + "\n", "utf-8")
    done = office.client(
        WHO, "report", written(title="Token file"), "--token-file", str(tmp_path / "token"), HUB_TOKEN=""
    )
    assert done.returncode == 0, done.stderr


def test_a_hub_that_is_down_is_a_temporary_failure(office, written, nowhere):
    done = office.client(WHO, "report", written(), HUB_URL=nowhere)
    assert done.returncode == 75
    assert "is the hub running?" in done.stderr


def test_a_spool_keeps_what_could_not_be_sent_and_sends_it_later_once(office, written, nowhere, tmp_path):
    spool, before = tmp_path / "spool", len(office.filed())
    kept = office.client(WHO, "report", "--spool", str(spool), written(title="Kept"), HUB_URL=nowhere)
    assert kept.returncode == 75
    (file,) = spool.iterdir()
    assert file.stat().st_mode & 0o077 == 0, "a report at rest is its owner's alone"
    assert spool.stat().st_mode & 0o077 == 0
    still = office.client(WHO, "report", "--spool", str(spool), HUB_URL=nowhere)
    assert still.returncode == 75
    sent = office.client(WHO, "report", "--spool", str(spool))
    assert sent.returncode == 0, sent.stderr
    assert list(spool.iterdir()) == []
    assert office.client(WHO, "report", "--spool", str(spool)).returncode == 0
    assert len(office.filed()) == before + 1


def test_what_was_spooled_with_upsert_is_sent_with_upsert(office, written, nowhere, tmp_path):
    spool = str(tmp_path / "spool")
    office.client(WHO, "report", written(client_ref="SPOOL-UP"))
    changed = written(client_ref="SPOOL-UP", severity="low")
    assert office.client(WHO, "report", "--upsert", "--spool", spool, changed, HUB_URL=nowhere).returncode == 75
    sent = office.client(WHO, "report", "--spool", spool)
    assert (sent.returncode, sent.stderr) == (0, "")
    assert office.filed()[0]["revision"] == 2


def test_a_spooled_report_that_is_refused_is_set_aside_and_holds_nothing_up(office, written, nowhere, tmp_path):
    spool = tmp_path / "spool"
    for body in ({"severity": "awful"}, {"client_ref": "SPOOL-GOOD"}):
        office.client(WHO, "report", "--spool", str(spool), written(**body), HUB_URL=nowhere)
    sent = office.client(WHO, "report", "--spool", str(spool))
    assert sent.returncode == 1
    assert "/severity" in sent.stderr
    assert [path.suffix for path in spool.iterdir()] == [".refused"], "kept for its owner, and out of the way"
    assert office.client(WHO, "report", "--spool", str(spool)).returncode == 0


def test_a_token_that_expired_loses_no_spooled_report(office, written, nowhere, tmp_path):
    spool = tmp_path / "spool"
    office.client(WHO, "report", "--spool", str(spool), written(client_ref="SPOOL-TOKEN"), HUB_URL=nowhere)
    refused = office.client(WHO, "report", "--spool", str(spool), HUB_TOKEN="hub_live_of_yesterday")
    assert refused.returncode == 1
    assert [path.suffix for path in spool.iterdir()] == [".json"]
    assert office.client(WHO, "report", "--spool", str(spool)).returncode == 0
    assert list(spool.iterdir()) == []


def test_of_two_spooled_states_of_a_report_the_later_one_stands(office, written, nowhere, tmp_path):
    spool = str(tmp_path / "spool")
    for severity in ("low", "medium", "high", "critical", "info"):
        path = written(client_ref="SPOOL-ORDER", severity=severity)
        office.client(WHO, "report", "--upsert", "--spool", spool, path, HUB_URL=nowhere)
    sent = office.client(WHO, "report", "--upsert", "--spool", spool)
    assert (sent.returncode, sent.stderr) == (0, "")
    shown = office.world.send(WHO, "GET", office.filed()[0]["links"]["self"]).get_json()
    assert shown["report"]["severity"] == "info"


def test_hub_report_loads_no_server_library(office, written):
    script = (
        "import sys; sys.argv = ['hub', 'report', sys.argv[1]]; from hub.cli import main; main();"
        "print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    told = environment(HUB_URL=office.url, HUB_TOKEN=office.world.tokens[WHO])
    path = written(title="Light")
    done = subprocess.run(
        [sys.executable, "-c", script, path], env=told, cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.splitlines()[-1]
    assert "'requests'" in loaded, "the report was not sent"
    assert [room for room in SERVER_ROOMS if f"'{room}'" in loaded] == []


def test_the_api_refuses_what_the_command_would_have_sent_without_a_key(office):
    """The command always sends a key; a bare client learns which line to add."""
    answer = requests.post(
        f"{office.url}/api/v1/reports",
        json=a_report(),
        headers={"Authorization": f"Bearer {office.world.tokens[WHO]}"},
        timeout=30,
    )
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]


def test_help_needs_neither_hub_nor_token():
    done = run("report", "--help")
    assert done.returncode == 0
    assert "HUB_TOKEN" in done.stdout

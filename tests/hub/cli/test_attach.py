"""`hub attach` and `hub open --attachment`, as from other machines than the hub's."""

import json

from tests.attaching import a_file, attach, begin, chunks, place, put
from tests.factories import a_report

PRODUCER, ANALYST, PURPOSE = "producer:Filer", "analyst:Hub staff", "--purpose=triage of ticket 4711"


def filed(office, ref):
    return office.world.file(PRODUCER, a_report(client_ref=ref))


def test_a_file_goes_in_by_one_command_and_comes_out_by_another(office, tmp_path):
    report, content = filed(office, "ATTACH-1"), a_file()
    file, saved = tmp_path / "trace.jsonl", tmp_path / "saved.bin"
    file.write_bytes(content)
    done = office.client(PRODUCER, "attach", report["ref"], str(file))
    assert done.returncode == 0, done.stderr
    name, one, state = done.stdout.split()
    assert (name, state) == ("trace.jsonl:", "complete")
    assert "100 %" in done.stderr
    assert office.shell("publish").returncode == 0
    told = office.client(ANALYST, "open", report["ref"], "--attachment", one, PURPOSE)
    assert told.returncode == 0, told.stderr
    assert "name\n  trace.jsonl\n" in told.stdout
    whole = office.client(ANALYST, "open", report["ref"], "--attachment", one, "--to", str(saved), PURPOSE)
    assert (whole.returncode, whole.stdout) == (0, ""), whole.stderr
    assert saved.read_bytes() == content
    assert saved.stat().st_mode & 0o777 == 0o600
    again = office.client(ANALYST, "open", report["ref"], "--attachment", one, "--to", str(saved), PURPOSE)
    assert again.returncode == 1
    assert "exists" in again.stderr


def test_run_again_it_goes_on_and_sends_nothing_twice(office, tmp_path):
    report, content = filed(office, "ATTACH-2"), a_file()
    file = tmp_path / "trace.jsonl"
    file.write_bytes(content)
    begun = begin(office.world, report["id"], content, PRODUCER, name=file.name, media_type="text/x-trace").get_json()[
        "id"
    ]
    put(office.world, report["id"], begun, *chunks(content)[0], who=PRODUCER)
    words = ("attach", report["id"], str(file), "--media-type", "text/x-trace", "--json")
    done = office.client(PRODUCER, *words)
    assert json.loads(done.stdout)["id"] == begun
    assert f"{1 << 20:,} of {len(content):,} bytes" in done.stderr.splitlines()[0]
    again = office.client(PRODUCER, *words)
    assert json.loads(again.stdout) == json.loads(done.stdout)
    assert len(again.stderr.splitlines()) == 1
    items = office.world.send(PRODUCER, "GET", place(report["id"])).get_json()["items"]
    assert [item["id"] for item in items] == [begun]


def test_what_cannot_be_attached_says_why_and_the_others_are(office, tmp_path):
    report = filed(office, "ATTACH-3")
    empty, good = tmp_path / "empty", tmp_path / "good.txt"
    empty.write_bytes(b"")
    good.write_bytes(b"good")
    done = office.client(PRODUCER, "attach", report["id"], str(empty), str(tmp_path / "none"), str(good))
    assert done.returncode == 1
    assert "empty: is empty" in done.stderr
    assert "none: No such file" in done.stderr
    assert done.stdout.startswith("good.txt: ")
    assert office.client(PRODUCER, "attach", report["id"]).returncode == 2
    assert office.client(ANALYST, "attach", report["id"], str(good)).returncode == 1
    away = office.client(PRODUCER, "attach", report["id"], str(good), HUB_URL="http://127.0.0.1:9")
    assert away.returncode == 75
    assert "run the same command" in away.stderr


def test_an_attachment_that_cannot_be_opened_leaves_no_file(office, tmp_path):
    report = filed(office, "ATTACH-4")
    one = attach(office.world, report["id"], a_file(), PRODUCER, sha256="0" * 64)["id"]
    assert office.shell("publish").returncode == 0
    words = ("open", report["ref"], "--attachment", one, "--to", str(tmp_path / "saved"), PURPOSE)
    refused = office.client(ANALYST, *words)
    assert refused.returncode == 1
    assert "did not verify at admission" in refused.stderr
    assert list(tmp_path.iterdir()) == []
    assert office.client(ANALYST, "open", report["ref"], "--to", "x", PURPOSE).returncode == 2
    assert office.client(ANALYST, "open", report["ref"], "title", "--attachment", one, PURPOSE).returncode == 2

import json

import pytest

import hub.importers
from hub.importers import NothingToImport, count, read, sources

INCIDENT = {"incident_id": 7, "title": "A lawn mower took a walk", "date": "2031-04-05"}
ANOTHER = {**INCIDENT, "incident_id": 8}
AIID = sources()["aiid"]


def written(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(lines))
    return path


def line(record):
    return json.dumps(record).encode()


def test_the_room_finds_its_sources():
    assert list(sources()) == ["aiid", "atlas", "avid", "osv"]
    assert {source.licence for source in sources().values()} == {"Apache-2.0", "MIT", "CC-BY-SA-4.0", "CC-BY-4.0"}


def test_adding_an_importer_is_adding_a_file(tmp_path, monkeypatch):
    new = 'TITLE, LICENCE, FILES = "A new source", "CC0-1.0", ("new.jsonl",)\ndef document(record): return record\n'
    (tmp_path / "brandnew.py").write_text(new)
    monkeypatch.setattr(hub.importers, "__path__", [*hub.importers.__path__, str(tmp_path)])
    assert sources()["brandnew"].title == "A new source"


def test_an_import_is_clear_and_says_where_it_comes_from(reported):
    report = reported("aiid", INCIDENT)
    assert report["tlp"] == "clear"
    assert report["client_ref"] == "aiid:7"
    assert report["origin"] == {
        "source": "aiid",
        "id": "7",
        "url": "https://incidentdatabase.ai/cite/7",
        "licence": "CC-BY-SA-4.0",
    }


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        pytest.param(b'{"incident_id": 9, ', "is not JSON", id="cut-off"),
        pytest.param(b'{"incident_id": 9, "incident_id": 9}', "occurs twice", id="key-twice"),
        pytest.param(b'["a", "list"]', "must be an object", id="not-an-object"),
        pytest.param(b'{"title": "\xff"}', "UTF-8", id="not-utf-8"),
        pytest.param(b'{"title": "\\u0000"}', "NUL", id="nul"),
        pytest.param(b"[" * 100_000, "nested deeper", id="deep"),
        pytest.param(b'{"title": "' + b"a" * hub.importers.LIMITS.size + b'"}', "larger than", id="huge"),
    ],
)
def test_a_broken_line_is_one_refusal_and_not_the_end(tmp_path, broken, reason):
    path = written(tmp_path / "incidents.jsonl", line(INCIDENT), broken, b"", line(ANOTHER))
    first, second, third = read(AIID, path)
    assert (first.key, second.key, third.key) == ("7", "incidents.jsonl:2", "8")
    assert second.report is None
    assert reason in second.refusal
    assert not first.refusal
    assert third.report
    assert count(AIID, path) == 3


def test_a_refusal_names_the_field_and_the_record_and_never_the_value(importing):
    [refused] = importing("aiid", {**INCIDENT, "title": "x" * 301})
    assert refused.key == "7"
    assert refused.refusal == "/title is 301 characters long; the limit is 300"


def test_a_record_without_an_id_is_refused_by_its_line(importing):
    [refused] = importing("aiid", {"title": "Nameless", "date": "2031-04-05"})
    assert refused.key == "records.jsonl:1"
    assert refused.refusal.startswith("/origin/id ")


def test_a_record_of_another_source_is_refused(importing):
    [refused] = importing("osv", INCIDENT)
    assert refused.report is None


def test_a_folder_may_hold_the_files_or_a_folder_that_does(tmp_path):
    written(tmp_path / "aiid" / "incidents.jsonl", line(INCIDENT))
    written(tmp_path / "aiid" / "notes.jsonl", b"not for us")
    for path in (tmp_path, tmp_path / "aiid", tmp_path / "aiid" / "incidents.jsonl"):
        assert [imported.key for imported in read(AIID, path)] == ["7"]


def test_a_json_file_is_one_record_however_it_is_laid_out(tmp_path):
    advisory = {"id": "PYSEC-2031-1", "details": "It leaks.", "published": "2031-01-02T03:04:05Z"}
    written(tmp_path / "PYSEC-2031-1.json", json.dumps(advisory, indent=2).encode())
    written(tmp_path / "PYSEC-2031-2.json", json.dumps({**advisory, "id": "PYSEC-2031-2"}, indent=2).encode())
    assert [found.key for found in read(sources()["osv"], tmp_path)] == ["PYSEC-2031-1", "PYSEC-2031-2"]


@pytest.mark.parametrize("missing", ["", "nowhere"])
def test_a_path_that_holds_nothing_says_at_once_what_to_name(tmp_path, missing):
    with pytest.raises(NothingToImport, match=r"name a file, or a folder with incidents\.jsonl"):
        read(AIID, tmp_path / missing)


def test_an_empty_file_yields_nothing(tmp_path):
    assert list(read(AIID, written(tmp_path / "incidents.jsonl", b"\n\n"))) == []

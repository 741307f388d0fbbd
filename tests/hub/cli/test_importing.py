import json

import pytest


def advisory(number, **changes):
    return {
        "id": f"OSV-2026-{number}",
        "summary": f"Overflow number {number}",
        "details": "A parser reads past its end.",
        "published": "2026-01-02T03:04:05Z",
        "affected": [{"package": {"name": "parser", "ecosystem": "PyPI", "purl": "pkg:pypi/parser"}}],
        **changes,
    }


@pytest.fixture
def advisories(tmp_path):
    """Writes advisories to a file."""

    def write(*records):
        path = tmp_path / "advisories.jsonl"
        path.write_text("\n".join(map(json.dumps, records)), "utf-8")
        return str(path)

    return write


def outcomes(done):
    return [line.split()[0] for line in done.stdout.splitlines()]


def test_records_are_filed_once_and_amended_when_they_change(office, advisories):
    path = advisories(advisory(1), advisory(2))
    first = office.shell("import", "osv", path)
    assert (first.returncode, outcomes(first)) == (0, ["filed", "filed"]), first.stderr
    assert "2 filed" in first.stderr
    again = office.shell("import", "osv", path)
    assert (again.returncode, outcomes(again)) == (0, ["unchanged", "unchanged"])
    changed = office.shell("import", "osv", advisories(advisory(1), advisory(2, summary="Overflow, worse")))
    assert (changed.returncode, outcomes(changed)) == (0, ["unchanged", "amended"])

    assert office.shell("publish", "reference").returncode == 0
    names = {one["name"] for one in office.world.carriers("member:Reader", "reference")}
    assert {"Overflow number 1", "Overflow, worse"} <= names
    assert "Overflow number 2" not in names


def test_a_folder_is_searched_for_the_sources_own_files(office, tmp_path, advisories):
    advisories(advisory(10))
    done = office.shell("import", "osv", str(tmp_path))
    assert (done.returncode, outcomes(done)) == (0, ["filed"]), done.stderr


def test_a_dry_run_files_nothing(office, advisories):
    path = advisories(advisory(20), advisory(21, withdrawn="2026-05-01T00:00:00Z"))
    dry = office.shell("import", "--dry-run", "osv", path)
    assert (dry.returncode, sorted(outcomes(dry))) == (0, ["good", "refused"]), dry.stderr
    real = office.shell("import", "osv", path)
    assert sorted(outcomes(real)) == ["filed", "refused"]


def test_each_refusal_names_the_record_and_the_reason(office, advisories):
    done = office.shell("import", "osv", advisories(advisory(30), advisory(31, withdrawn="2026-05-01T00:00:00Z")))
    assert done.returncode == 0, "one good record is enough"
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("refused")]
    assert "advisories.jsonl:2" in line
    assert "/withdrawn" in line


@pytest.mark.parametrize("flags", [(), ("--dry-run",)])
def test_an_import_of_which_all_is_refused_fails(office, advisories, flags):
    done = office.shell("import", *flags, "osv", advisories(advisory(40, withdrawn="2026-05-01T00:00:00Z")))
    assert (done.returncode, outcomes(done)) == (1, ["refused"])


def test_broken_json_is_a_refusal_and_not_the_end(office, advisories, tmp_path):
    path = advisories(advisory(50))
    (tmp_path / "advisories.jsonl").write_text("{\n" + json.dumps(advisory(50)), "utf-8")
    done = office.shell("import", "osv", path)
    assert (done.returncode, sorted(outcomes(done))) == (0, ["filed", "refused"]), done.stderr


def test_a_source_or_path_that_does_not_exist_is_wrong_usage(office, tmp_path):
    assert office.shell("import", "newspapers", str(tmp_path)).returncode == 2
    assert office.shell("import", "osv", str(tmp_path / "nowhere")).returncode == 2
    empty = office.shell("import", "osv", str(tmp_path))
    assert empty.returncode == 2
    assert "advisories.jsonl" in empty.stderr

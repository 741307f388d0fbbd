import json

import pytest

from hub.importers import read, sources


@pytest.fixture
def importing(tmp_path):
    """Writes records as one JSON Lines file and reads them back as a source."""

    def run(code, *records):
        path = tmp_path / "records.jsonl"
        path.write_text("\n".join(json.dumps(record) for record in records), "utf-8")
        return list(read(sources()[code], path))

    return run


@pytest.fixture
def reported(importing):
    """The one report that one record becomes."""

    def run(code, record):
        [imported] = importing(code, record)
        assert not imported.refusal
        return imported.report

    return run

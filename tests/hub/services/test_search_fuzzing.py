"""Whatever is written as a filter is refused where it is wrong, or is searched for; there is no third."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import World, make_world
from tests.factories import a_full_report, a_report
from tests.filters import NASTY, filters, mutated, tried, watching
from tests.strategies import LAW

COUNT = 3_000


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A few reports, some of them released as written."""
    made = make_world(tmp_path_factory.mktemp("fuzzed"))
    for number in range(5):
        made.file("producer", a_report(client_ref=f"r{number}", tlp="green"))
    filed = made.file("producer", a_report(client_ref="out", tlp="green", title="An agent of GPT-4"))
    made.file("producer", a_full_report(client_ref="full"))
    made.release()
    made.accept(filed["id"], "members")
    made.release()
    yield made
    made.hub.store.close()


def test_random_and_mutated_filters_are_refused_or_read_and_never_written_into_sql(small: World) -> None:
    outcomes = Counter[str]()
    with watching(small.hub) as seen, small.hub.store.reading() as db:
        for text, sort, chance in filters(7, COUNT):
            outcomes[tried(db, seen, text, sort, chance)] += 1
    assert outcomes["refused"] > COUNT / 5
    assert outcomes["found"] > COUNT / 5


@LAW
@given(st.text(st.characters(), max_size=200))
def test_any_text_at_all(small: World, text: str) -> None:
    with watching(small.hub) as seen, small.hub.store.reading() as db:
        tried(db, seen, text, "newest", Random(0))
        tried(db, seen, f"text ~ {text}", "newest", Random(0))
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        tried(
            db, seen, f'title = "{quoted}" or text ~ "{quoted}" or origin.url begins "{quoted}"', "-severity", Random(0)
        )


def test_signs_of_a_query_language_are_words_or_nothing(any_world: World) -> None:
    any_world.file("producer", a_report(client_ref="a"))
    any_world.release()
    forms = ("text ~ {}", "text ~ '\"{} deleted\"'", "text ~ {}*", 'client_ref = "{}"', 'title begins "{}"')
    for text in (form.format(nasty) for nasty in NASTY for form in forms):
        body = {"filter": text, "contains": "word", "purpose": "to try out signs"}
        for answer in (
            any_world.send("analyst", "POST", "/api/v1/search/sealed", body),
            any_world.web.get(
                "/api/v1/search",
                query_string={"filter": text.encode("utf-8", "replace").decode()},
                headers={"Authorization": f"Bearer {any_world.tokens['analyst']}"},
            ),
        ):
            assert answer.status_code in {200, 400, 422}, answer.get_data(as_text=True)


def test_a_hundred_conditions_deep_or_wide_are_refused_or_answered(small: World) -> None:
    one = "severity = high"
    wide = " and ".join([f"not {one}"] * 100)
    listed = f"aware_at in ({', '.join(['2026'] * 200)}) and " * 2 + one
    with watching(small.hub) as seen, small.hub.store.reading() as db:
        assert tried(db, seen, "(" * 100 + one + ")" * 100, "newest", Random(0)) == "refused"
        assert tried(db, seen, "(" * 20 + one + ")" * 20, "newest", Random(0)) == "found"
        assert tried(db, seen, wide, "severity", Random(0)) == "found"
        assert tried(db, seen, listed, "-aware_at", Random(0)) == "found"
        assert tried(db, seen, f"severity in ({', '.join(['high'] * 201)})", "newest", Random(0)) == "refused"


def test_filters_over_http_are_answered_or_refused(small: World) -> None:
    for text, sort, chance in filters(8, 150):
        said = mutated(text, chance).encode("utf-8", "replace").decode()
        answer = small.web.get(
            "/api/v1/search",
            query_string={"filter": said, "sort": sort},
            headers={"Authorization": f"Bearer {small.tokens['analyst']}"},
        )
        assert answer.status_code in {200, 400, 422}, answer.get_data(as_text=True)

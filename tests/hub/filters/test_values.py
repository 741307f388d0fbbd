"""Values as the index writes them: their text sorts as they do, and an instant is all that its precision allows."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.filters import catalogue
from hub.filters.folding import fold, words
from hub.filters.values import LONGEST, asked, cut, instant_text, number_text, span, stored
from schemas import instant
from tests.strategies import LAW, instants

FIELDS = catalogue(is_staff=True)
moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@LAW
@given(moments, moments)
def test_instants_sort_as_text(one: datetime, other: datetime) -> None:
    assert (instant_text(one) < instant_text(other)) is (one < other)


@LAW
@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_numbers_sort_as_text_and_so_does_what_is_just_behind_one(one: int, other: int) -> None:
    assert (number_text(one) < number_text(other)) is (one < other)
    assert (number_text(one) < f"{number_text(other)}~") is (one <= other)


@LAW
@given(instants())
def test_a_span_begins_at_the_first_instant_and_ends_behind_it(text: str) -> None:
    begin, end = span(text)
    assert begin == instant_text(instant.read(text).at)
    assert begin < end
    assert stored(FIELDS["aware_at"].kind, text) == (begin, end)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2024", "2024-01-01T00:00:00", "2025-01-01T00:00:00"),
        ("2024-02", "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
        ("2024-12", "2024-12-01T00:00:00", "2025-01-01T00:00:00"),
        ("2024-02-29", "2024-02-29T00:00:00", "2024-03-01T00:00:00"),
        ("2024-02-29T23:59+01:00", "2024-02-29T22:59:00", "2024-02-29T23:00:00"),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59", "2024-03-01T00:00:00"),
        ("9999", "9999-01-01T00:00:00", "9999-12-31T23:59:59"),
    ],
)
def test_how_long_a_precision_lasts(text: str, begin: str, end: str) -> None:
    found = span(text)
    assert (found[0][:19], found[1][:19]) == (begin, end)


@pytest.mark.parametrize("name", ["GPT-4", "gpt 4", "GPT4", "\uff27\uff30\uff34\uff14", "g.p.t_4", "gpt\u200b4"])
def test_one_name_has_one_spelling(name: str) -> None:
    assert fold(name) == "gpt4"


@pytest.mark.parametrize(
    ("text", "found"),
    [("Café-Häfen", ["cafe", "hafen"]), ("a_b", ["a", "b"]), ("STRASSE ß", ["strasse", "ss"]), ("!?", [])],
)
def test_words_are_told_without_accents_and_signs(text: str, found: list[str]) -> None:
    assert words(text) == found


@LAW
@given(st.text())
def test_folding_twice_changes_nothing_and_leaves_letters_and_digits(text: str) -> None:
    folded = words(text)
    assert words(" ".join(folded)) == folded
    assert all(word.isalnum() for word in folded)


@LAW
@given(st.text(max_size=3000))
def test_a_key_of_the_index_is_never_too_long(text: str) -> None:
    assert len(cut(text).encode()) <= LONGEST
    assert text.startswith(cut(text))


@pytest.mark.parametrize(
    ("name", "said", "meant"),
    [
        ("vulnerability.cve", "cve-2026-1234", "CVE-2026-1234"),
        ("attack_steps.technique", "aml.t0051", "AML.T0051"),
        ("taxonomy.code", "asi01", "ASI01"),
        ("taxonomy.scheme", "owasp-llm", "OWASP-LLM"),
        ("ref", "r-7k3m-92qx", "R-7K3M-92QX"),
        ("client_ref", "cve-2026-1234", "cve-2026-1234"),
    ],
)
def test_codes_are_known_by_their_letters_and_others_names_are_not(name: str, said: str, meant: str) -> None:
    assert asked(FIELDS[name], said) == meant

"""Values: what is stored and what is asked are written alike, and sort as they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.filters import catalogue
from hub.filters.folding import fold, words
from hub.filters.values import asked, instant_text, number_text, span, stored
from schemas.instant import read

FIELDS = catalogue(is_staff=True)


@given(st.datetimes(timezones=st.just(read("2026").at.tzinfo)), st.datetimes(timezones=st.just(read("2026").at.tzinfo)))
def test_instants_sort_as_text_as_they_do_in_time(one, other) -> None:
    assert (instant_text(one) < instant_text(other)) == (one < other)


@given(st.integers(0, 10**16), st.integers(0, 10**16))
def test_numbers_sort_as_text_as_they_count(one: int, other: int) -> None:
    assert (number_text(one) < number_text(other)) == (one < other)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026", "2026-01-01T00:00:00", "2027-01-01T00:00:00"),
        ("2026-12", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        ("2024-02", "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
        ("2026-11-20", "2026-11-20T00:00:00", "2026-11-21T00:00:00"),
        ("2026-11-20T10:00+01:00", "2026-11-20T09:00:00", "2026-11-20T09:01:00"),
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00", "2026-11-20T10:00:01"),
    ],
)
def test_an_instant_is_all_of_what_it_may_mean(text: str, begin: str, end: str) -> None:
    assert span(text) == (f"{begin}.000000Z", f"{end}.000000Z")


@pytest.mark.parametrize("text", ["9999", "9999-12", "9999-12-31", "0001", "9999-12-31T23:59:59Z"])
def test_the_ends_of_time_have_a_span(text: str) -> None:
    begin, end = span(text)
    assert begin < end


def test_one_name_has_one_spelling() -> None:
    assert {fold(one) for one in ("GPT-4", "gpt 4", "GPT4", "ＧＰＴ‐４", "Gpt_4")} == {"gpt4"}  # noqa: RUF001
    assert fold("Café Straße") == fold("CAFE\u0301 strasse")
    assert fold("!?") == ""


@given(st.text(max_size=60))
def test_what_is_folded_once_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert "".join(words(text)) == fold(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_a_stored_name_is_found_by_itself(text: str) -> None:
    field = FIELDS["systems.name"]
    written = stored(field.kind, text)
    if written is None:
        with pytest.raises(ValueError, match="no letter or digit"):
            asked(field, text)
    else:
        assert asked(field, text) == written[0]


@pytest.mark.parametrize(
    ("name", "given_", "wanted"),
    [
        ("vulnerability.cve", "cve-2026-10001", "CVE-2026-10001"),
        ("attack_steps.technique", "aml.t0051", "AML.T0051"),
        ("vulnerability.cwe", "cwe-79", "CWE-79"),
        ("ref", "r-7k3m-92qx", "R-7K3M-92QX"),
        ("client_ref", "My-Ticket", "My-Ticket"),
    ],
)
def test_a_code_is_known_in_any_case_and_a_filers_own_name_as_it_stands(name: str, given_: str, wanted: str) -> None:
    assert asked(FIELDS[name], given_) == wanted

"""What a scan looks for: what counts as the same, what is never missed, and what is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.predicate import fold, predicate
from schemas.errors import Invalid

TEXTS = st.text(st.sampled_from('aAbBcİßﬁéÉ e\u0301"\\/\n\t\u00a0\u200bﬀ \u0131K\u212a1'), max_size=40)


def finds(contains: str, *texts: str) -> bool:
    """Whether a predicate finds all its terms in some texts, as a scan asks it."""
    sought = predicate(contains)
    raw = json.dumps({f"/{at}": text for at, text in enumerate(texts)}, ensure_ascii=False).encode()
    found = sought.places(raw)
    has_all = len(set().union(*found.values())) == len(sought.terms)
    assert sought.may_be_in(raw) or not found, "the first look missed what the second finds"
    return has_all


@pytest.mark.parametrize(
    ("contains", "text"),
    [
        ("prompt", "The PROMPT was long"),
        ("inject", "an injection"),
        ('"prompt injection"', "a prompt\n   injection"),
        ("straße", "STRASSE"),
        ("office", "the oﬃce"),
        ("resume", "re\u00adsu\u200bme\u00e9"),
        ("résumé", "re\u0301sume\u0301"),
        ("second first", "first, then second"),
        ("say\\n", "he wrote say\\n there"),
        ("kelvin", "3 \u212aelvin"),
    ],
)
def test_what_reads_the_same_is_found(contains, text):
    assert finds(contains, text)


@pytest.mark.parametrize(
    ("contains", "text"),
    [
        ("prompt injection", "a prompt alone"),
        ('"prompt injection"', "an injection, then a prompt"),
        ('"prompt injection"', "prompt-injection"),
        ("description", "nothing"),
        ("nbar", "foo\nbar"),
    ],
)
def test_what_is_not_there_is_not_found(contains, text):
    assert not finds(contains, text)


def test_terms_may_stand_in_different_fields():
    assert finds("title body", "in the title", "in the body")


@given(TEXTS, TEXTS, TEXTS)
def test_a_word_of_a_text_is_always_found_in_it(before, word, after):
    words = fold(word.replace('"', "")).split()
    if words:
        assert finds(words[0], f"{before} {word.replace(chr(34), '')} {after}")


def test_the_same_words_have_one_spelling():
    assert predicate('B  "A  c"').normalised == predicate('"a C" b B').normalised
    assert predicate("a b").normalised != predicate('"a b"').normalised


@pytest.mark.parametrize("contains", ['"open', " ", '""', "\u200b", " ".join(f"w{number}" for number in range(11))])
def test_what_looks_for_nothing_or_too_much_is_refused_without_repeating_it(contains):
    with pytest.raises(Invalid) as refused:
        predicate(contains)
    assert refused.value.problems[0].pointer == "/contains"
    assert "w10" not in str(refused.value)

"""Each kind of field is strict: what merely looks like a value is refused, and no refusal repeats it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from marshmallow import ValidationError

from schemas import vocabulary
from schemas.anatomy import LEAVES
from schemas.fields import LANGUAGE, CodeOf, Count, Flag, Instant, Many, OneOf, Shaped, Text, Url
from tests.strategies import FEW, LAW, json_values, of

ALL_LEAVES = pytest.mark.parametrize("leaf", LEAVES.values(), ids=lambda leaf: leaf.path)


def refusal(field, value):
    with pytest.raises(ValidationError) as wrong:
        field.deserialize(value)
    return " ".join(map(str, wrong.value.messages if isinstance(wrong.value.messages, list) else [wrong.value]))


@pytest.mark.parametrize(
    ("field", "values"),
    [
        pytest.param(Text(5), [5, True, [], {}, "", "   ", "\n\t", "sixsix", None], id="text"),
        pytest.param(
            Shaped("[a-z]+", "must be letters"), ["A", "a1", "", 1, True, ["a"], "a\n", "\na", "é", None], id="shaped"
        ),
        pytest.param(
            Url(),
            [
                "ftp://x",
                "javascript:alert(1)",
                "https://",
                "https://a b",
                "https://<x>",
                " https://x",
                "https://x\u202ey",
                "https://x\x1f",
                1,
            ],
            id="url",
        ),
        pytest.param(OneOf("severity"), ["High", "HIGH", "", "high ", 1, True, ["high"], {"high": 1}, None], id="term"),
        pytest.param(
            Instant(), [20261120, 1732096800.5, True, ["2026"], "2026-11-20T10:00", "now", None], id="instant"
        ),
        pytest.param(Count(), ["1", 1.0, 1.5, True, False, -1, 10**15 + 1, [1], None, float("inf")], id="count"),
        pytest.param(Flag(), ["true", "yes", 1, 0, "on", [], None], id="flag"),
        pytest.param(
            Many(Count(), most=2), [[1, 2, 3], "12", {"0": 1}, 1, (1,), ["1"], [None], [[1]], None], id="many"
        ),
        pytest.param(Many(Count(), least=1, most=2), [[]], id="least"),
        pytest.param(
            CodeOf("CWE"), ["79", "cwe-79", "CWE-079", "CWE-79 and more", "CWE-79\n", 79, ["CWE-79"], None], id="code"
        ),
        pytest.param(
            Shaped(LANGUAGE, "no"),
            ["", "e", "en_US", "en-", "english!", "en-GB\n", "en-x", "sl-rozaj-biske", "en-contoso-bank"],
            id="language",
        ),
    ],
)
def test_what_merely_looks_like_a_value_is_refused(field, values):
    for value in values:
        refusal(field, value)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        pytest.param(Text(5), ["five5", " x ", "héllo", "😀😀😀😀😀"], id="text"),
        pytest.param(
            Url(), ["https://example.org", "http://example.org/a?b=c#d", "https://host:8443/%C3%BC?#"], id="url"
        ),
        pytest.param(OneOf("severity"), list(vocabulary.enumeration("severity").terms), id="term"),
        pytest.param(Count(), [0, 1, 10**15], id="count"),
        pytest.param(Flag(), [True, False], id="flag"),
        pytest.param(Many(Count(), most=2), [[], [1], [1, 2]], id="many"),
        pytest.param(CodeOf("CWE"), ["CWE-79", "CWE-1426"], id="code"),
        pytest.param(CodeOf("ATLAS", "ATTACK"), ["AML.T0051", "T1566", "T1566.001"], id="codes"),
        pytest.param(Shaped(LANGUAGE, "no"), ["en", "pt-BR", "zh-Hant-TW", "gsw", "es-419"], id="language"),
    ],
)
def test_what_a_field_takes_comes_back_as_it_was(field, values):
    for value in values:
        assert field.deserialize(value) == value


def test_a_text_is_measured_in_characters_and_the_limit_is_named():
    assert refusal(Text(5), "x" * 1234) == "is 1,234 characters long; the limit is 5"


def test_a_long_vocabulary_is_not_listed_whole():
    message = refusal(OneOf("country"), "Atlantis")
    assert "249 in all" in message
    assert len(message) < 300


def test_a_short_vocabulary_is_listed_so_that_the_filer_can_choose():
    for term in vocabulary.enumeration("severity").terms:
        assert term in refusal(OneOf("severity"), "catastrophic")


@ALL_LEAVES
@FEW
@given(data=st.data())
def test_every_value_that_a_strategy_draws_is_taken_and_fits_the_json_schema(leaf, data):
    value = data.draw(of(leaf.kind))
    assert leaf.kind.deserialize(value) == value
    Draft202012Validator(leaf.kind.json_schema()).validate(value)


@ALL_LEAVES
@FEW
@given(value=json_values)
def test_no_json_value_gets_past_a_field_changed_or_breaks_it(leaf, value):
    try:
        taken = leaf.kind.deserialize(value)
    except ValidationError:
        return
    assert taken == value
    assert type(taken) is type(value)


@LAW
@given(value=st.text(min_size=8))
def test_no_refusal_repeats_the_value(value):
    for field in (Shaped("[a-z]{3}", "must be three letters"), Url(), OneOf("severity"), CodeOf("CWE"), Instant()):
        try:
            field.deserialize(value)
        except ValidationError as wrong:
            assert value not in str(wrong.messages)  # noqa: PT017 - most values are refused, none must be

"""A part that cites a taxonomy always names scheme and version in the end, and no code of it can carry free text."""

import pytest
from hypothesis import given

from schemas import vocabulary
from schemas.coded import Coded
from schemas.errors import Invalid
from schemas.loading import load
from schemas.parts import Action, AttackStep, TaxonomyCode, Vulnerability
from tests.factories import newest
from tests.strategies import LAW, coded


def fault(part, document):
    with pytest.raises(Invalid) as wrong:
        load(part(), document)
    ((pointer, message),) = [(one.pointer, one.message) for one in wrong.value.problems]
    return pointer, message


def test_scheme_and_version_are_filled_in_where_the_code_tells():
    atlas = {"scheme": "ATLAS", "version": newest("ATLAS")}
    assert load(TaxonomyCode(), {"code": "AML.T0051"}) == {**atlas, "code": "AML.T0051"}
    assert load(AttackStep(), {"technique": "AML.T0051"}) == {**atlas, "technique": "AML.T0051"}
    assert load(Action(), {"code": "AML.M0015", "text": "x"}) == {**atlas, "code": "AML.M0015", "text": "x"}


def test_a_named_scheme_gets_its_newest_settled_version():
    taken = load(TaxonomyCode(), {"scheme": "OWASP-LLM", "code": "LLM01"})
    assert taken["version"] == newest("OWASP-LLM")


def test_a_version_that_the_filer_names_stays():
    held = [one for one in vocabulary.schemes().values() if one.scheme == "OWASP-LLM"]
    assert len(held) > 1
    for one in held:
        code = {"scheme": one.scheme, "version": one.version, "code": "LLM01"}
        assert load(TaxonomyCode(), code) == code


def test_a_version_that_the_hub_does_not_hold_is_refused_naming_those_it_holds():
    pointer, message = fault(TaxonomyCode, {"scheme": "ATLAS", "version": "9.9", "code": "AML.T0051"})
    assert pointer == "/version"
    assert newest("ATLAS") in message


def test_a_code_that_fits_no_scheme_asks_for_one():
    pointer, message = fault(TaxonomyCode, {"code": "9876-nonsense"})
    assert (pointer, "fits no scheme" in message) == ("/scheme", True)


def test_a_code_that_fits_several_schemes_asks_which():
    pointer, message = fault(TaxonomyCode, {"code": "1.1"})
    assert pointer == "/scheme"
    assert "MIT-risk" in message
    assert "OECD-principle" in message


def test_an_unknown_code_of_a_named_scheme_is_refused():
    pointer, message = fault(TaxonomyCode, {"scheme": "ATLAS", "code": "customer-lost-the-weights"})
    assert pointer == "/code"
    assert "customer" not in message


def test_a_step_whose_codes_are_of_two_schemes_is_refused():
    pointer, _ = fault(AttackStep, {"technique": "AML.T0051", "tactic": "TA0001"})
    assert pointer in {"/tactic", "/technique"}


def test_a_scheme_that_the_hub_does_not_hold_is_refused_with_the_list():
    pointer, message = fault(TaxonomyCode, {"scheme": "ACME", "code": "X1"})
    assert pointer == "/scheme"
    assert "ATLAS" in message


@pytest.mark.parametrize("part", [Action, AttackStep])
def test_a_version_without_a_code_carries_no_free_text(part):
    """It leaves redacted as it stands, so only a version that the hub holds may come in."""
    assert fault(part, {"scheme": "ATLAS", "version": "0weightsstolen"})[0] == "/version"
    assert fault(part, {"version": "0weightsstolen"})[0] in {"/version", "/scheme"}


@pytest.mark.parametrize("part", [Action, AttackStep])
def test_a_part_without_any_code_stays_as_it_is(part):
    text = {"text": "we did it"} if part is Action else {"description": "they did it"}
    assert load(part(), text) == text
    assert load(part(), {}) == {}


@pytest.mark.parametrize(
    "vector",
    [
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:C/C:N/I:L/A:L/E:P/RL:O/RC:C",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
    ],
)
def test_a_cvss_vector_is_taken(vector):
    assert load(Vulnerability(), {"cvss_vector": vector}) == {"cvss_vector": vector}


@pytest.mark.parametrize("vector", ["CVSS:3.1/THE:WEIGHTS/OF:ACME/WE:RE/S:TOLEN", "AV:N/AC:L/PR:N", "CVSS:2.0/AV:N"])
def test_a_cvss_vector_carries_no_free_text(vector):
    """It leaves redacted as it stands, to everyone: metrics and values are those of CVSS, or it is refused."""
    assert fault(Vulnerability, {"cvss_vector": vector})[0] == "/cvss_vector"


def test_no_part_that_cites_a_taxonomy_is_left_out_here():
    assert set(Coded.__subclasses__()) == {Action, AttackStep, TaxonomyCode}


@pytest.mark.parametrize("part", [Action, AttackStep, TaxonomyCode])
def test_every_part_that_cites_a_taxonomy_takes_what_a_scheme_knows(part):
    @LAW
    @given(coded(part))
    def law(drawn):
        taken = load(part(), drawn)
        assert taken == drawn
        if any(name in taken for name in part.codes):
            held = vocabulary.schemes()[taken["scheme"], taken["version"]]
            assert all(held.knows(taken[name]) for name in part.codes if name in taken)

    law()

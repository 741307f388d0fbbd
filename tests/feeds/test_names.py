"""Names that say nothing: ids that join no two feeds, references that survive the phone, titles made of codes."""

import re
import uuid

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from feeds.names import ALPHABET, RANDOM_BYTES, TYPE_NAMES, Naming, generated_name, is_reference, reference
from schemas import vocabulary
from schemas.tlp import TLP
from tests.strategies import LAW

namespaces = st.binary(min_size=32, max_size=32)
keys = st.text(min_size=1, max_size=20)
references = st.builds(reference, st.sampled_from("MPTSFR"), st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES))
PLACES = (2, 3, 4, 5, 7, 8, 9, 10)  # of the eight characters in M-7K3M-92QX


def naming(namespace, burnt=frozenset()):
    return Naming(namespace, "M-0000-0000", "identity--1", TLP.GREEN, burnt)


@LAW
@given(namespaces, keys)
def test_an_id_is_shaped_like_a_random_uuid(namespace, key):
    kind, _, text = naming(namespace).stix_id("report", key).partition("--")
    made = uuid.UUID(text)
    assert (kind, made.version, made.variant) == ("report", 4, uuid.RFC_4122)
    assert str(made) == text


@LAW
@given(namespaces, namespaces, keys)
def test_the_same_report_has_unrelated_ids_in_two_feeds(one, other, key):
    assume(one != other)
    assert naming(one).stix_id("report", key) != naming(other).stix_id("report", key)
    assert naming(one).stix_id("report", key) == naming(one).stix_id("report", key)


@LAW
@given(namespaces, keys, keys)
def test_two_objects_of_one_report_have_two_ids_that_share_no_uuid(namespace, key, other):
    assume(key != other)
    one = naming(namespace)
    assert one.stix_id("report", key) != one.stix_id("report", other)
    assert one.stix_id("report", key)[-36:] != one.stix_id("incident", key)[-36:]


@LAW
@given(namespaces, keys, st.integers(1, 5))
def test_an_id_that_was_revoked_never_comes_back(namespace, key, times):
    burnt: set[str] = set()
    for _ in range(times):
        fresh = naming(namespace, frozenset(burnt)).stix_id("report", key)
        assert fresh not in burnt
        burnt.add(fresh)
    assert len(burnt) == times


@LAW
@given(references)
def test_a_reference_is_short_and_can_be_read_back_in_any_case_and_with_its_look_alikes(text):
    assert re.fullmatch(f"[A-Z]-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", text)
    assert is_reference(text)
    assert is_reference(text.lower())
    assert is_reference(text[0] + text[1:].replace("0", "O").replace("1", "l"))


@LAW
@given(references, st.sampled_from(PLACES), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_noticed(text, place, wrong):
    assume(text[place] != wrong)
    assert not is_reference(text[:place] + wrong + text[place + 1 :])


@LAW
@given(references, st.integers(0, 6))
def test_swapped_neighbours_are_noticed_unless_they_stand_sixteen_apart(text, at):
    one, other = PLACES[at], PLACES[at + 1]
    letters = list(text)
    letters[one], letters[other] = letters[other], letters[one]
    distance = abs(ALPHABET.index(text[one]) - ALPHABET.index(text[other]))
    assert is_reference("".join(letters)) is (distance in {0, 16})


def test_every_wrong_character_and_every_swap_of_one_reference_by_hand():
    text = reference("M", bytes.fromhex("123456789a"))
    wrong = {text[:place] + other + text[place + 1 :] for place in PLACES for other in ALPHABET} - {text}
    assert len(wrong) == 8 * 31
    assert [one for one in wrong if is_reference(one)] == []


@pytest.mark.parametrize("text", ["", "M", "M-", "M-7K3M", "MM-7K3M-92QX", "M-7K3M-92Q", "M-7K3M-92Q!", "M-7K3M-92QXX"])
def test_what_is_no_reference_is_not_taken_for_one(text):
    assert not is_reference(text)


@LAW
@given(st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES), st.integers(0, 31))
def test_thirty_five_random_bits_are_in_a_reference(random, low):
    same = random[:-1] + bytes([random[-1] & 0b1110_0000 | low])
    assert reference("M", random) == reference("M", same)
    other = random[:-1] + bytes([random[-1] ^ 0b0010_0000])
    assert reference("M", random) != reference("M", other)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"report_type": "near_miss", "severity": "high"}, "High-severity near miss (M-7K3M-92QX)"),
        ({"report_type": "incident", "severity": "unknown"}, "Incident (M-7K3M-92QX)"),
        ({"report_type": "audit_finding", "severity": "info"}, "Audit finding (M-7K3M-92QX)"),
        ({"report_type": "hazard"}, "Hazard (M-7K3M-92QX)"),
    ],
)
def test_a_generated_name_is_made_of_codes(fields, name):
    assert generated_name(fields, "M-7K3M-92QX") == name


def test_every_type_of_report_has_a_name_and_reads_nothing_else():
    assert set(TYPE_NAMES) == set(vocabulary.enumeration("report_type").terms)
    for report_type in TYPE_NAMES:
        told = {"report_type": report_type, "severity": "low", "title": "SECRET", "description": "SECRET"}
        assert "SECRET" not in generated_name(told, "M-7K3M-92QX")

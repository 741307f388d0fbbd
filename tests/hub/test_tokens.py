"""Tokens: recognisable, checked without a database, stored as a hash, with enough chance in them."""

import hashlib
import math
import re

from hub import tokens


def test_a_token_has_the_shape_that_scanners_look_for() -> None:
    assert re.fullmatch(r"hub_live_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}", tokens.issue().text)
    assert re.fullmatch(r"hub_demo_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}", tokens.issue(is_demo=True).text)


def test_a_token_has_at_least_190_random_bits_beside_its_id() -> None:
    secret = tokens.issue().text.split("_")[3][:-6]
    assert len(secret) * math.log2(len(tokens.ALPHABET)) >= 190
    assert len({tokens.issue().text for _ in range(200)}) == 200


def test_only_the_hash_of_a_token_is_kept() -> None:
    made = tokens.issue()
    assert made.sha256 == hashlib.sha256(made.text.encode()).digest()
    assert tokens.is_that(made.text, made.sha256)
    assert not tokens.is_that(tokens.issue().text, made.sha256)


def test_a_token_of_release_0_1_is_still_recognised() -> None:
    text = "hub_live_0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef2xe2sF"
    assert tokens.id_of(text) == "0123456789"


def test_a_mistyped_token_is_noticed_without_a_database() -> None:
    text = tokens.issue().text
    for place, character in enumerate(text):
        for other in "0aZ_- ":
            if other != character:
                assert tokens.id_of(f"{text[:place]}{other}{text[place + 1 :]}") is None


def test_what_is_no_token_has_no_id() -> None:
    text = tokens.issue().text
    for wrong in (text.upper(), text.lower(), text[:-1], text + "\n", "", text.replace("hub", "\u0570ub"), text[4:]):
        assert tokens.id_of(wrong) is None


def test_a_live_token_cannot_be_relabelled_a_demo_token_nor_the_other_way_round() -> None:
    assert tokens.id_of(tokens.issue().text.replace("_live_", "_demo_")) is None
    assert tokens.id_of(tokens.issue(is_demo=True).text.replace("_demo_", "_live_")) is None

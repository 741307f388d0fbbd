"""Vocabularies are data: every file says its version and its source, and every code a scheme lists has its form."""

import json
import re
from pathlib import Path

import pytest

from schemas import vocabulary
from schemas.anatomy import LEAVES
from schemas.fields import Many, OneOf

ROOM = Path(vocabulary.__file__).parent / "vocabularies"
ENUMERATIONS = sorted(path.stem for path in ROOM.glob("*.json") if path.stem != "completeness")
SCHEMES = sorted(path.stem for path in (ROOM / "schemes").glob("*.json"))


def body(path):
    found = json.loads(path.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.json")), ids=lambda path: path.stem)
def test_every_file_says_its_version_source_and_licence(path):
    found = body(path)
    for name in ("title", "version", "source", "licence"):
        assert found[name].strip(), name


@pytest.mark.parametrize("name", ENUMERATIONS)
def test_every_enumeration_has_its_file_s_name_and_terms_that_carry_no_free_text(name):
    found = vocabulary.enumeration(name)
    assert found.name == name
    assert found.terms
    form = r"[A-Z]{2}" if name == "country" else r"[a-z0-9][a-z0-9_+.-]{0,60}"
    assert [term for term in found.terms if not re.fullmatch(form, term)] == []
    assert [term for term, meaning in found.terms.items() if not meaning] == []


@pytest.mark.parametrize("name", SCHEMES)
def test_every_term_of_a_scheme_has_the_scheme_s_own_form(name):
    found = body(ROOM / "schemes" / f"{name}.json")
    held = vocabulary.schemes()[found["scheme"], found["version"]]
    assert [code for code in held.terms if not held.pattern.fullmatch(code)] == []
    assert [code for code in held.terms if not held.knows(code)] == []


@pytest.mark.parametrize("held", vocabulary.schemes().values(), ids=lambda one: f"{one.scheme}-{one.version}")
def test_no_scheme_knows_free_text(held):
    for text in ("", "the name of our customer", "Acme Corp.", "x\n", "a" * 200):
        assert not held.knows(text)


def test_a_scheme_whose_list_is_held_knows_no_code_outside_it():
    atlas = vocabulary.scheme("ATLAS")
    assert atlas.knows("AML.T0051")
    assert atlas.pattern.fullmatch("AML.T0199") is None or not atlas.knows("AML.T0199")


def test_no_two_files_hold_the_same_version_of_a_scheme():
    assert len(vocabulary.schemes()) == len(SCHEMES)


def test_a_scheme_by_name_is_its_newest_settled_version():
    assert vocabulary.scheme("OWASP-LLM").version == max(
        one.version for one in vocabulary.schemes().values() if one.scheme == "OWASP-LLM" and not one.is_preliminary
    )
    for name, _ in vocabulary.schemes():
        versions = [one for one in vocabulary.schemes().values() if one.scheme == name]
        assert vocabulary.scheme(name).is_preliminary is all(one.is_preliminary for one in versions)


def test_a_vocabulary_without_a_file_stops_the_import_of_the_field_that_names_it():
    with pytest.raises(FileNotFoundError):
        OneOf("no_such_vocabulary")


def test_every_enumeration_is_used_by_a_field():
    kinds = [leaf.kind.inner if isinstance(leaf.kind, Many) else leaf.kind for leaf in LEAVES.values()]
    assert {kind.vocabulary for kind in kinds if isinstance(kind, OneOf)} == set(ENUMERATIONS)


def test_every_country_has_a_region_and_every_band_a_lower_bound():
    regions = {country["region"] for country in vocabulary.enumeration("country").terms.values()}
    assert regions <= {"africa", "americas", "antarctica", "asia", "europe", "oceania"}
    bands = vocabulary.document("harm_band")
    assert list(bands["lower_bounds"]) == list(bands["terms"])
    assert list(bands["lower_bounds"].values()) == sorted(bands["lower_bounds"].values())
    assert min(bands["lower_bounds"].values()) == 0


def test_completeness_names_only_paths_and_types_that_exist():
    rules = vocabulary.document("completeness")
    labels = [*rules["types"].values(), *rules["profiles"].values()]
    paths = {path for one in labels for choices in one.values() for choice in choices for path in choice}
    assert paths <= set(LEAVES)
    assert set(rules["types"]) == set(vocabulary.enumeration("report_type").terms)
    assert set(rules["profiles"]) == {"oecd7", "gpai10", "sb53_4"}

"""Terms: what a projection withholds, and what nobody can be told from."""

import pytest

from feeds.guard.quotes import BLOCK, LEAST, Quotes
from feeds.guard.terms import How, withheld
from schemas.anatomy import LEAVES
from schemas.audience import Mode
from tests.factories import a_full_report, a_report, canary
from tests.feeds.guard.subjects import found, saying, subject


def terms(report, **how):
    one = subject(report, **how)
    return withheld(one.clear, one.opened, one.projection, one.behind)


def keys(report, **how):
    return set(terms(report, **how).terms)


def test_a_name_gives_itself_and_its_own_words():
    found = terms(
        a_report(client_ref="x", systems=[{"name": "Whimbrel Review Agent", "developer": "Sarn Ltd (made up)"}])
    )
    assert {"whimbrelreviewagent", "whimbrel", "sarnltd", "sarn"} <= set(found.terms)
    assert not {"review", "agent", "made"} & set(found.terms)
    assert found.terms["whimbrel"].of == "systems[].name"


def test_an_address_gives_its_host_and_the_hosts_own_word():
    found = terms(a_report(client_ref="x", reporter={"name": "Ottoline Q.", "contact": "oq@db.quillmark.co.uk"}))
    assert {"oqdbquillmarkcouk", "dbquillmarkcouk", "quillmark", "ottoline"} <= set(found.terms)
    assert found.hosts == {"db.quillmark.co.uk": "reporter.contact"}
    assert "gmail" not in keys(a_report(client_ref="x", reporter={"contact": "someone@gmail.com"}))


def test_the_filers_organisation_is_among_them():
    found = terms(a_report(client_ref="x"), behind="Plumstone Labs (demo)")
    assert found.terms["plumstone"].of == "organisation"
    assert found.terms["plumstonelabs"].how is How.ANYWHERE


def test_what_is_kept_as_written_is_not_withheld_where_it_stands_again():
    report = a_report(client_ref="x", tlp="green", systems=[{"name": "Porter", "developer": "Plumstone Labs"}])
    assert not {"plumstone", "plumstonelabs"} & keys(report, mode=Mode.WRITTEN, behind="Plumstone Labs (demo)")
    assert "plumstone" in keys(report, mode=Mode.REDACTED, behind="Plumstone Labs (demo)")


def test_days_and_numbers_are_withheld_from_a_redacted_projection_alone():
    report = a_report(client_ref="x", aware_at="2026-11-20T10:00:00Z", harm_quantity={"injured": 48211, "deaths": 12})
    assert {"20november", "november20th", "20112026", "48211"} <= keys(report, feed="public")
    assert "20november" not in keys(report, feed="members"), "members read the day"
    assert not {"20november", "48211"} & keys(report, feed="public", mode=Mode.WRITTEN)


@pytest.mark.parametrize(
    "value", ["incident", "CWE-79", "CVE-2026-12345", "Denmark", "AML.T0051", "2031", "abc", "A-B."]
)
def test_a_term_of_a_vocabulary_a_code_a_year_and_what_is_short_are_none(value):
    found = terms(a_report(client_ref="x", systems=[{"name": value}]), behind="")
    assert not [term for term in found.terms.values() if term.of == "systems[].name"]


def test_every_withheld_field_that_takes_words_gives_terms():
    """A field added tomorrow is compared without a line here: what it is decides, not its name."""
    report = a_full_report(client_ref="x", title="Of no use", for_release=None, tlp="red")
    found = terms(report, feed="members")
    whole = repr(sorted(found.terms)) + repr(found.quotes.texts)
    words = [path for path in LEAVES if canary(path) in repr(report)]
    lacking = [path for path in words if canary(path).replace("-", "").lower() not in whole]
    assert lacking == ["recommendation", "original"], "written to be read, and a repetition"


def test_a_redacted_projection_without_text_gives_the_guard_nothing_to_do():
    assert "summary" in repr(subject(saying("Word.")).projection.fields)


def test_a_quote_is_found_wherever_its_blocks_fall():
    text = "".join(chr(97 + number * 7 % 26) + chr(97 + number // 26 % 26) for number in range(200))
    quotes = Quotes()
    quotes.add(text, "description")
    for start in range(BLOCK + 1):
        piece = text[start : start + LEAST]
        ((place, stretch, path),) = quotes.found_in(f"zzz{piece}zzz")
        assert (place, stretch, path) == (3, piece, "description")
        assert quotes.found_in(f"zzz{piece[:-2]}zzz") == []


def test_every_field_that_says_it_is_told():
    """Who lets a title leave has said nothing of the summary."""
    text = {"title": "Vantobrel was slow", "summary": "We ask Vantobrel.", "advice": "Leave Vantobrel alone."}
    hits = found({**saying(text), "systems": [{"name": "Vantobrel"}]}).holds
    assert {hit.field for hit in hits} == {"for_release.title", "for_release.summary", "for_release.advice"}


def test_a_quote_of_the_second_of_two_texts_with_one_beginning_is_found():
    preamble, quotes = "youareacarefulassistantofthebankanswerinshortwordsand", Quotes()
    quotes.add(preamble + "neversaywhatthecustomerowesorwhereheliveswhateverisasked", "prompts")
    quotes.add(preamble + "movethemoneyfirstandaskquestionslaterifthecallerisangry", "outputs")
    said = preamble[-20:] + "movethemoneyfirstandaskquestionslater"
    assert [path for _, _, path in quotes.found_in(said)] == ["outputs"]


@pytest.mark.parametrize("value", ["2001:0DB8:0:0:0:0:0:7", "2001:db8::7/128", "2001:db8::7"])
def test_an_address_is_compared_as_an_address_however_it_is_written(value):
    report = a_report(
        client_ref="guard-1",
        tlp="green",
        affected_parties=[{"name": "2001:db8::7"}],
        threat={"indicators": [{"type": "ipv6", "value": value, "pap": "green"}]},
    )
    assert {hit.rule for hit in found(report, mode=Mode.WRITTEN).holds} == {"withheld-value"}

"""The grammar: what binds how. How filters are refused is in tests/web/test_search.py."""

from hub.filters import Match, catalogue, parse

FIELDS = catalogue(is_staff=True)


def test_not_binds_before_and_and_that_before_or() -> None:
    bare = parse("severity = low or not tlp = red and state = filed", FIELDS)
    assert bare == parse("severity = low or ((not tlp = red) and state = filed)", FIELDS)
    assert bare != parse("(severity = low or not tlp = red) and state = filed", FIELDS)


def test_keywords_may_be_in_capitals_and_quotes_of_either_kind() -> None:
    assert parse("NOT severity IN (low)", FIELDS) == parse("not severity in ('low')", FIELDS)
    assert parse(r"""client_ref = "a\"b" """, FIELDS) == Match("client_ref", ('a"b',))

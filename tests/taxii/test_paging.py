"""Paging (3.5): pages together are the whole, and a cursor opens nothing that the client may not have (B)."""

from typing import Any

import pytest

from tests.taxii.standard import FIRST, LAST, Taxii, is_error

pytestmark = pytest.mark.slow

FILTERS = ["", "match[type]=report,incident", "match[version]=all", "added_after=2020-01-01T00:00:00Z"]


def joined(pages):
    return [one for page in pages for one in page]


@pytest.mark.parametrize("limit", [1, 2, 7, 1000])
@pytest.mark.parametrize("collection", ["members", "public"])
def test_pages_together_are_the_collection(taxii: Taxii, collection: str, limit: int) -> None:
    """3.5 MUST: every object once, in order, none missing, whatever the limit."""
    whole = taxii.objects(taxii.at(collection))
    pages = taxii.pages(taxii.at(collection, f"objects/?limit={limit}"))
    assert joined(pages) == whole
    assert all(0 < len(page) <= limit for page in pages)


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize(("rest", "member"), [("objects/", "objects"), ("manifest/", "objects")])
def test_filtered_pages_together_are_what_is_filtered(taxii: Taxii, filters: str, rest: str, member: str) -> None:
    """3.5 MUST: next goes on with the same query, on the manifest too."""
    whole = joined(taxii.pages(taxii.at(rest=f"{rest}?{filters}"), member))
    pages = taxii.pages(taxii.at(rest=f"{rest}?limit=20&{filters}".rstrip("&")), member)
    assert joined(pages) == whole
    assert all(0 < len(page) <= 20 for page in pages)


def test_versions_have_pages_too(taxii: Taxii, history: str) -> None:
    """3.4 MUST: 5.8 takes limit and next."""
    path = taxii.at(rest=f"objects/{history}/versions/")
    pages = taxii.pages(f"{path}?limit=1", "versions")
    assert [len(page) for page in pages] == [1, 1]
    assert joined(pages) == taxii.read(path)["versions"]


def test_versions_of_an_object_have_pages_too(taxii: Taxii, history: str) -> None:
    """3.4 MUST: 5.6 takes limit and next."""
    path = taxii.at(rest=f"objects/{history}/?match[version]=all")
    pages = taxii.pages(f"{path}&limit=1")
    assert [len(page) for page in pages] == [1, 1]
    assert joined(pages) == taxii.objects(path)


@pytest.mark.parametrize("rest", ["objects/", "manifest/"])
def test_the_date_of_the_last_object_goes_on_where_next_does(taxii: Taxii, rest: str) -> None:
    """3.5 MAY: who takes no next pages by added_after, and gets the same."""
    whole = taxii.read(taxii.at(rest=rest))["objects"]
    found: list[dict[str, Any]] = []
    after = ""
    while len(found) < len(whole):
        answer = taxii.get(taxii.at(rest=f"{rest}?limit=50{after}"))
        found += answer.json()["objects"]
        after = f"&added_after={answer.headers[LAST]}"
    assert found == whole


def test_the_first_date_of_a_page_is_behind_the_last_of_the_page_before(taxii: Taxii) -> None:
    """3.3 MUST: ascending across pages."""
    last, cursor = "", ""
    for _ in range(5):
        answer = taxii.get(taxii.at(rest=f"objects/?limit=3{cursor}"))
        assert last < answer.headers[FIRST] <= answer.headers[LAST]
        last, cursor = answer.headers[LAST], f"&next={answer.json()['next']}"


def test_the_limit_may_change_between_pages(taxii: Taxii) -> None:
    """3.5 SHOULD: taxii2-client lowers its limit after a short page; a cursor is bound to no limit."""
    whole = taxii.objects(taxii.at())
    cursor = taxii.read(taxii.at(rest="objects/?limit=3"))["next"]
    assert taxii.objects(taxii.at(rest=f"objects/?limit=5&next={cursor}")) == whole[3:8]
    assert taxii.objects(taxii.at(rest=f"objects/?next={cursor}")) == whole[3:]


def test_next_alone_goes_on_with_its_filters(taxii: Taxii) -> None:
    """3.5 SHOULD: Elastic and OpenCTI's connector send next alone from page 2 on."""
    path = taxii.at(rest="objects/?match[type]=report")
    cursor = taxii.read(f"{path}&limit=2")["next"]
    assert taxii.objects(taxii.at(rest=f"objects/?limit=1000&next={cursor}")) == taxii.objects(path)[2:]


def test_next_and_added_after_may_come_together(taxii: Taxii) -> None:
    """3.5 MUST: next with the original query, added_after in it; OpenCTI's ingester sends both."""
    records = taxii.read(taxii.at(rest="manifest/"))["objects"]
    whole = taxii.objects(taxii.at())
    early, later = records[4]["date_added"], records[9]["date_added"]
    cursor = taxii.read(taxii.at(rest=f"objects/?added_after={early}&limit=2"))["next"]
    assert taxii.objects(taxii.at(rest=f"objects/?added_after={early}&limit=3&next={cursor}")) == whole[7:10]
    assert taxii.objects(taxii.at(rest=f"objects/?added_after={later}&limit=3&next={cursor}")) == whole[10:13]


def test_a_cursor_of_another_collection_is_refused(taxii: Taxii) -> None:
    """B MUST: next is evaluated in the context of the query, and never trusted."""
    cursor = taxii.read(taxii.at("members", "objects/?limit=2"))["next"]
    for collection in ("public", "reference", "inbox"):
        is_error(taxii.get(taxii.at(collection, f"objects/?limit=2&next={cursor}")), 400)
    is_error(taxii.get(taxii.at("trusted", f"objects/?next={cursor}")), 404)


def test_a_cursor_with_another_query_is_refused(taxii: Taxii) -> None:
    """B MUST: a page holds nothing that is not part of the query."""
    cursor = taxii.read(taxii.at(rest="objects/?limit=2&match[type]=report"))["next"]
    for query in ("match[type]=note", "match[type]=report,note", "match[version]=all", "match[spec_version]=2.0"):
        is_error(taxii.get(taxii.at(rest=f"objects/?limit=2&{query}&next={cursor}")), 400)


def test_a_cursor_of_a_reader_opens_nothing_to_another(taxii: Taxii) -> None:
    """B MUST: who is not authorised gets nothing by next."""
    cursor = taxii.read(taxii.at(rest="objects/?limit=2"))["next"]
    is_error(taxii.by("researcher").get(taxii.at(rest=f"objects/?next={cursor}")), 404)
    is_error(taxii.by("").get(taxii.at(rest=f"objects/?next={cursor}")), 401)


def test_a_forged_cursor_is_refused_or_shows_what_may_be_seen(taxii: Taxii) -> None:
    """B MUST: a value that the server did not give is not trusted."""
    cursor = taxii.read(taxii.at(rest="objects/?limit=2&match[type]=report"))["next"]
    known = {one["id"] for one in taxii.objects(taxii.at(rest="objects/?match[version]=all"))}
    for place in range(0, len(cursor), 5):
        forged = f"{cursor[:place]}{'A' if cursor[place] != 'A' else 'B'}{cursor[place + 1 :]}"
        answer = taxii.get(taxii.at(rest=f"objects/?next={forged}"))
        assert answer.status_code in {200, 400}
        if answer.status_code == 200:
            assert {one["id"] for one in answer.json().get("objects", [])} <= known


def test_a_cursor_survives_what_is_added_after_it(taxii: Taxii, history: str) -> None:
    """3.5 MUST: pages that were read before stay read; what came meanwhile comes at the end."""
    ids = [one["id"] for one in taxii.objects(taxii.at())]
    assert ids.index(history) > len(ids) // 2, "a new version stands where it was added"

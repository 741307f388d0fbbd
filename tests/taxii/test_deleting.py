"""Deleting objects (5.7): in the inbox alone, and gone then."""

import pytest

from tests.taxii.standard import MISSING, NOBODYS, TAXII, Taxii, is_error, version_of
from tests.taxii.things import an_address, an_indicator

pytestmark = pytest.mark.slow


def posted(taxii: Taxii, *things):
    answer = taxii.ask("POST", taxii.at("inbox"), {"objects": list(things)})
    assert answer.json()["success_count"] == len(things), answer.text


def delete(taxii: Taxii, thing: str, query: str = "", collection: str = "inbox", **headers: str):
    return taxii.ask("DELETE", taxii.at(collection, f"objects/{thing}/{query}"), **headers)


@pytest.mark.parametrize("make", [an_indicator, an_address])
def test_what_is_deleted_is_gone_everywhere(taxii: Taxii, make) -> None:
    """5.7 MUST: after 200, 404 for the object, and neither objects nor manifest return it."""
    thing, other = make(), an_indicator()
    posted(taxii, thing, other)
    answer = delete(taxii, thing["id"])
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == TAXII
    for rest in (f"objects/{thing['id']}/", f"objects/{thing['id']}/versions/"):
        is_error(taxii.get(taxii.at("inbox", rest)), 404)
    for rest in ("objects/?match[version]=all", "manifest/?match[version]=all"):
        ids = {one["id"] for page in taxii.pages(taxii.at("inbox", rest)) for one in page}
        assert thing["id"] not in ids
        assert other["id"] in ids


def test_what_was_deleted_cannot_be_deleted_again(taxii: Taxii) -> None:
    """5.7 MUST: 404 for an object that is not found."""
    thing = an_indicator()
    posted(taxii, thing)
    assert delete(taxii, thing["id"]).status_code == 200
    is_error(delete(taxii, thing["id"]), 404)


@pytest.mark.parametrize("thing", [MISSING, "nonsense", "%FF", "*", "indicator--", "'"])
def test_what_is_not_there_cannot_be_deleted(taxii: Taxii, thing: str) -> None:
    """5.7 MUST: 404 for an object that is not found, also for what is no STIX id."""
    is_error(delete(taxii, thing), 404)


def test_what_was_deleted_may_be_posted_again(taxii: Taxii) -> None:
    """5.5 MUST: it is no duplicate then."""
    thing = an_indicator()
    posted(taxii, thing)
    delete(taxii, thing["id"])
    posted(taxii, thing)
    assert taxii.objects(taxii.at("inbox", f"objects/{thing['id']}/")) == [thing]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("?match[version]=2026-10-02T00:00:00.000Z", [3, 4]),
        ("?match[version]=2026-10-03T00:00:00.000Z", [2, 4]),
        ("?match[version]=2026-10-03T00:00:00Z", [2, 4]),
        ("?match[version]=first", [3, 4]),
        ("?match[version]=last", [2, 3]),
        ("?match[version]=first,last", [3]),
        ("?match[version]=all", []),
        ("?match[version]=all&match[spec_version]=2.1", []),
    ],
)
def test_a_version_is_deleted_alone(taxii: Taxii, query: str, left: list[int]) -> None:
    """5.7 MUST: the filter says which versions go; the others stay, and one of them is the last."""
    stamps = {day: f"2026-10-0{day}T00:00:00.000Z" for day in (2, 3, 4)}
    first = an_indicator(modified=stamps[2])
    posted(taxii, *({**first, "modified": stamp} for stamp in stamps.values()))
    assert delete(taxii, first["id"], query).status_code == 200
    answer = taxii.get(taxii.at("inbox", f"objects/{first['id']}/?match[version]=all"))
    if not left:
        is_error(answer, 404)
        return
    assert sorted(map(version_of, answer.json()["objects"])) == [stamps[day] for day in left]
    path = taxii.at("inbox", f"objects/{first['id']}/")
    assert [version_of(one) for one in taxii.objects(path)] == [stamps[left[-1]]]
    assert [version_of(one) for one in taxii.objects(f"{path}?match[version]=first")] == [stamps[left[0]]]


@pytest.mark.parametrize("query", ["?match[version]=1999-01-01T00:00:00.000Z", "?match[spec_version]=2.0"])
def test_a_version_that_is_not_there_cannot_be_deleted(taxii: Taxii, query: str) -> None:
    """5.7 MUST: 404, and the object stays."""
    thing = an_indicator()
    posted(taxii, thing)
    is_error(delete(taxii, thing["id"], query), 404)
    assert taxii.objects(taxii.at("inbox", f"objects/{thing['id']}/")) == [thing]


@pytest.mark.parametrize("query", ["garbage", "", "last,last", "all,last", "%FF"])
def test_a_malformed_version_deletes_nothing(taxii: Taxii, query: str) -> None:
    """3.4 MUST: 400."""
    thing = an_indicator()
    posted(taxii, thing)
    is_error(delete(taxii, thing["id"], f"?match[version]={query}"), 400)
    assert taxii.objects(taxii.at("inbox", f"objects/{thing['id']}/")) == [thing]


@pytest.mark.parametrize("collection", ["members", "public", "reference"])
def test_who_may_read_but_not_write_may_not_delete(taxii: Taxii, collection: str) -> None:
    """5.7 MUST: 403 where can_read is true and can_write is false, whether the object is there or not."""
    things = [one["id"] for one in taxii.objects(taxii.at(collection, "objects/?limit=1"))]
    for one in (*things, MISSING):
        is_error(delete(taxii, one, collection=collection), 403)
    assert [one["id"] for one in taxii.objects(taxii.at(collection, "objects/?limit=1"))] == things


@pytest.mark.parametrize("collection", ["trusted", "researchers", NOBODYS, "nonsense"])
def test_who_may_neither_read_nor_write_finds_nothing_to_delete(taxii: Taxii, collection: str) -> None:
    """5.7 MUST: 404 where both are false."""
    is_error(delete(taxii, MISSING, collection=collection), 404)


def test_nobody_deletes_what_is_anothers(taxii: Taxii) -> None:
    """5.7 MUST: 401 without authentication, 404 for a collection that is not the client's."""
    thing = an_indicator()
    posted(taxii, thing)
    is_error(delete(taxii.by(""), thing["id"]), 401)
    for role in ("researcher", "producer", "operator"):
        is_error(delete(taxii.by(role), thing["id"]), 404)
    is_error(delete(taxii, thing["id"], Accept="text/html"), 406)
    assert taxii.objects(taxii.at("inbox", f"objects/{thing['id']}/")) == [thing]

"""Parameters that are malformed (3.4): 400 with TAXII's error on every endpoint that takes them, and never a 5xx."""

import pytest

from tests.taxii.standard import TAXII, Taxii, is_error

pytestmark = pytest.mark.slow

INSTANT = "2026-01-01T00:00:00.000000Z"
WRONG = [
    *(
        f"limit={text}"
        for text in ("0", "-1", "abc", "1.5", "", "1e3", "+5", "0x10", "%C2%B2", "%D9%A3", "9" * 40, "1,2")
    ),
    *(f"limit={text}" for text in (1 << 53, 1 << 63, "-0", "null", "true", "%00")),
    *(f"added_after={text}" for text in ("yesterday", "", "2026-11-20", "2026", "1700000000", "now", "%FF", "%00")),
    "added_after=2026-13-01T00:00:00Z",
    "added_after=2026-02-30T00:00:00.000000Z",
    "added_after=2026-01-01T25:00:00.000000Z",
    "added_after=2026-01-01T00:00:00",
    "added_after=2026-01-01T00:00Z",
    "added_after=2026-01-01 00:00:00",
    "added_after=0000-01-01T00:00:00Z",
    "added_after=2026-01-01T00:00:00.Z",
    "added_after=99999-01-01T00:00:00Z",
    f"added_after={INSTANT},{INSTANT}",
    f"added_after={INSTANT}&added_after={INSTANT}",
    *(
        f"next={text}"
        for text in ("garbage", "AAAA", "1", "-1", "%F0%9F%98%80", "null", "e30", "W10", "A" * 3000, "%FF")
    ),
    "limit=1&limit=2",
    "next=a&next=b",
    "match[type]=report&match[type]=note",
    "match[type]=",
    "match[type]=report,",
    "match[type]=,report",
    "match[type]=%FF",
    "match[id]=",
    "match[id]=a&match[id]=b",
    "match[spec_version]=",
    "match[spec_version]=2.1&match[spec_version]=2.0",
]
WRONG_VERSIONS = [
    *(f"match[version]={text}" for text in ("garbage", "", "newest", "2026", "2026-11-20", "All", "last,", "%FF", "1")),
    "match[version]=2026-13-01T00:00:00.000Z",
    "match[version]=last,last",
    "match[version]=all,last",
    "match[version]=all,all",
    "match[version]=all,2026-01-01T00:00:00.000Z",
    "match[version]=last,garbage",
    "match[version]=first&match[version]=last",
]


@pytest.mark.parametrize("rest", ["objects/", "manifest/"])
@pytest.mark.parametrize("query", [*WRONG, *WRONG_VERSIONS])
def test_a_malformed_parameter_is_a_400(taxii: Taxii, query: str, rest: str) -> None:
    """3.4 MUST: a malformed query parameter is a 400."""
    is_error(taxii.get(taxii.at(rest=f"{rest}?{query}")), 400)


@pytest.mark.parametrize("rest", ["objects/{}/", "objects/{}/versions/"])
@pytest.mark.parametrize("query", [one for one in WRONG if not one.startswith(("match[type]", "match[id]"))])
def test_a_malformed_parameter_of_one_object_is_a_400(taxii: Taxii, query: str, rest: str) -> None:
    """3.4 MUST: the same where one object is asked for."""
    (one,) = taxii.objects(taxii.at(rest="objects/?limit=1"))
    query = "match[spec_version]=&" + query if "%FF" not in query and query.startswith("next") else query
    is_error(taxii.get(taxii.at(rest=f"{rest.format(one['id'])}?{query}")), 400)


@pytest.mark.parametrize("query", WRONG_VERSIONS)
def test_a_malformed_version_of_one_object_is_a_400(taxii: Taxii, query: str) -> None:
    """3.4 MUST: 5.6 takes versions, too."""
    (one,) = taxii.objects(taxii.at(rest="objects/?limit=1"))
    is_error(taxii.get(taxii.at(rest=f"objects/{one['id']}/?{query}")), 400)


@pytest.mark.parametrize(
    "query",
    [
        "%", "%zz=%zz", "&&&", "=", "limit", "next", "match[", "match[type", "match]type[=x", "match[type]]=x",
        "match[type]=%0A", "match[type]=" + ",".join(f"x-{one}" for one in range(800)), "match[id]=%F0%9F%98%80",
        "match[type]=' OR 1=1 --", "match[id]=%25", "x" * 6000, "limit[]=1", "next[]=1",
    ],
)  # fmt: skip
def test_no_query_makes_the_server_fail(taxii: Taxii, query: str) -> None:
    """3.6 MUST: an error of the client is never told as one of the server's."""
    for rest in ("objects/", "manifest/"):
        answer = taxii.get(taxii.at(rest=f"{rest}?{query}"))
        assert answer.status_code in {200, 400}, f"{answer.status_code} {answer.text[:200]}"
        assert answer.headers["Content-Type"] == TAXII


def test_an_error_names_the_parameter_and_repeats_no_value(taxii: Taxii) -> None:
    """3.6.1 SHOULD: a description for people; B SHOULD: which leaks nothing."""
    found = taxii.get(taxii.at(rest="objects/?limit=<script>")).json()
    assert found["description"].startswith("limit: ")
    assert "script" not in found["description"]


def test_an_empty_next_is_the_beginning(taxii: Taxii) -> None:
    """3.5 MAY, and it does: MISP sends `next=` with its first page."""
    assert taxii.read(taxii.at(rest="objects/?limit=2&next=")) == taxii.read(taxii.at(rest="objects/?limit=2"))


def test_all_filters_may_be_long(taxii: Taxii) -> None:
    """3.4 MUST: a field takes many values."""
    ids = [one["id"] for one in taxii.objects(taxii.at())][:100]
    found = taxii.objects(taxii.at(rest=f"objects/?match[id]={','.join(ids)}"))
    assert [one["id"] for one in found] == ids

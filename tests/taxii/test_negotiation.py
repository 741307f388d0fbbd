"""Media types, as both sides may write them (1.6.8, 3.1, RFC 9110 12.5.1)."""

import pytest

from tests.taxii.standard import STIX, TAXII, Taxii, is_error

pytestmark = pytest.mark.slow

SPELLINGS = [
    "application/taxii+json;version=2.1",
    "application/taxii+json; version=2.1",
    "application/taxii+json ; version=2.1",
    "application/taxii+json",
    'application/taxii+json;version="2.1"',
    "Application/TAXII+JSON;Version=2.1",
    "application/taxii+json;version=2.1;q=1",
    "application/taxii+json;version=2.1;q=0.001",
    "application/taxii+json; version=2.1; q=0.5",
    "application/taxii+json;q=0.9",
    "application/taxii+json;version=2.1,application/stix+json;version=2.1",
    "application/stix+json;version=2.1, application/taxii+json;version=2.1",
    "text/html, application/taxii+json;version=2.1;q=0.1",
    "application/taxii+json;version=2.0, application/taxii+json;version=2.1",
    "application/taxii+json;version=2.1;q=0.5, application/vnd.oasis.taxii+json;version=2.0;q=1",
    "application/taxii+json;version=3.0;q=1,application/taxii+json;q=0.1",
    "application/json, */*;q=0.1",
    "application/*",
    "application/*;q=0.2",
    "*/*",
    "*/*;q=0.8",
    "application/taxii+json;version=2.1;charset=utf-8",
    ", application/taxii+json;version=2.1,",
]
REFUSED = [
    "text/html",
    "application/json",
    "text/*",
    "application/taxii+json;version=2.0",
    "application/taxii+json;version=2.2",
    "application/taxii+json;version=3.0",
    "application/taxii+json;version=21",
    "application/vnd.oasis.taxii+json;version=2.0",
    "application/vnd.oasis.stix+json;version=2.0",
    "application/taxii+json;version=2.1;q=0",
    "application/taxii+json;version=2.1;q=0.0, text/html",
    "*/*, application/taxii+json;version=2.1;q=0",
    "application/taxii",
    "application/taxii+xml",
]


@pytest.mark.parametrize("accept", SPELLINGS)
def test_no_legal_spelling_of_the_media_type_is_refused(taxii: Taxii, accept: str) -> None:
    """3.1 MUST: an Accept with a media type that the endpoint defines never results in 406."""
    answer = taxii.get(taxii.told["discovery"], Accept=accept)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == TAXII


@pytest.mark.parametrize("rest", ["", "manifest/", "objects/", "objects/{id}/", "objects/{id}/versions/"])
@pytest.mark.parametrize("accept", ["application/taxii+json", "application/taxii+json; version=2.1", f"{STIX},{TAXII}"])
def test_no_endpoint_refuses_its_own_media_type(taxii: Taxii, rest: str, accept: str) -> None:
    """3.1 MUST: the same on every endpoint, and the answer names the version where the client left it out (SHOULD)."""
    first = taxii.objects(taxii.at(rest="objects/?limit=1"))[0]["id"]
    answer = taxii.get(taxii.at(rest=rest.format(id=first)), Accept=accept)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, TAXII)


@pytest.mark.parametrize("accept", REFUSED)
@pytest.mark.parametrize("place", ["discovery", "objects"])
def test_what_takes_no_taxii_2_1_is_refused(taxii: Taxii, accept: str, place: str) -> None:
    """3.1 MAY, 4.1 and 5.4 MUST: what is refused for its Accept is a 406 with an error of TAXII's type."""
    path = taxii.told["discovery"] if place == "discovery" else taxii.at()
    is_error(taxii.get(path, Accept=accept), 406)


def test_a_manifest_is_given_to_who_asks_for_stix_alone(taxii: Taxii) -> None:
    """3.1 MUST: 5.3 defines STIX's media type for its endpoint beside TAXII's."""
    assert taxii.get(taxii.at(rest="manifest/"), Accept=STIX).status_code == 200


@pytest.mark.parametrize("accept", [None, ""])
def test_a_request_without_accept_is_answered(taxii: Taxii, accept: str | None) -> None:
    """3.1 SHOULD: the highest version there is, where none is asked for; RFC 9110: no Accept takes anything."""
    answer = taxii.get(taxii.told["discovery"], Accept=accept)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, TAXII)


@pytest.mark.parametrize("accept", ["q=1", ";;;", '"', "/", "a/b;q=x", "application/taxii+json;q=x", "é/ü", "," * 500])
def test_an_accept_that_means_nothing_breaks_nothing(taxii: Taxii, accept: str) -> None:
    """3.6 MUST: an error of the client is told as one, in TAXII's type."""
    answer = taxii.get(taxii.told["discovery"], Accept=accept.encode().decode("latin-1"))
    assert answer.status_code in {200, 400, 406}
    assert answer.headers["Content-Type"] == TAXII


def test_a_get_may_say_what_type_its_missing_body_has(taxii: Taxii) -> None:
    """3.1 MUST: a Content-Type that is defined never results in 415; MISP and Elastic send one with each GET."""
    assert taxii.get(taxii.at(), Content_Type=TAXII).status_code == 200
    assert taxii.get(taxii.at(), Content_Type="application/json").status_code == 200

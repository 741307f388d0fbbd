"""Who may ask (1.6.9, 8.2.2): Basic and Bearer, a challenge on every 401, and no word of what there is."""

import base64

import pytest

from tests.taxii.standard import MISSING, NOBODYS, TAXII, Taxii, is_error

pytestmark = pytest.mark.slow

ENDPOINTS = [
    ("GET", "/taxii2/"),
    ("GET", "{root}"),
    ("GET", "{root}collections/"),
    ("GET", "{root}collections/{members}/"),
    ("GET", "{root}collections/{members}/manifest/"),
    ("GET", "{root}collections/{members}/objects/"),
    ("POST", "{root}collections/{inbox}/objects/"),
    ("GET", "{root}collections/{members}/objects/{missing}/"),
    ("DELETE", "{root}collections/{inbox}/objects/{missing}/"),
    ("GET", "{root}collections/{members}/objects/{missing}/versions/"),
    ("GET", "{root}status/{nobodys}/"),
    ("HEAD", "/taxii2/"),
    ("OPTIONS", "{root}collections/"),
    ("PUT", "/taxii2/"),
    ("GET", "{root}collections/{nobodys}/objects/"),
]


def filled(taxii: Taxii, path: str) -> str:
    return path.format(**taxii.told["collections"], root=taxii.root, missing=MISSING, nobodys=NOBODYS)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def is_challenged(answer) -> None:
    """1.6.9: that a 401 says how to authenticate, in TAXII's type."""
    assert answer.status_code == 401, answer.text
    assert answer.headers["Content-Type"] == TAXII
    schemes = answer.headers["WWW-Authenticate"]
    assert schemes.startswith('Basic realm="')
    assert 'Bearer realm="' in schemes


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_without_credentials_every_endpoint_answers_401_with_challenges(taxii: Taxii, method: str, path: str) -> None:
    """1.6.9 MUST: 401 and WWW-Authenticate, regardless of method; 5.1 to 5.8 MUST: 401 (or 404) where that fails."""
    answer = taxii.by("").ask(method, filled(taxii, path), {} if method == "POST" else None)
    is_challenged(answer)
    if method != "HEAD":
        is_error(answer, 401)


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer nonsense",
        "Bearer",
        "Bearer ",
        "Basic",
        "Basic !",
        "Basic bm9ib2R5Om5vdGhpbmc=",
        "Basic /////w==",
        "Basic " + "A" * 4000,
        "Digest username=x",
        "nonsense",
        "Bearer \xff\xfe",
        basic("", ""),
        basic("admin", "admin"),
        basic("\x00", "\x00"),
    ],
)
def test_credentials_that_are_not_valid_are_refused_with_challenges(taxii: Taxii, authorization: str) -> None:
    """1.6.9 MUST: 401 and WWW-Authenticate for an Authorization that is not acceptable, whatever it is."""
    answer = taxii.get(taxii.told["discovery"], Authorization=authorization)
    is_challenged(answer)
    is_error(answer, 401)


@pytest.mark.parametrize("accept", ["text/html", "application/vnd.oasis.taxii+json;version=2.0", "application/json"])
def test_who_is_not_known_is_challenged_whatever_it_accepts(taxii: Taxii, accept: str) -> None:
    """1.6.9 MUST: the 401 comes before the 406, with its challenge."""
    is_challenged(taxii.by("").get(taxii.told["discovery"], Accept=accept))


@pytest.mark.parametrize("user", ["anyone", "", "member", "ü", "a b"])
def test_basic_takes_the_token_as_password_under_any_name(taxii: Taxii, user: str) -> None:
    """8.2.2 SHOULD: HTTP Basic."""
    sent = basic(user, taxii.told["tokens"]["member"])
    assert taxii.get(taxii.told["discovery"], Authorization=sent).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Token"])
def test_other_schemes_are_taken_beside_basic_in_any_case(taxii: Taxii, scheme: str) -> None:
    """8.2.2 MAY, and it does: Bearer, and the word that taxii2-client says for it."""
    sent = f"{scheme} {taxii.told['tokens']['member']}"
    assert taxii.get(taxii.told["discovery"], Authorization=sent).status_code == 200


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_name_of_a_scheme_has_no_case(taxii: Taxii, scheme: str) -> None:
    """8.2.2 SHOULD: RFC 7617 compares the scheme without case; MISP writes it small."""
    sent = f"{scheme} {basic('x', taxii.told['tokens']['member']).split()[1]}"
    assert taxii.get(taxii.told["discovery"], Authorization=sent).status_code == 200


def test_a_forbidden_collection_is_byte_for_byte_one_that_is_not_there(taxii: Taxii) -> None:
    """B SHOULD: an error does not tell that something exists to who has no access to it."""
    for rest in ("", "objects/", "manifest/", f"objects/{MISSING}/", f"objects/{MISSING}/versions/"):
        theirs, nobodys = taxii.get(taxii.at("trusted", rest)), taxii.get(taxii.at(NOBODYS, rest))
        assert (theirs.status_code, theirs.content) == (nobodys.status_code, nobodys.content) == (404, theirs.content)


@pytest.mark.parametrize("role", ["producer", "analyst", "operator", "auditor"])
def test_who_may_read_no_feed_finds_none(taxii: Taxii, role: str) -> None:
    """5.3 and 5.4 MUST: 403 or 404 for who may not read; the hub says 404."""
    for rest in ("", "objects/", "manifest/"):
        is_error(taxii.by(role).get(taxii.at("members", rest)), 404)


def test_each_reader_is_shown_what_is_its_own(taxii: Taxii) -> None:
    """B SHOULD: access is decided for each client."""
    ids = taxii.told["collections"]
    seen = {}
    for role in ("member", "researcher"):
        found = taxii.by(role).read(f"{taxii.root}collections/").get("collections", [])
        seen[role] = {one["id"] for one in found}
    assert {ids["members"], ids["public"], ids["reference"], ids["inbox"]} <= seen["member"]
    assert {ids["researchers"], ids["public"], ids["reference"]} <= seen["researcher"]
    assert not {ids["members"], ids["inbox"], ids["trusted"]} & seen["researcher"]
    assert not {ids["researchers"], ids["trusted"]} & seen["member"]

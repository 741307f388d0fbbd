"""Discovery, API roots and collections: what a client asks for before it asks for objects (4.1, 4.2, 5.1, 5.2)."""

from urllib.parse import urlsplit

import pytest

from tests.taxii.standard import STIX, TAXII, V4, Taxii

pytestmark = pytest.mark.slow

DISCOVERY = {"title", "description", "contact", "default", "api_roots"}
ROOT = {"title", "description", "versions", "max_content_length"}
COLLECTION = {"id", "title", "description", "alias", "can_read", "can_write", "media_types"}


def listed(taxii: Taxii):
    return taxii.read(f"{taxii.root}collections/")["collections"]


def test_discovery_has_its_properties_and_no_others(taxii: Taxii) -> None:
    """4.1.1 and 3.8 MUST: `title`, and every property under its exact name and type."""
    found = taxii.read(taxii.told["discovery"])
    assert set(found) <= DISCOVERY
    assert found["title"].strip()
    assert all(isinstance(found[name], str) for name in set(found) - {"api_roots"})
    assert found["api_roots"]


def test_an_api_root_is_an_https_url_or_a_path(taxii: Taxii) -> None:
    """4.1.1 MUST: absolute https, or relative beginning with a single slash; no query."""
    for root in taxii.read(taxii.told["discovery"])["api_roots"]:
        assert root.startswith("https://") or (root.startswith("/") and not root.startswith(("//", "/../")))
        assert "?" not in root
        assert urlsplit(root).query == ""
        assert root.endswith("/")


def test_the_default_root_is_one_of_the_roots(taxii: Taxii) -> None:
    """4.1.1 MUST: `default` is an item of `api_roots`."""
    found = taxii.read(taxii.told["discovery"])
    assert found["default"] in found["api_roots"]
    assert len(found["api_roots"]) == len(set(found["api_roots"])), "4.2 MUST: each has a URL of its own"


def test_over_https_the_root_is_a_url(taxii: Taxii) -> None:
    """4.1.1 MUST: behind a front server that ends TLS, clients that join no URLs find a whole one."""
    found = taxii.get(taxii.told["discovery"], X_Forwarded_Proto="https").json()
    assert found.get("default", "").startswith("https://")


def test_an_api_root_has_its_properties_and_no_others(taxii: Taxii) -> None:
    """4.2.1 MUST: `title`, `versions` with 2.1 in it, and a `max_content_length` above 0."""
    found = taxii.read(taxii.root)
    assert set(found) <= ROOT
    assert {"title", "versions", "max_content_length"} <= set(found)
    assert isinstance(found["title"], str)
    assert isinstance(found.get("description", ""), str)
    assert TAXII in found["versions"]
    assert all(one.startswith("application/taxii+json;version=") for one in found["versions"])
    assert type(found["max_content_length"]) is int
    assert 0 < found["max_content_length"] < 1 << 53


def test_collections_have_their_properties_and_no_others(taxii: Taxii) -> None:
    """5.1.1, 5.2.1 and 3.8 MUST: id, title, can_read, can_write; each property of its type; media types as written."""
    found = taxii.read(f"{taxii.root}collections/")
    assert set(found) == {"collections"}
    for one in found["collections"]:
        assert set(one) <= COLLECTION
        assert V4.fullmatch(one["id"]), "2 MUST: an identifier is a UUID of version 4"
        assert one["title"].strip()
        assert type(one["can_read"]) is bool
        assert type(one["can_write"]) is bool
        assert isinstance(one.get("description", ""), str)
        assert one.get("media_types", [STIX]) == [STIX]
    assert len({one["id"] for one in found["collections"]}) == len(found["collections"])


def test_titles_and_aliases_name_one_collection_each(taxii: Taxii) -> None:
    """5.2.1 MUST: an alias is unique in its API root; clients that know titles alone need those to be, too."""
    for name in ("title", "alias"):
        given = [one[name] for one in listed(taxii) if name in one]
        assert len(given) == len(set(given))


def test_collections_come_in_one_order(taxii: Taxii) -> None:
    """3.3 MUST: a consistent order across requests."""
    orders = {tuple(one["id"] for one in listed(taxii)) for _ in range(5)}
    assert len(orders) == 1


def test_a_collection_is_the_same_alone_as_in_the_list(taxii: Taxii) -> None:
    """5.2 MUST: the collection resource, by its id."""
    for one in listed(taxii):
        assert taxii.read(f"{taxii.root}collections/{one['id']}/") == one


def test_an_alias_stands_for_the_id(taxii: Taxii) -> None:
    """5.2.1 MAY, and it does: the standard's own example is a path with an alias."""
    for one in listed(taxii):
        assert taxii.read(f"{taxii.root}collections/{one['alias']}/") == one
    by_id, by_alias = (taxii.read(taxii.at(name, "objects/?limit=3")) for name in ("members", listed(taxii)[0]["id"]))
    assert by_id.get("objects") or by_alias.get("objects")


def test_what_a_collection_says_of_rights_is_so(taxii: Taxii) -> None:
    """5.2.1 MUST: who can_read may ask for objects, object and manifest."""
    for one in listed(taxii):
        for rest in ("objects/", "manifest/"):
            answer = taxii.get(f"{taxii.root}collections/{one['id']}/{rest}")
            assert (answer.status_code == 200) is one["can_read"]


def test_the_inbox_can_be_read_and_written_and_no_feed_can(taxii: Taxii) -> None:
    """5.2.1 MUST: rights are those of the client that asks."""
    rights = {one["id"]: (one["can_read"], one["can_write"]) for one in listed(taxii)}
    inbox = taxii.told["collections"]["inbox"]
    assert rights.pop(inbox) == (True, True)
    assert set(rights.values()) == {(True, False)}


def test_who_has_no_collection_is_given_an_empty_object(taxii: Taxii) -> None:
    """5.1.1 MUST: without collections the key is omitted, and the response is an empty object."""
    assert taxii.by("auditor").read(f"{taxii.root}collections/") == {}


def test_the_widest_feed_comes_first(taxii: Taxii) -> None:
    """5.1 MAY, and it does: many clients take the first collection they find."""
    assert listed(taxii)[0]["id"] == taxii.told["collections"]["members"]

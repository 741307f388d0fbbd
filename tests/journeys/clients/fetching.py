"""The reference client keeping up with a collection, for those that stand behind it."""

from collections.abc import Callable
from typing import Any

from taxii2client.v21 import ApiRoot, Collection, as_pages

from tests.journeys.clients.hubs import Served, version_of

Objects = list[dict[str, Any]]


def collection(served: Served, name: str = "members") -> Collection:
    """A collection, as Basic opens it: any user, and the token as password."""
    return Collection(served.collection(name), user="anyone", password=served.token)


def inbox(served: Served, token: str = "") -> tuple[ApiRoot, Collection]:
    """A member's API root, and the collection there that it may write to."""
    root = ApiRoot(served.api_root, user="anyone", password=token or served.token)
    (box,) = [one for one in root.collections if one.can_write]
    return root, box


def paged(function: Callable[..., dict[str, Any]], per_request: int, **filters: Any) -> Objects:
    """Every row of every page; no page is empty while there is more."""
    pages = list(as_pages(function, per_request=per_request, **filters))
    assert all(page.get("objects") for page in pages[:-1])
    return [one for page in pages for one in page.get("objects", [])]


class Poller:
    """Goes on from when the last object that it got was added; the manifest tells, for the client shows no headers."""

    def __init__(self, client: Collection, per_request: int = 20) -> None:
        self.client, self.per_request = client, per_request
        self.after: dict[str, str] = {}
        self.polls: list[Objects] = []  # what each call brought

    def __call__(self) -> Objects:
        """What was added since the last call."""
        found = paged(self.client.get_objects, self.per_request, **self.after)
        if found:
            self.after = {"added_after": self._added(found[-1])}
            self.polls.append(found)
        return found

    def _added(self, one: dict[str, Any]) -> str:
        stix_id, version = version_of(one)
        rows = self.client.get_manifest(id=stix_id, **({"version": version} if version else {}))["objects"]
        added: str = rows[-1]["date_added"]
        return added

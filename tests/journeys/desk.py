"""A member at its desk: a served hub with two releases, and the member's own client on its feeds."""

from dataclasses import dataclass

import requests
from taxii2client.v21 import Collection

from tests.conftest import World
from tests.factories import a_report

TAXII = "application/taxii+json;version=2.1"
REPORTS = 12
PUBLISHERS = ("Filer one", "Filer two", "Filer three")
ERROR = {"title", "description", "http_status"}
READ = ("members", "public", "reference")


@dataclass
class Desk:
    """A member at its desk: a served hub with two releases, of which the second changes and revokes."""

    world: World
    url: str

    @property
    def token(self) -> str:
        return self.world.tokens["member"]

    def collection(self, feed="members"):
        """A feed's URL, without its last slash."""
        return f"{self.url}/taxii2/hub/collections/{self.world.collection(feed)}"

    def client(self, feed="members"):
        """The member's own client on a feed: Basic, with the token as password."""
        return Collection(f"{self.collection(feed)}/", user="anyone", password=self.token)

    def ask(self, path, token=None, **headers):
        """A request as a program would send it that knows the protocol and nothing else."""
        told = {"Accept": TAXII, "Authorization": f"Bearer {token or self.token}", **headers}
        url = path if path.startswith("http") else self.url + path
        return requests.get(url, headers={name: value for name, value in told.items() if value}, timeout=30)


def tell(world, number):
    """File a report and have it accepted for members."""
    body = a_report(client_ref=f"CASE-{number}", tlp="green", title=f"Case {number}", share_redacted_with=["public"])
    filed = world.file(f"producer:{PUBLISHERS[number % 3]}", body)
    world.accept(filed["id"], "members")
    return filed

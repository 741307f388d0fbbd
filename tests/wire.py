"""Requests as they travel: bytes and headers, not objects."""

from werkzeug.test import TestResponse

from tests.conftest import World

REPORTS = "/api/v1/reports"
JSON = "application/json"


def send_bytes(
    world: World, body: bytes, path: str = REPORTS, *, who: str = "producer", method: str = "POST", **headers: str
) -> TestResponse:
    """Send a body as it stands, by default a filing as JSON with a key."""
    sent = {"Content-Type": JSON, "Idempotency-Key": "k", "Authorization": f"Bearer {world.tokens[who]}"}
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    return world.web.open(path, method=method, data=body, headers=sent, buffered=True)


def listed(world: World, who: str = "producer") -> list[str]:
    """The ids of somebody's reports."""
    return [item["id"] for item in world.send(who, "GET", f"{REPORTS}?limit=200").get_json()["items"]]

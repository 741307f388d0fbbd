"""A preview held against the release that follows: the same bytes, but for ids, references, pseudonyms and times."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlmodel import select

from feeds.edition import stix_time
from hub import rounds
from hub.store.tables import Entry, Presence
from tests.conftest import World

PURPOSE = "to see what each audience would see"
# But for markings and extensions: which one an entry has must not differ.
UUIDS = re.compile(
    r"(?<!marking-definition--)(?<!extension-definition--)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
NAMES = re.compile(r"\b[A-Z]-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
PSEUDONYMS = re.compile(r"\borg-[A-Z2-7]{6}\b")
Seen = dict[tuple[str, str], Counter[str]]  # (feed, mode) → objects, without their names


def plain(content: str, *times: str) -> str:
    """An object without what must differ."""
    text = PSEUDONYMS.sub("PSEUDONYM", NAMES.sub("REF", UUIDS.sub("UUID", content)))
    for one in times:
        text = text.replace(one, "TIME")
    return json.dumps(json.loads(text), sort_keys=True)


def previewed(world: World, report: str) -> tuple[Seen, list[dict[str, Any]]]:
    """What an analyst is shown of a filed report, of what the next release takes; and the whole answer."""
    answer = world.send("analyst", "POST", f"/api/v1/reports/{report}/preview", {"purpose": PURPOSE})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return {(one["feed"], one["mode"]): of(one, world) for one in items if one["is_next"]}, items


def of(entry: dict[str, Any], world: World) -> Counter[str]:
    """The objects of an entry of a preview."""
    now = stix_time(world.clock())
    return Counter(plain(json.dumps(one), now) for one in entry["objects"])


def released_of(world: World, reports: Iterable[str]) -> dict[str, Seen]:
    """What feeds show of each report after everything that is due was released."""
    rounds.publish_all(world.hub, world.hub.feeds())
    return {one: _shown(world, one) for one in reports}


def _shown(world: World, report: str) -> Seen:
    found: Seen = {}
    with world.hub.store.reading() as db:
        modes = {one.feed: one for one in db.exec(select(Presence).where(Presence.report_id == report))}
        for row in db.exec(select(Entry).where(Entry.report_id == report)):
            if row.content is None:
                continue
            body = json.loads(row.content)
            times = {str(body[name]) for name in ("created", "modified") if name in body}
            here = found.setdefault((row.feed, modes[row.feed].mode), Counter())
            here[plain(bytes(row.content).decode(), *times, stix_time(world.clock()))] += 1
    return found


def differences(world: World, report: str) -> list[str]:
    """Where a preview and the release that follows it differ."""
    shown, _ = previewed(world, report)
    return compared(world, shown, released_of(world, [report])[report])


def compared(world: World, shown: Seen, left: Seen) -> list[str]:
    """Where what was shown and what left differ; k is no matter of one report's."""
    batched = {feed.name for feed in world.hub.feeds() if feed.least_organisations > 1}
    missing = {way for way in shown.keys() - left.keys() if not (way[0] in batched and way[1] == "redacted")}
    found = [f"{way}: previewed, not released" for way in missing]
    found += [f"{way}: released, not previewed" for way in left.keys() - shown.keys()]
    for way in shown.keys() & left.keys():
        if shown[way] != left[way]:
            found.append(f"{way}: {list(shown[way] - left[way])[:1]} is not {list(left[way] - shown[way])[:1]}")
    return found

"""The policies of feeds: each a text that is read, checked, and kept as a numbered version; one of them is active.

1. A text that is no feed, or asks for more than the fields' own lines allow, is refused, with its line.
2. What lets an audience see more than before takes two people; what narrows, one.
3. A policy that was applied is asked of everything at the next release: what it shows too much of is corrected or
   recalled, what it newly lets in enters.
4. `hub init` brings the feeds of its version, and newer definitions of those that nobody changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from uuid import uuid4

from feeds.feed import Feed, NotAFeed, parse
from feeds.formats import formats_of
from feeds.lines import placed
from feeds.policy import policy_of
from feeds.widening import Change, changes
from hub.agreement import Deed, demand
from hub.cadence import next_instant
from hub.errors import Conflict, told
from hub.roles import Act
from hub.services import statistics
from hub.store import Session, audit, feeds
from hub.store.tables import Feed as FeedRow
from hub.store.tables import FeedPolicy
from hub.store.tables import Selection as SelectionRow
from schemas.audience import Mode

INIT = "hub init"  # who applied a policy that a version of the hub came with
WIDEN = "feed.widen"
SOME = datetime(2026, 1, 1, tzinfo=UTC)  # an instant from which a schedule comes round again
Rows = Sequence[tuple[FeedRow, FeedPolicy]]


@dataclass(frozen=True)
class Applied:
    """What applying came to: the version that is active now, and what changed."""

    version: int
    changes: Sequence[Change]


def checked(name: str, text: str) -> Feed:
    """A feed from its policy text, refused if it names what does not exist or never comes round."""
    try:
        feed = parse(name, text)
        next_instant(feed, SOME)
        formats_of(feed)
        for mode in Mode:
            policy_of(feed, mode)
    except NotAFeed as wrong:
        raise NotAFeed(placed(str(wrong), text)) from None
    return feed


def sound(rows: Rows) -> tuple[list[Feed], dict[str, str]]:
    """The feeds whose policies can be read, and what is wrong with the others."""
    found, faults = [], {}
    for row, policy in rows:
        try:
            found.append(checked(row.name, policy.policy))
        except Exception as wrong:  # noqa: BLE001 - whatever a damaged policy comes to: it is told
            faults[row.name] = told(wrong)
    return found, faults


def active(db: Session, name: str) -> Feed | None:
    """A feed under its active policy; None if there is no such feed."""
    return next((checked(row.name, one.policy) for row, one in feeds.all_feeds(db) if row.name == name), None)


def apply(db: Session, act: Act, name: str, text: str) -> Applied:
    """Make a policy the active one of a feed, or add a feed; raises NotAFeed, Conflict, and NotAgreed if it widens."""
    feed, old = checked(name, text), active(db, name)
    if old is not None and old.digest == feed.digest:
        message = f"this is the policy that {name} has"
        raise Conflict(message)
    _demand_own(db, feed)
    found = changes(old, feed)
    if any(one.is_wider for one in found):
        demand(db, act, Deed(WIDEN, name, {"from": old.digest if old else None, "to": feed.digest}))
    policy = _policy(feed, text, act.caller.actor, act.at)
    if old is None:
        feeds.add(db, FeedRow(name=name, collection_id=str(uuid4()), policy_version=1), policy)
    else:
        feeds.lock(db, name)
        feeds.apply(db, policy)
    _open_selections(db, feed)
    statistics.catch_up(db, name)
    feeds.ask_all(db, name, act.at)
    said = {"version": policy.version, "digest": policy.digest, "wider": sorted(o.told for o in found if o.is_wider)}
    audit.append(db, act.at, act.caller.actor, "feed.apply", name, **said)
    return Applied(policy.version, found)


def _demand_own(db: Session, feed: Feed) -> None:
    """Raise Conflict for a letter that is another feed's: references would not tell whose they are."""
    for row, policy in feeds.all_feeds(db):
        if row.name != feed.name and parse(row.name, policy.policy).letter == feed.letter:
            message = f"letter: {feed.letter} is that of {row.name}; choose another"
            raise Conflict(message)


def definitions() -> dict[str, str]:
    """The feeds that the hub comes with: name → policy text."""
    room = files("feeds") / "definitions"
    found = {path.name: path.read_text("utf-8") for path in room.iterdir() if path.name.endswith(".toml")}
    return {name.removesuffix(".toml"): text for name, text in sorted(found.items())}


def bring(db: Session, at: datetime) -> None:
    """Add the feeds that this version comes with, and give those that nobody changed its newer definition."""
    standing = {row.name: policy for row, policy in feeds.all_feeds(db)}
    for name, text in definitions().items():
        if name not in standing:
            add(db, name, text, at)
        elif standing[name].policy != text and _is_untouched(standing[name]):
            policy = _policy(checked(name, text), text, INIT, at)
            feeds.apply(db, policy)
            feeds.ask_all(db, name, at)
            said = {"version": policy.version, "digest": policy.digest}
            audit.append(db, policy.applied_at, INIT, "feed.apply", name, **said)
    for feed in sound(feeds.all_feeds(db))[0]:
        _open_selections(db, feed)
    for name in standing:
        statistics.catch_up(db, name)


def _is_untouched(policy: FeedPolicy) -> bool:
    """Whether a definition of the hub stands as it came: not applied by a person, nor changed in the table."""
    return policy.applied_by == INIT and policy.digest == sha256(policy.policy.encode()).hexdigest()


def add(db: Session, name: str, text: str, at: datetime) -> None:
    """Add a feed that the hub comes with."""
    feed = checked(name, text)
    row = FeedRow(name=name, collection_id=str(uuid4()), policy_version=1)
    feeds.add(db, row, _policy(feed, text, INIT, at))
    _open_selections(db, feed)


def _policy(feed: Feed, text: str, by: str, at: datetime) -> FeedPolicy:
    return FeedPolicy(feed=feed.name, version=1, policy=text, digest=feed.digest, applied_by=by, applied_at=at)


def _open_selections(db: Session, feed: Feed) -> None:
    """Give each selection of a feed its collection; one that has its own keeps it, whatever its policy came to be."""
    known, names = feeds.selections(db), {row.name for row, _ in feeds.all_feeds(db)}
    for one in feed.selections:
        if one.name in names or (one.name in known and known[one.name].feed != feed.name):
            message = f"feed {feed.name}: selections.{one.name}: another collection has that name; choose another"
            raise NotAFeed(message)
        if one.name not in known:
            feeds.add_selection(db, SelectionRow(name=one.name, feed=feed.name, collection_id=str(uuid4())))


def kept(db: Session) -> list[str]:
    """The feeds that this version comes with whose active policy is another than its own: somebody applied it."""
    shipped: Mapping[str, str] = definitions()
    return [row.name for row, policy in feeds.all_feeds(db) if shipped.get(row.name, policy.policy) != policy.policy]

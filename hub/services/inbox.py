"""The member's inbox: what it posts, kept as it came, and what became of each envelope.

1. An object's version is kept once; the same again changes nothing and is no error.
2. `date_added` is unique and grows with each post; the inbox is locked, so that commits keep that order.
3. First and last are by version, not by when they came. What has no versions is a new one whenever it differs.
4. An inbox has a bound, so that no member fills the disk that reports need.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from orjson import dumps

from feeds.posted import Posted, Refused, moment
from hub.errors import NotFound
from hub.roles import Act
from hub.store import Session, audit, inboxes
from hub.store.inboxes import Held
from hub.store.tables import Inbox, PostStatus

KEPT = timedelta(days=7)  # a status; the standard asks for a day
MOST_POSTS = 100_000
MOST_BYTES = 256 << 20
MICROSECOND = timedelta(microseconds=1)
FULL = f"the inbox is full ({MOST_POSTS:,} objects or {MOST_BYTES >> 20} MiB); delete what you no longer need"
KNOWN = "this version is here already; nothing was changed"


@dataclass
class Taking:
    """One envelope on its way into an inbox that is locked."""

    box: Inbox
    act: Act
    before: dict[str, list[Held]]
    added: list[dict[str, Any]] = field(default_factory=list)
    successes: list[dict[str, str]] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    by_id: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # what was added
    size: int = 0

    def versions(self, stix_id: str) -> list[tuple[str, bytes]]:
        """The versions of an object, those of this envelope among them."""
        new = [(row["version"], row["content"]) for row in self.by_id.get(stix_id, ())]
        return [*((one.version, one.content) for one in self.before.get(stix_id, ())), *new]

    def knows(self, posted: Posted) -> bool:
        """Whether this version of an object is here; if so, says so."""
        held = self.versions(posted.stix_id)
        if posted.version is None:
            found = [version for version, content in held if content == posted.content]
        else:
            found = [version for version, _ in held if moment(version) == moment(posted.version)]
        if found:
            self.successes.append({"id": posted.stix_id, "version": found[-1], "message": KNOWN})
        return bool(found)

    def is_full_for(self, posted: Posted) -> bool:
        """Whether an object has no room; if so, says so."""
        whole = self.box.size + self.size + len(posted.content)
        if self.box.posts + len(self.added) < MOST_POSTS and whole <= MOST_BYTES:
            return False
        self.refuse(Refused(posted.stix_id, posted.version, FULL))
        return True

    def is_newest(self, posted: Posted) -> bool:
        """Whether no version here is newer."""
        return all(moment(version) <= moment(posted.version or "") for version, _ in self.versions(posted.stix_id))

    def refuse(self, refused: Refused) -> None:
        """Say why an object is not taken."""
        version = refused.version or stamp(self.act.at)
        self.failures.append({"id": refused.stix_id, "version": version, "message": refused.message})

    def keep(self, posted: Posted, content: bytes, report_id: str | None = None, message: str = "") -> None:
        """Take an object, as these bytes."""
        last = self.box.last_added_at
        base = max(self.act.at, last + MICROSECOND) if last else self.act.at
        number = len(self.added)
        at = base + number * MICROSECOND
        version = posted.version or stamp(at)
        row = {"organisation_id": self.box.organisation_id, "position": self.box.last_position + number + 1}
        named = {"stix_id": posted.stix_id, "kind": posted.kind, "version": version, "added_at": at}
        said = {"content": content, "posted_by": self.act.caller.actor, "report_id": report_id}
        self.added.append({**row, **named, **said, "is_first": False, "is_last": False})
        self.by_id.setdefault(posted.stix_id, []).append(self.added[-1])
        self.size += len(content)
        told = {"message": message} if message else {}
        self.successes.append({"id": posted.stix_id, "version": version, **told})


def begin(db: Session, act: Act, stix_ids: Collection[str]) -> Taking:
    """Lock the caller's inbox, and see what it holds of some objects; raises NotFound if there is none."""
    box = inboxes.lock(db, act.caller.organisation_id)
    if box is None:
        raise NotFound
    before: dict[str, list[Held]] = {}
    for one in inboxes.held(db, box.organisation_id, stix_ids):
        before.setdefault(one.stix_id, []).append(one)
    return Taking(box, act, before)


def finish(db: Session, taking: Taking) -> bytes:
    """Write what was taken, and what became of the envelope (TAXII 2.1, 4.3.1), as the bytes that are served."""
    box, act = taking.box, taking.act
    _order(db, taking)
    inboxes.add(db, taking.added)
    if taking.added:
        last = taking.added[-1]
        after = {"last_position": last["position"], "last_added_at": last["added_at"]}
        inboxes.stand(db, box, **after, posts=box.posts + len(taking.added), size=box.size + taking.size)
    listed = {"successes": taking.successes, "failures": taking.failures}
    status = {
        "id": str(uuid4()),
        "status": "complete",
        "request_timestamp": stamp(act.at),
        "total_count": len(taking.successes) + len(taking.failures),
        "success_count": len(taking.successes),
        "failure_count": len(taking.failures),
        "pending_count": 0,
        **{name: details for name, details in listed.items() if details},
    }
    content = dumps(status)
    row = {"id": status["id"], "organisation_id": box.organisation_id, "requested_at": act.at, "content": content}
    inboxes.keep_status(db, PostStatus.model_validate(row))
    counts = {"taken": len(taking.successes), "refused": len(taking.failures)}
    added = [one["stix_id"] for one in taking.added]
    audit.append(db, act.at, act.caller.actor, "inbox.post", box.organisation_id, **counts, added=added)
    return content


def _order(db: Session, taking: Taking) -> None:
    """Say of each version of the objects that came whether it is the first or the last."""
    for stix_id, rows in taking.by_id.items():
        old = taking.before.get(stix_id, [])
        moments = [moment(one) for one in [*(held.version for held in old), *(row["version"] for row in rows)]]
        first, last = min(moments), max(moments)
        for row in rows:
            row["is_first"], row["is_last"] = moment(row["version"]) == first, moment(row["version"]) == last
        _place(db, taking.box, old, first, last)


def _place(db: Session, box: Inbox, held: list[Held], first: tuple[str, str], last: tuple[str, str]) -> None:
    for one in held:
        flags = moment(one.version) == first, moment(one.version) == last
        if flags != (one.is_first, one.is_last):
            inboxes.place(db, box.organisation_id, one.position, is_first=flags[0], is_last=flags[1])


def delete(db: Session, act: Act, stix_id: str, versions: Collection[str]) -> bytes | None:
    """Delete an object, or some versions of it; the newest that stays. Raises NotFound if there is none of them.

    The report that it became stays: its producer withdraws it.
    """
    taking = begin(db, act, {stix_id})
    box, held = taking.box, taking.before.get(stix_id, [])
    gone = [one for one in held if _is_meant(one, versions)]
    if not gone:
        raise NotFound
    inboxes.remove(db, box.organisation_id, {one.position for one in gone})
    size = box.size - sum(len(one.content) for one in gone)
    inboxes.stand(db, box, posts=box.posts - len(gone), size=size)
    stay = [one for one in held if one not in gone]
    audit.append(db, act.at, act.caller.actor, "inbox.delete", box.organisation_id, object=stix_id, versions=len(gone))
    if not stay:
        return None
    moments = [moment(one.version) for one in stay]
    _place(db, box, stay, min(moments), max(moments))
    return max(stay, key=lambda one: moment(one.version)).content


def _is_meant(one: Held, versions: Collection[str]) -> bool:
    words = {"all": True, "first": one.is_first, "last": one.is_last}
    return any(words.get(version, one.version == version) for version in versions)


def report_of(db: Session, act: Act, stix_id: str) -> str | None:
    """The report that an object of the caller became, if it did."""
    return inboxes.report_of(db, act.caller.organisation_id, stix_id)


def status(db: Session, act: Act, status_id: str) -> bytes:
    """What became of an envelope of the caller's organisation; raises NotFound."""
    found = inboxes.status(db, act.caller.organisation_id, status_id)
    if found is None:
        raise NotFound
    return found


def has_old_statuses(db: Session, now: datetime) -> bool:
    """Whether statuses are older than the hub keeps them."""
    return inboxes.has_statuses(db, now - KEPT)


def forget_statuses(db: Session, now: datetime) -> None:
    """Delete the statuses that are older than the hub keeps them."""
    inboxes.forget_statuses(db, now - KEPT)


def stamp(at: datetime) -> str:
    """An instant as TAXII 2.1 (2) writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"

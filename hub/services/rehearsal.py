"""Rehearsing recovery: would this copy of the keys open what the hub holds?

1. Every live epoch's private and symmetric key is unwrapped from the copy alone, and the private key's public half is
   the epoch's: what the database or another file holds stands in for nothing that the copy lacks.
2. Of each epoch one admitted data key is unwrapped and thrown away. No field is opened; there is no warrant.
3. What would be lost is counted in data keys, and said in words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hub.errors import HubError, Tampered
from hub.keys import Epoch, Keyring
from hub.roles import Act
from hub.roots import RootProvider
from hub.seal import Place, public_key_of, unwrap_under
from hub.store import Session, audit, wrapped
from hub.store.tables import Epoch as EpochRow
from hub.store.wrapped import Hanging

OTHERS = {
    "intake.key": "receipts would be signed with another key, and repeated filings not be known again",
    "intake.pub": "what was filed would not verify, and so not open",
    "publisher.key": "every pseudonym in the feeds would change",
}
Secrets = Mapping[tuple[str, int], bytes]  # (name, number) → wrapped


@dataclass
class Rehearsal:
    """What a copy of the keys is worth."""

    opened: list[int] = field(default_factory=list)  # epochs whose secrets it gave back
    lost: dict[int, tuple[int, str]] = field(default_factory=dict)  # epoch → data keys under it, and why
    tried: list[str] = field(default_factory=list)  # reports of which a data key was unwrapped
    faults: list[str] = field(default_factory=list)  # what else would go wrong

    @property
    def is_sound(self) -> bool:
        """Whether nothing would be lost."""
        return not self.lost and not self.faults


def live_epochs(db: Session) -> Sequence[EpochRow]:
    """The epochs that were not destroyed."""
    return [row for row in wrapped.epochs(db) if row.destroyed_at is None]


def unwrapped(root: RootProvider, copy: Secrets, live: Sequence[EpochRow]) -> tuple[dict[int, Epoch], Rehearsal]:
    """The live epochs out of a copy of the keys, and why others are not. Asks the root provider: no transaction."""
    found, told = {}, Rehearsal()
    for row in live:
        at = row.number
        try:
            found[at] = _epoch(root, copy, at)
            if public_key_of(found[at].private_key) != row.public_key:
                message = "its private key is not the one to its public key"
                raise Tampered(message)
            told.opened.append(at)
        except HubError as wrong:
            found.pop(at, None)
            told.lost[at] = (0, str(wrong))
    for name, number in sorted(copy):
        if name not in {"private", "kek"}:
            try:
                root.unwrap(copy[name, number], name, str(number))
            except HubError as wrong:
                told.faults.append(f"{name} {number}: {wrong}")
    return found, told


def _epoch(root: RootProvider, copy: Secrets, at: int) -> Epoch:
    if lacking := [name for name in ("private", "kek") if (name, at) not in copy]:
        message = f"the copy is older than this epoch: it lacks {' and '.join(lacking)}; make a new one"
        raise Tampered(message)
    private = root.unwrap(copy["private", at], "private", str(at))
    return Epoch(at, private, root.unwrap(copy["kek", at], "kek", str(at)))


def compare(told: Rehearsal, copy: Mapping[str, bytes], live: Callable[[str], bytes | None]) -> None:
    """Say what else of a copy is not what the hub runs on: whoever restores it would find out later."""
    for name, means in OTHERS.items():
        if name not in copy:
            told.faults.append(f"{name} is not in the copy: {means}")
        elif live(name) is not None and copy[name] != live(name):
            told.faults.append(f"{name} in the copy is another than the hub's own: {means}")


def rehearse(db: Session, keyring: Keyring, deployment: str, told: Rehearsal) -> Rehearsal:
    """Try one data key of each epoch that the keyring has, and count what hangs on the others."""
    counts = wrapped.hanging(db)
    for at in sorted(keyring.epochs):
        one = wrapped.newest_admitted(db, at)
        if one is None:
            continue
        try:
            _try(keyring, deployment, one)
            told.tried.append(one.key.report_id)
        except Tampered as wrong:
            told.opened.remove(at)
            told.lost[at] = (0, f"its key does not open the data key of report {one.key.report_id}: {wrong}")
    told.lost = {at: (counts.get(at, 0), why) for at, (_, why) in told.lost.items()}
    return told


def _try(keyring: Keyring, deployment: str, one: Hanging) -> None:
    key = one.key
    place = Place(deployment, one.organisation_id, key.report_id, key.revision)
    unwrap_under(keyring.epochs[key.epoch].kek, key.wrapped, place, key.purpose)  # and forgotten: nothing is opened


def record(db: Session, act: Act, copy: str, told: Rehearsal) -> None:
    """Write down that a recovery was rehearsed, with which copy (its SHA-256), and how it went."""
    lost = {str(at): count for at, (count, _) in told.lost.items()}
    said = {"epochs": told.opened, "lost": lost, "faults": len(told.faults)}
    audit.append(db, act.at, act.caller.token_id, "keys.rehearse", copy, sound=told.is_sound, **said)

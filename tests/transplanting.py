"""What a thief of ciphertexts can try: move them, flip their bits, and put rows of one's own beside them."""

import json
import random
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from hub import rounds, seal
from hub.errors import NotSealed, Tampered
from hub.keys import Epoch, Keyring
from hub.opening import gather, open_values
from hub.seal import Place
from hub.sealing import Carried, Sealer, seal_revision
from hub.signing import Signer
from hub.store import feeds
from hub.store.tables import DataKey, Report, Revision
from hub.warrant import Warrant, arm
from schemas.anatomy import Divided
from tests.conftest import World
from tests.factories import a_report

FROZEN = Path(__file__).parent / "vectors" / "sealed-0.1.json"
REPORTER = {"reporter": {"name": "R. Porter"}}


@dataclass(frozen=True)
class Loot:
    """A sealed value in its place, with all that opens it there."""

    place: Place
    path: str
    purpose: str
    blob: bytes
    wrapped: bytes
    dek: bytes
    epoch: Epoch


def loot(world: World, reports: int) -> list[Loot]:
    """Sealed values of several reports of two organisations, in two revisions, under two epochs."""
    world.enrol("producer", "Second lab")
    for number in range(reports):
        who = ("producer", "producer:Second lab")[number % 2]
        filed = world.file(who, a_report(client_ref=f"loot-{number}", title=f"Loot {number}", **REPORTER))
        if number % 3 == 0:
            path, sent = f"/api/v1/reports/{filed['id']}", {"If_Match": '"r1"'}
            assert world.send(who, "PATCH", path, {"title": f"Amended {number}"}, **sent).status_code == 200
    rounds.admit_all(world.hub)
    found, keyring = [], world.hub.keyring
    with world.hub.store.reading() as db:
        owners = dict(db.exec(select(Report.id, Report.organisation_id)).all())
        keys = db.exec(select(DataKey)).all()
        rows = {(row.report_id, row.revision): row for row in db.exec(select(Revision))}
    for key in keys:
        place = Place(world.hub.deployment.uid, owners[key.report_id], key.report_id, key.revision)
        epoch = keyring.epochs[key.epoch]
        dek = seal.unwrap_under(epoch.kek, key.wrapped, place, key.purpose)
        for path, blob in seal.unframe(rows[key.report_id, key.revision].sealed).items():
            if path.startswith("reporter.") is (key.purpose == "identity"):
                found.append(Loot(place, path, key.purpose, blob, key.wrapped, dek, epoch))
    return found


def opens(one: Loot) -> bool:
    """Whether a value opens where it lies: by its key in memory, by its wrapped key, or in the way of a scan."""
    ways: tuple[Callable[[], Any], ...] = (
        lambda: seal.open_field(one.dek, one.place, one.path, one.blob),
        lambda: seal.unwrap_under(one.epoch.kek, one.wrapped, one.place, one.purpose),
        lambda: seal.open_texts(
            one.epoch.kek, one.wrapped, one.place, seal.frame({one.path: one.blob}), frozenset({one.path})
        ),
        lambda: seal.rewrap_under(one.epoch.kek, one.epoch.kek, one.wrapped, one.place, one.purpose),
    )
    return [_answers(way) for way in ways].count(True) > 0


def _answers(way: Callable[[], Any]) -> bool:
    try:
        way()
    except Tampered:
        return False
    return True


def transplants(found: list[Loot], count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Move values one way after another; how many of each kind were tried, and the kinds that were accepted."""
    chance, tried, accepted = random.Random(seed), Counter[str](), []
    while tried.total() < count:
        one, other = chance.sample(found, 2)
        for kind, ways in _moved(one, other, chance).items():
            tried[kind] += 1
            accepted += [kind for way in ways if _answers(way)]
    return tried, accepted


def _moved(one: Loot, other: Loot, chance: random.Random) -> dict[str, list[Callable[[], Any]]]:
    """One value at other places. Where key and value are both moved, the key alone must already refuse."""
    bits = chance.randbytes(4).hex()
    places = {
        "organisation": replace(one.place, organisation=f"{one.place.organisation}{bits}"),
        "report": replace(one.place, report=f"{one.place.report[:-1]}{bits}"),
        "revision": replace(one.place, revision=one.place.revision + chance.randint(1, 99)),
        "deployment": replace(one.place, deployment=bits),
    }
    found = {name: _ways(replace(one, place=place)) for name, place in places.items()}
    path = other.path if other.path != one.path else f"{one.path}.{bits}"
    found["field"] = [lambda: seal.open_field(one.dek, one.place, path, one.blob), *_scanned(replace(one, path=path))]
    if other.place != one.place:
        found["into another report"] = [
            lambda: seal.open_field(other.dek, other.place, one.path, one.blob),
            *_ways(replace(one, place=other.place)),
        ]
    purpose = "identity" if one.purpose == "report" else "report"
    found["purpose"] = [lambda: seal.unwrap_under(one.epoch.kek, one.wrapped, one.place, purpose)]
    stranger = Epoch(one.epoch.number + 1, one.epoch.private_key, seal.new_key())
    found["epoch"] = [lambda: seal.unwrap_under(stranger.kek, one.wrapped, one.place, one.purpose)]
    return found


def _ways(one: Loot) -> list[Callable[[], Any]]:
    return [
        lambda: seal.open_field(one.dek, one.place, one.path, one.blob),
        lambda: seal.unwrap_under(one.epoch.kek, one.wrapped, one.place, one.purpose),
        *_scanned(one),
    ]


def _scanned(one: Loot) -> list[Callable[[], Any]]:
    framed, paths = seal.frame({one.path: one.blob}), frozenset({one.path})
    return [lambda: seal.open_texts(one.epoch.kek, one.wrapped, one.place, framed, paths)]


def flips(values: int) -> tuple[int, int]:
    """Every bit of frozen sealed values flipped, in the plain way and in the way of a scan: how many, how many open."""
    said = json.loads(FROZEN.read_text("utf-8"))
    dek, kek = b64decode(said["keys"]["dek"]), b64decode(said["keys"]["kek"])
    tried = accepted = 0
    for one in said["fields"][:values]:
        place, path, sealed = Place(*one["place"]), one["path"], b64decode(one["sealed"])
        wrapped = seal.wrap_under(kek, dek, place, "report")
        assert seal.open_field(dek, place, path, sealed) == one["value"]
        for changed in _flipped(sealed):
            tried += 1
            accepted += _answers(lambda: seal.open_field(dek, place, path, changed))  # noqa: B023 - called at once
            framed = seal.frame({path: changed})
            accepted += _answers(lambda: seal.open_texts(kek, wrapped, place, framed, frozenset({path})))  # noqa: B023
    return tried, accepted


def _flipped(sealed: bytes) -> Iterator[bytes]:
    whole = int.from_bytes(sealed)
    return ((whole ^ 1 << bit).to_bytes(len(sealed)) for bit in range(8 * len(sealed)))


@dataclass(frozen=True)
class Forgery:
    """A row that somebody with a database login put in: what kind, and whether it says that it is admitted."""

    kind: str
    report_id: str
    revision: int


KINDS = (
    "sealed to the public key, signed by a stranger",
    "sealed to the public key, with a genuine manifest",
    "a genuine revision under another report",
    "a genuine revision as a later one",
    "said to be admitted, key to the public key",
    "said to be admitted, key under a key of one's own",
    "a genuine admitted revision under another report",
    "said to be admitted, without a key",
)


def forge(world: World, count: int, seed: int) -> list[Forgery]:
    """Put forged rows in, and queue each for every feed, as a database login allows."""
    chance, hub = random.Random(seed), world.hub
    stranger = Sealer(replace(hub.sealer.keys, signer=Signer(chance.randbytes(32))), hub.sealer.ground)
    with hub.store.writing() as db:
        genuine = db.exec(
            select(Report, Revision, DataKey)
            .join(Revision, (col(Revision.report_id) == Report.id) & (col(Revision.revision) == Report.revision))
            .join(DataKey, (col(DataKey.report_id) == Report.id) & (col(DataKey.revision) == Report.revision))
            .where(DataKey.purpose == "report")
        ).all()
        made = [_put(db, chance, KINDS[n % len(KINDS)], chance.choice(genuine), stranger, n) for n in range(count)]
        feeds.queue(db, {one.report_id for one in made}, [feed.name for feed in hub.feeds()], world.clock())
    return made


def _put(  # noqa: PLR0917 - a forger has all of it
    db: Session, chance: random.Random, kind: str, of: tuple[Report, Revision, DataKey], sealer: Sealer, number: int
) -> Forgery:
    report, row, key = of
    id_, revision = f"{chance.randbytes(16).hex()}", row.revision
    if "later" in kind:
        id_, revision = report.id, row.revision + 1 + number
    else:
        db.add(
            Report(
                **{**report.model_dump(), "id": id_, "ref": f"R-{number:08}", "client_ref": None, "revision": revision}
            )
        )
        db.flush()
    place = Place(sealer.ground.deployment, report.organisation_id, id_, revision)
    sealed = seal_revision(sealer, place, Divided(row.clear, {"title": {"/title": "FORGED"}}, {}), Carried())
    said = {**row.model_dump(), "report_id": id_, "revision": revision, "fault": None}
    held = {**key.model_dump(), "report_id": id_, "revision": revision}
    if "genuine revision" not in kind and "genuine admitted" not in kind:
        said |= {"sealed": seal.frame(sealed.blobs), "origins": {"title": revision}}
        held |= {"wrapped": sealed.wrapped["report"]}
    if "genuine" not in kind:
        said |= {"manifest": sealed.manifest, "signature": sealed.signature}
    if "key of one's own" in kind:
        held["wrapped"] = seal.wrap_under(chance.randbytes(32), chance.randbytes(32), place, "report")
    is_admitted = "admitted" in kind
    db.add(Revision(**said | {"admitted_at": row.admitted_at if is_admitted else None}))
    if "without" not in kind:
        db.add(DataKey(**held | {"is_admitted": is_admitted}))
    return Forgery(kind, id_, revision)


def accepted(world: World, forged: list[Forgery]) -> list[str]:
    """The forgeries that admission took or that open."""
    hub, found = world.hub, []
    keyring: Keyring = hub.keyring
    with hub.store.reading() as db:
        rows = {(row.report_id, row.revision): row for row in db.exec(select(Revision))}
        owners = dict(db.exec(select(Report.id, Report.organisation_id)).all())
    for one in forged:
        row = rows[one.report_id, one.revision]
        if row.admitted_at is not None and "admitted" not in one.kind:
            found.append(f"admitted: {one.kind}")
        with hub.store.reading() as db:
            bundle = gather(db, hub.deployment.uid, [(owners[one.report_id], row)])[one.report_id]
        warrant = Warrant(one.report_id, one.revision, frozenset({"title"}), "to see that it does not open")
        arm([warrant])
        try:
            open_values(keyring, warrant, bundle)
        except (Tampered, NotSealed):
            continue
        found.append(f"opened: {one.kind}")
    return found

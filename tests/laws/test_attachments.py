"""Attachments are in no feed, open nowhere but in their place, and go with their report."""

import json
import random
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from feeds.feed import parse
from feeds.formats import FORMATS
from hub import receiving, rounds
from hub.attachment_sealing import CHUNK, purpose
from hub.policies import definitions
from hub.services import attachment_admission, erasing
from hub.services.erasing import Cause
from hub.store.tables import Attachment, AttachmentChunk, DataKey
from schemas.anatomy import LEAVES
from tests.attaching import MARK, a_file, ask, attach, attached, begin, chunks, place, put
from tests.conftest import AUDIENCES, World
from tests.factories import a_full_report, a_report
from tests.laws.house import modules, words

NAMES = {"Attachment", "AttachmentChunk", "attachments", "attachment_opening", "attachment_sealing", "downloading"}
LEAVING = (
    "feeds", "schemas.report", "schemas.parts", "schemas.anatomy", "hub.services.publishing", "hub.services.delivery",
    "hub.services.editions", "hub.services.statistics", "hub.services.indexing", "hub.services.search", "hub.web.taxii",
    "hub.web.editions", "hub.store.feeds", "hub.store.releases", "hub.store.collections", "hub.store.pages",
)  # fmt: skip
KINDS = ("chunk", "key", "chunk and key")


def test_nothing_that_leaves_knows_attachments() -> None:
    """What a module cannot name it cannot project, map, format, count or serve."""
    leaving = [one for one in modules() if one.name.startswith(LEAVING)]
    assert len(leaving) > 60, "the law looked at nothing"
    assert [one.name for one in leaving if words(one.tree) & NAMES] == []


def test_no_field_policy_feed_or_format_names_one() -> None:
    """An attachment is no field of a report, so no policy can let it through, and no feed can ask for it."""
    assert [path for path in LEAVES if "attach" in path] == []
    assert [name for name in FORMATS if "attach" in name] == []
    policies = {name: json.dumps(vars(parse(name, text)), default=str) for name, text in definitions().items()}
    assert policies
    assert [name for name, said in policies.items() if "attach" in said] == []


def test_no_byte_name_or_id_of_one_is_in_any_feed_answer_or_file(world: World, tmp_path: Path) -> None:
    """Whatever is released, searched or kept, the bytes and the name are in it nowhere."""
    world.enrol("member", "All", AUDIENCES)
    filed = world.file("producer", a_full_report(tlp="clear", client_ref="whole"))
    world.accept(filed["id"], "public")
    begun = attached(world, filed["id"], content := a_file(), name=f"{MARK}.bin")
    world.release()
    assert ask(world, filed["id"], begun["id"]).data == content
    seen = [world.objects("member:All", feed) for feed in ("trusted", "members", "public")]
    assert all(seen)
    shown = [world.send("analyst", "GET", path).get_data(as_text=True) for path in (
        f"/api/v1/reports/{filed['id']}", f"/api/v1/reports/{filed['id']}/path", "/api/v1/search?filter=", "/metrics",
    )]  # fmt: skip
    needles = (MARK, begun["id"], begun["commitment"])
    assert [one for one in needles for said in (str(seen), *shown) if one in said] == []
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert begun["id"].encode() in files
    assert MARK.encode() not in files


def test_no_part_opens_in_the_place_of_another(world: World) -> None:
    """Moved to another number, attachment or report, before admission or after: none is taken for what it is not."""
    chance, reports = random.Random(1), [world.file("producer", a_report(client_ref=f"r-{n}"))["id"] for n in range(2)]
    ids = [attach(world, report, a_file(CHUNK + 100))["id"] for report in reports for _ in range(2)]
    spots = [(one, number) for one in ids for number in range(2)]
    for is_admitted in (False, True):
        assert all(opens(world, one, is_admitted=is_admitted) for one in ids), "where they belong they open"
        for turn in range(12):
            source, target = chance.sample(spots, 2)
            kept = move(world, KINDS[turn % len(KINDS)], source, target)
            assert not opens(world, target[0], is_admitted=is_admitted), (source, target)
            put_back(world, target, kept)
        if not is_admitted:
            assert receiving.admit(world.hub) == len(ids)


def opens(world: World, one: str, *, is_admitted: bool) -> bool:
    """Whether an attachment opens whole, by admission or for an analyst."""
    hub = world.hub
    with hub.store.reading() as db:
        row = db.get(Attachment, one)
    assert row
    if is_admitted:
        try:
            answer = ask(world, row.report_id, one)
            return answer.status_code == 200 and len(answer.data) == row.size
        except Exception:  # noqa: BLE001 - whatever breaks it off
            return False
    while True:  # the one that waits longest is asked for first
        with hub.store.writing() as db:
            for other in db.exec(select(Attachment)):
                other.completed_at = hub.clock() if other.id != one else other.begun_at.replace(year=2000)
            db.flush()
            candidate = attachment_admission.ask(db, hub.clock())
        assert candidate
        if candidate.row.id == one:
            break
    with hub.store.reading() as db:
        return attachment_admission.look_through(db, hub.keyring, hub.deployment.uid, candidate).fault is None


def part(db: Session, spot: tuple[str, int]) -> tuple[AttachmentChunk, DataKey]:
    """The rows of a chunk."""
    chunk = db.get(AttachmentChunk, spot)
    key = db.exec(select(DataKey).where(col(DataKey.purpose) == purpose(*spot))).one()
    assert chunk
    return chunk, key


def move(world: World, kind: str, source: tuple[str, int], target: tuple[str, int]) -> tuple[bytes, bytes]:
    """Put a chunk, its key or both in the place of another's; what stood there."""
    with world.hub.store.writing() as db:
        (chunk, key), (other, others) = part(db, source), part(db, target)
        kept = other.sealed, others.wrapped
        if "chunk" in kind:
            other.sealed = chunk.sealed
        if "key" in kind:
            others.wrapped = key.wrapped
    return kept


def put_back(world: World, target: tuple[str, int], kept: tuple[bytes, bytes]) -> None:
    with world.hub.store.writing() as db:
        chunk, key = part(db, target)
        chunk.sealed, key.wrapped = kept


def erase(world: World, report: str) -> None:
    """Erase as a rule of retention does, which needs no second person."""
    cause = Cause("clock", "its producer asked", "a rule")
    world.hub.store.write(lambda db: erasing.begin(db, world.clock(), report, cause))
    world.clock.forward(minutes=1)
    rounds.tick(world.hub)


def test_erased_with_the_report_whatever_its_state(any_world: World) -> None:
    """A file that outlived its report would be the report's worst part."""
    world, content = any_world, a_file()
    report, kept = (world.file("producer", a_report(client_ref=name))["id"] for name in ("gone", "kept"))
    attached(world, report, content)
    attach(world, report, b"complete")
    begun = begin(world, report, a_file()).get_json()["id"]
    put(world, report, begun, 0, content[:CHUNK])
    other = attached(world, kept, content)["id"]
    erase(world, report)
    with world.hub.store.reading() as db:
        assert [row.id for row in db.exec(select(Attachment))] == [other]
        assert {row.attachment_id for row in db.exec(select(AttachmentChunk))} == {other}
        left = db.exec(select(DataKey.purpose).where(col(DataKey.purpose).like("attachment/%"))).all()
        assert {one.split("/")[1] for one in left} == {other}
    told = world.send("producer", "GET", f"/api/v1/reports/{report}/erasure").get_json()["items"][0]["record"]
    destroyed = json.loads(told)["destroyed"]
    assert (destroyed["attachments"], destroyed["attachment chunks"]) == (3, 5)
    for method, path in (("GET", place(report)), ("GET", place(report, begun))):
        assert world.send("producer", method, path).status_code == 410
    (_, second, _) = chunks(content)
    assert put(world, report, begun, *second).status_code == 410
    assert ask(world, report, begun).status_code == 404
    assert ask(world, kept, other).data == content


def test_no_byte_of_an_erased_one_is_left_in_the_files_of_sqlite(world: World, tmp_path: Path) -> None:
    """Ciphertexts and wrapped keys: what lies in no file opens for nobody, whatever key is found one day."""
    report = world.file("producer", a_report())["id"]
    attached(world, report, a_file())
    with world.hub.store.reading() as db:
        sought = [row.sealed[at : at + 64] for row in db.exec(select(AttachmentChunk)) for at in (0, 5000, -64)]
        sought = [one for one in sought if len(one) == 64]
        sought += [row.wrapped for row in db.exec(select(DataKey))]
    assert len(sought) > 8
    assert all(one in held(tmp_path) for one in sought)
    erase(world, report)
    rounds.index_all(world.hub)
    rounds.tick(world.hub)
    assert [one for one in sought if one in held(tmp_path)] == []


def held(where: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((where / "home").rglob("*")) if path.is_file())


def test_an_erasure_during_admission_or_download_leaves_nothing(world: World) -> None:
    """Who was reading when the report was erased gets no more, and brings nothing back."""
    hub, content = world.hub, a_file()
    report = world.file("producer", a_report())["id"]
    done = attached(world, report, content)["id"]
    attach(world, report, b"waits")
    candidate = hub.store.write(lambda db: attachment_admission.ask(db, hub.clock()))
    assert candidate
    with hub.store.reading() as db:
        checked = attachment_admission.look_through(db, hub.keyring, hub.deployment.uid, candidate)
    parts = ask(world, report, done).iter_encoded()
    assert next(parts) == content[:CHUNK]
    erase(world, report)
    assert not hub.store.write(lambda db: attachment_admission.admit(db, checked, hub.clock()))
    rest: list[Any] = []
    try:
        rest.extend(parts)
    except Exception:  # noqa: BLE001 - whatever breaks it off
        rest.append(None)
    assert rest == [None]
    with hub.store.reading() as db:
        assert db.exec(select(Attachment)).all() == []
        assert db.exec(select(DataKey)).all() == []

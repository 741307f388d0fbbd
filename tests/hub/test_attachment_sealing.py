"""Parts of a file open in their own place under their own key, and nowhere else; a list of them cannot be changed."""

import json
from base64 import b64decode
from dataclasses import dataclass, replace
from typing import Any

import pytest

from hub import attachment_sealing as sealing
from hub import seal
from hub.attachment_opening import open_part, open_received
from hub.attachment_sealing import CHUNK, HEAD, Sealed, Site
from hub.errors import NotSealed, Tampered, Unarmed
from hub.keys import Epoch, IntakeKeys, Keyring
from hub.seal import Place
from hub.sealing import Ground, Sealer
from hub.signing import Signer
from hub.store.attachments import Part
from hub.store.tables import DataKey
from hub.warrant import FileWarrant, arm

PRIVATE, KEK, SEED, REPLAY = (bytes([n]) * 32 for n in (1, 2, 3, 4))
PUBLIC = seal.public_key_of(PRIVATE)
SEALER = Sealer(IntakeKeys(Signer(SEED), REPLAY), Ground("deployment", 1, PUBLIC))
KEYRING = Keyring({1: Epoch(1, PRIVATE, KEK)}, Signer(SEED).public_key)
SITE = Site(Place("deployment", "organisation", "report", 1), "attachment", 2 * CHUNK + 5)
NAMED = {"name": "trace.jsonl", "media_type": "text/plain", "sha256": "0" * 64}
CONTENTS = (b"a" * CHUNK, b"b" * CHUNK, b"the end"[:5])
FROZEN = "AQEAAQIDBAUGBwgJCgsCSDdkVpB/WRoy6DjICQTG7jk72FsH"  # every later version must open it


@dataclass
class Stored:
    """An attachment as it would be stored."""

    site: Site
    head: bytes
    manifest: bytes
    signature: bytes
    parts: list[Part]


def stored(site: Site = SITE) -> Stored:
    """Seal a file of three chunks, as intake does."""
    head = sealing.seal_head(SEALER, site, NAMED)
    chunks = [sealing.seal_part(SEALER, site, number, one) for number, one in enumerate(CONTENTS)]
    found = Stored(site, head.content, head.said, head.signature, [])
    slips = [(one.said, one.signature) for one in chunks]
    found.manifest, found.signature = sealing.manifest(SEALER, site, found, slips)
    found.parts = [part(site, HEAD, head), *(part(site, number, one) for number, one in enumerate(chunks))]
    return found


def part(site: Site, name: int | str, one: Sealed) -> Part:
    key = DataKey(report_id=site.place.report, revision=1, purpose=one.purpose, epoch=1, wrapped=one.wrapped)
    return Part(name, one.content, key)


def warrant(site: Site = SITE, *parts: str) -> FileWarrant:
    """One that is armed."""
    made = FileWarrant(site.place.report, site.attachment, frozenset(parts or ("head", "content")), "the test asks")
    arm([made])
    return made


def opened(one: Stored, name: int, part: Part | None = None) -> Any:
    """A part, opened as admission does, and then as an analyst does; both must say the same."""
    said = sealing.verify(KEYRING.receipts, one.site, one)
    found = part or one.parts[name]
    first = open_received(KEYRING, warrant(one.site), one.site, said, found)
    key = DataKey(**{**first.key.model_dump(), "wrapped": first.wrapped, "is_admitted": True})
    assert open_part(KEYRING, warrant(one.site), one.site, said, replace(found, key=key)) == first.content
    return first.content


def test_every_part_opens_where_it_belongs() -> None:
    one = stored()
    assert opened(one, 0) == NAMED
    assert tuple(opened(one, number) for number in (1, 2, 3)) == CONTENTS


def test_what_was_sealed_once_opens_for_ever() -> None:
    dek, sealed = bytes(range(32)), b64decode(FROZEN)
    assert seal.open_chunk(dek, SITE.place, SITE.chunk(2), sealed) == b"frozen"


@pytest.mark.parametrize("change", ["deployment", "organisation", "report", "revision", "attachment", "number", "last"])
def test_a_chunk_opens_at_no_other_place(change: str) -> None:
    dek = seal.new_key()
    sealed = seal.seal_chunk(dek, SITE.place, SITE.chunk(0), CONTENTS[0])
    place, chunk = SITE.place, list(SITE.chunk(0))
    if change in vars(place):
        other: Any = {change: 2 if change == "revision" else "another"}
        place = replace(place, **other)
    else:
        chunk[("attachment", "number", "last").index(change)] = "last" if change == "last" else "1"
    with pytest.raises(Tampered):
        seal.open_chunk(dek, place, tuple(chunk), sealed)
    wrapped = seal.wrap_under(KEK, dek, SITE.place, sealing.purpose("attachment", 0))
    if change != "last":
        with pytest.raises(Tampered):
            seal.unwrap_under(KEK, wrapped, place, sealing.purpose(chunk[0], chunk[1]))


def test_the_same_bytes_never_seal_to_the_same() -> None:
    first, second = (sealing.seal_part(SEALER, SITE, 0, CONTENTS[0]) for _ in range(2))
    assert first.content != second.content
    assert first.wrapped != second.wrapped


def test_a_part_in_the_place_of_another_is_refused() -> None:
    one, other = stored(), stored(replace(SITE, attachment="other"))
    moves = [
        (1, replace(one.parts[2], name=0)),  # reordered
        (1, replace(one.parts[3], name=0)),  # the last at the beginning
        (1, other.parts[1]),  # of another attachment
        (0, other.parts[0]),
        (1, replace(one.parts[1], sealed=one.parts[2].sealed)),
        (1, replace(one.parts[1], key=one.parts[2].key)),
        (1, replace(one.parts[1], sealed=one.parts[1].sealed[:-1])),
    ]
    for name, moved in moves:
        with pytest.raises(Tampered):
            opened(one, name, moved)


def test_a_list_that_was_cut_mixed_or_is_not_ours_gets_no_manifest() -> None:
    site = SITE
    head = sealing.seal_head(SEALER, site, NAMED)
    row = Stored(site, head.content, head.said, head.signature, [])
    one = [sealing.seal_part(SEALER, site, number, content) for number, content in enumerate(CONTENTS)]
    slips = [(sealed.said, sealed.signature) for sealed in one]
    other = sealing.seal_part(SEALER, replace(site, attachment="other"), 0, CONTENTS[0])
    stranger = replace(SEALER, keys=IntakeKeys(Signer(bytes(32)), REPLAY))
    forged = sealing.seal_part(stranger, site, 0, b"x" * CHUNK)
    for wrong in (
        slips[:2], [slips[1], slips[0], slips[2]], [*slips, slips[2]], [(other.said, other.signature), *slips[1:]],
        [(forged.said, forged.signature), *slips[1:]], [(slips[0][0], slips[1][1]), *slips[1:]],
    ):  # fmt: skip
        with pytest.raises(Tampered):
            sealing.manifest(SEALER, site, row, wrong)
    row.head = sealing.seal_head(SEALER, site, NAMED).content
    with pytest.raises(Tampered):
        sealing.manifest(SEALER, site, row, slips)


def test_a_manifest_speaks_for_its_own_attachment_and_size_alone() -> None:
    one = stored()
    for site in (
        replace(SITE, attachment="other"), replace(SITE, size=CHUNK), replace(SITE, size=SITE.size + 1),
        replace(SITE, place=replace(SITE.place, report="other")),
    ):  # fmt: skip
        with pytest.raises(Tampered):
            sealing.verify(KEYRING.receipts, site, one)
    with pytest.raises(Tampered):
        sealing.verify(KEYRING.receipts, SITE, replace(one, head=one.head[:-1]))
    with pytest.raises(Tampered):
        sealing.verify(Signer(bytes(32)).public_key, SITE, one)
    begun = sealing.seal_head(SEALER, SITE, NAMED)
    with pytest.raises(Tampered):  # what was only begun is not complete
        sealing.verify(KEYRING.receipts, SITE, replace(one, manifest=begun.said, signature=begun.signature))


def test_nothing_opens_before_the_intent_or_beyond_it() -> None:
    one = stored()
    said = sealing.verify(KEYRING.receipts, SITE, one)
    unarmed = FileWarrant("report", "attachment", frozenset({"head", "content"}), "the test asks")
    with pytest.raises(Unarmed):
        open_received(KEYRING, unarmed, SITE, said, one.parts[1])
    for narrow in (warrant(SITE, "head"), warrant(replace(SITE, attachment="other"))):
        with pytest.raises(NotSealed):
            open_received(KEYRING, narrow, SITE, said, one.parts[1])
    with pytest.raises(NotSealed):  # its key is not under the epoch's own yet
        open_part(KEYRING, warrant(), SITE, said, one.parts[1])
    with pytest.raises(NotSealed):
        open_part(KEYRING, warrant(), SITE, said, replace(one.parts[1], key=None))
    with pytest.raises(Tampered):
        open_part(KEYRING, warrant(), SITE, said, None)


def test_what_intake_signed_and_is_no_manifest_is_refused_like_any_other_damage() -> None:
    """Whoever has taken intake over signs what it likes: admission finds that at fault, and goes on with the next."""
    one = stored()
    said = json.loads(one.manifest)
    for wrong in (
        "[]", "{", "7", {**said, "chunks": None}, {**said, "chunks": [1, 2, 3]}, {**said, "chunks": [{}, {}, {}]},
        {**said, HEAD: "head"}, {**said, HEAD: None}, {"format": said["format"]},
    ):  # fmt: skip
        content = (wrong if isinstance(wrong, str) else json.dumps(wrong)).encode()
        signed = replace(one, manifest=content, signature=SEALER.keys.signer.sign(content))
        with pytest.raises(Tampered):
            sealing.verify(KEYRING.receipts, SITE, signed)

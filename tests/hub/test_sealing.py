"""From a checked report to what is stored of it: ciphertexts, wrapped keys, a signed manifest, a receipt."""

import hashlib
import json
from typing import Any

import pytest

from hub import seal
from hub.errors import Tampered
from hub.keys import IntakeKeys, new_epoch, unwrap_epoch
from hub.roots import KeyFile
from hub.seal import Place
from hub.sealing import Carried, Ground, SealedRevision, Sealer, clear_digest, committed, seal_revision
from hub.signing import Signer, is_signed
from schemas.anatomy import divide
from tests.factories import a_full_report, a_report

ROOT = KeyFile(bytes(32))
EPOCH = new_epoch(7, ROOT)
PRIVATE = unwrap_epoch(EPOCH, ROOT).private_key
SEALER = Sealer(IntakeKeys(Signer(bytes(range(32))), bytes(32)), Ground("d-1", EPOCH.number, EPOCH.public_key))
PLACE = Place("d-1", "o-1", "r-1", 1)


def sealed(report: dict[str, Any], place: Place = PLACE, **carried: dict[str, Any]) -> SealedRevision:
    """A report sealed at a place, with some fields carried over."""
    return seal_revision(SEALER, place, divide(report), Carried(carried))


def manifest_of(revision: SealedRevision) -> Any:
    """What a manifest says."""
    return json.loads(revision.manifest)


def test_no_sealed_value_is_left_in_what_is_stored() -> None:
    made = sealed(a_full_report())
    divided = divide(a_full_report())
    stored = json.dumps(made.clear).encode() + seal.frame(made.blobs) + made.manifest + b"".join(made.wrapped.values())
    assert set(made.blobs) == {*divided.sealed, *divided.identity}
    for path in made.blobs:
        assert f"CANARY-{path.replace('[]', '').replace('.', '-').replace('_', '-')}-END".encode() not in stored


def test_each_sealed_field_is_a_ciphertext_that_opens_with_the_wrapped_key_alone() -> None:
    made, divided = sealed(a_full_report()), divide(a_full_report())
    assert set(made.wrapped) == {"report", "identity"}
    for purpose, values in (("report", divided.sealed), ("identity", divided.identity)):
        dek = seal.unwrap_from_intake(PRIVATE, made.wrapped[purpose], PLACE, purpose)
        assert {path: seal.open_field(dek, PLACE, path, made.blobs[path]) for path in values} == values


def test_identity_is_under_a_key_of_its_own_so_that_it_can_be_purged_alone() -> None:
    made = sealed(a_full_report())
    dek = seal.unwrap_from_intake(PRIVATE, made.wrapped["report"], PLACE, "report")
    with pytest.raises(Tampered):
        seal.open_field(dek, PLACE, "reporter.name", made.blobs["reporter.name"])
    assert set(sealed(a_report()).wrapped) == {"report"}, "no key is made for what is not there"


def test_two_filings_of_one_report_share_no_key_and_no_ciphertext() -> None:
    first, second = sealed(a_report()), sealed(a_report())
    assert not set(first.blobs.values()) & set(second.blobs.values())
    assert manifest_of(first)["keys"] != manifest_of(second)["keys"]
    assert first.salt != second.salt


def test_the_manifest_names_all_that_must_not_change_and_is_signed() -> None:
    made = sealed(a_full_report())
    said = manifest_of(made)
    named = [said[name] for name in ("deployment", "organisation", "report", "revision", "epoch")]
    assert named == ["d-1", "o-1", "r-1", 1, 7]
    assert said["clear"] == clear_digest(made.clear)
    assert said["fields"] == {
        path: {"revision": 1, "sha256": hashlib.sha256(blob).hexdigest()} for path, blob in made.blobs.items()
    }
    for purpose, wrapped in made.wrapped.items():
        dek = seal.unwrap_from_intake(PRIVATE, wrapped, PLACE, purpose)
        assert said["keys"][purpose] == seal.commitment(dek).hex()
    assert is_signed(SEALER.keys.signer.public_key, made.manifest, made.signature)


def test_a_manifest_holds_no_value_at_all() -> None:
    assert b"CANARY" not in sealed(a_full_report()).manifest


def test_the_receipt_commits_to_the_manifest_and_its_salt() -> None:
    made = sealed(a_report())
    assert made.commitment == committed(made.salt, made.manifest)
    assert made.commitment == hashlib.sha256(b"hub.receipt.v1" + made.salt + made.manifest).digest()
    assert made.commitment != committed(made.salt, made.manifest + b" ")
    assert made.commitment != committed(bytes(32), made.manifest)


def test_a_carried_field_keeps_the_revision_that_sealed_it() -> None:
    first = sealed(a_report())
    said = manifest_of(first)["fields"]
    new = divide({"description": "Another."})
    second = seal_revision(SEALER, Place("d-1", "o-1", "r-1", 2), new, Carried({"title": said["title"]}))
    assert set(second.blobs) == {"description"}
    assert second.origins == {"title": 1, "description": 2}
    assert manifest_of(second)["fields"]["title"] == said["title"]


def test_a_new_value_takes_the_place_of_a_carried_one() -> None:
    said = manifest_of(sealed(a_report()))["fields"]
    second = seal_revision(SEALER, Place("d-1", "o-1", "r-1", 2), divide({"title": "New"}), Carried(said))
    assert second.origins["title"] == 2
    assert manifest_of(second)["fields"]["title"]["revision"] == 2


def test_a_revision_that_seals_nothing_new_needs_no_key() -> None:
    said = manifest_of(sealed(a_report()))["fields"]
    second = seal_revision(SEALER, Place("d-1", "o-1", "r-1", 2), divide({"severity": "low"}), Carried(said))
    assert second.wrapped == {}
    assert second.blobs == {}
    assert manifest_of(second)["keys"] == {}

"""The seed's rows: what intake, admission and the desk leave of a report, without asking each of them a million times.

Values are sealed, keys wrapped and manifests signed by the hub's own functions and keys. Two things differ from a hub
that grew: the data key is wrapped under the epoch at once, where intake would wrap it with HPKE and admission anew; and
ids and references come from the seed. `tests/bench/test_seed.py` holds such rows against filed and admitted ones.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from orjson import dumps

from feeds.eligibility import Standing, judge
from feeds.feed import IMPORTS, REPORTS, Feed
from hub.equality import IndexKeys
from hub.keys import Epoch
from hub.report_view import columns, held_paths
from hub.seal import Place, digest, frame, new_key, seal_field, wrap_under
from hub.sealing import PURPOSES, Sealer, _manifest, committed
from hub.store import audit
from hub.store.archiving import Kind, Row, shapes
from schemas.anatomy import Divided, divide
from schemas.audience import reached
from schemas.completeness import completeness
from schemas.tlp import TLP
from tests.bench.seed_reports import LAST, SOURCES, Seed, Told, name_of, ref_of, tell

SHAPES = {shape.table: shape.columns for shape in shapes()}
APPROVED = 170  # of the organisations, the first
ANALYST = "token:seed-analyst"
CASE_EVERY, CASE_SIZE = 150, 3
Rows = dict[str, list[Row]]


@dataclass
class Bench:
    """All that a process needs to make rows: what the hub seals and wraps with, its feeds, and the seed."""

    seed: Seed
    sealer: Sealer
    epoch: Epoch
    index_keys: IndexKeys
    feeds: Sequence[Feed]
    made: Rows = field(default_factory=dict)

    def rows(self, numbers: Iterable[int]) -> Rows:
        """The rows of some reports, by table."""
        self.made = {}
        for number in numbers:
            self._report(tell(self.seed, number))
        return self.made

    def _add(self, table: str, **values: Any) -> None:
        self.made.setdefault(table, []).append(
            tuple(_neutral(kind, values.pop(name)) for name, kind in SHAPES[table].items())
        )
        if values:
            message = f"{table} has no {', '.join(values)}"
            raise AssertionError(message)

    def _audit(self, at: datetime, actor: str, action: str, subject: str, **details: Any) -> None:
        self._add("audit_entry", seq=None, **audit.entry(at, actor, action, subject, **details))

    def _report(self, told: Told) -> None:
        owner = organisation_id(self.seed, told.organisation, is_source=told.is_import)
        place = Place(self.sealer.ground.deployment, owner, told.id, 1)
        divided, admitted_at = divide(told.document), told.filed_at + timedelta(seconds=2 + told.number % 9)
        actor = f"import:{SOURCES[told.organisation]}" if told.is_import else f"token:seed-{told.organisation}"
        code = self.sealer.keys.replay_code(told.document)
        stamp = 1 + sum(map(bool, (told.withdrawn_at, told.held_until, told.asserted)))
        self._add(
            "report", id=told.id, organisation_id=owner, ref=told.ref, client_ref=told.document["client_ref"],
            revision=1, is_import=told.is_import, filed_at=told.filed_at, withdrawn_at=told.withdrawn_at,
            erased_at=None, filed_code=code, upserted_code=code, stamp=stamp, indexed_stamp=-1,
            triage=1 if told.asserted else 0, staff_hold_until=told.held_until, **columns(divided.clear),
        )  # fmt: skip
        proof = self._revision(told, place, divided, actor, admitted_at)
        subject = told.id
        self._audit(told.filed_at, actor, "report.file", subject, revision=1, commitment=proof)
        purpose = "admission: verify and re-wrap the data key"
        self._audit(admitted_at, "clock", "open.intent", subject, revision=1, fields=[], purpose=purpose)
        self._audit(admitted_at, "clock", "report.admit", subject, revision=1, outcome="admitted")
        self._desk(told, admitted_at)
        self._due(told, admitted_at)

    def _revision(self, told: Told, place: Place, divided: Divided, actor: str, admitted_at: datetime) -> str:
        by_purpose = [(name, values) for name, values in zip(PURPOSES, (divided.sealed, divided.identity), strict=True)]
        deks = {purpose: new_key() for purpose, values in by_purpose if values}
        blobs = {
            path: seal_field(deks[purpose], place, path, by_pointer)
            for purpose, values in by_purpose
            for path, by_pointer in values.items()
        }
        fields = {path: {"revision": 1, "sha256": digest(blob)} for path, blob in blobs.items()}
        manifest = _manifest(place, self.epoch.number, deks, fields, divided.clear)
        origins, salt = dict.fromkeys(fields, 1), os.urandom(32)
        pointers = sorted(pointer for _, values in by_purpose for found in values.values() for pointer in found)
        self._add(
            "revision", report_id=told.id, revision=1, filed_at=told.filed_at, filed_by=actor, clear=divided.clear,
            sealed=frame(blobs), sealed_pointers=pointers, origins=origins, manifest=manifest,
            completeness=completeness(divided.clear["report_type"], held_paths(divided.clear, origins)),
            signature=self.sealer.keys.signer.sign(manifest), admitted_at=admitted_at, fault=None,
        )  # fmt: skip
        for path, version, tag in sorted(self.index_keys.tags(divided.sealed)):
            self._add("blind_tag", field=path, version=version, tag=tag, report_id=told.id)
        for purpose, dek in deks.items():
            wrapped = wrap_under(self.epoch.kek, dek, place, purpose)
            self._add(
                "data_key", report_id=told.id, revision=1, purpose=purpose, epoch=self.epoch.number, is_admitted=True,
                wrapped=wrapped,
            )  # fmt: skip
        proof = committed(salt, manifest)
        self._add("receipt", report_id=told.id, revision=1, salt=salt, commitment=proof)
        return proof.hex()

    def _desk(self, told: Told, admitted_at: datetime) -> None:
        at = admitted_at + timedelta(hours=3)
        if told.asserted:
            said = {"number": 1, "actor": ANALYST, "why": "Read with the filer.", "asserted": told.asserted}
            self._add("triage", report_id=told.id, at=at, **said)
            self._audit(at, ANALYST, "report.triage", told.id, number=1, changed=sorted(told.asserted))
        if told.held_until:
            said = {"reason": "A fix is being written.", "placed_by": ANALYST, "placed_at": at}
            self._add("hold", report_id=told.id, expires_at=told.held_until, **said)
            self._audit(at, ANALYST, "report.hold", told.id, until=told.held_until.isoformat())
        if told.withdrawn_at:
            self._audit(told.withdrawn_at, f"token:seed-{told.organisation}", "report.withdraw", told.id)
        first = told.number - told.number % CASE_EVERY
        place = told.number - first
        case = name_of(self.seed, "case", first)
        if place == 0:
            said = {"ref": ref_of("C", first), "title": f"Case of {told.ref}", "opened_by": ANALYST}
            self._add("case_file", id=case, opened_at=at, closed_at=None, **said)
        if place < CASE_SIZE:
            self._add("case_report", report_id=told.id, case_id=case, added_by=ANALYST, added_at=at, why="One event.")

    def _due(self, told: Told, admitted_at: datetime) -> None:
        """What a release leaves of a report that does not leave. (The first reports are queued by `seed_release`.)

        One that could leave is parked at a gate of the seed's own: releasing a third of a million would take hours.
        """
        if told.number < self.seed.released or told.withdrawn_at:
            return
        standing = _standing(told)
        for feed in self.feeds:
            if (IMPORTS if told.is_import else REPORTS) not in feed.carries:
                continue
            verdict = judge(standing, feed, LAST)
            gate = next((gate.name for gate in verdict.gates if not gate.is_passed), "seed")
            self._add(
                "due", feed=feed.name, report_id=told.id, queued_at=admitted_at, fault=None, gate=gate,
                not_before=verdict.opens_at, is_parked=verdict.opens_at is None,
            )  # fmt: skip


def _standing(told: Told) -> Standing:
    said = columns(told.document)
    held = max((at for at in (said["held_until"], told.held_until) if at), default=None)
    return Standing(
        tlp=TLP(said["tlp"]),
        is_admitted=True,
        is_withdrawn=told.withdrawn_at is not None,
        is_import=told.is_import,
        is_organisation_approved=told.organisation < APPROVED,
        named=reached(said["shared_with"]),
        embargo_until=said["embargo_until"],
        held_until=held,
    )


def organisation_id(seed: Seed, number: int, *, is_source: bool) -> str:
    """The id of an organisation, or of a public source."""
    return name_of(seed, "source" if is_source else "organisation", number)


def _neutral(kind: str, value: Any) -> Any:
    if kind == Kind.DOCUMENT:
        return dumps(value).decode()
    if kind == Kind.INSTANT and value is not None:
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    return value


def counted(rows: Mapping[str, Sequence[Row]]) -> int:
    """How many rows."""
    return sum(map(len, rows.values()))

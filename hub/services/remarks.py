"""The member's word on an entry, for analysts: attached to the report behind it.

1. What is attached is looked up among the feeds that the member may read at that moment; of all others it learns
   nothing, and of these neither: it is answered the same whether anything matched.
2. The newest version counts. One that is revoked, or deleted, takes back what was said.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from feeds.posting_remarks import Remark
from hub.errors import NotFound
from hub.roles import Act
from hub.store import Session, remarks, reports, tables


def attach(db: Session, act: Act, said: Sequence[Remark], feeds: Collection[str]) -> None:
    """Say what an organisation's sightings and opinions say now, in place of what they said before."""
    owner = act.caller.organisation_id
    remarks.forget(db, owner, {one.stix_id for one in said})
    behind = remarks.behind(db, feeds, {ref for one in said for ref in one.about})
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for one in said:
        for ref in one.about:
            if ref in behind:
                feed, report_id = behind[ref]
                of = {"organisation_id": owner, "stix_id": one.stix_id, "kind": one.kind, "feed": feed, "about": ref}
                row = {**of, "report_id": report_id, "said": dict(one.said), "at": act.at}
                rows.setdefault((one.stix_id, report_id), row)
    remarks.add(db, list(rows.values()))


def retract(db: Session, act: Act, stix_id: str) -> None:
    """Take back what an object said."""
    remarks.forget(db, act.caller.organisation_id, {stix_id})


def read(db: Session, name: str, before: tuple[datetime, str] | None, most: int) -> Sequence[tuple[tables.Remark, str]]:
    """What members said of a report, by id or reference; raises NotFound."""
    report = reports.by_name(db, name)
    if report is None:
        raise NotFound
    return remarks.listed(db, report.id, before, most)

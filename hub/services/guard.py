"""The guard for people: what it found of a report, what waits for a decision, and the decision.

1. A decision is about the hits that stand: if anything of the report changed since, the guard is asked first.
2. `release` lets the words leave, now and in later revisions, wherever the same words give the same hit. Below amber it
   takes a second person, who says why as well. `keep` takes one, and no analyst is asked about these hits again.
3. A producer reads what was found of its own reports, by field and rule; what analysts wrote about it, analysts alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds.feed import IMPORTS, REPORTS, Feed
from hub.agreement import TWO, holders
from hub.errors import Conflict, NotFound
from hub.roles import Act, Caller, Capability
from hub.store import Session, audit, feeds, guard, reports
from hub.store.tables import GuardDecision, GuardVerdict, Report
from schemas.audience import INCLUDES, Audience
from schemas.tlp import TLP


@dataclass(frozen=True)
class Watched:
    """What the guard said of a report before each feed, and what was decided."""

    report: Report
    verdicts: Sequence[tuple[Feed, GuardVerdict, bool]]  # with whether the report still waits there
    decisions: Sequence[GuardDecision]


@dataclass(frozen=True)
class Word:
    """An analyst's word on what is held before the feeds of an audience."""

    audience: str
    decision: str  # release, keep
    why: str


def read(db: Session, caller: Caller, name: str, known: Iterable[Feed]) -> Watched:
    """What the guard said of a report, by id or reference; raises NotFound for one that the caller may not see."""
    report, sees_all = reports.by_name(db, name), caller.may(Capability.REPORT_READ)
    is_own = report is not None and report.organisation_id == caller.organisation_id
    if report is None or not (sees_all or (is_own and caller.may(Capability.REPORT_WRITE))):
        raise NotFound
    said, (_, due) = guard.of_report(db, report.id), feeds.standing_in(db, report.id)
    verdicts = [
        (feed, said[feed.name], guard.stands(said[feed.name], report, due.get(feed.name)))
        for feed in known
        if feed.name in said
    ]
    decisions = guard.decisions(db, [report.id]).get(report.id, []) if sees_all else []
    return Watched(report, verdicts, decisions)


def waiting(db: Session, after: tuple[datetime, str] | None, most: int) -> Sequence[guard.Waiting]:
    """What waits for analysts, the oldest first."""
    return guard.waiting(db, after, most)


def decide(db: Session, act: Act, name: str, word: Word, known: Sequence[Feed]) -> GuardDecision:
    """Say what becomes of the hits that hold a report back from an audience.

    Raises NotFound for an unknown report; Conflict if nothing stands that could be decided, or the same person decides
    twice where it takes two.
    """
    report = reports.by_name(db, name)
    if report is None:
        raise NotFound
    reports.touch(db, [report.id])  # locks it; and a release that is under way drops it
    hits = _standing(db, report, [feed for feed in known if feed.audience == word.audience])
    before = guard.decisions(db, [report.id]).get(report.id, [])
    person = _person(db, act)
    last = before[-1] if before and before[-1].settled_at is None else None
    is_second = last is not None and (last.audience, last.decision, last.hits) == (word.audience, word.decision, hits)
    if last is not None and is_second:
        if person == last.person:
            message = "another person has to say the same; this decision is yours already"
            raise Conflict(message)
        made = last
        made.second_why, made.second_person, made.second_actor = word.why, person, act.caller.actor
        made.settled_at = act.at
    else:
        number, who = before[-1].number + 1 if before else 1, act.caller.actor
        made = GuardDecision(
            report_id=report.id, number=number, hits=hits, person=person, actor=who, at=act.at, **vars(word)
        )
        made.settled_at = None if word.decision == guard.RELEASE and _is_wide(word.audience, known) else act.at
    guard.add_decision(db, made)
    said = {"audience": word.audience, "decision": word.decision, "settled": made.settled_at is not None}
    audit.append(db, act.at, act.caller.actor, "guard.decide", report.id, **said, hits=[hit[:2] for hit in hits])
    if made.settled_at is not None:
        _ask_again(db, report, word, known, act.at)
    return made


def _standing(db: Session, report: Report, chosen: Sequence[Feed]) -> list[list[str]]:
    """The hits that hold a report back from some feeds, as a decision names them."""
    said, (_, due) = guard.of_report(db, report.id), feeds.standing_in(db, report.id)
    found = [said[feed.name] for feed in chosen if feed.name in said]
    if any(row.state == guard.CROWDED for row in found):
        message = "too many reports of its organisation are held: decide about those first"
        raise Conflict(message)
    standing = [row for row in found if row.state != guard.PASSED and guard.stands(row, report, due.get(row.feed))]
    if not standing:
        message = "the guard holds nothing of this report there; if it changed, the next release examines it anew"
        raise Conflict(message)
    return [list(key) for key in sorted({(hit[0], hit[1], hit[3]) for row in standing for hit in row.hits})]


def _person(db: Session, act: Act) -> str:
    """Who decides: two tokens of one person are one person; one of nobody named stands for itself where few have names.

    Raises Conflict where there are two who have: then one without a name could be either of them.
    """
    if not act.caller.person and len(holders(db, Capability.RELEASE_APPROVE, act.at)) >= TWO:
        message = "this token names nobody: decide with one that was issued with --person (docs/two-people.md)"
        raise Conflict(message)
    return act.caller.person or act.caller.actor


def _is_wide(audience: str, known: Sequence[Feed]) -> bool:
    """Whether a feed of the audience is below amber: what leaves there is read by more than the closest partners."""
    return any(feed.ceiling.is_within(TLP.GREEN) for feed in known if feed.audience == audience)


def _ask_again(db: Session, report: Report, word: Word, known: Sequence[Feed], at: datetime) -> None:
    """Have the feeds that the decision is for look at the report anew."""
    kind = IMPORTS if report.is_import else REPORTS
    reach = INCLUDES[Audience(word.audience)] if word.audience in set(Audience) else {word.audience}
    names = [feed.name for feed in known if kind in feed.carries and feed.audience in reach]
    feeds.queue(db, [report.id], names, at)

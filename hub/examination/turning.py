"""Whether the wheel turns: what is filed is admitted, feeds are released when due, and nobody's right ends unseen."""

from collections.abc import Iterator
from datetime import timedelta

from hub import agreement
from hub.examination.finding import Finding
from hub.roles import Capability
from hub.store import attachments as files
from hub.store import measures, soundness
from hub.wiring import Hub

ROLES = {
    Capability.MEMBER_ADMIN: "operator",
    Capability.FEED_ADMIN: "operator",
    Capability.KEY_ADMIN: "operator",
    Capability.SEALED_OPEN: "analyst",
}
PROMPT = timedelta(minutes=1)
LONG = timedelta(minutes=10)  # large files take their time, one after the other
SOON = timedelta(days=14)
LATELY = timedelta(days=7)
SHOWN = 5


def admission(hub: Hub) -> Iterator[Finding]:
    """Nothing waits long for admission, and nothing was refused there."""
    with hub.store.reading() as db:
        stand, refused = measures.stand(db), soundness.quarantined(db, SHOWN)
    if stand.oldest is not None and hub.clock() - stand.oldest > PROMPT:
        minutes = (hub.clock() - stand.oldest).total_seconds() / 60
        means = "nobody runs `hub schedule`, or it cannot open: what is filed reaches no feed"
        seen = f"{stand.waiting} revisions wait for admission, the first for {minutes:.0f} min"
        yield Finding("admission", seen, means, "hub schedule")
    if stand.quarantined:
        means = "their manifests do not verify: rows were changed or moved after intake signed them; no feed gets them"
        seen = f"{stand.quarantined} revisions were refused at admission: {', '.join(refused)}"
        yield Finding("quarantine", seen, means, f"hub why {refused[0]}")
    for feed, number in sorted(stand.faults.items()):
        means = "a damaged record, or a fault of the hub; tried again when the report changes, or by this command"
        yield Finding("faults", f"{number} reports were set aside in {feed}", means, f"hub publish {feed}")


def attachments(hub: Hub) -> Iterator[Finding]:
    """No attachment waits long for admission, and none was refused there."""
    with hub.store.reading() as db:
        first, refused = files.waiting(db), files.refused(db, SHOWN)
    if first and first.completed_at and hub.clock() - first.completed_at > LONG:
        minutes = (hub.clock() - first.completed_at).total_seconds() / 60
        means = "nobody runs `hub schedule`, or it cannot open: no analyst can open what was attached"
        seen = f"attachments wait for admission, the first for {minutes:.0f} min"
        yield Finding("attachments", seen, means, "hub schedule")
    if refused:
        means = "they are not what was declared, or were changed after intake took them; their producers are told which"
        seen = f"attachments were refused at admission, of {', '.join(refused)}"
        yield Finding("attachments", seen, means, "hub audit list --action attachment.admit")


def publishing(hub: Hub) -> Iterator[Finding]:
    """Feeds are released when due, and whoever publishes is alive."""
    at = hub.clock()
    with hub.store.reading() as db:
        feeds, lease = measures.feeds(db), soundness.publisher(db)
    for name, fault in hub.sound_feeds()[1].items():
        means = (
            "its policy was changed in the table; nothing is admitted, and it releases and recalls nothing, until then"
        )
        yield Finding("schedule", f"the policy of {name} cannot be read: {fault}", means, "hub feed list")
    # Before the first tick no feed says when it is due.
    late = [one.name for one in feeds if (one.next_at or hub.deployment.created_at) < at - PROMPT]
    if late:
        means = "nobody runs `hub schedule`, or every tick fails: see its log"
        yield Finding("schedule", f"overdue: {', '.join(late)}", means, "hub schedule")
    if lease is not None and lease.owner is not None and lease.until is not None and lease.until < at - PROMPT:
        minutes = (at - lease.until).total_seconds() / 60
        means = "a publisher died at work; the next one takes over and releases nothing twice"
        yield Finding("heartbeat", f"the last sign of a publisher is {minutes:.0f} min old", means, "hub publish")


def rights(hub: Hub) -> Iterator[Finding]:
    """Whose grant or token ended lately, or ends soon with no successor."""
    at = hub.clock()
    with hub.store.reading() as db:
        grants = soundness.grants_ending(db, at - LATELY, at + SOON)
        tokens = soundness.tokens_ending(db, at - LATELY, at + SOON)
    for name, audience, ends in grants:
        seen = f"{name} {'reads' if ends > at else 'read'} {audience} until {ends:%Y-%m-%d}"
        means = "from then on the feed does not exist for them"
        yield Finding("grants", seen, means, f'hub member grant "{name}" {audience} --days 365')
    for name, roles, token_id, ends in tokens:
        seen = f"the {roles} token {token_id} of {name} {'ends' if ends > at else 'ended'} on {ends:%Y-%m-%d}"
        is_alive = ends > at
        words = " ".join(f"--role {role}" for role in roles.split(","))
        mend = f"hub token rotate {token_id}" if is_alive else f'hub token issue "{name}" {words}'
        yield Finding("tokens", seen, "its requests are refused from then on", mend)


def people(hub: Hub) -> Iterator[Finding]:
    """There are two people for what takes two; else a day stands in. Not asked while the hub is being set up."""
    with hub.store.reading() as db:
        if not agreement.is_demanded(db):
            return
        able = {action: agreement.eligible(db, action, hub.clock()) for action in agreement.DEEDS}
    for role in dict.fromkeys(ROLES[one] for one in agreement.DEEDS.values()):
        actions = [action for action, needs in agreement.DEEDS.items() if ROLES[needs] == role]
        named = set().union(*(able[action] for action in actions))
        if len(named) < agreement.TWO:
            seen = f"{len(named)} people with a name hold a token of {role}: {', '.join(actions)} take two"
            means = "one person does these alone after a day, and the producers are told; it is marked in the audit"
            yield Finding("people", seen, means, f"hub token issue ORG --role {role} --person NAME")

"""Whether a released entry shows more than a policy lets out by now: its feed was narrowed since.

Read from the released bytes alone: what they say, and what they say was withheld or coarsened.
"""

from typing import Any

from feeds.columns import single_values, value_at
from feeds.entry import Entry, entry_of
from feeds.moments import is_finer
from feeds.policy import Policy
from feeds.transforms import DATES
from schemas.anatomy import LEAVES
from schemas.audience import Mode

WORDS = {  # of the carrier itself, by mode: its name and its description
    Mode.WRITTEN: ("title", "description"),
    Mode.REDACTED: ("for_release.title", "for_release.summary"),
}


def shows_more(carrier: bytes, policy: Policy) -> bool:
    """Whether the entry of this carrier shows a field that the policy withholds, or says more of one."""
    entry = entry_of(carrier)
    found = ((path, value_at(entry.fields, path)) for path in LEAVES)
    return _says_words(entry, policy) or any(
        value is not None and _is_more(value, policy.allows.get(path)) for path, value in found
    )


def _is_more(value: Any, rule: str | None) -> bool:
    if rule is None:
        return True
    if rule == "count":
        return any(type(one) is not int for one in single_values(value))
    if rule in DATES[1:]:
        return any(is_finer(one, rule) for one in single_values(value))
    return False


def _says_words(entry: Entry, policy: Policy) -> bool:
    title, summary = WORDS[policy.mode]
    is_generated = entry.title.endswith(f"({entry.reference})")
    return (title not in policy.allows and not is_generated) or (summary not in policy.allows and bool(entry.summary))

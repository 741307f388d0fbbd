"""An entry as a news reader shows it: plain text of its summary and the fields that it shows."""

from feeds.cells import OUTER
from feeds.columns import flat, single_values
from feeds.entry import Entry
from feeds.feed import Feed

UNTRUSTED = "untrusted-content"


def text_of(entry: Entry, feed: Feed) -> str:
    """The summary, if there is one, and a line a field."""
    shown = flat(entry.fields, feed).items()
    lines = [f"{path}: {f' {OUTER} '.join(map(_said, single_values(value)))}" for path, value in shown]
    return "\n\n".join(part for part in (entry.summary, "\n".join(lines), f"TLP:{entry.tlp.upper()}") if part)


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def tags_of(entry: Entry) -> list[str]:
    """What kind of report it is, how bad, and that its text is not to be trusted."""
    kinds = (entry.fields.get(name) for name in ("report_type", "severity"))
    return [*(kind for kind in kinds if kind), f"tlp:{entry.tlp}", UNTRUSTED]

"""/taxii2: TAXII 2.1 (OASIS Standard, 10 June 2021). `root` says what there is, `reading` gives, `writing` takes.

`media` and `asking` understand what a client may write in headers and query, `pages` and `coding` send bytes.

May not: build what it serves (stored bytes, joined into envelopes), or tell that a collection exists to whom it is not
for. Where this differs from the standard, and why, is in docs/stix-and-taxii.md.
"""

from hub.web.taxii import reading, writing
from hub.web.taxii.root import taxii

__all__ = ["reading", "taxii", "writing"]

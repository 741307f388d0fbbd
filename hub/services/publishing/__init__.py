"""The publisher: from what is due for a feed to its next release.

May not: commit, read a clock, or open without a keyring.

1. One publisher at a time, by a lease in the database; each step rechecks its fence.
2. `plan` asks every gate and writes one intent per report that it will open; the commit arms the warrants.
3. `compose` opens, projects, has the guard examine what would leave, and maps the rest, in memory, without a
   transaction.
4. `release` locks what it releases, drops what changed meanwhile (it stays due), and writes entries, names and the end
   of the due work in one transaction: a crash before its commit releases nothing and the next tick starts over; after
   it, the tick finds nothing due. Numbers have no gap, and commit order is date order.
5. What must go is deleted in the transaction that writes its revocation: nobody sees both, or the old bytes after it.
"""

from hub.services.publishing import previewing
from hub.services.publishing.composing import Press, compose
from hub.services.publishing.planning import Task, narrowed, plan
from hub.services.publishing.releasing import Outcome, give_back, keep_turn, release, take_turn

__all__ = [
    "Outcome",
    "Press",
    "Task",
    "compose",
    "give_back",
    "keep_turn",
    "narrowed",
    "plan",
    "previewing",
    "release",
    "take_turn",
]

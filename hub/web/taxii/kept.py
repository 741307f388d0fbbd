"""The pages that are asked for most, in the memory of a process: the first one, and the newest.

1. So many bytes and no more; what was asked for longest ago goes first.
2. Only what is asked for a second time within a while comes in: who walks through a feed turns nothing out, and the
   kernel sends those pages from their files.
3. A release turns all pages of its feed out, a page that is being read meanwhile too.
"""

import threading
from collections import OrderedDict, deque
from typing import BinaryIO

from hub.shelf import Label

MOST = 16 << 20  # bytes
LATELY = 64  # pages


class Kept:
    """What a process keeps of pages."""

    def __init__(self, most: int = MOST) -> None:
        self.most, self.size = most, 0
        self.pages: OrderedDict[Label, bytes] = OrderedDict()
        self.lately: deque[Label] = deque(maxlen=LATELY)
        self.releases = 0  # how often pages were turned out
        self.lock = threading.Lock()

    def find(self, label: Label) -> bytes | None:
        """A page that is kept."""
        found = self.pages.get(label)
        if found is not None:
            with self.lock:
                if label in self.pages:
                    self.pages.move_to_end(label)
        return found

    def offer(self, label: Label, file: BinaryIO) -> None:
        """Keep a page if it was asked for lately; its file is left at its beginning."""
        with self.lock:
            is_wanted, releases = label in self.lately, self.releases
            if not is_wanted:
                self.lately.append(label)
        if not is_wanted:
            return
        content = file.read()
        file.seek(0)
        with self.lock:
            if releases == self.releases and label not in self.pages and len(content) <= self.most:
                self.pages[label] = content
                self.size += len(content)
                while self.size > self.most:
                    self.size -= len(self.pages.popitem(last=False)[1])

    def turn_out(self, feed: str) -> None:
        """Keep no page of a feed."""
        with self.lock:
            self.releases += 1
            for label in [one for one in self.pages if one.feed == feed]:
                self.size -= len(self.pages.pop(label))

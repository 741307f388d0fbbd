"""The outer layer of a backup (version 2): a line in clear, and behind it all the rest, sealed under an archive key.

The line names the hub, the instant, the epoch, and holds the archive key wrapped under that epoch's symmetric key. When
the epoch is destroyed, nobody opens the backup any more, whoever has it.
"""

from collections.abc import Mapping
from typing import Any, BinaryIO

from orjson import JSONDecodeError, dumps, loads

from hub.archive.frames import FORMAT, LONGEST_LINE, VERSION
from hub.errors import Tampered
from hub.seal import Place, new_key, unwrap_under, wrap_under
from hub.streams import SealedWriter, Sink, opened

SEALED = 2  # version
SUITE = 1  # AES-256-GCM in chunks of 1 MiB
PURPOSE = "backup"


def writer(file: Sink, heading: Mapping[str, Any], epoch: int, kek: bytes) -> SealedWriter:
    """Begin a sealed backup: its line in clear, and what seals the rest."""
    key = new_key()
    wrapped = wrap_under(kek, key, _place(str(heading["hub"])), PURPOSE)
    said = {"format": FORMAT, "version": SEALED, "suite": SUITE, **heading, "epoch": epoch, "key": wrapped.hex()}
    line = dumps(said) + b"\n"
    file.write(line)
    return SealedWriter(file, key, line)


def _place(hub: str) -> Place:
    return Place(hub, "", "", 0)


class SealedBackup:
    """A sealed backup, of which the line in clear was read; raises Tampered for anything else."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._line = file.readline(LONGEST_LINE)
        self.heading = self._said()
        if self.heading.get("format") != FORMAT:
            raise self._broken("it is not a backup of a hub")
        made_by = self.heading.get("made_by")
        if self.heading.get("version") == VERSION:
            why = f"it is not encrypted, as backups of {made_by} were; restore it with version {made_by}, then update"
            raise self._broken(why)
        if self.heading.get("version") != SEALED or self.heading.get("suite") != SUITE:
            raise self._broken(f"its format is another version's; restore it with version {made_by} that made it")

    @property
    def epoch(self) -> int:
        """The epoch under which the archive key lies."""
        said = self.heading.get("epoch")
        if not isinstance(said, int):
            raise self._broken("its heading is damaged")
        return said

    def laid_open(self, kek: bytes) -> BinaryIO:
        """What the backup holds; raises Tampered if the key is another, or at the first read that does not verify."""
        try:
            wrapped = bytes.fromhex(str(self.heading.get("key")))
        except ValueError:
            raise self._broken("its heading is damaged") from None
        try:
            key = unwrap_under(kek, wrapped, _place(str(self.heading.get("hub"))), PURPOSE)
        except Tampered:
            raise self._broken("the keys are another hub's, or its heading was changed") from None
        return opened(self._file, key, self._line)

    def _said(self) -> dict[str, Any]:
        try:
            said = loads(self._line)
        except JSONDecodeError:
            said = None
        if not isinstance(said, dict) or not self._line.endswith(b"\n"):
            raise self._broken("it is not a backup of a hub, or its heading is damaged")
        return said

    def _broken(self, why: str) -> Tampered:
        return Tampered(f"{self._name} cannot be restored: {why}")

"""Sealing of a stream of any length, in constant memory: chunks of 1 MiB of AES-256-GCM, as STREAM has them.

1. The key is used for one stream only, so the nonce may count: 7 bytes of zero, the number of the chunk (4 bytes), and
   1 for the last chunk, else 0. (Hoang and others, Online Authenticated-Encryption, 2015, section 7.)
2. Every chunk is bound to what stands in clear before the stream.
3. So a chunk that is changed, moved, left out, repeated, or taken from another stream does not open, and a stream that
   was cut or goes on behind its end has no last chunk where its bytes end.
"""

import io
import struct
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import Tampered
from hub.seal import derive

CHUNK, TAG = 1 << 20, 16  # bytes: of plain text in every chunk but the last, and what each grows by
MOST = 1 << 32  # chunks


class Sink(Protocol):
    """Where bytes go."""

    def write(self, content: bytes, /) -> object:
        """Take some."""


def _nonce(number: int, *, is_last: bool) -> bytes:
    return struct.pack(">7xIB", number, is_last)


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(derive(key, "hub.stream.v1"))


class SealedWriter:
    """Seals what is written to it, and hands it on; nothing opens before `finish`."""

    def __init__(self, file: Sink, key: bytes, bound_to: bytes) -> None:
        self._file, self._cipher, self._bound_to = file, _cipher(key), bound_to
        self._waiting = bytearray()
        self._number = 0

    def write(self, content: bytes) -> None:
        """Add some bytes."""
        self._waiting += content
        # The last chunk is known by what follows it, so one stays here.
        while len(self._waiting) > CHUNK:
            self._seal(CHUNK, is_last=False)

    def finish(self) -> None:
        """Seal the last chunk."""
        self._seal(len(self._waiting), is_last=True)

    def _seal(self, size: int, *, is_last: bool) -> None:
        if self._number == MOST:
            message = "a stream of more than 4 PiB is not sealed"
            raise OverflowError(message)
        with memoryview(self._waiting) as view, view[:size] as plain:
            sealed = self._cipher.encrypt(_nonce(self._number, is_last=is_last), plain, self._bound_to)
        self._file.write(sealed)
        del self._waiting[:size]
        self._number += 1


class _Opener(io.RawIOBase):
    def __init__(self, file: BinaryIO, key: bytes, bound_to: bytes) -> None:
        self._file, self._cipher, self._bound_to = file, _cipher(key), bound_to
        self._next = file.read(CHUNK + TAG)
        self._number, self._is_over = 0, False
        self._plain = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a Buffer with a length, as readers give
        while not self._plain and not self._is_over:
            self._open()
        size = min(len(buffer), len(self._plain))
        buffer[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size

    def _open(self) -> None:
        sealed, self._next = self._next, self._file.read(CHUNK + TAG)
        self._is_over = not self._next
        try:
            nonce = _nonce(self._number, is_last=self._is_over)
            self._plain = memoryview(self._cipher.decrypt(nonce, sealed, self._bound_to))
        except (InvalidTag, ValueError, struct.error):
            message = f"part {self._number + 1} of it does not verify: it was changed, moved or cut"
            raise Tampered(message) from None
        self._number += 1


def opened(file: BinaryIO, key: bytes, bound_to: bytes) -> BinaryIO:
    """What a SealedWriter was given, to be read once; each read raises Tampered if what it needs does not verify."""
    return io.BufferedReader(_Opener(file, key, bound_to), CHUNK)

"""Content codings (RFC 9110, 8.4): what a client takes, and how bytes are written in it."""

import gzip
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from flask import request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

IDENTITY = "identity"


def _zstd(whole: bytes) -> bytes:
    return zstd.compress(whole, 9)


def _gzip(whole: bytes) -> bytes:
    return gzip.compress(whole, 6, mtime=0)


# The smallest first: it is taken where a client wants several alike.
CODINGS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType({"zstd": _zstd, "gzip": _gzip, IDENTITY: bytes})


def negotiated() -> str:
    """The coding that the client wants most; as it is if it names none that we know (12.5.3)."""
    return _best(request.headers.get("Accept-Encoding", ""))


@lru_cache(maxsize=256)
def _best(header: str) -> str:
    wanted = parse_accept_header(header, Accept)
    best = max((one for one in CODINGS if one != IDENTITY), key=wanted.quality)
    return best if wanted.quality(best) > 0 and wanted.quality(best) >= wanted.quality(IDENTITY) else IDENTITY

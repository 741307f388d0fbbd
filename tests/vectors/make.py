"""Ciphertexts of this version under fixed keys, to be frozen: `python -m tests.vectors.make > tests/vectors/NAME.json`.

A file that is in the repository is never made again. A version that changes how something is sealed adds a file.
"""

import json
import random
import sys
from base64 import b64encode
from typing import Any

from hub import __version__, seal
from hub.keys import IntakeKeys
from hub.roots.provider import bound
from hub.seal import Place
from hub.sealing import Carried, Ground, Sealer, seal_revision
from hub.signing import Signer
from schemas.anatomy import Divided

VALUES = 200
FIELDS = ("title", "description", "systems[].name", "reporter.name", "poc", "indicators[].value")
TEXTS = ("", "plain", "é ü ß 漢字 🜂", "line\nbreak\ttab", '"quoted" \\ back', "x" * 200, "y" * 900, "\u0000 nul")


def coded(raw: bytes) -> str:
    """Bytes as JSON holds them."""
    return b64encode(raw).decode()


def made(chance: random.Random) -> dict[str, Any]:
    """Every kind of ciphertext that the hub keeps, with the keys that open it."""
    dek, kek, private, root, signing, replay = (chance.randbytes(32) for _ in range(6))
    public, signer = seal.public_key_of(private), Signer(signing)
    keys = {"dek": dek, "kek": kek, "private": private, "public": public, "root": root, "receipts": signer.public_key}
    sealer = Sealer(IntakeKeys(signer, replay), Ground("d-frozen", 3, public))
    return {
        "made_by": __version__,
        "suite": seal.FORMAT.hex(),
        "keys": {name: coded(key) for name, key in keys.items()},
        "fields": [_field(dek, chance, number) for number in range(VALUES)],
        "wrapped": [_wrapped(kek, public, chance, number) for number in range(40)],
        "secrets": [_secret(root, number, chance) for number in range(10)],
        "revisions": [_revision(sealer, chance, number) for number in range(10)],
    }


def _place(chance: random.Random, number: int) -> Place:
    return Place("d-frozen", f"o-{chance.randrange(9)}", f"r-{chance.randrange(10**6)}", number % 7 + 1)


def _where(place: Place) -> list[Any]:
    return [place.deployment, place.organisation, place.report, place.revision]


def _field(dek: bytes, chance: random.Random, number: int) -> dict[str, Any]:
    place, path = _place(chance, number), FIELDS[number % len(FIELDS)]
    value = {f"/{path}/{number}": TEXTS[number % len(TEXTS)], "/n": [number, number / 3, None, True]}
    sealed = seal.seal_field(dek, place, path, value)
    return {"place": _where(place), "path": path, "value": value, "sealed": coded(sealed)}


def _wrapped(kek: bytes, public: bytes, chance: random.Random, number: int) -> dict[str, Any]:
    place, key = _place(chance, number), chance.randbytes(32)
    purpose = ("report", "identity", f"attachment/a-{number}/{number}")[number % 3]
    ways = {
        "under": coded(seal.wrap_under(kek, key, place, purpose)),
        "hpke": coded(seal.wrap_for_epoch(public, key, place, purpose)),
    }
    return {"place": _where(place), "purpose": purpose, "key": coded(key), "commit": seal.commitment(key).hex(), **ways}


def _secret(root: bytes, number: int, chance: random.Random) -> dict[str, Any]:
    secret, context = chance.randbytes(32), [("private", "kek", "index")[number % 3], str(number)]
    wrapped = coded(seal.wrap_secret(root, secret, *context))
    return {"context": context, "secret": coded(secret), "wrapped": wrapped, "bound": bound(*context).hex()}


def _revision(sealer: Sealer, chance: random.Random, number: int) -> dict[str, Any]:
    values = {path: {f"/{path}": f"{path} of {number}"} for path in FIELDS[: 2 + number % 3]}
    place = _place(chance, number)
    sealed = seal_revision(sealer, place, Divided({"report_type": "incident"}, values, {}), Carried())
    row = {"manifest": sealed.manifest, "signature": sealed.signature, "framed": seal.frame(sealed.blobs)}
    said = {name: coded(raw) for name, raw in row.items()}
    shown = {"clear": sealed.clear, "origins": sealed.origins, "values": values}
    held = {"wrapped": coded(sealed.wrapped["report"]), "salt": coded(sealed.salt)}
    return {"place": _where(place), **said, **shown, **held, "commitment": sealed.commitment.hex()}


if __name__ == "__main__":
    json.dump(made(random.Random("frozen")), sys.stdout, indent=1, ensure_ascii=True)

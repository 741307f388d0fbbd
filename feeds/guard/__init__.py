"""The guard: does outgoing text say what its projection withholds, a secret, or who somebody is?

1. What is compared are the words that leave as somebody wrote them. Codes, bands, generated names and revocations carry
   no words, and are never held.
2. Terms are the values that this projection withholds and the names behind the report: at least four characters once
   normalised, no term of a vocabulary, ordinary words only as whole words and in their context. Long texts are compared
   by stretches of forty letters and digits.
3. Both sides are normalised (NFKD without marks, no invisible characters, letters that look alike, lower case, no
   separators), and what is written in base64, hexadecimal, percent signs, entities or escapes is read as well.
4. Then detectors of secrets, which check the checksum of a format that has one, and of personal data.
5. A value of a strict type (indicator, package URL) is compared as what it is, not as prose.
6. A hit names a field and a rule, never a value. It holds the entry; nothing here changes a text.
7. On imports and on CLEAR text as written everything but a secret only warns: it is public, or meant to be.

May not: read a clock, a file, a key or a database, or change a text. `code` comes in as an argument, so that a decision
is remembered by a keyed hash. May import: schemas, and the projection that it examines.
"""

from feeds.guard.examining import Findings, Subject, examine
from feeds.guard.hits import Hit
from feeds.guard.outgoing import is_spoken
from feeds.guard.terms import Behind

__all__ = ["Behind", "Findings", "Hit", "Subject", "examine", "is_spoken"]

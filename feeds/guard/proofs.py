"""Proofs: checksums and other marks by which a format tells its own from what merely looks like it."""

import base64
import binascii
import json
import math
import re
import zlib
from collections import Counter
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from re import Match

from feeds.guard.ordinary import ORDINARY

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK = 6  # characters of a CRC-32 in base 62
PLACEHOLDER = re.compile(
    r"example|sample|dummy|placeholder|redacted|xxxx|\*\*\*\*|changeme|your[-_]|<|>|\$\{|\{\{|\.\.\."
)
RESERVED = re.compile(r"(?:^|\.)(?:example(?:\.(?:com|net|org))?|invalid|test|localhost)$", re.IGNORECASE)  # RFC 2606
ROLES = frozenset(
    [
        "abuse",
        "admin",
        "contact",
        "disclosure",
        "help",
        "hostmaster",
        "info",
        "legal",
        "mailer-daemon",
        "media",
        "no-reply",
        "noreply",
        "office",
        "postmaster",
        "press",
        "privacy",
        "psirt",
        "report",
        "root",
        "sales",
        "secure",
        "security",
        "soc",
        "support",
        "webmaster",
    ]
)
# ISO 13616: lengths of the account numbers that occur most.
IBANS = {"AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
         "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20,
         "LU": 20, "LV": 21, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SA": 24, "SE": 24, "SI": 19,
         "SK": 24, "TR": 26, "AE": 23, "BR": 29, "UA": 29}  # fmt: skip
D = "0123456789123406789523401789563401289567401239567859876043216598710432765982104387659321049876543210"
P = "01234567891576283094580379614289160435279453126870428657390127938064157046913258"
DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def _digits(text: str) -> list[int]:
    return [int(one) for one in text if one.isdecimal()]


def base62(number: int) -> str:
    """A number in base 62, as tokens carry their CRC-32."""
    digits = []
    for _ in range(CHECK):
        number, digit = divmod(number, len(BASE62))
        digits.append(BASE62[digit])
    return "".join(reversed(digits))


def crc_behind_prefix(found: Match[str]) -> bool:
    """GitHub, npm: the last six characters are the CRC-32 of what stands between the prefix and them."""
    body = found[0].partition("_")[2]
    return body[-CHECK:] == base62(zlib.crc32(body[:-CHECK].encode()))


def crc_of_all(found: Match[str]) -> bool:
    """This hub's own tokens: the CRC-32 of all that stands before it."""
    return found[0][-CHECK:] == base62(zlib.crc32(found[0][:-CHECK].encode()))


def is_real(found: Match[str]) -> bool:
    """No example out of somebody's documentation."""
    return not PLACEHOLDER.search(found[0].lower())


def is_random(found: Match[str]) -> bool:
    """The part in the last group is a secret by its look: letters and digits, and little repetition."""
    value = found[found.lastindex or 0]
    kinds = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"))
    has_both = bool(re.search("[0-9]", value)) and bool(re.search("[A-Za-z]", value))
    return has_both and kinds > 1 and entropy(value) >= 3 and is_real(found)  # noqa: PLR2004 - bits a character


def entropy(value: str) -> float:
    """Bits a character, by how often each occurs."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values())


def is_jwt(found: Match[str]) -> bool:
    """Its head is JSON that names an algorithm."""
    head = found[0].partition(".")[0]
    try:
        said = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (binascii.Error, ValueError):
        return False
    return isinstance(said, dict) and "alg" in said


def bech32(found: Match[str]) -> bool:
    """BIP 173: the checksum of an age secret key."""
    text, check = found[0].lower(), 1
    prefix, _, rest = text.rpartition("1")
    values = [ord(one) >> 5 for one in prefix] + [0] + [ord(one) & 31 for one in prefix]
    for value in values + ["qpzry9x8gf2tvdw0s3jn54khce6mua7l".index(one) for one in rest]:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for bit, mask in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= mask if top >> bit & 1 else 0
    return check == 1


def is_persons_mail(found: Match[str]) -> bool:
    """Neither a desk's address nor one that is reserved for examples."""
    return found[1].lower() not in ROLES and not RESERVED.search(found[2].strip())


def is_mail_in_words(found: Match[str]) -> bool:
    """As `is_persons_mail`; and `look at the dot com boom` is none."""
    first = re.split(r"[^A-Za-z0-9-]", found[2].strip())[0].lower()
    return is_persons_mail(found) and not {found[1].lower(), first} <= ORDINARY


def iban(found: Match[str]) -> bool:
    """ISO 13616: the length of its country, and 1 modulo 97."""
    text = found[0].replace(" ", "")
    moved = text[4:] + text[:4]
    return IBANS.get(text[:2]) == len(text) and int("".join(str(int(one, 36)) for one in moved)) % 97 == 1


def luhn(found: Match[str]) -> bool:
    """ISO 7812: Luhn's sum."""
    digits = _digits(found[0])
    doubled = [two - 9 if two > 9 else two for two in (2 * one for one in digits[-2::-2])]  # noqa: PLR2004 - the sum of its digits
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def phone(found: Match[str]) -> bool:
    """E.164: eight to fifteen digits, and none of the numbers that are kept for films."""
    digits = "".join(map(str, _digits(found[0])))
    return 8 <= len(digits) <= 15 and not re.search(r"55501\d\d$", digits)  # noqa: PLR2004 - E.164, 6.2


def public_address(found: Match[str]) -> bool:
    """An IPv4 or IPv6 address of somebody: none that documents or machines keep for themselves."""
    return (one := _address(found)) is not None and one.is_global


def private_address(found: Match[str]) -> bool:
    """An address inside somebody's network."""
    one = _address(found)
    inner = ("10.", "192.168.", *(f"172.{part}." for part in range(16, 32)), "fd", "fc")
    return one is not None and str(one).startswith(inner)


def _address(found: Match[str]) -> IPv4Address | IPv6Address | None:
    text = found[0]
    try:
        return IPv6Address(text) if ":" in text else IPv4Address(text)
    except AddressValueError:
        return None


def dni(found: Match[str]) -> bool:
    """Spain: the letter is the number modulo 23."""
    number = (
        found[0].upper().translate({ord("X"): "0", ord("Y"): "1", ord("Z"): "2"}) if found[0][0] in "XYZ" else found[0]
    )
    return DNI[int("".join(map(str, _digits(number)))) % 23] == found[0][-1].upper()


def ean(found: Match[str]) -> bool:
    """Switzerland: the check digit of EAN-13."""
    digits = _digits(found[0])
    return sum(one * (3 if place % 2 else 1) for place, one in enumerate(digits)) % 10 == 0


def cpf(found: Match[str]) -> bool:
    """Brazil: two check digits modulo 11."""
    digits = _digits(found[0])

    def check(count: int) -> int:
        return sum(one * (count + 1 - place) for place, one in enumerate(digits[:count])) * 10 % 11 % 10

    return len(set(digits)) > 1 and digits[9:] == [check(9), check(10)]


def nir(found: Match[str]) -> bool:
    """France: 97 less the number modulo 97."""
    text = re.sub(r"\D", "", found[0].replace("2A", "19").replace("2B", "18"))
    return 97 - int(text[:13]) % 97 == int(text[13:])


def hetu(found: Match[str]) -> bool:
    """Finland: the sign is day, month, year and number modulo 31."""
    digits = re.sub(r"\D", "", found[0][:-1])
    return HETU[int(digits) % 31] == found[0][-1].upper()


def pesel(found: Match[str]) -> bool:
    """Poland: a weighted sum, behind a date."""
    digits = _digits(found[0])
    weighted = sum(one * weight for one, weight in zip(digits, (1, 3, 7, 9) * 2 + (1, 3), strict=False))
    return 0 < int("".join(map(str, digits[4:6]))) <= 31 and (10 - weighted % 10) % 10 == digits[10]  # noqa: PLR2004 - a day


def nhs(found: Match[str]) -> bool:
    """England: a weighted sum modulo 11."""
    digits = _digits(found[0])[-10:]
    rest = 11 - sum(one * (10 - place) for place, one in enumerate(digits[:9])) % 11
    return rest % 11 == digits[9] and rest != 10  # noqa: PLR2004 - no number has it


def aadhaar(found: Match[str]) -> bool:
    """India: Verhoeff's sum."""
    check = 0
    for place, digit in enumerate(reversed(_digits(found[0]))):
        check = int(D[check * 10 + int(P[place % 8 * 10 + digit])])
    return check == 0

r"""The detectors, one line a rule: id, what it finds, what must stand in a text for it to be tried, pattern, proof.

No pattern has two ways to read one stretch: repetitions are bounded and each begins with what the one before cannot
hold, so that no text takes more than a few times its length (tests/feeds/guard/test_rules.py). A rule is
tried on every view of a text: normalised, and decoded. Its corpus of evasions is `tests/feeds/guard/corpus`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from feeds.guard import proofs
from feeds.guard.hits import Kind

SECRET, PERSON = Kind.SECRET, Kind.PERSON


@dataclass(frozen=True)
class Rule:
    """One detector."""

    id: str
    kind: Kind
    hints: tuple[str, ...]  # in lower case; one of them must stand in the text
    pattern: re.Pattern[str]
    proof: Callable[[re.Match[str]], bool] | None = None
    digits: int = 0  # so many must stand in the text


def _rule(id_: str, kind: Kind, hints: str, pattern: str, proof: Callable[[re.Match[str]], bool] | None = None) -> Rule:
    """Hints are separated by spaces; `9` for digits, as many as it is repeated."""
    words = tuple(hint for hint in hints.split() if set(hint) != {"9"})
    return Rule(id_, kind, words, re.compile(pattern, re.ASCII), proof, hints.count("9"))


B, E = r"(?<![A-Za-z0-9_-])", r"(?![A-Za-z0-9_-])"  # where a token begins and ends
N, M = r"(?<![\w.+-])", r"(?![\w])"  # and a number
KEY = r"(?i:passw(?:or)?d|passphrase|pwd|secret|token|api[ _-]?key|access[ _-]?key|private[ _-]?key|credential|bearer)"
REAL = proofs.is_real
RULES: tuple[Rule, ...] = (
    # Secrets with a checksum
    _rule("github-token", SECRET, "gh", B + r"gh[pousr]_[A-Za-z0-9]{36}" + E, proofs.crc_behind_prefix),
    _rule("npm-token", SECRET, "npm_", B + r"npm_[A-Za-z0-9]{36}" + E, proofs.crc_behind_prefix),
    _rule("hub-token", SECRET, "hub_",
          B + r"hub_(?:live|demo)_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}" + E, proofs.crc_of_all),
    _rule("jwt", SECRET, "eyj",
          r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,1000}",
          proofs.is_jwt),
    _rule("age-key", SECRET, "age-secret", B + r"AGE-SECRET-KEY-1[AC-HJ-NP-Z02-9]{58}" + E, proofs.bech32),
    # Secrets by their form
    _rule("private-key", SECRET, "private", r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    _rule("aws-access-key", SECRET, "akia asia abia acca", B + r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}" + E, REAL),
    _rule("github-pat", SECRET, "github_pat_", B + r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}" + E),
    _rule("gitlab-token", SECRET, "glpat-", B + r"glpat-[A-Za-z0-9_-]{20,60}" + E, REAL),
    _rule("slack-token", SECRET, "xox", B + r"xox[abeoprs]-[A-Za-z0-9-]{10,250}" + E, REAL),
    _rule("slack-webhook", SECRET, "hooks.slack",
          r"hooks\.slack\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{16,30}"),
    _rule("stripe-key", SECRET, "k_live_ k_test_", B + r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,110}" + E, REAL),
    _rule("google-api-key", SECRET, "aiza", B + r"AIza[A-Za-z0-9_-]{35}" + E, REAL),
    _rule("google-client-secret", SECRET, "gocspx-", B + r"GOCSPX-[A-Za-z0-9_-]{28}" + E),
    _rule("anthropic-key", SECRET, "sk-ant-", B + r"sk-ant-[a-z0-9]{3,10}-[A-Za-z0-9_-]{40,120}" + E, REAL),
    _rule("openai-key", SECRET, "sk-",
          B + r"sk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,180}|[A-Za-z0-9]{32,60})" + E, REAL),
    _rule("huggingface-token", SECRET, "hf_ api_org_", B + r"(?:hf|api_org)_[A-Za-z]{34}" + E, REAL),
    _rule("replicate-token", SECRET, "r8_", B + r"r8_[A-Za-z0-9]{37}" + E),
    _rule("groq-key", SECRET, "gsk_", B + r"gsk_[A-Za-z0-9]{52}" + E),
    _rule("pypi-token", SECRET, "pypi-", B + r"pypi-AgE[A-Za-z0-9_-]{50,400}" + E),
    _rule("docker-token", SECRET, "dckr_pat_", B + r"dckr_pat_[A-Za-z0-9_-]{27}" + E),
    _rule("sendgrid-key", SECRET, "sg.", B + r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}" + E),
    _rule("telegram-token", SECRET, ":aa", r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{33}" + E),
    _rule("digitalocean-token", SECRET, "do", B + r"do[opr]_v1_[0-9a-f]{64}" + E),
    _rule("databricks-token", SECRET, "dapi", B + r"dapi[0-9a-f]{32}" + E),
    _rule("azure-key", SECRET, "accountkey", r"(?i:AccountKey)=[A-Za-z0-9+/]{86}=="),
    _rule("password-in-address", SECRET, "://",
          r"[a-z][a-z0-9+]{1,20}://[^\s:/@<>{}]{1,64}:([^\s/@<>{}]{4,128})@[A-Za-z0-9]", REAL),
    _rule("secret-beside-its-name", SECRET, "passw pwd passphrase secret token key credential bearer",
          KEY + r"[\"'`]?\s{0,3}(?:[:=]|=>|:=|\bis\b)?\s{0,3}[\"'`]?([^\s\"'`,;()\[\]]{8,128})", proofs.is_random),
    # Personal data
    _rule("e-mail", PERSON, "@",
          r"(?<![\w.+%-])([\w.+%-]{1,64})@((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w-])",
          proofs.is_persons_mail),
    _rule("e-mail-in-words", PERSON, "dot (at [at {at ",
          r"(?<![\w.+-])([\w.+-]{2,64}) ?(?:[\[({] ?(?i:at) ?[\])}] ?|(?<= )(?i:at) (?=[^.]{2,130}(?i:dot)))"
          r"((?:[A-Za-z0-9-]{2,63}(?:\.| ?[\[({]? ?(?i:dot) ?[\])}]? ?)){1,4}"
          r"(?:com|org|net|edu|gov|io|ai|dev|eu|de|ch|uk|fr|info))(?!\w)", proofs.is_mail_in_words),
    _rule("phone", PERSON, "9999999",
          r"(?<![\w+])\+\d{1,3}[ .()/-]{0,3}(?:\d{1,5}[ .()/-]{0,2}){2,6}\d(?!\w)", proofs.phone),
    _rule("phone-us", PERSON, "9999999",
          r"(?<![\w.+-])(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-.])[2-9]\d{2}[-.]\d{4}(?![\w-])", proofs.phone),
    _rule("phone-beside-its-name", PERSON, "phone tel call mobile fax 9999999",
          r"(?i:phone|tel|call|mobile|fax)[a-z]{0,4}[.:]{0,2} ?(?:(?:is|at|on|no|number)[.:]? ){0,2}"
          r"(0\d{1,4}[ /.-]?(?:\d{1,8}[ .-]?){1,4}\d)(?!\w)",
          proofs.phone),
    _rule("iban", PERSON, "999999999",
          N + r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?" + M, proofs.iban),
    _rule("card", PERSON, "9999999999999",
          N + r"(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6011|65\d{2})(?:[ -]?\d{4}){2}[ -]?\d{1,4}" + M,
          proofs.luhn),
    _rule("card-amex", PERSON, "999999999999999", N + r"3[47]\d{2}[ -]?\d{6}[ -]?\d{5}" + M, proofs.luhn),
    _rule("ip-address", PERSON, "9999",
          r"(?<![\w.:/-])(?<!ersion )(?:\d{1,3}\.){3}\d{1,3}(?![\w.-]\w)(?!\w)", proofs.public_address),
    _rule("ip-address-6", PERSON, ":",
          r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:|:){2,7}(?:[0-9A-Fa-f]{1,4}|:)(?![\w:])", proofs.public_address),
    _rule("internal-address", PERSON, "9999", r"(?<![\w.:-])(?:\d{1,3}\.){3}\d{1,3}(?!\w)", proofs.private_address),
    _rule("ssn-us", PERSON, "999999999", N + r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}" + r"(?![\w-])"),
    _rule("id-spain", PERSON, "9999999", N + r"(?:\d{8}|[XYZ]\d{7})-?[A-HJ-NP-TV-Z]" + M, proofs.dni),
    _rule("id-switzerland", PERSON, "9999999999999", N + r"756\.?\d{4}\.?\d{4}\.?\d{2}" + M, proofs.ean),
    _rule("id-brazil", PERSON, "99999999999", N + r"\d{3}\.\d{3}\.\d{3}-\d{2}" + M, proofs.cpf),
    _rule("id-france", PERSON, "9999999999999",
          N + r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}" + M, proofs.nir),
    _rule("id-finland", PERSON, "999999999", N + r"[0-3]\d[01]\d{3}[-+A]\d{3}[0-9A-FHJ-NPR-Y]" + M, proofs.hetu),
    _rule("id-poland", PERSON, "pesel 99999999999", r"(?i:pesel)\D{0,12}(\d{11})(?!\d)", proofs.pesel),
    _rule("id-england", PERSON, "nhs 9999999999", r"(?i:nhs)\D{0,16}(\d{3}[ -]?\d{3}[ -]?\d{4})(?!\d)", proofs.nhs),
    _rule("id-india", PERSON, "aadhaar 999999999999",
          r"(?i:aadhaar)\D{0,16}(\d{4} ?\d{4} ?\d{4})(?!\d)", proofs.aadhaar),
)  # fmt: skip

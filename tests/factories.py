"""Reports to test with: the six fields that make one, and one with every field filled."""

from typing import Any

from marshmallow import fields

from schemas import vocabulary
from schemas.anatomy import lines, part_of
from schemas.fields import CodeOf, Count, Flag, Instant, Many, OneOf, Shaped, Text, Url
from schemas.part import Part
from schemas.report import Report

MINIMAL: dict[str, Any] = {
    "report_type": "incident",
    "title": "An agent deleted a table",
    "description": "It was asked to tidy up.",
    "aware_at": "2026-11-20T10:00:00Z",
    "severity": "high",
    "systems": [{"name": "Ops agent"}],
}
SHAPED = {  # a value for each strict form that is not free text
    "language": "en",
    "family": "gpt-4",
    "version": "5.6.0",
    "scheme": "ATLAS",
    "code": "AML.T0051",
    "purl": "pkg:pypi/{}",
    "cpe": "cpe:2.3:a:{}",
    "cve": "CVE-2026-12345",
    "cvss_vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "sha256": "a" * 64,
    "media_type": "text/plain",
    "client_ref": "{}",
    "id": "{}",
    "source": "atlas",
}


def a_report(**changes: Any) -> dict[str, Any]:
    """The minimal report, with changes; a change to None leaves the field out."""
    return {name: value for name, value in {**MINIMAL, **changes}.items() if value is not None}


def canary(path: str, salt: str = "") -> str:
    """The string that a field is filled with: findable in any bytes, and telling which field it was."""
    name = path.replace("[]", "").replace(".", "-").replace("_", "-")
    return f"CANARY-{name}{'-' + salt if salt else ''}-END"


def a_full_report(salt: str = "", **changes: Any) -> dict[str, Any]:
    """A report with every field that a filer can fill, a canary in every one that takes free text or a free form."""
    report = _part(Report, "", salt)
    report.pop("origin")
    report.pop("triage")
    report.pop("embargo_until")
    report.pop("hold")
    return {name: value for name, value in {**report, **changes}.items() if value is not None}


def _part(part: type[Part], prefix: str, salt: str) -> dict[str, Any]:
    return {name: _value(kind, name, prefix + name, salt) for name, kind in lines(part).items()}


def _value(kind: fields.Field[Any], name: str, path: str, salt: str) -> Any:
    if isinstance(kind, Many):
        inner = part_of(kind)
        return [_part(inner, f"{path}[].", salt) if inner else _leaf(kind.inner, name, path, salt)]
    inner = part_of(kind)
    return _part(inner, f"{path}.", salt) if inner else _leaf(kind, name, path, salt)


def _leaf(kind: Any, name: str, path: str, salt: str) -> Any:  # noqa: PLR0911 - one return a kind
    if isinstance(kind, Url):
        return f"https://example.org/{canary(path, salt)}"
    if isinstance(kind, Text):
        return canary(path, salt)
    if isinstance(kind, OneOf):
        return next(iter(kind.terms))
    if isinstance(kind, CodeOf):
        codes = [one for one in kind.schemes[0].terms if not name.startswith("tactic") or ".TA" in one]
        return next((one for one in codes if name != "technique" or ".T0" in one), "CWE-79")
    if isinstance(kind, Instant):
        return "2026-11-20T10:00:00Z"
    if isinstance(kind, Count):
        return 4711
    if isinstance(kind, Flag):
        return True
    if name == "scheme" and isinstance(kind, Shaped):
        return "ATLAS"
    return SHAPED[name].format(canary(path, salt))


def newest(scheme: str) -> str:
    """The version of a scheme that the hub holds."""
    return vocabulary.scheme(scheme).version

"""Codes of public taxonomies: every stored one is `{scheme, version, code}`, and none can carry free text."""

from typing import Any, ClassVar

from marshmallow import ValidationError, post_load

from schemas import vocabulary
from schemas.fields import Shaped
from schemas.part import Part

VERSION = (r"[0-9][0-9A-Za-z.]{0,15}", "must be a version such as 5.6.0")


class Coded(Part):
    """A part that cites a taxonomy. What is stored always names scheme and version; a filer may leave them to us."""

    codes: ClassVar[tuple[str, ...]] = ("code",)

    @post_load
    def name_the_scheme(self, part: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Fill in scheme and version, and refuse a code that the named scheme does not know."""
        given = next((part[name] for name in self.codes if name in part), None)
        if given is None and not part.keys() & {"scheme", "version"}:
            return part
        if given is None:
            message = "is of no use without a code; name the code, or leave scheme and version out"
            raise ValidationError(message, "version" if "version" in part else "scheme")
        scheme = part.get("scheme") or _scheme_of(given)
        version = part.get("version") or vocabulary.scheme(scheme).version
        held = vocabulary.schemes().get((scheme, version))
        if held is None:  # a pattern nobody checks would let a code carry free text
            known = ", ".join(sorted(other for name, other in vocabulary.schemes() if name == scheme))
            message = f"is not a version of {scheme} that this hub holds; it holds {known}"
            raise ValidationError(message, "version")
        for name in self.codes:
            if name in part and not held.knows(part[name]):
                message = f"is not a code of {scheme} {version}; check it there, or name the version you use"
                raise ValidationError(message, name)
        return {"scheme": scheme, "version": version, **part}


def _scheme_of(code: str) -> str:
    holders = {scheme.scheme for scheme in vocabulary.schemes().values() if scheme.knows(code)}
    if len(holders) != 1:
        fits = f"fits {', '.join(sorted(holders))}" if holders else "fits no scheme that this hub holds"
        message = f"is missing, and the code {fits}; name the scheme"
        raise ValidationError(message, "scheme")
    return holders.pop()


class SchemeName(Shaped):
    """The name of a scheme that the hub holds."""

    def __init__(self, **kwargs: Any) -> None:
        names = sorted({name for name, _ in vocabulary.schemes()})
        super().__init__("|".join(names), f"must be one of: {', '.join(names)}", **kwargs)

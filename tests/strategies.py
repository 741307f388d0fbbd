"""Hypothesis strategies made from the schema itself: any report that the hub takes, and any JSON that it may be sent.

A field added to a report is drawn from here without an edit.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from marshmallow import fields

from schemas import vocabulary
from schemas.anatomy import lines, part_of
from schemas.coded import Coded
from schemas.fields import CodeOf, Count, Flag, Instant, Many, OneOf, Shaped, Text
from schemas.part import Of, Part
from schemas.report import Report

# The same examples in every run: a law that fails on one machine fails on all of them.
LAW = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
FEW = settings(LAW, max_examples=25)
OURS = {"origin", "triage"}  # no filer can set them
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0")
EARLIEST, LATEST = datetime(1000, 1, 1), datetime(3000, 1, 1)  # noqa: DTZ001 - the offset is drawn apart
MOST_FIELDS, MOST_ITEMS = 8, 2

texts = st.text(CHARACTERS, min_size=1, max_size=40).filter(str.strip)
whole_numbers = st.integers(-(10**18), 10**18)
json_values: SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(CHARACTERS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(CHARACTERS, max_size=12), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def instants(draw: st.DrawFn) -> str:
    """An instant in any precision that a filer may write."""
    at = draw(st.datetimes(EARLIEST, LATEST))
    offset = draw(st.sampled_from(["Z", "z", "+00:00", "+05:45", "-11:00", "+14:00"]))
    forms = ("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dt%H:%M:%S.%f")
    form = draw(st.sampled_from(forms))
    return at.strftime(form) + (offset if "%H" in form else "")


def reports(part: type[Part] = Report, **fixed: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """Any report as it stands once checked: the required fields, and some of the others; `fixed` ones always."""
    declared = {name: kind for name, kind in lines(part).items() if part is not Report or name not in OURS}
    needed = {name for name, kind in declared.items() if kind.required} | {"tlp"} & set(declared) | set(fixed)
    drawn = {name: fixed[name] if name in fixed else of(kind) for name, kind in declared.items()}
    optional = sorted(set(declared) - needed)
    chosen = st.lists(st.sampled_from(optional), unique=True, max_size=MOST_FIELDS) if optional else st.just([])
    return chosen.flatmap(
        lambda names: st.fixed_dictionaries({name: drawn[name] for name in sorted({*needed, *names})})
    )


def of(kind: fields.Field[Any]) -> SearchStrategy[Any]:
    """Any value of a field."""
    if isinstance(kind, Many):
        return st.lists(of(kind.inner), min_size=kind.least, max_size=max(kind.least, MOST_ITEMS))
    if isinstance(kind, Of):
        inner = part_of(kind)
        return coded(inner) if inner and issubclass(inner, Coded) else reports(inner or Part)
    return _leaf(kind)


def _leaf(kind: Any) -> SearchStrategy[Any]:
    for type_, draw in LEAVES.items():
        if isinstance(kind, type_):
            return draw(kind)
    message = f"no strategy draws a {type(kind).__name__}; add one here"
    raise TypeError(message)


LEAVES: Mapping[type, Callable[[Any], SearchStrategy[Any]]] = {
    Text: lambda kind: texts.map(lambda text: text[: kind.max_length]),
    Shaped: lambda kind: st.from_regex(re.compile(kind.pattern, re.ASCII), fullmatch=True, alphabet=CHARACTERS),
    OneOf: lambda kind: st.sampled_from(list(kind.terms)),
    CodeOf: lambda kind: st.sampled_from(kind.schemes).flatmap(_codes),
    Instant: lambda _: instants(),
    Count: lambda kind: st.integers(0, kind.most),
    Flag: lambda _: st.booleans(),
}


def _codes(scheme: vocabulary.Scheme) -> SearchStrategy[str]:
    if scheme.terms:
        return st.sampled_from(list(scheme.terms))
    return st.from_regex(scheme.pattern, fullmatch=True, alphabet=CHARACTERS)


@st.composite
def coded(draw: st.DrawFn, part: type[Coded]) -> dict[str, Any]:
    """Any part that cites a taxonomy: codes that the scheme it names knows, or none at all."""
    plain: dict[str, Any] = {}
    for name, kind in lines(part).items():
        if name not in {*part.codes, "scheme", "version"} and draw(st.booleans()):
            plain[name] = draw(of(kind))
    is_needed = any(lines(part)[name].required for name in part.codes)
    cited = part.codes if is_needed else draw(st.lists(st.sampled_from(part.codes), unique=True))
    if not cited:
        return plain
    scheme = draw(st.sampled_from(_schemes(part)))
    codes = {name: draw(_codes(scheme)) for name in cited}
    return {"scheme": scheme.scheme, "version": scheme.version, **codes, **plain}


def _schemes(part: type[Coded]) -> list[vocabulary.Scheme]:
    kinds = [lines(part)[name] for name in part.codes]
    allowed = [scheme for kind in kinds if isinstance(kind, CodeOf) for scheme in kind.schemes]
    return allowed or sorted(vocabulary.schemes().values(), key=lambda one: (one.scheme, one.version))


def leaf_values(value: Any) -> list[Any]:
    """Every single value somewhere in a document."""
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaf_values(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaf_values(inner)]
    return [value]

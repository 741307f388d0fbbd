"""Confused ids: each variable of each route filled with the ids of every other kind, and children with others' parents.

The ids are those of `tests/stage.py`: what it says for one route's variables is tried in all the others.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from werkzeug.routing import Rule

from hub.web.policy import Policy
from tests.stage import Actor, Stage, Target

ALIKE = {"report_id": "report"}  # two names of a variable that takes the same ids
WRITING = {"taxii.add_objects", "taxii.delete_object"}
UNTRIED = {"OPTIONS"}  # says what the route knows, whatever is there


@dataclass(frozen=True)
class Confusion:
    """One method on one route by one actor, with ids that do not belong there."""

    actor: Actor
    endpoint: str
    method: str
    path: str
    status: int  # what it must be: 404, but 401 of who is not known, and 403 of who writes a feed that it reads


def pools(stage: Stage) -> dict[str, set[str]]:
    """Every id that exists, by the variable that it fills."""
    found: dict[str, set[str]] = defaultdict(set)
    for target in (one for some in stage.targets.values() for one in some if one.exists):
        for name, value in target.values.items():
            found[ALIKE.get(name, name)].add(value)
    return found


def confusions(stage: Stage, wanted: Callable[[Rule], bool] = lambda _: True) -> Iterator[Confusion]:
    """Every confusion of every guarded route."""
    app = stage.world.web.application
    known = pools(stage)
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        guard = getattr(app.view_functions[rule.endpoint], "policy", Policy())
        if not rule.arguments or guard.is_public or not wanted(rule):
            continue
        for values in _wrong(stage, rule, known):
            _, path = rule.build(values) or ("", "")
            for method, actor in product(sorted((rule.methods or set()) - UNTRIED), stage.actors):
                yield Confusion(actor, rule.endpoint, method, str(path), _status(stage, rule, values, actor))


def _wrong(stage: Stage, rule: Rule, known: dict[str, set[str]]) -> Iterator[dict[str, str]]:
    names = sorted(rule.arguments)
    there = [one for one in stage.targets[frozenset(names)] if one.exists]
    every = sorted(set().union(*known.values()))
    own = [known[ALIKE.get(name, name)] for name in names]
    choices = [every for _ in names]
    for chosen in product(*choices):
        if len(names) > 1 and not any(value in ids for value, ids in zip(chosen, own, strict=True)):
            continue  # nothing of it is right: one of its parts alone is tried often enough
        values = dict(zip(names, chosen, strict=True))
        if values.get("collection_id") in known["feed"]:
            continue  # a collection may be asked for by its alias
        if not all(value in ids for value, ids in zip(chosen, own, strict=True)) or not _may_be(stage, there, values):
            yield values


def _may_be(stage: Stage, there: list[Target], values: dict[str, str]) -> bool:
    """Whether ids that each are right might be right together: an object may show in two feeds, a file in every one.

    A report goes by its id and by its reference.
    """
    values = {name: stage.refs.get(value, value) for name, value in values.items()}
    if len(values) == 1 or any(dict(one.values) == values for one in there):
        return True
    kinds = [{one.kind for one in there if one.values[name] == value} for name, value in values.items()]
    return all("feed" in some for some in kinds)


def _status(stage: Stage, rule: Rule, values: dict[str, str], actor: Actor) -> int:
    if not actor.role:
        return 401
    feeds = [one for one in stage.targets[frozenset({"collection_id"})] if one.kind == "feed" and one.is_seen_by(actor)]
    reads = values.get("collection_id") in {one.values["collection_id"] for one in feeds}
    return 403 if reads and rule.endpoint in WRITING else 404

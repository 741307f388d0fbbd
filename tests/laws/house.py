"""Reading the house: its modules, functions and names, for the laws that are about the code itself."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("schemas", "feeds", "hub")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of the house, read and parsed."""

    path: Path
    name: str  # dotted; a room's __init__ is the room
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How long the file is."""
        return len(self.text.splitlines())

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


@cache
def modules(*floors: str) -> tuple[Module, ...]:
    """The modules of some floors; of all, if none is named."""
    paths = sorted(path for floor in floors or FLOORS for path in (ROOT / floor).rglob("*.py"))
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Module:
    text = path.read_text("utf-8")
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return Module(path, name, text, ast.parse(text))


def words(node: ast.AST) -> set[str]:
    """Every name that code mentions, alone or behind a dot, imported or used."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.Attribute):
            found.add(part.attr)
        elif isinstance(part, ast.alias):
            found.update((part.name.rpartition(".")[2], part.asname or ""))
    return found


def imports(module: Module) -> Iterator[tuple[str, str]]:
    """What a module imports, at any depth, as (from where, what)."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def takes(function: Function, kind: str) -> bool:
    """Whether a parameter of a function is annotated with a type."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return any(kind in words(one.annotation) for one in every if one.annotation is not None)


def length(function: Function) -> int:
    """The lines of a function's body without its docstring: what a reader's eye has to hold."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0

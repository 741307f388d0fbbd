"""Faces open and close transactions; services never commit; one place in the house does."""

import ast

from tests.laws.house import Module, modules, words

COMMITTING = {"commit", "rollback", "begin_nested", "autocommit"}
OPENING = {"reading", "writing", "write", "snapshot", "brief"}  # of hub.store.Store
COMMITS = {
    "hub.store.engine",
    "hub.store.migrations.env",  # Alembic runs before any face is up, in a transaction of its own
}


def test_services_never_commit_and_open_no_transaction() -> None:
    """A service that committed would arm warrants, and answer for half of what its face does in one transaction."""
    services = [module for module in modules("hub") if module.name.startswith("hub.services")]
    assert len(services) > 5, "the law looked at nothing"
    found = {module.name: attributes(module) & (COMMITTING | OPENING) for module in services}
    assert {name: those for name, those in found.items() if those} == {}


def test_only_the_engine_commits() -> None:
    """Warrants are armed behind the one commit there is; a second commit would be one that arms nothing."""
    found = {module.name for module in modules() if attributes(module) & COMMITTING}
    assert found == COMMITS


def test_no_statement_commits_in_sql() -> None:
    """A COMMIT written as text would pass the law above unseen."""
    said = [
        f"{module.name}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and node.value.strip().upper().rstrip(";") in {"COMMIT", "END", "END TRANSACTION", "ROLLBACK"}
    ]  # fmt: skip
    assert said == []


def test_no_room_but_the_store_makes_an_engine() -> None:
    """A database opened elsewhere would lack synchronous=FULL, BEGIN IMMEDIATE and the warrants."""
    makers = {module.name for module in modules() if "create_engine" in words(module.tree)}
    assert makers == {"hub.store.engine"}
    stores = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Store"
    }
    assert stores == {"hub.wiring"}


def attributes(module: Module) -> set[str]:
    """Every name behind a dot, and `commit` for a `begin()`, whose end commits."""
    nodes = list(ast.walk(module.tree))
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    begins = {"commit" for call in calls if ast.unparse(call.func).endswith(".begin") and not call.args}
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)} | begins

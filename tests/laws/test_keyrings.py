"""A function without a keyring in its signature cannot read a sealed field."""

import ast
from collections.abc import Iterable

from tests.laws.house import Function, Module, imports, modules, takes, words

OPENERS = {  # hub.opening, hub.attachment_opening, hub.seal
    "open_sealed", "open_values", "scan_sealed", "open_received", "open_part", "open_field", "open_texts", "open_chunk",
}  # fmt: skip
SEALING = ("hub.services.intake", "hub.sealing", "hub.services.attaching", "hub.attachment_sealing")
UNWRAPPERS = {"unwrap_under", "unwrap_from_intake"}  # hub.seal: a data key comes back
# The key of a backup as a whole, under an epoch's key that its caller takes out of a keyring or of a copy of the keys.
OTHERWISE = {"hub.archive.sealed.laid_open"}
# The one that keeps a process's keyring up to date; it is asked for it, and handed on as a keyring.
HOLDERS = {"hub.ring.Ring"}
# Faces hold a process's keys and pass them down; what they may not do is open by themselves.
FACES = (
    "hub.rounds",
    "hub.receiving",
    "hub.cli",
    "hub.web",
    "hub.app",
    "hub.schedule",
    "hub.demo",
    "hub.wiring",
    "hub.__main__",
)


def test_whoever_opens_a_value_or_unwraps_a_key_has_a_keyring_in_its_signature() -> None:
    """The signature is the permission: a reader of any function sees at its first line whether it can open."""
    seen = [
        (f"{module.name}.{function.name}", takes(function, "Keyring"))
        for module, function in functions(modules("hub"))
        if words(function) & (OPENERS | UNWRAPPERS)
    ]
    assert len(seen) >= 4, "the law looked at nothing"
    assert [name for name, has_keyring in seen if not has_keyring and name not in OTHERWISE] == []


def test_nothing_below_the_faces_reaches_an_opener_without_a_keyring() -> None:
    """A helper that takes no keyring and calls one that opens would be a keyring by another name."""
    below = [(module, function) for module, function in functions(modules("hub")) if not is_face(module)]
    reaching = set(OPENERS)
    while True:
        further = {function.name for _, function in below if words(function) & reaching} - reaching
        if not further:
            break
        reaching |= further
    assert {"compose", "open_sealed"} <= reaching, "the law looked at nothing"
    bare = [
        f"{module.name}.{function.name}"
        for module, function in below
        if function.name in reaching - {"open_field", "open_texts", "open_chunk"} and not takes(function, "Keyring")
    ]
    assert bare == []


def test_no_shape_carries_a_keyring() -> None:
    """A keyring inside another parameter opens behind a signature that does not say so."""
    carriers = {
        f"{module.name}.{shape.name}"
        for module in modules("hub")
        for shape in ast.walk(module.tree)
        if isinstance(shape, ast.ClassDef)
        for line in ast.walk(shape)
        if isinstance(line, ast.AnnAssign) and "Keyring" in words(line.annotation)
    }
    assert carriers == HOLDERS


def test_faces_open_nothing_by_themselves() -> None:
    """A face that opened would do so without the service that wrote the intent."""
    faces = [module for module in modules("hub") if is_face(module)]
    assert len(faces) > 10, "the law looked at nothing"
    assert [module.name for module in faces if words(module.tree) & (OPENERS | UNWRAPPERS)] == []


def test_no_service_without_a_keyring_imports_what_opens() -> None:
    """`hub.opening` also gathers rows, which opens nothing; all else of it belongs to who holds a keyring."""
    services = [module for module in modules("hub") if module.name.startswith("hub.services.")]
    found = [
        f"{module.name}: {what}"
        for module in services
        for place, what in imports(module)
        if place == "hub.opening" and what not in {"Bundle", "gather"}
        if not any(takes(function, "Keyring") for function in module.functions())
    ]
    assert found == []
    whole = [module.name for module in services if ("hub", "opening") in imports(module)]
    assert whole == [], "import names out of hub.opening, so that this law can read them"


def test_intake_can_reach_no_keyring() -> None:
    """Whoever takes intake over reads what is filed from then on, and nothing filed before."""
    seen = dict.fromkeys(SEALING)
    for module in modules("hub"):
        if module.name in seen:
            assert not words(module.tree) & ({"Keyring", "keyring", "unwrap_epoch"} | OPENERS | UNWRAPPERS), module.name
            seen.pop(module.name)
    assert not seen


def functions(those: Iterable[Module]) -> Iterable[tuple[Module, Function]]:
    """Every function of some modules."""
    return ((module, function) for module in those for function in module.functions())


def is_face(module: Module) -> bool:
    """Whether a module stands at the top, where processes begin."""
    return module.name.startswith(FACES)

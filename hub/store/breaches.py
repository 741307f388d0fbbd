"""Where the walls around the faces' database roles have gaps: what they may do that `rights` does not name, or lack.

Reads the catalogue alone, which every role may; changes nothing.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text

from hub.faces import FACES, PUBLISHER
from hub.store.engine import Store
from hub.store.rights import ADD, RIGHTS, WHOSE, Right
from hub.store.walls import REWRITTEN, role

Held = tuple[str, str, str, str]  # role, verb, table, column; an empty column is all of them
GRANTED = text("""
SELECT coalesce(r.rolname, 'PUBLIC'), a.privilege_type, c.relname, ''
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) a
  LEFT JOIN pg_roles r ON r.oid = a.grantee
 WHERE n.nspname = current_schema() AND (a.grantee = 0 OR r.rolname = ANY(:roles)) AND c.relowner <> a.grantee
UNION ALL
SELECT coalesce(r.rolname, 'PUBLIC'), a.privilege_type, c.relname, t.attname
  FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL aclexplode(t.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
 WHERE n.nspname = current_schema() AND (a.grantee = 0 OR r.rolname = ANY(:roles))
""")
OWNED = text("""
SELECT DISTINCT r.rolname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_roles r ON r.oid = c.relowner
 WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'v', 'm', 'p') AND r.rolname = ANY(:roles)
""")
POWERS = text("""
SELECT rolname FROM pg_roles WHERE rolname = ANY(:roles) AND (rolsuper OR rolbypassrls OR rolcreaterole)
""")
JOINED = text("""
SELECT m.rolname, g.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member
  JOIN pg_roles g ON g.oid = a.roleid WHERE m.rolname = ANY(:roles)
""")
OPEN = text("""
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = current_schema() AND c.relname = ANY(:tables) AND NOT c.relrowsecurity
""")
POLICIES = text("SELECT tablename, policyname FROM pg_policies WHERE schemaname = current_schema()")


def are_raised(store: Store, prefix: str) -> bool:
    """Whether the faces have roles in this database: somebody ran `hub database grant`."""
    if store.is_sqlite:
        return False
    with store.reading() as session:
        found = {name for _, name in session.connection().execute(POLICIES)}
    return not found.isdisjoint(_roles(prefix))


def beyond(store: Store, prefix: str) -> list[str]:
    """What the roles may do that they should not."""
    with store.reading() as session:
        base, given = session.connection(), {"roles": _roles(prefix)}
        held, wanted = _held(base, prefix), _wanted(base, prefix)
        found = [_told(one) for one in sorted(held - wanted)]
        found += [f"{name} owns {table}" for name, table in base.execute(OWNED, given)]
        found += [
            f"{name} may pass over policies, or make roles or databases" for (name,) in base.execute(POWERS, given)
        ]
        found += [f"{name} has all that {other} has" for name, other in base.execute(JOINED, given)]
        found += [f"{table} shows every row" for (table,) in base.execute(OPEN, {"tables": list(WHOSE)})]
        own = {(table, role(prefix, face)) for table in WHOSE for face in RIGHTS[table]}
        strange = {tuple(row) for row in base.execute(POLICIES)} - own
        return found + [f"{table} has a policy {name}, which is not ours" for table, name in sorted(strange)]


def lacking(store: Store, prefix: str) -> list[str]:
    """What the roles may not do that they must: a newer version has more tables than when the roles were made."""
    with store.reading() as session:
        base = session.connection()
        return [_told(one) for one in sorted(_wanted(base, prefix) - _held(base, prefix))]


def _told(held: Held) -> str:
    name, verb, table, column = held
    return f"{name} {verb} {table}{f'.{column}' if column else ''}"


def _held(base: Connection, prefix: str) -> set[Held]:
    return {(row[0], row[1], row[2], row[3]) for row in base.execute(GRANTED, {"roles": _roles(prefix)})}


def _wanted(base: Connection, prefix: str) -> set[Held]:
    sequence: Any = base.execute(text("SELECT pg_get_serial_sequence('audit_entry', 'seq')")).scalar_one()
    return {*_named(prefix), *_beside(prefix, sequence.rpartition(".")[2].strip('"'))}


def _named(prefix: str) -> Iterator[Held]:
    for table, of in RIGHTS.items():
        for face, rights in of.items():
            for one in rights:
                for column in one.columns or ("",):
                    yield role(prefix, face), one.verb, table, column


def _beside(prefix: str, sequence: str) -> Iterator[Held]:
    for face, rights in RIGHTS["audit_entry"].items():
        if Right(ADD) in rights:
            yield role(prefix, face), "USAGE", sequence, ""
    for table in REWRITTEN:
        yield role(prefix, PUBLISHER), "MAINTAIN", table, ""


def _roles(prefix: str) -> list[str]:
    return [role(prefix, face) for face in FACES]

"""The database roles of the faces on PostgreSQL: made, and given exactly what `hub/store/rights.py` names.

1. Run by the owner of the tables, who migrates and whom no policy binds: row-level security is not forced on owners, or
   their foreign keys could not look.
2. Everything is taken away first, from everybody, in the same transaction: what is not named is not there afterwards.
3. Whose rows are shown is asked of `hub.organisation`, which lives as long as a transaction (`Store.whose`).
4. What belongs to a report is inserted in one statement with it, so that a policy cannot see the report yet: intake may
   add rows beside any report. What its manifest does not sign, admission refuses.
5. This is a wall against a wrong query. A process that was taken over says whose rows it wants.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import text

from hub.errors import NotReady
from hub.faces import FACES, PUBLISHER
from hub.store import audit
from hub.store.engine import Store
from hub.store.residue import TABLES as SCOURED
from hub.store.rights import ADD, RIGHTS, WALLED, WHOSE, Right

LEAST = 170000  # PostgreSQL 17: before it, only an owner could write the table of secrets anew
REWRITTEN = sorted({*SCOURED, "secret"})
OWN = {
    "organisation_id": "organisation_id = current_setting('hub.organisation', true)",
    "report_id": "EXISTS (SELECT 1 FROM report WHERE report.id = {table}.report_id)",
    "attachment_id": "EXISTS (SELECT 1 FROM attachment WHERE attachment.id = {table}.attachment_id)",
}


def role(prefix: str, face: str) -> str:
    """The database role of a face."""
    return f"{prefix}{face}"


def raise_walls(store: Store, prefix: str, at: datetime, actor: str) -> None:
    """Make the roles, or bring them up to date, and say so in the audit. Raises NotReady if that cannot be."""
    done = statements(store, prefix)
    with store.writing() as session:
        for one in done:
            session.connection().exec_driver_sql(one)
        audit.append(session, at, actor, "database.grant", prefix)


def statements(store: Store, prefix: str) -> list[str]:
    """What `raise_walls` runs, to be read or run by somebody else."""
    _demand(store)
    with store.reading() as session:
        ask = session.connection()
        schema = ask.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
        database = ask.execute(text("SELECT quote_ident(current_database())")).scalar_one()
        known = set(ask.execute(text("SELECT rolname FROM pg_roles")).scalars())
        sequence = ask.execute(text("SELECT pg_get_serial_sequence('audit_entry', 'seq')")).scalar_one()
        policies = [tuple(row) for row in ask.execute(POLICIES)]
    roles = [role(prefix, face) for face in FACES]
    return [
        *(f"CREATE ROLE {one} LOGIN" for one in roles if one not in known),
        *_taken(schema, database, ", ".join(roles)),
        *(f"DROP POLICY {name} ON {table}" for table, name in policies),
        *_given(prefix, sequence),
        *_policies(prefix),
        f"ALTER FUNCTION data_key_into_nothing() SET search_path = {schema}, pg_temp",
    ]


POLICIES = text(
    "SELECT quote_ident(tablename), quote_ident(policyname) FROM pg_policies WHERE schemaname = current_schema()"
)


def _demand(store: Store) -> None:
    if store.is_sqlite:
        message = "SQLite has no roles: the faces' database roles are PostgreSQL's (docs/faces.md)"
        raise NotReady(message)
    with store.reading() as session:
        version = session.connection().execute(text("SELECT current_setting('server_version_num')::int")).scalar_one()
    if version < LEAST:
        message = "the faces' database roles need PostgreSQL 17 or newer: the publisher must be able to VACUUM"
        raise NotReady(message)


def _taken(schema: str, database: str, roles: str) -> Iterator[str]:
    for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        yield f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM PUBLIC, {roles}"
    yield f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC, {roles}"
    yield f"REVOKE ALL ON DATABASE {database} FROM PUBLIC, {roles}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {roles}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {roles}"


def _given(prefix: str, sequence: str) -> Iterator[str]:
    for table, of in RIGHTS.items():
        for face, rights in of.items():
            said = ", ".join(_said(one) for one in rights)
            yield f"GRANT {said} ON {table} TO {role(prefix, face)}"
    adding = [role(prefix, face) for face, rights in RIGHTS["audit_entry"].items() if Right(ADD) in rights]
    yield f"GRANT USAGE ON SEQUENCE {sequence} TO {', '.join(adding)}"
    yield f"GRANT MAINTAIN ON {', '.join(REWRITTEN)} TO {role(prefix, PUBLISHER)}"


def _said(right: Right) -> str:
    return f"{right.verb} ({', '.join(right.columns)})" if right.columns else right.verb


def _policies(prefix: str) -> Iterator[str]:
    for table, column in WHOSE.items():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        for face in RIGHTS[table]:
            name = role(prefix, face)
            if face not in WALLED:
                yield f"CREATE POLICY {name} ON {table} TO {name} USING (true) WITH CHECK (true)"
                continue
            own = OWN[column].format(table=table)
            added = own if column == "organisation_id" else "true"
            yield f"CREATE POLICY {name} ON {table} TO {name} USING ({own}) WITH CHECK ({added})"

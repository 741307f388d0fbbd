"""The vault: secrets apart, the audit as a log with a tree, and who holds a token."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from hub.store.columns import Document, Instant, Number

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sqlmodel.AutoString


def upgrade() -> None:
    _secrets()
    _columns()
    _audit()


# An intake that seals to a destroyed epoch is refused at its own insert: what it acknowledged could never be opened.
# On PostgreSQL the row's lock makes insert and destruction wait for each other; the function runs with its owner's
# rights, because who files may not update epochs.
NOT_INTO_NOTHING = {
    "sqlite": [
        """
CREATE TRIGGER data_key_into_nothing BEFORE INSERT ON data_key
WHEN EXISTS (SELECT 1 FROM epoch WHERE number = NEW.epoch AND destroyed_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'the epoch is destroyed'); END""",
    ],
    "postgresql": [
        """
CREATE FUNCTION data_key_into_nothing() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$ BEGIN
  PERFORM 1 FROM epoch WHERE number = NEW.epoch AND destroyed_at IS NULL FOR KEY SHARE;
  IF NOT FOUND AND EXISTS (SELECT 1 FROM epoch WHERE number = NEW.epoch) THEN
    RAISE EXCEPTION 'the epoch is destroyed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$""",
        """
CREATE TRIGGER data_key_into_nothing AFTER INSERT ON data_key
FOR EACH ROW EXECUTE FUNCTION data_key_into_nothing()""",
    ],
}


def _secrets() -> None:
    """Wrapped keys leave the table of epochs, which a data backup holds, for one that it does not."""
    op.create_table(
        "secret",
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("provider", TEXT(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", "number", name=op.f("pk_secret")),
    )
    op.execute(
        "INSERT INTO secret (name, number, provider, wrapped)"
        " SELECT 'private', number, 'keyfile', private_key FROM epoch"
        " UNION ALL SELECT 'kek', number, 'keyfile', kek FROM epoch"
    )
    for name in ("private_key", "kek"):
        op.drop_column("epoch", name)
    for name in ("erasing_since", "settled_at", "destroyed_at"):
        op.add_column("epoch", sa.Column(name, Instant(), nullable=True))
    for statement in NOT_INTO_NOTHING[op.get_bind().dialect.name]:
        op.execute(statement)


def _columns() -> None:
    op.add_column("report", sa.Column("erased_at", Instant(), nullable=True))
    op.create_index(op.f("ix_data_key_epoch"), "data_key", ["epoch"])
    op.add_column("token", sa.Column("person", TEXT(), nullable=False, server_default=""))
    with op.batch_alter_table("token") as batch_op:
        batch_op.alter_column("person", server_default=None)


SALT = {
    "sqlite": "randomblob(32)",
    "postgresql": "decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')",
}
# What was done stays on record: neither a bug nor a query at the wrong prompt can rewrite it. Only what an erasure
# names may go. (Whoever owns the database can drop a trigger; the log's checkpoints are what shows that.)
ONLY_ADDED = "audit entries are only ever added"
ABORT = f"BEGIN SELECT RAISE(ABORT, '{ONLY_ADDED}'); END"
SQLITE = {
    "update": f"BEFORE UPDATE ON audit_entry {ABORT}",
    "delete": f"BEFORE DELETE ON audit_entry WHEN OLD.seq NOT IN (SELECT seq FROM audit_erased) {ABORT}",  # noqa: S608 - names alone
    # INSERT OR REPLACE deletes what stands in its way without firing a delete trigger.
    "replace": f"BEFORE INSERT ON audit_entry WHEN NEW.seq IN (SELECT seq FROM audit_entry) {ABORT}",  # noqa: S608 - names alone
}
POSTGRESQL = """
CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF TG_OP = 'DELETE' THEN
  IF EXISTS (SELECT 1 FROM audit_erased WHERE seq = OLD.seq) THEN RETURN OLD; END IF;
END IF;
RAISE EXCEPTION 'audit entries are only ever added'; END $$
"""


def _audit() -> None:
    base = op.get_bind()
    is_sqlite = base.dialect.name == "sqlite"
    if is_sqlite:
        for verb in ("update", "delete", "replace"):
            op.execute(f"DROP TRIGGER audit_entry_{verb}")
    else:
        op.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    op.add_column("audit_entry", sa.Column("salt", sa.LargeBinary(), nullable=True))
    op.execute(f"UPDATE audit_entry SET salt = {SALT[base.dialect.name]}")  # noqa: S608 - no value in it
    with op.batch_alter_table("audit_entry") as batch_op:
        batch_op.alter_column("salt", existing_type=sa.LargeBinary(), nullable=False)
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject", "seq"])
    op.create_table(
        "audit_erased",
        sa.Column("seq", Number, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_erased")),
    )
    if is_sqlite:
        for name, trigger in SQLITE.items():
            op.execute(f"CREATE TRIGGER audit_entry_{name} {trigger}")
    else:
        op.execute(POSTGRESQL)
        op.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    _tree()


def _tree() -> None:
    op.create_table(
        "audit_leaf",
        sa.Column("position", Number, autoincrement=False, nullable=False),
        sa.Column("seq", Number, autoincrement=False, nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_leaf")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_leaf_seq")),
    )
    op.create_table(
        "audit_tile",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("number", Number, autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_audit_tile")),
    )
    op.create_table(
        "audit_tree",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", Number, autoincrement=False, nullable=False),
        sa.Column("last_seq", Number, autoincrement=False, nullable=False),
        sa.Column("gaps", Document, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_tree")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", Number, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", TEXT(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "refusal",
        sa.Column("minute", Instant(), nullable=False),
        sa.Column("identity", TEXT(), nullable=False),
        sa.Column("route", TEXT(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "identity", "route", name=op.f("pk_refusal")),
    )


MADE = [
    "refusal",
    "checkpoint",
    "audit_tree",
    "audit_tile",
    "audit_leaf",
]
REFUSE = """
CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit entries are only ever added'; END $$
"""


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in MADE:
        op.drop_table(name)
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    if is_sqlite:
        op.execute("DROP TRIGGER audit_entry_delete")
        op.execute(f"CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry {ABORT}")
    else:
        op.execute(REFUSE)
    op.drop_table("audit_erased")
    op.drop_column("audit_entry", "salt")
    op.drop_column("token", "person")
    op.drop_index(op.f("ix_data_key_epoch"), table_name="data_key")
    op.drop_column("report", "erased_at")
    _take_secrets_back()


def _take_secrets_back() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER data_key_into_nothing{'' if is_sqlite else ' ON data_key'}")
    if not is_sqlite:
        op.execute("DROP FUNCTION data_key_into_nothing()")
    op.execute("DELETE FROM epoch WHERE destroyed_at IS NOT NULL")  # nothing hangs on them, and they have no secrets
    for name in ("erasing_since", "settled_at", "destroyed_at"):
        op.drop_column("epoch", name)
    for name, column in (("private", "private_key"), ("kek", "kek")):
        op.add_column("epoch", sa.Column(column, sa.LargeBinary(), nullable=True))
        op.execute(
            f"UPDATE epoch SET {column} ="  # noqa: S608 - no value in it
            f" (SELECT wrapped FROM secret WHERE name = '{name}' AND number = epoch.number)"
        )
        with op.batch_alter_table("epoch") as batch_op:
            batch_op.alter_column(column, existing_type=sa.LargeBinary(), nullable=False)
    op.drop_table("secret")

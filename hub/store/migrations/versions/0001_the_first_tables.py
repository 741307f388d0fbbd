"""The first tables, and the triggers that let the audit only grow."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from hub.store.columns import Document, Instant, Number

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", Number, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sqlmodel.AutoString(), nullable=False),
        sa.Column("action", sqlmodel.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.AutoString(), nullable=False),
        sa.Column("details", Document, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)

    op.create_table(
        "deployment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sqlmodel.AutoString(), nullable=False),
        sa.Column("identity", sqlmodel.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.AutoString(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    op.create_table(
        "epoch",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("kek", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_epoch")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sqlmodel.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.AutoString(), nullable=False),
        sa.Column("is_source", sa.Boolean(), nullable=False),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "audience_grant",
        sa.Column("organisation_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("audience", sqlmodel.AutoString(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_audience_grant_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "audience", name=op.f("pk_audience_grant")),
    )
    op.create_table(
        "report",
        sa.Column("id", sqlmodel.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("ref", sqlmodel.AutoString(), nullable=False),
        sa.Column("client_ref", sqlmodel.AutoString(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("report_type", sqlmodel.AutoString(), nullable=False),
        sa.Column("severity", sqlmodel.AutoString(), nullable=False),
        sa.Column("tlp", sqlmodel.AutoString(), nullable=False),
        sa.Column("shared_with", Document, nullable=False),
        sa.Column("is_import", sa.Boolean(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("embargo_until", Instant(), nullable=True),
        sa.Column("held_until", Instant(), nullable=True),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("filed_code", sa.LargeBinary(), nullable=False),
        sa.Column("upserted_code", sa.LargeBinary(), nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_report_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("organisation_id", "client_ref", name=op.f("uq_report_organisation_id_client_ref")),
        sa.UniqueConstraint("ref", name=op.f("uq_report_ref")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_filed_at"), ["filed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "standing_acceptance",
        sa.Column("organisation_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("audience", sqlmodel.AutoString(), nullable=False),
        sa.Column("accepted_by", sqlmodel.AutoString(), nullable=False),
        sa.Column("accepted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_standing_acceptance_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "audience", name=op.f("pk_standing_acceptance")),
    )
    op.create_table(
        "token",
        sa.Column("id", sqlmodel.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("roles", sqlmodel.AutoString(), nullable=False),
        sa.Column("label", sqlmodel.AutoString(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_token_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
    )
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_token_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "acceptance",
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("audience", sqlmodel.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.AutoString(), nullable=False),
        sa.Column("text_digest", sqlmodel.AutoString(), nullable=False),
        sa.Column("accepted_by", sqlmodel.AutoString(), nullable=False),
        sa.Column("accepted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_acceptance_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", "audience", "subject", name=op.f("pk_acceptance")),
    )
    op.create_table(
        "data_key",
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("purpose", sqlmodel.AutoString(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("is_admitted", sa.Boolean(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["epoch"], ["epoch.number"], name=op.f("fk_data_key_epoch_epoch")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_data_key_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", "revision", "purpose", name=op.f("pk_data_key")),
    )
    op.create_table(
        "receipt",
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_receipt_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", "revision", name=op.f("pk_receipt")),
    )
    op.create_table(
        "replay",
        sa.Column("organisation_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("key", sqlmodel.AutoString(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("answer", Document, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_replay_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_replay_report_id_report")),
        sa.PrimaryKeyConstraint("organisation_id", "key", name=op.f("pk_replay")),
    )
    with op.batch_alter_table("replay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_replay_created_at"), ["created_at"], unique=False)

    op.create_table(
        "revision",
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("filed_by", sqlmodel.AutoString(), nullable=False),
        sa.Column("clear", Document, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_pointers", Document, nullable=False),
        sa.Column("origins", Document, nullable=False),
        sa.Column("completeness", Document, nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("admitted_at", Instant(), nullable=True),
        sa.Column("fault", sqlmodel.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_revision_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", "revision", name=op.f("pk_revision")),
    )
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.create_index(
            "ix_revision_unadmitted",
            ["filed_at"],
            unique=False,
            sqlite_where=sa.text("admitted_at IS NULL AND fault IS NULL"),
            postgresql_where=sa.text("admitted_at IS NULL AND fault IS NULL"),
        )
    _append_only()


# What was done stays on record: neither a bug nor a query at the wrong prompt can rewrite it. (Whoever owns the
# database can drop a trigger; the Merkle log of a later migration is what shows that.)
SQLITE = """
CREATE TRIGGER audit_entry_{verb} BEFORE {verb} ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit entries are only ever added'); END
"""
# INSERT OR REPLACE deletes what stands in its way without firing a delete trigger.
SQLITE_REPLACE = """
CREATE TRIGGER audit_entry_replace BEFORE INSERT ON audit_entry WHEN NEW.seq IN (SELECT seq FROM audit_entry)
BEGIN SELECT RAISE(ABORT, 'audit entries are only ever added'); END
"""
POSTGRESQL = """
CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit entries are only ever added'; END $$;
CREATE TRIGGER audit_entry_refuse BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse();
CREATE TRIGGER audit_entry_refuse_truncate BEFORE TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()
"""


def _append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(SQLITE.format(verb=verb))
        op.execute(SQLITE_REPLACE)
    else:
        op.execute(POSTGRESQL)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entry_refuse CASCADE")
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_revision_unadmitted",
            sqlite_where=sa.text("admitted_at IS NULL AND fault IS NULL"),
            postgresql_where=sa.text("admitted_at IS NULL AND fault IS NULL"),
        )

    op.drop_table("revision")
    with op.batch_alter_table("replay", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_replay_created_at"))

    op.drop_table("replay")
    op.drop_table("receipt")
    op.drop_table("data_key")
    op.drop_table("acceptance")
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_token_organisation_id"))

    op.drop_table("token")
    op.drop_table("standing_acceptance")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_report_filed_at"))

    op.drop_table("report")
    op.drop_table("audience_grant")
    op.drop_table("organisation")
    op.drop_table("epoch")
    op.drop_table("deployment")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_at"))

    op.drop_table("audit_entry")

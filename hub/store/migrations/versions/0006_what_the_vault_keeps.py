"""What the vault keeps: proposals, work sessions, tags, erasures, restores, attachments."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from hub.store.columns import Document, Instant, Number, Sortable

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sqlmodel.AutoString
MADE = (
    "attachment_chunk",
    "attachment",
    "recovery",
    "erasure",
    "retention_rule",
    "blind_tag",
    "work_session",
    "proposal",
)


def upgrade() -> None:
    _people()
    _vault()
    _files()


def _people() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", TEXT(), nullable=False),
        sa.Column("action", TEXT(), nullable=False),
        sa.Column("subject", TEXT(), nullable=False),
        sa.Column("details", Document, nullable=False),
        sa.Column("why", TEXT(), nullable=False),
        sa.Column("person", TEXT(), nullable=False),
        sa.Column("actor", TEXT(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("cools_until", Instant(), nullable=True),
        sa.Column("approver", TEXT(), nullable=True),
        sa.Column("approved_by", TEXT(), nullable=True),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("refused_at", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index("ix_proposal_action_subject", "proposal", ["action", "subject"])
    op.create_table(
        "work_session",
        sa.Column("id", TEXT(), nullable=False),
        sa.Column("token_id", TEXT(), nullable=False),
        sa.Column("person", TEXT(), nullable=False),
        sa.Column("purpose", TEXT(), nullable=False),
        sa.Column("scope", Document, nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("is_agreed", sa.Boolean(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["token_id"], ["token.id"], name=op.f("fk_work_session_token_id_token")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_session")),
    )
    op.create_index("ix_work_session_person_opened_at", "work_session", ["person", "opened_at"])


def _vault() -> None:
    op.create_table(
        "blind_tag",
        sa.Column("field", Sortable, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tag", Number, autoincrement=False, nullable=False),
        sa.Column("report_id", TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_blind_tag_report_id_report")),
        sa.PrimaryKeyConstraint("field", "version", "tag", "report_id", name=op.f("pk_blind_tag")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_blind_tag_report", "blind_tag", ["report_id"])
    op.create_table(
        "retention_rule",
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("erases", TEXT(), nullable=False),
        sa.Column("report_type", TEXT(), nullable=True),
        sa.Column("state", TEXT(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("why", TEXT(), nullable=False),
        sa.Column("set_by", TEXT(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_retention_rule")),
    )
    op.create_table(
        "erasure",
        sa.Column("report_id", TEXT(), nullable=False),
        sa.Column("erases", TEXT(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("actor", TEXT(), nullable=False),
        sa.Column("why", TEXT(), nullable=False),
        sa.Column("rule", TEXT(), nullable=True),
        sa.Column("at", Instant(), nullable=True),
        sa.Column("record", sa.LargeBinary(), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("lapses_at", Instant(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_erasure_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", "erases", name=op.f("pk_erasure")),
    )
    op.create_index(
        "ix_erasure_open",
        "erasure",
        ["begun_at"],
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "recovery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("restored_at", Instant(), nullable=False),
        sa.Column("digest", TEXT(), nullable=False),
        sa.Column("replayed_at", Instant(), nullable=True),
        sa.Column("replayed", Document, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
    )


def _files() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", TEXT(), nullable=False),
        sa.Column("report_id", TEXT(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("size", Number, autoincrement=False, nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("filed_by", TEXT(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("verified_at", Instant(), nullable=True),
        sa.Column("fault", TEXT(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_attachment_report_id_report")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_report_id"), "attachment", ["report_id"])
    op.create_index(op.f("ix_attachment_state"), "attachment", ["state"])
    op.create_table(
        "attachment_chunk",
        sa.Column("attachment_id", TEXT(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("slip", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_attachment_chunk_attachment_id_attachment")
        ),
        sa.PrimaryKeyConstraint("attachment_id", "number", name=op.f("pk_attachment_chunk")),
    )


def downgrade() -> None:
    for name in MADE:
        op.drop_table(name)

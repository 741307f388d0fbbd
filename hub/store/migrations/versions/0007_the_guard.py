"""The guard: its verdicts, and what analysts decided about them; of each release what it left behind."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from hub.store.columns import Document, Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sqlmodel.AutoString


def upgrade() -> None:
    op.create_table(
        "guard_verdict",
        sa.Column("feed", TEXT(), nullable=False),
        sa.Column("report_id", TEXT(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("triage", sa.Integer(), nullable=False),
        sa.Column("digest", TEXT(), nullable=False),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("hits", Document, nullable=False),
        sa.Column("warnings", Document, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.name"], name=op.f("fk_guard_verdict_feed_feed")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_guard_verdict_report_id_report")),
        sa.PrimaryKeyConstraint("feed", "report_id", name=op.f("pk_guard_verdict")),
    )
    op.create_index(op.f("ix_guard_verdict_report_id"), "guard_verdict", ["report_id"])
    op.create_index(
        "ix_guard_verdict_waiting",
        "guard_verdict",
        ["feed", "since"],
        sqlite_where=sa.text("state <> 'passed'"),
        postgresql_where=sa.text("state <> 'passed'"),
    )
    op.create_table(
        "guard_decision",
        sa.Column("report_id", TEXT(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("audience", TEXT(), nullable=False),
        sa.Column("decision", TEXT(), nullable=False),
        sa.Column("hits", Document, nullable=False),
        sa.Column("why", TEXT(), nullable=False),
        sa.Column("person", TEXT(), nullable=False),
        sa.Column("actor", TEXT(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("second_why", TEXT(), nullable=True),
        sa.Column("second_person", TEXT(), nullable=True),
        sa.Column("second_actor", TEXT(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_guard_decision_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", "number", name=op.f("pk_guard_decision")),
    )
    with op.batch_alter_table("release") as release:
        release.add_column(sa.Column("eligible", sa.Integer(), nullable=True))
        release.add_column(sa.Column("reports", sa.Integer(), nullable=True))
        release.add_column(sa.Column("held", Document, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("release") as release:
        for name in ("held", "reports", "eligible"):
            release.drop_column(name)
    op.drop_table("guard_decision")
    op.drop_table("guard_verdict")

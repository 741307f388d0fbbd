"""The tables of what leaves: feeds, what is due for them, their releases and entries."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from hub.store.columns import Instant, Number

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("name", sqlmodel.AutoString(), nullable=False),
        sa.Column("collection_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("last_release", sa.Integer(), nullable=False),
        sa.Column("last_position", Number, nullable=False),
        sa.Column("last_added_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feed")),
        sa.UniqueConstraint("collection_id", name=op.f("uq_feed_collection_id")),
    )
    op.create_table(
        "feed_policy",
        sa.Column("feed", sqlmodel.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("policy", sqlmodel.AutoString(), nullable=False),
        sa.Column("digest", sqlmodel.AutoString(), nullable=False),
        sa.Column("applied_by", sqlmodel.AutoString(), nullable=False),
        sa.Column("applied_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "version", name=op.f("pk_feed_policy")),
    )
    op.create_table(
        "publisher",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sqlmodel.AutoString(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publisher")),
    )
    op.create_table(
        "entry",
        sa.Column("feed", sqlmodel.AutoString(), nullable=False),
        sa.Column("position", Number, autoincrement=False, nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("stix_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.AutoString(), nullable=False),
        sa.Column("version", sqlmodel.AutoString(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("report_id", sqlmodel.AutoString(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("is_revoked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.name"], name=op.f("fk_entry_feed_feed")),
        sa.PrimaryKeyConstraint("feed", "position", name=op.f("pk_entry")),
        sa.UniqueConstraint("feed", "added_at", name=op.f("uq_entry_feed_added_at")),
        sa.UniqueConstraint("feed", "stix_id", "version", name=op.f("uq_entry_feed_stix_id_version")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index("ix_entry_report", ["feed", "report_id"], unique=False)

    op.create_table(
        "release",
        sa.Column("feed", sqlmodel.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("released_at", Instant(), nullable=False),
        sa.Column("policy_digest", sqlmodel.AutoString(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("revoked", sa.Integer(), nullable=False),
        sa.Column("digest", sqlmodel.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.name"], name=op.f("fk_release_feed_feed")),
        sa.PrimaryKeyConstraint("feed", "number", name=op.f("pk_release")),
    )
    op.create_table(
        "due",
        sa.Column("feed", sqlmodel.AutoString(), nullable=False),
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("queued_at", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("gate", sqlmodel.AutoString(), nullable=True),
        sa.Column("is_parked", sa.Boolean(), nullable=False),
        sa.Column("fault", sqlmodel.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["feed"], ["feed.name"], name=op.f("fk_due_feed_feed")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_due_report_id_report")),
        sa.PrimaryKeyConstraint("feed", "report_id", name=op.f("pk_due")),
    )
    with op.batch_alter_table("due", schema=None) as batch_op:
        batch_op.create_index("ix_due_open", ["feed", "not_before"], unique=False)

    op.create_table(
        "presence",
        sa.Column("feed", sqlmodel.AutoString(), nullable=False),
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("namespace", sa.LargeBinary(), nullable=False),
        sa.Column("ref", sqlmodel.AutoString(), nullable=False),
        sa.Column("mode", sqlmodel.AutoString(), nullable=False),
        sa.Column("tlp", sqlmodel.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["feed"], ["feed.name"], name=op.f("fk_presence_feed_feed")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_presence_report_id_report")),
        sa.PrimaryKeyConstraint("feed", "report_id", "generation", name=op.f("pk_presence")),
        sa.UniqueConstraint("ref", name=op.f("uq_presence_ref")),
    )
    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.create_index(
            "ix_presence_live",
            ["feed", "report_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_presence_live", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )

    op.drop_table("presence")
    with op.batch_alter_table("due", schema=None) as batch_op:
        batch_op.drop_index("ix_due_open")

    op.drop_table("due")
    op.drop_table("release")
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index("ix_entry_report")

    op.drop_table("entry")
    op.drop_table("publisher")
    op.drop_table("feed_policy")
    op.drop_table("feed")

"""What comes back: inboxes and posts; and pages and selections of what leaves."""

from secrets import token_hex
from uuid import uuid4

import sqlalchemy as sa
import sqlmodel
from alembic import op

from hub.store.columns import Document, Instant, Number

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PAGE = 1000  # hub.store.pages.SIZE, as it was when these tables were made


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("organisation_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("collection_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("last_position", Number, autoincrement=False, nullable=False),
        sa.Column("last_added_at", Instant(), nullable=True),
        sa.Column("posts", Number, autoincrement=False, nullable=False),
        sa.Column("size", Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_inbox_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("collection_id", name=op.f("uq_inbox_collection_id")),
    )
    op.create_table(
        "page",
        sa.Column("feed", sqlmodel.AutoString(), nullable=False),
        sa.Column("number", Number, autoincrement=False, nullable=False),
        sa.Column("tag", sqlmodel.AutoString(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.name"], name=op.f("fk_page_feed_feed")),
        sa.PrimaryKeyConstraint("feed", "number", name=op.f("pk_page")),
        sa.UniqueConstraint("feed", "last_at", name=op.f("uq_page_feed_last_at")),
    )
    op.create_table(
        "selection",
        sa.Column("name", sqlmodel.AutoString(), nullable=False),
        sa.Column("feed", sqlmodel.AutoString(), nullable=False),
        sa.Column("collection_id", sqlmodel.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.name"], name=op.f("fk_selection_feed_feed")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_selection")),
        sa.UniqueConstraint("collection_id", name=op.f("uq_selection_collection_id")),
    )
    op.create_table(
        "post",
        sa.Column("organisation_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("position", Number, autoincrement=False, nullable=False),
        sa.Column("stix_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.AutoString(), nullable=False),
        sa.Column("version", sqlmodel.AutoString(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("posted_by", sqlmodel.AutoString(), nullable=False),
        sa.Column("report_id", sqlmodel.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["inbox.organisation_id"], name=op.f("fk_post_organisation_id_inbox")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_post_report_id_report")),
        sa.PrimaryKeyConstraint("organisation_id", "position", name=op.f("pk_post")),
        sa.UniqueConstraint("organisation_id", "added_at", name=op.f("uq_post_organisation_id_added_at")),
        sa.UniqueConstraint(
            "organisation_id", "stix_id", "version", name=op.f("uq_post_organisation_id_stix_id_version")
        ),
    )
    op.create_index("ix_post_kind", "post", ["organisation_id", "kind", "position"])
    op.create_table(
        "post_status",
        sa.Column("id", sqlmodel.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["inbox.organisation_id"], name=op.f("fk_post_status_organisation_id_inbox")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_status")),
    )
    op.create_index(op.f("ix_post_status_requested_at"), "post_status", ["requested_at"])
    op.create_table(
        "remark",
        sa.Column("organisation_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("stix_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.AutoString(), nullable=False),
        sa.Column("feed", sqlmodel.AutoString(), nullable=False),
        sa.Column("about", sqlmodel.AutoString(), nullable=False),
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("said", Document, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.name"], name=op.f("fk_remark_feed_feed")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["inbox.organisation_id"], name=op.f("fk_remark_organisation_id_inbox")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_remark_report_id_report")),
        sa.PrimaryKeyConstraint("organisation_id", "stix_id", "report_id", name=op.f("pk_remark")),
    )
    op.create_index(op.f("ix_remark_report_id"), "remark", ["report_id"])
    op.create_index("ix_entry_kind", "entry", ["feed", "kind", "is_last", "position"])
    _fill()


def _fill() -> None:
    """Pages for what was released, and an inbox for every organisation that can have tokens."""
    base = op.get_bind()
    shows = f"SELECT feed, (position - 1) / {PAGE} AS number, min(added_at) AS first_at, max(added_at) AS last_at"
    shown = base.execute(sa.text(f"{shows} FROM entry WHERE is_last GROUP BY 1, 2")).mappings().all()
    pages = [{**one, "tag": token_hex(16)} for one in shown]
    if pages:
        into = (
            "INSERT INTO page (feed, number, tag, first_at, last_at) VALUES (:feed, :number, :tag, :first_at, :last_at)"
        )
        base.execute(sa.text(into), pages)
    members = base.execute(sa.text("SELECT id FROM organisation WHERE NOT is_source")).scalars().all()
    if members:
        columns = "organisation_id, collection_id, last_position, posts, size"
        into = f"INSERT INTO inbox ({columns}) VALUES (:id, :collection, 0, 0, 0)"  # noqa: S608 - no value in it
        base.execute(sa.text(into), [{"id": one, "collection": str(uuid4())} for one in members])


def downgrade() -> None:
    op.drop_index("ix_entry_kind", table_name="entry")
    for name in ("remark", "post_status", "post", "selection", "page", "inbox"):
        op.drop_table(name)

"""The desk: overlay, holds, text for release, cases; the search index, statistics, allowances."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from hub.store.columns import Document, Instant, Number, Sortable

# What the operator's numbers are read from: a few rows of many (hub/store/measures.py).
MEASURED = (
    ("ix_report_withdrawn", "report", ["id"], "withdrawn_at IS NOT NULL"),
    ("ix_revision_quarantined", "revision", ["report_id"], "fault IS NOT NULL"),
    ("ix_due_waiting", "due", ["feed", "gate"], "NOT is_parked"),
    ("ix_due_faulty", "due", ["feed"], "fault IS NOT NULL"),
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT_INDEX = {
    "sqlite": 'CREATE VIRTUAL TABLE search_text USING fts5 (body, tokenize = "unicode61 remove_diacritics 2")',
    "postgresql": "CREATE TABLE search_text (number bigint PRIMARY KEY, body tsvector NOT NULL)",
}


def upgrade() -> None:
    op.create_table(
        "case_file",
        sa.Column("id", sqlmodel.AutoString(), nullable=False),
        sa.Column("ref", sqlmodel.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.AutoString(), nullable=False),
        sa.Column("opened_by", sqlmodel.AutoString(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("ref", name=op.f("uq_case_file_ref")),
    )
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_file_opened_at"), ["opened_at"], unique=False)

    op.create_table(
        "search_count",
        sa.Column("field", Sortable, nullable=False),
        sa.Column("value", Sortable, nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("field", "value", name=op.f("pk_search_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_sweep",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_sweep")),
    )
    op.create_table(
        "search_term",
        sa.Column("field", Sortable, nullable=False),
        sa.Column("value", Sortable, nullable=False),
        sa.Column("number", Number, autoincrement=False, nullable=False),
        sa.Column("upto", Sortable, nullable=False),
        sa.PrimaryKeyConstraint("field", "value", "number", name=op.f("pk_search_term")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("search_term", schema=None) as batch_op:
        batch_op.create_index("ix_search_term_number", ["number", "field", "value"], unique=False)

    op.create_table(
        "tally",
        sa.Column("feed", sqlmodel.AutoString(), nullable=False),
        sa.Column("field", sqlmodel.AutoString(), nullable=False),
        sa.Column("value", sqlmodel.AutoString(), nullable=False),
        sa.Column("month", sqlmodel.AutoString(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.name"], name=op.f("fk_tally_feed_feed")),
        sa.PrimaryKeyConstraint("feed", "field", "value", "month", name=op.f("pk_tally")),
    )
    op.create_table(
        "allowance",
        sa.Column("token_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.AutoString(), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["token.id"], name=op.f("fk_allowance_token_id_token")),
        sa.PrimaryKeyConstraint("token_id", "kind", name=op.f("pk_allowance")),
    )
    op.create_table(
        "case_report",
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("case_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("added_by", sqlmodel.AutoString(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("why", sqlmodel.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_report_case_id_case_file")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_case_report_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_case_report")),
    )
    with op.batch_alter_table("case_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_report_case_id"), ["case_id"], unique=False)

    op.create_table(
        "hold",
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.AutoString(), nullable=False),
        sa.Column("placed_by", sqlmodel.AutoString(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_hold_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_hold")),
    )
    op.create_table(
        "release_text",
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sqlmodel.AutoString(), nullable=False),
        sa.Column("why", sqlmodel.AutoString(), nullable=False),
        sa.Column("text", Document, nullable=False),
        sa.Column("base_digest", sqlmodel.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_release_text_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", "number", name=op.f("pk_release_text")),
    )
    op.create_table(
        "search_row",
        sa.Column("number", Number, autoincrement=False, nullable=False),
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("organisation_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("revised_at", Instant(), nullable=False),
        sa.Column("aware_at", Instant(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_search_row_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_search_row_report_id_report")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_row")),
        sa.UniqueConstraint("report_id", name=op.f("uq_search_row_report_id")),
    )
    with op.batch_alter_table("search_row", schema=None) as batch_op:
        batch_op.create_index("ix_search_row_aware", ["aware_at", "number"], unique=False)
        batch_op.create_index("ix_search_row_filed", ["filed_at", "number"], unique=False)
        batch_op.create_index("ix_search_row_organisation", ["organisation_id", "number"], unique=False)
        batch_op.create_index("ix_search_row_revised", ["revised_at", "number"], unique=False)
        batch_op.create_index("ix_search_row_severity", ["severity", "number"], unique=False)

    op.create_table(
        "triage",
        sa.Column("report_id", sqlmodel.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sqlmodel.AutoString(), nullable=False),
        sa.Column("why", sqlmodel.AutoString(), nullable=False),
        sa.Column("asserted", Document, nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_triage_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", "number", name=op.f("pk_triage")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.add_column(sa.Column("indexed_stamp", sa.Integer(), nullable=False, server_default="-1"))
        batch_op.add_column(sa.Column("triage", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("staff_hold_until", Instant(), nullable=True))
        batch_op.create_index(
            "ix_report_unindexed",
            ["filed_at"],
            unique=False,
            sqlite_where=sa.text("indexed_stamp <> stamp"),
            postgresql_where=sa.text("indexed_stamp <> stamp"),
        )
    for name, table, columns, where in MEASURED:
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.execute(TEXT_INDEX[op.get_bind().dialect.name])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_search_text_body ON search_text USING gin (body)")
        # A narrative under 8 KB lies in its row, not in pieces beside it: reading it for a scan costs a quarter.
        op.execute("ALTER TABLE revision SET (toast_tuple_target = 8160)")


def downgrade() -> None:
    op.execute("DROP TABLE search_text")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE revision RESET (toast_tuple_target)")
    for name, table, _, _ in MEASURED:
        op.drop_index(name, table_name=table)
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_report_unindexed",
            sqlite_where=sa.text("indexed_stamp <> stamp"),
            postgresql_where=sa.text("indexed_stamp <> stamp"),
        )
        batch_op.drop_column("staff_hold_until")
        batch_op.drop_column("triage")
        batch_op.drop_column("indexed_stamp")

    op.drop_table("triage")
    with op.batch_alter_table("search_row", schema=None) as batch_op:
        batch_op.drop_index("ix_search_row_severity")
        batch_op.drop_index("ix_search_row_revised")
        batch_op.drop_index("ix_search_row_organisation")
        batch_op.drop_index("ix_search_row_filed")
        batch_op.drop_index("ix_search_row_aware")

    op.drop_table("search_row")
    op.drop_table("release_text")
    op.drop_table("hold")
    with op.batch_alter_table("case_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_report_case_id"))

    op.drop_table("case_report")
    op.drop_table("allowance")
    op.drop_table("tally")
    with op.batch_alter_table("search_term", schema=None) as batch_op:
        batch_op.drop_index("ix_search_term_number")

    op.drop_table("search_term")
    op.drop_table("search_sweep")
    op.drop_table("search_count")
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_file_opened_at"))

    op.drop_table("case_file")

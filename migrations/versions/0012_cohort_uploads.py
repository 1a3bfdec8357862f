"""Create the tables of cohort files on their way in.

Revision: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True)
COUNTS = ("n_rows", "n_refused", "n_new", "n_changed", "n_unchanged", "n_created", "n_replaced")


def upgrade() -> None:
    op.create_table(
        "cohort_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=True),
        sa.Column("finishes_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("n_bytes", sa.Integer(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("report", JSON, nullable=False),
        *(sa.Column(count, sa.Integer(), nullable=False) for count in COUNTS),
        sa.Column("sent_by_key_id", sa.Uuid(), nullable=True),
        sa.Column("sent_by_account_id", sa.Uuid(), nullable=True),
        sa.Column("sent_by_role", sa.String(32), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_upload")),
        sa.ForeignKeyConstraint(
            ["institution_id", "partnership_id"],
            ["organisation.id", "organisation.partnership_id"],
            name=op.f("fk_cohort_upload_institution_id_partnership_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_upload_cohort_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_cohort_upload_job_id"), ondelete="SET NULL"
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_cohort_upload_{column}"))
            for column, table in (
                ("partnership_id", "partnership"),
                ("sent_by_key_id", "api_key"),
                ("sent_by_account_id", "staff_account"),
            )
        ),
        sa.CheckConstraint(
            "state IN ('received', 'validating', 'needs_attention', 'ready', 'committed', 'failed',"
            " 'discarded')",
            name=op.f("ck_cohort_upload_uploadstate"),
        ),
        sa.CheckConstraint(
            "sent_by_role IN ('employer', 'institution', 'reviewer', 'admin', 'auditor')",
            name=op.f("ck_cohort_upload_role"),
        ),
        sa.CheckConstraint(
            "length(external_id) BETWEEN 1 AND 200", name=op.f("ck_cohort_upload_external_id_length")
        ),
        sa.CheckConstraint(
            "sent_by_key_id IS NULL OR sent_by_account_id IS NULL", name=op.f("ck_cohort_upload_sent_by_one")
        ),
        sa.CheckConstraint(
            " AND ".join(f"{count} >= 0" for count in COUNTS),
            name=op.f("ck_cohort_upload_counts_not_negative"),
        ),
        sa.CheckConstraint(
            "state <> 'committed' OR cohort_id IS NOT NULL",
            name=op.f("ck_cohort_upload_committed_to_a_cohort"),
        ),
    )
    for columns in (["partnership_id", "id"], ["cohort_id"], ["state", "expires_at"]):
        op.create_index(op.f(f"ix_cohort_upload_{'_'.join(columns)}"), "cohort_upload", columns)
    op.create_table(
        "cohort_upload_content",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("mended", JSON, nullable=False),
        sa.Column("phrases", JSON, nullable=False),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_cohort_upload_content")),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["cohort_upload.id"],
            name=op.f("fk_cohort_upload_content_upload_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "remembered_column",
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "header", name=op.f("pk_remembered_column")),
        sa.ForeignKeyConstraint(
            ["institution_id", "partnership_id"],
            ["organisation.id", "organisation.partnership_id"],
            name=op.f("fk_remembered_column_institution_id_partnership_id"),
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_remembered_column_partnership_id")
        ),
        sa.CheckConstraint(
            "length(header) BETWEEN 1 AND 200", name=op.f("ck_remembered_column_header_length")
        ),
    )


def downgrade() -> None:
    for table in ("remembered_column", "cohort_upload_content", "cohort_upload"):
        op.drop_table(table)

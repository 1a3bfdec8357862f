"""Keep what a job is about, what it found, and when its present stage began.

Revision: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("subject_id", sa.Uuid(), nullable=True))
    op.add_column("job", sa.Column("progress_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job", sa.Column("result", sa.JSON(none_as_null=True), nullable=True))
    op.create_index(op.f("ix_job_subject_id"), "job", ["subject_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_job_subject_id"), "job")
    for column in ("result", "progress_since", "subject_id"):
        op.drop_column("job", column)

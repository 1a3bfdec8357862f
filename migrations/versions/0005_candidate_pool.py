"""Count the changes of who may be ranked, and keep candidates as they were linked.

Revision: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


_INDEX = "ix_candidate_profile_partnership_id_pool_change"


def _count() -> sa.Column[int]:
    return sa.Column("pool_change", sa.Integer(), nullable=False, server_default="0")


def upgrade() -> None:
    # In place on SQLite, too: copying a table that others refer to would take their rows along.
    op.add_column("partnership", _count())
    op.add_column("candidate_profile", _count())
    op.create_index(op.f(_INDEX), "candidate_profile", ["partnership_id", "pool_change"])
    op.create_table(
        "prepared_candidate",
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_version", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["candidate_profile.id"],
            name=op.f("fk_prepared_candidate_candidate_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("candidate_id", name=op.f("pk_prepared_candidate")),
    )


def downgrade() -> None:
    op.drop_table("prepared_candidate")
    op.drop_index(op.f(_INDEX), "candidate_profile")
    op.drop_column("candidate_profile", "pool_change")
    op.drop_column("partnership", "pool_change")

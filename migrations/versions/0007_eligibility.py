"""Keep with each match what eligibility says, how the candidate sees it, and who is listed apart.

Revision: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEYS = (
    (["candidate_id"], ["candidate_profile.id"], None),
    (["run_id"], ["match_run.id"], "CASCADE"),
    (["vacancy_id"], ["vacancy.id"], None),
)


def upgrade() -> None:
    # In place on SQLite, too: copying a table that others refer to would take their rows along.
    op.add_column("match", sa.Column("eligibility", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("match", sa.Column("candidate_side", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("match", sa.Column("near_duplicates", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("match_contribution", sa.Column("source", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "match_apart",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("eligibility", sa.JSON(), nullable=False),
        sa.Column("candidate_side", sa.JSON(), nullable=False),
        sa.Column("contributions", sa.JSON(), nullable=False),
        sa.CheckConstraint("place >= 1", name=op.f("ck_match_apart_place_positive")),
        sa.CheckConstraint("score BETWEEN 0 AND 1", name=op.f("ck_match_apart_score_range")),
        *(
            sa.ForeignKeyConstraint(here, there, name=op.f(f"fk_match_apart_{here[0]}"), ondelete=ondelete)
            for here, there, ondelete in _KEYS
        ),
        sa.PrimaryKeyConstraint("run_id", "vacancy_id", "candidate_id", name=op.f("pk_match_apart")),
    )
    for column in ("candidate_id", "vacancy_id"):
        op.create_index(op.f(f"ix_match_apart_{column}"), "match_apart", [column])


def downgrade() -> None:
    op.drop_table("match_apart")
    op.drop_column("match_contribution", "source")
    op.drop_column("match", "near_duplicates")
    op.drop_column("match", "candidate_side")
    op.drop_column("match", "eligibility")

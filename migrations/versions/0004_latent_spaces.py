"""Create the table of latent spaces, which are learned from releases.

Revision: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "taxonomy_latent_space",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["taxonomy_release.id"],
            name=op.f("fk_taxonomy_latent_space_release_id"),
        ),
        sa.PrimaryKeyConstraint("release_id", "fingerprint", name=op.f("pk_taxonomy_latent_space")),
    )


def downgrade() -> None:
    op.drop_table("taxonomy_latent_space")

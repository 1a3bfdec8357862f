"""Create the table of weight profiles.

Revision: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
APPROVED = sa.text("state = 'approved'")


def upgrade() -> None:
    op.create_table(
        "weight_profile",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("weights", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("proposed_by_key_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by_key_id", sa.Uuid(), nullable=True),
        sa.Column("ended_by_key_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weight_profile")),
        sa.UniqueConstraint(
            "partnership_id", "name", "number", name=op.f("uq_weight_profile_partnership_id_name_number")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_weight_profile_{column}"))
            for column, table in (
                ("partnership_id", "partnership"),
                ("proposed_by_key_id", "api_key"),
                ("approved_by_key_id", "api_key"),
                ("ended_by_key_id", "api_key"),
            )
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'superseded', 'withdrawn')",
            name=op.f("ck_weight_profile_weightsstate"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_weight_profile_number_positive")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 40", name=op.f("ck_weight_profile_name_length")),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 1000", name=op.f("ck_weight_profile_reason_length")),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'superseded') OR approved_at IS NOT NULL",
            name=op.f("ck_weight_profile_was_approved"),
        ),
        sa.CheckConstraint(
            "approved_at IS NULL OR COALESCE(approved_by_key_id <> proposed_by_key_id,"
            " (approved_by_key_id IS NULL) <> (proposed_by_key_id IS NULL))",
            name=op.f("ck_weight_profile_two_persons"),
        ),
    )
    op.create_index(
        "uq_weight_profile_in_force",
        "weight_profile",
        ["partnership_id"],
        unique=True,
        sqlite_where=APPROVED,
        postgresql_where=APPROVED,
    )
    op.create_index(op.f("ix_weight_profile_partnership_id_id"), "weight_profile", ["partnership_id", "id"])


def downgrade() -> None:
    op.drop_table("weight_profile")

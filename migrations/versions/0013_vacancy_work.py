"""Create the tables of who has a vacancy, and of decisions on requirements.

Revision: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "vacancy_assignment",
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("vacancy_id", name=op.f("pk_vacancy_assignment")),
        *_keys_to(
            "vacancy_assignment",
            vacancy_id="vacancy",
            partnership_id="partnership",
            account_id="staff_account",
        ),
    )
    op.create_index(op.f("ix_vacancy_assignment_account_id"), "vacancy_assignment", ["account_id"])
    op.create_table(
        "settled_requirement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("found_uri", sa.Text(), nullable=True),
        sa.Column("settled", sa.String(32), nullable=True),
        sa.Column("decided_uri", sa.Text(), nullable=True),
        sa.Column("importance", sa.String(32), nullable=True),
        sa.Column("requirements_version", sa.Integer(), nullable=False),
        sa.Column("decided_by_key_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by_account_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settled_requirement")),
        sa.UniqueConstraint("vacancy_id", "number", name=op.f("uq_settled_requirement_vacancy_id_number")),
        *_keys_to(
            "settled_requirement",
            partnership_id="partnership",
            vacancy_id="vacancy",
            decided_by_key_id="api_key",
            decided_by_account_id="staff_account",
        ),
        sa.CheckConstraint(
            "settled IN ('confirmed', 'corrected', 'dropped')", name=op.f("ck_settled_requirement_settled")
        ),
        sa.CheckConstraint(
            "importance IN ('essential', 'optional')", name=op.f("ck_settled_requirement_importance")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_settled_requirement_number_positive")),
        sa.CheckConstraint(
            "phrase <> '' OR found_uri IS NOT NULL", name=op.f("ck_settled_requirement_names_something")
        ),
        sa.CheckConstraint(
            "decided_uri IS NULL OR (settled IS NOT NULL AND settled <> 'dropped')",
            name=op.f("ck_settled_requirement_concept_is_decided"),
        ),
        sa.CheckConstraint(
            "decided_by_key_id IS NULL OR decided_by_account_id IS NULL",
            name=op.f("ck_settled_requirement_decided_by_one"),
        ),
    )


def downgrade() -> None:
    op.drop_table("settled_requirement")
    op.drop_table("vacancy_assignment")


def _keys_to(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in columns.items()
    ]

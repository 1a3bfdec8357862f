"""Keep what a vacancy demands and what a candidate states beside skills.

Revision: 0006
Revises: 0005
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


_OBJECTS = (
    ("vacancy", "conditions"),
    ("candidate_profile", "circumstances"),
    ("vacancy_language", "own_levels"),
    ("candidate_language", "own_levels"),
)


def _object(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default="{}")


def upgrade() -> None:
    # In place on SQLite, too: copying a table that others refer to would take their rows along.
    for table, column in _OBJECTS:
        op.add_column(table, _object(column))
    # As text: adding a column with its CHECK constraint in place is something that both databases
    # do alike, and Alembic on SQLite only by copying the table.
    op.execute(
        "ALTER TABLE vacancy_language ADD COLUMN need VARCHAR(32) DEFAULT 'must' NOT NULL"
        " CONSTRAINT ck_vacancy_language_need CHECK (need IN ('must', 'desired'))"
    )


def downgrade() -> None:
    op.drop_column("vacancy_language", "need")
    for table, column in reversed(_OBJECTS):
        op.drop_column(table, column)

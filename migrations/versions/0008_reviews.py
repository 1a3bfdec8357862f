"""Create the table of decisions on pairs, and keep with each match which profile was ranked.

Revision: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATES = (
    "proposed", "shortlisted", "rejected", "info_requested", "deferred", "introduced", "accepted", "declined",
    "lapsed",
)  # fmt: skip
REASONS = (
    "skills_missing", "experience_too_short", "language_too_low", "qualification_missing", "not_available",
    "conditions_differ", "candidate_not_interested", "profile_doubtful", "others_fit_better",
    "openings_filled", "facts_missing", "facts_confirmed", "fix_agreed", "strengths_not_in_profile",
    "employer_asked", "no_answer", "facts_changed", "decided_by_mistake", "other",
)  # fmt: skip
# Name of the constraint, column, values.
ENUMS = (
    ("reviewstate", "state", STATES),
    ("reviewreason", "reason", REASONS),
    ("verdict", "verdict", ("yes", "no", "unknown")),
    ("role", "decided_by_role", ("employer", "institution", "reviewer", "admin", "auditor")),
)
CHECKS = {
    "number_positive": "number >= 1",
    "note_length": "length(note) <= 1000",
    "no_has_reason": "state NOT IN ('rejected', 'declined') OR reason IS NOT NULL",
    "override_has_reason": "NOT is_override OR reason IS NOT NULL",
    "run_is_pinned": "(run_id IS NULL) = (rank IS NULL) AND (run_id IS NULL) = (score IS NULL)"
    " AND (run_id IS NULL) = (verdict IS NULL)",
}
KEYS = (
    ("partnership_id", "partnership"),
    ("vacancy_id", "vacancy"),
    ("candidate_id", "candidate_profile"),
    ("run_id", "match_run"),
    ("decided_by_key_id", "api_key"),
)
# All but the note, which may hold what a person asks to have erased.
FINAL = (
    "id", "partnership_id", "vacancy_id", "candidate_id", "number", "state", "reason", "is_override",
    "run_id", "rank", "score", "verdict", "requirements_version", "candidate_version",
    "decided_by_key_id", "decided_by_role", "decided_at",
)  # fmt: skip
FINAL_SQLITE = """
CREATE TRIGGER review_no_{name} BEFORE {event} ON review
BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END
"""
FINAL_POSTGRESQL = f"""
CREATE FUNCTION review_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'reviews are append-only'; END $$;
CREATE TRIGGER review_append_only BEFORE UPDATE OF {", ".join(FINAL)} OR DELETE OR TRUNCATE ON review
EXECUTE FUNCTION review_is_append_only()
"""


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_override", sa.Boolean(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("verdict", sa.String(32), nullable=True),
        sa.Column("requirements_version", sa.Integer(), nullable=False),
        sa.Column("candidate_version", sa.Integer(), nullable=False),
        sa.Column("decided_by_key_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by_role", sa.String(32), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint(
            "vacancy_id", "candidate_id", "number", name=op.f("uq_review_vacancy_id_candidate_id_number")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_review_{column}"))
            for column, table in KEYS
        ),
        *(
            sa.CheckConstraint(f"{column} IN ({_quoted(values)})", name=op.f(f"ck_review_{name}"))
            for name, column, values in ENUMS
        ),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_review_{name}")) for name, rule in CHECKS.items()),
    )
    op.create_index(op.f("ix_review_candidate_id"), "review", ["candidate_id"])
    op.create_index(op.f("ix_review_partnership_id_id"), "review", ["partnership_id", "id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(FINAL_SQLITE.format(name="update", event=f"UPDATE OF {', '.join(FINAL)}"))
        op.execute(FINAL_SQLITE.format(name="delete", event="DELETE"))
    else:
        op.execute(FINAL_POSTGRESQL)
    for table in ("match", "match_apart"):
        # In place on SQLite, too: copying a table that others refer to would take their rows along.
        op.add_column(table, sa.Column("candidate_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    for table in ("match_apart", "match"):
        op.drop_column(table, "candidate_version")
    op.drop_table("review")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION review_is_append_only()")


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)

"""Create the tables of claims, opinions, ratings and looks at identities; let deferred pairs come back.

Revision: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
STATES = (
    "proposed", "shortlisted", "rejected", "info_requested", "deferred", "introduced", "accepted", "declined",
    "lapsed",
)  # fmt: skip
OPINIONS = ("shortlisted", "rejected", "info_requested", "deferred")
REASONS = (
    "skills_missing", "experience_too_short", "language_too_low", "qualification_missing", "not_available",
    "conditions_differ", "candidate_not_interested", "profile_doubtful", "others_fit_better",
    "openings_filled", "facts_missing", "facts_confirmed", "fix_agreed", "strengths_not_in_profile",
    "employer_asked", "no_answer", "facts_changed", "decided_by_mistake", "other",
)  # fmt: skip
RATINGS = ("strong", "good", "weak", "no_fit")
IDENTITY_REASONS = ("contact", "facts", "introduction", "duplicate", "rights", "other")

DEFERRED = "deferred_until IS NULL OR state = 'deferred'"
# All of a review but its note; see revisions 0008 and 0010.
FINAL = (
    "id", "partnership_id", "vacancy_id", "candidate_id", "number", "state", "reason", "is_override",
    "run_id", "rank", "score", "verdict", "requirements_version", "candidate_version",
    "decided_by_key_id", "decided_by_role", "decided_at", "decided_by_account_id",
)  # fmt: skip
FINAL_SQLITE = """
CREATE TRIGGER review_no_{name} BEFORE {event} ON review
BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END
"""
FINAL_POSTGRESQL = """
CREATE TRIGGER review_append_only BEFORE UPDATE OF {columns} OR DELETE OR TRUNCATE ON review
EXECUTE FUNCTION review_is_append_only()
"""


def upgrade() -> None:
    _drop_triggers()
    if _on_sqlite():
        # SQLite takes a constraint on an existing table only with a new column.
        check = f"CONSTRAINT ck_review_only_deferred_until CHECK ({DEFERRED})"
        op.execute(f"ALTER TABLE review ADD COLUMN deferred_until DATE {check}")
    else:
        op.add_column("review", sa.Column("deferred_until", sa.Date(), nullable=True))
        op.create_check_constraint(op.f("ck_review_only_deferred_until"), "review", DEFERRED)
    _create_triggers((*FINAL, "deferred_until"))
    _create_claims()
    _create_opinions()
    _create_ratings()
    _create_looks()


def downgrade() -> None:
    for table in ("identity_look", "first_rating", "review_opinion", "review_claim"):
        op.drop_table(table)
    _drop_triggers()
    # The constraint on the column goes with it.
    op.drop_column("review", "deferred_until")
    _create_triggers(FINAL)


def _create_claims() -> None:
    op.create_table(
        "review_claim",
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("claimed_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("vacancy_id", "candidate_id", name=op.f("pk_review_claim")),
        sa.UniqueConstraint("account_id", name=op.f("uq_review_claim_account_id")),
        *_keys("review_claim"),
    )


def _create_opinions() -> None:
    op.create_table(
        "review_opinion",
        *_pair_columns(),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("given_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_opinion")),
        *_keys("review_opinion", ("review_id", "review")),
        _one_of("review_opinion", "reviewstate", "state", STATES),
        _one_of("review_opinion", "reviewreason", "reason", REASONS),
        _one_of("review_opinion", "state_of_opinion", "state", OPINIONS),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("ck_review_opinion_note_length")),
        sa.CheckConstraint(
            "state <> 'rejected' OR reason IS NOT NULL", name=op.f("ck_review_opinion_no_has_reason")
        ),
    )
    op.create_index(
        op.f("ix_review_opinion_vacancy_id_candidate_id"), "review_opinion", ["vacancy_id", "candidate_id"]
    )


def _create_ratings() -> None:
    op.create_table(
        "first_rating",
        *_pair_columns(),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("rating", sa.String(32), nullable=False),
        sa.Column("rated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_rating")),
        sa.UniqueConstraint(
            "vacancy_id",
            "candidate_id",
            "account_id",
            name=op.f("uq_first_rating_vacancy_id_candidate_id_account_id"),
        ),
        *_keys("first_rating", ("run_id", "match_run")),
        _one_of("first_rating", "rating", "rating", RATINGS),
    )


def _create_looks() -> None:
    op.create_table(
        "identity_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_look")),
        *_keys("identity_look", without="vacancy_id"),
        _one_of("identity_look", "identityreason", "reason", IDENTITY_REASONS),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("ck_identity_look_note_length")),
    )
    op.create_index(op.f("ix_identity_look_candidate_id"), "identity_look", ["candidate_id"])


def _pair_columns() -> tuple[sa.Column[object], ...]:
    names = ("id", "partnership_id", "vacancy_id", "candidate_id", "account_id")
    return tuple(sa.Column(name, sa.Uuid(), nullable=False) for name in names)


def _keys(table: str, *more: tuple[str, str], without: str = "") -> list[sa.ForeignKeyConstraint]:
    known = (
        ("partnership_id", "partnership"),
        ("vacancy_id", "vacancy"),
        ("candidate_id", "candidate_profile"),
        ("account_id", "staff_account"),
        *more,
    )
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in known
        if column != without
    ]


def _one_of(table: str, name: str, column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    quoted = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({quoted})", name=op.f(f"ck_{table}_{name}"))


def _drop_triggers() -> None:
    if _on_sqlite():
        for name in ("update", "delete"):
            op.execute(f"DROP TRIGGER review_no_{name}")
    else:
        op.execute("DROP TRIGGER review_append_only ON review")


def _create_triggers(final: tuple[str, ...]) -> None:
    columns = ", ".join(final)
    if _on_sqlite():
        op.execute(FINAL_SQLITE.format(name="update", event=f"UPDATE OF {columns}"))
        op.execute(FINAL_SQLITE.format(name="delete", event="DELETE"))
    else:
        op.execute(FINAL_POSTGRESQL.format(columns=columns))


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"

"""Create the tables of staff aliases and of the normalisation queue.

Revision: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
# SQLite compares bytes by itself; PostgreSQL follows the database's locale unless told.
CODE_POINT_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
OWN_APPROVED = sa.text("state = 'approved' AND partnership_id IS NOT NULL")
SHARED_APPROVED = sa.text("state = 'approved' AND partnership_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "alias_version",
        sa.Column("scope", sa.String(36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_alias_version")),
    )
    op.create_table(
        "concept_alias",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("lang", sa.String(16), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("canonical", CODE_POINT_TEXT, nullable=False),
        sa.Column("concept_uri", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=True),
        sa.Column("until_version", sa.Integer(), nullable=True),
        sa.Column("proposed_by_key_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by_key_id", sa.Uuid(), nullable=True),
        sa.Column("ended_by_key_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concept_alias")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_concept_alias_{column}"))
            for column, table in (
                ("partnership_id", "partnership"),
                ("proposed_by_key_id", "api_key"),
                ("approved_by_key_id", "api_key"),
                ("ended_by_key_id", "api_key"),
            )
        ),
        sa.CheckConstraint("kind IN ('skill', 'occupation')", name=op.f("ck_concept_alias_phrasekind")),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'superseded', 'withdrawn')",
            name=op.f("ck_concept_alias_aliasstate"),
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR (from_version IS NOT NULL AND until_version IS NULL)",
            name=op.f("ck_concept_alias_approved_is_in_force"),
        ),
        sa.CheckConstraint(
            "state <> 'superseded' OR (from_version IS NOT NULL AND until_version > from_version)",
            name=op.f("ck_concept_alias_superseded_has_ended"),
        ),
        sa.CheckConstraint("length(phrase) BETWEEN 1 AND 200", name=op.f("ck_concept_alias_phrase_length")),
    )
    op.create_index(
        "uq_concept_alias_own",
        "concept_alias",
        ["partnership_id", "kind", "lang", "canonical"],
        unique=True,
        sqlite_where=OWN_APPROVED,
        postgresql_where=OWN_APPROVED,
    )
    op.create_index(
        "uq_concept_alias_shared",
        "concept_alias",
        ["kind", "lang", "canonical"],
        unique=True,
        sqlite_where=SHARED_APPROVED,
        postgresql_where=SHARED_APPROVED,
    )
    op.create_index(op.f("ix_concept_alias_partnership_id_id"), "concept_alias", ["partnership_id", "id"])
    op.create_table(
        "queued_phrase",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("lang", sa.String(16), nullable=False),
        sa.Column("canonical", CODE_POINT_TEXT, nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("n_vacancies", sa.Integer(), nullable=False),
        sa.Column("n_candidates", sa.Integer(), nullable=False),
        sa.Column("suggestions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("taxonomy_name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("decided_by_key_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queued_phrase")),
        sa.UniqueConstraint(
            "partnership_id",
            "kind",
            "lang",
            "canonical",
            name=op.f("uq_queued_phrase_partnership_id_kind_lang_canonical"),
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_queued_phrase_partnership_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_key_id"], ["api_key.id"], name=op.f("fk_queued_phrase_decided_by_key_id")
        ),
        sa.CheckConstraint("kind IN ('skill', 'occupation')", name=op.f("ck_queued_phrase_phrasekind")),
        sa.CheckConstraint(
            "reason IN ('unlinked', 'low_confidence')", name=op.f("ck_queued_phrase_queuereason")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'aliased', 'dismissed')", name=op.f("ck_queued_phrase_queuestate")
        ),
        sa.CheckConstraint(
            "n_vacancies >= 0 AND n_candidates >= 0", name=op.f("ck_queued_phrase_counts_not_negative")
        ),
        sa.CheckConstraint("length(wording) BETWEEN 1 AND 200", name=op.f("ck_queued_phrase_wording_length")),
    )
    for column in ("alias_version", "shared_alias_version"):
        # Without batch mode, which would copy the table and drop what refers to it.
        op.add_column("match_run", sa.Column(column, sa.Integer(), nullable=True))


def downgrade() -> None:
    for column in ("shared_alias_version", "alias_version"):
        op.drop_column("match_run", column)
    for name in ("queued_phrase", "concept_alias", "alias_version"):
        op.drop_table(name)

"""Create the tables of the taxonomy releases.

Revision: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
# SQLite compares bytes by itself; PostgreSQL follows the database's locale unless told.
CODE_POINT_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
IS_DEFAULT = sa.text("is_default")
IS_PREFERRED = sa.text("kind = 'preferred'")


def upgrade() -> None:
    op.create_table(
        "taxonomy_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("base_checksum", sa.String(64), nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("imported_at", TIME, nullable=False),
        sa.Column("n_skills", sa.Integer(), nullable=False),
        sa.Column("n_occupations", sa.Integer(), nullable=False),
        sa.Column("n_groups", sa.Integer(), nullable=False),
        sa.Column("n_relations", sa.Integer(), nullable=False),
        sa.Column("source_note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_release")),
        sa.UniqueConstraint("name", name=op.f("uq_taxonomy_release_name")),
    )
    op.create_index(
        "uq_taxonomy_release_is_default",
        "taxonomy_release",
        ["is_default"],
        unique=True,
        sqlite_where=IS_DEFAULT,
        postgresql_where=IS_DEFAULT,
    )
    op.create_table(
        "taxonomy_language",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.Column("n_labels", sa.Integer(), nullable=False),
        sa.Column("n_descriptions", sa.Integer(), nullable=False),
        sa.Column("imported_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_language")),
        sa.UniqueConstraint("release_id", "lang", name=op.f("uq_taxonomy_language_release_id_lang")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["taxonomy_release.id"], name=op.f("fk_taxonomy_language_release_id")
        ),
    )
    op.create_table(
        "concept",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("uri", CODE_POINT_TEXT, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("skill_type", sa.Text(), nullable=False),
        sa.Column("reuse_level", sa.Text(), nullable=False),
        sa.Column("isco_group", sa.String(4), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("regulated_profession_note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concept")),
        sa.UniqueConstraint("release_id", "uri", name=op.f("uq_concept_release_id_uri")),
        sa.ForeignKeyConstraint(["release_id"], ["taxonomy_release.id"], name=op.f("fk_concept_release_id")),
        sa.CheckConstraint(
            "kind IN ('skill', 'occupation', 'skill_group', 'isco_group')",
            name=op.f("ck_concept_conceptkind"),
        ),
    )
    op.create_table(
        "concept_label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("concept_id", sa.Integer(), nullable=False),
        sa.Column("language_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("text", CODE_POINT_TEXT, nullable=False),
        sa.Column("canonical", CODE_POINT_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concept_label")),
        sa.UniqueConstraint(
            "concept_id", "language_id", "text", name=op.f("uq_concept_label_concept_id_language_id_text")
        ),
        sa.ForeignKeyConstraint(["concept_id"], ["concept.id"], name=op.f("fk_concept_label_concept_id")),
        sa.ForeignKeyConstraint(
            ["language_id"], ["taxonomy_language.id"], name=op.f("fk_concept_label_language_id")
        ),
        sa.CheckConstraint(
            "kind IN ('preferred', 'alternative', 'hidden')", name=op.f("ck_concept_label_labelkind")
        ),
    )
    op.create_index(
        "uq_concept_label_preferred",
        "concept_label",
        ["concept_id", "language_id"],
        unique=True,
        sqlite_where=IS_PREFERRED,
        postgresql_where=IS_PREFERRED,
    )
    op.create_index(
        op.f("ix_concept_label_language_id_canonical"), "concept_label", ["language_id", "canonical"]
    )
    op.create_table(
        "concept_description",
        sa.Column("concept_id", sa.Integer(), nullable=False),
        sa.Column("language_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("concept_id", "language_id", name=op.f("pk_concept_description")),
        sa.ForeignKeyConstraint(
            ["concept_id"], ["concept.id"], name=op.f("fk_concept_description_concept_id")
        ),
        sa.ForeignKeyConstraint(
            ["language_id"], ["taxonomy_language.id"], name=op.f("fk_concept_description_language_id")
        ),
    )
    op.create_index(op.f("ix_concept_description_language_id"), "concept_description", ["language_id"])
    op.create_table(
        "concept_relation",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "kind", "target_id", name=op.f("pk_concept_relation")),
        sa.ForeignKeyConstraint(["source_id"], ["concept.id"], name=op.f("fk_concept_relation_source_id")),
        sa.ForeignKeyConstraint(["target_id"], ["concept.id"], name=op.f("fk_concept_relation_target_id")),
        sa.CheckConstraint(
            "kind IN ('essential', 'optional', 'skill_essential', 'skill_optional', 'broader')",
            name=op.f("ck_concept_relation_relationkind"),
        ),
    )
    op.create_index(op.f("ix_concept_relation_target_id"), "concept_relation", ["target_id"])


def downgrade() -> None:
    for name in (
        "concept_relation",
        "concept_description",
        "concept_label",
        "concept",
        "taxonomy_language",
        "taxonomy_release",
    ):
        op.drop_table(name)

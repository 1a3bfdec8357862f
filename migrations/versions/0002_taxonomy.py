"""Create the tables of the taxonomy releases.

Revision: 0002
Revises: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Sorted by code point on both databases, whatever the locale.
SORTED_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
HEX = sa.String(64)

# In the order in which they can be made; dropped the other way round.
TABLES = (
    "taxonomy_release",
    "taxonomy_language",
    "concept",
    "concept_label",
    "concept_description",
    "concept_relation",
)


def column(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def integers(*names: str) -> list[sa.Column[Any]]:
    return [column(name, sa.Integer()) for name in names]


def primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def foreign(table: str, column_name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column_name], [f"{target}.id"], name=op.f(f"fk_{table}_{column_name}"))


def one_of(table: str, enum_name: str, *values: str) -> sa.CheckConstraint:
    quoted = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"kind IN ({quoted})", name=op.f(f"ck_{table}_{enum_name}"))


def index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def unique_where(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    op.create_table(
        "taxonomy_release",
        *integers("id"),
        column("name", sa.String(64)),
        column("base_checksum", HEX),
        column("checksum", HEX),
        column("is_default", sa.Boolean()),
        column("imported_at", sa.DateTime(timezone=True)),
        *integers("n_skills", "n_occupations", "n_groups", "n_relations"),
        column("source_note", sa.Text()),
        primary("taxonomy_release", "id"),
        unique("taxonomy_release", "name"),
    )
    unique_where("uq_taxonomy_release_is_default", "taxonomy_release", ["is_default"], "is_default")
    op.create_table(
        "taxonomy_language",
        *integers("id", "release_id"),
        column("lang", sa.String(2)),
        column("checksum", HEX),
        *integers("n_labels", "n_descriptions"),
        column("imported_at", sa.DateTime(timezone=True)),
        primary("taxonomy_language", "id"),
        unique("taxonomy_language", "release_id", "lang"),
        foreign("taxonomy_language", "release_id", "taxonomy_release"),
    )
    op.create_table(
        "concept",
        *integers("id", "release_id"),
        column("uri", SORTED_TEXT),
        column("kind", sa.String(32)),
        column("skill_type", sa.Text()),
        column("reuse_level", sa.Text()),
        column("isco_group", sa.String(4)),
        column("code", sa.Text()),
        column("status", sa.Text()),
        column("regulated_profession_note", sa.Text()),
        primary("concept", "id"),
        unique("concept", "release_id", "uri"),
        foreign("concept", "release_id", "taxonomy_release"),
        one_of("concept", "conceptkind", "skill", "occupation", "skill_group", "isco_group"),
    )
    op.create_table(
        "concept_label",
        *integers("id", "concept_id", "language_id"),
        column("kind", sa.String(32)),
        column("text", SORTED_TEXT),
        column("canonical", SORTED_TEXT),
        primary("concept_label", "id"),
        unique("concept_label", "concept_id", "language_id", "text"),
        foreign("concept_label", "concept_id", "concept"),
        foreign("concept_label", "language_id", "taxonomy_language"),
        one_of("concept_label", "labelkind", "preferred", "alternative", "hidden"),
    )
    index("concept_label", "language_id", "canonical")
    unique_where(
        "uq_concept_label_preferred", "concept_label", ["concept_id", "language_id"], "kind = 'preferred'"
    )
    op.create_table(
        "concept_description",
        *integers("concept_id", "language_id"),
        column("text", sa.Text()),
        primary("concept_description", "concept_id", "language_id"),
        foreign("concept_description", "concept_id", "concept"),
        foreign("concept_description", "language_id", "taxonomy_language"),
    )
    index("concept_description", "language_id")
    op.create_table(
        "concept_relation",
        *integers("source_id"),
        column("kind", sa.String(32)),
        *integers("target_id"),
        primary("concept_relation", "source_id", "kind", "target_id"),
        foreign("concept_relation", "source_id", "concept"),
        foreign("concept_relation", "target_id", "concept"),
        one_of(
            "concept_relation",
            "relationkind",
            "essential",
            "optional",
            "skill_essential",
            "skill_optional",
            "broader",
        ),
    )
    index("concept_relation", "target_id")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)

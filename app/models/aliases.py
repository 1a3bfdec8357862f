"""Staff aliases, the versions that count their changes, and the normalisation queue."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.enums import PhraseKind, QueueReason
from app.domain.transitions import AliasState, QueueState
from app.models.base import Base, IdColumn, JsonArray, Versioned, by_one, enum_type
from app.models.taxonomy import CodePointText

SHARED = "shared"
"""Scope of the aliases that hold in every partnership, as ``AliasVersion`` names it."""

_OWN_APPROVED = text("state = 'approved' AND partnership_id IS NOT NULL")
_SHARED_APPROVED = text("state = 'approved' AND partnership_id IS NULL")


class ConceptAlias(Versioned, Base):
    """What staff decided that a phrase means; never deleted.

    ``partnership_id`` None: it holds in every partnership. ``concept_uri`` None: the
    phrase names no concept. The alias holds in the alias versions of its scope from
    ``from_version`` on and before ``until_version``, so that the aliases of any
    earlier version can be read again. Neither key nor account is an operator at
    the command line.
    """

    __tablename__ = "concept_alias"
    __table_args__ = (
        Index(
            "uq_concept_alias_own",
            "partnership_id",
            "kind",
            "lang",
            "canonical",
            unique=True,
            sqlite_where=_OWN_APPROVED,
            postgresql_where=_OWN_APPROVED,
        ),
        Index(
            "uq_concept_alias_shared",
            "kind",
            "lang",
            "canonical",
            unique=True,
            sqlite_where=_SHARED_APPROVED,
            postgresql_where=_SHARED_APPROVED,
        ),
        Index(None, "partnership_id", "id"),
        CheckConstraint(
            "state <> 'approved' OR (from_version IS NOT NULL AND until_version IS NULL)",
            name="approved_is_in_force",
        ),
        CheckConstraint(
            "state <> 'superseded' OR (from_version IS NOT NULL AND until_version > from_version)",
            name="superseded_has_ended",
        ),
        *(by_one(deed) for deed in ("proposed_by", "approved_by", "ended_by")),
        CheckConstraint("length(phrase) BETWEEN 1 AND 200", name="phrase_length"),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID | None] = mapped_column(ForeignKey("partnership.id"))
    kind: Mapped[PhraseKind] = mapped_column(enum_type(PhraseKind))
    lang: Mapped[str] = mapped_column(String(16))
    phrase: Mapped[str]
    canonical: Mapped[str] = mapped_column(CodePointText)
    concept_uri: Mapped[str | None]
    note: Mapped[str]
    state: Mapped[AliasState] = mapped_column(enum_type(AliasState))
    from_version: Mapped[int | None]
    until_version: Mapped[int | None]
    proposed_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    proposed_by_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    approved_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    approved_by_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    ended_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    ended_by_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    approved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AliasVersion(Base):
    """How often the aliases of one scope have changed: a partnership's id, or ``SHARED``."""

    __tablename__ = "alias_version"

    scope: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int]


class QueuedPhrase(Versioned, Base):
    """A phrase of a partnership's records that links to nothing, or not surely.

    ``lang`` is empty where the records declare none. ``suggestions`` are objects with
    ``concept_uri``, ``label`` and ``score``, best first.
    """

    __tablename__ = "queued_phrase"
    __table_args__ = (
        UniqueConstraint("partnership_id", "kind", "lang", "canonical"),
        CheckConstraint("n_vacancies >= 0 AND n_candidates >= 0", name="counts_not_negative"),
        by_one("decided_by"),
        CheckConstraint("length(wording) BETWEEN 1 AND 200", name="wording_length"),
    )

    id: Mapped[IdColumn]
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    kind: Mapped[PhraseKind] = mapped_column(enum_type(PhraseKind))
    lang: Mapped[str] = mapped_column(String(16))
    canonical: Mapped[str] = mapped_column(CodePointText)
    wording: Mapped[str]
    reason: Mapped[QueueReason] = mapped_column(enum_type(QueueReason))
    n_vacancies: Mapped[int]
    n_candidates: Mapped[int]
    suggestions: Mapped[JsonArray]
    taxonomy_name: Mapped[str]
    state: Mapped[QueueState] = mapped_column(enum_type(QueueState))
    decided_by_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_key.id"))
    decided_by_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))

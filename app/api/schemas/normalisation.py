"""Staff aliases, their preview, and the normalisation queue as callers send and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from app.api.problems import Issue
from app.api.schemas.common import WHOLE, Given, Language, OptionalLabel, Received
from app.domain.enums import LinkMethod, PhraseKind, QueueReason
from app.domain.records import AliasRecord
from app.domain.transitions import AliasState, QueueState
from app.errors import InvalidInput
from app.models import ConceptAlias, QueuedPhrase
from app.services.alias_preview import AliasPreview, LinkChange, Place
from app.services.aliases import MAX_PHRASE, phrase_key
from app.services.phrase_uses import FoundConcept, Side
from app.services.taxonomy_index import TaxonomyIndex

MAX_URI = 1_000
MAX_EXAMPLES = 200

EXAMPLE: dict[str, Any] = {
    "phrase": "ویلڈنگ کا کام",
    "lang": "ur",
    "kind": "skill",
    "concept_uri": "urn:talentbridge:starter:skill:mig-mag-welding",
    "note": "As the institutes in Punjab say it.",
}


def _phrase(value: str) -> str:
    try:
        phrase_key(value.strip())
    except InvalidInput as error:
        raise Issue("bad-phrase", error.detail) from None
    return value


Phrase = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_PHRASE),
    AfterValidator(_phrase),
    Field(
        description="The words as people write them, with at least one letter or figure. Case, accents and "
        "punctuation make no difference.",
        json_schema_extra={"format": "phrase"},
    ),
]


class _AliasFields(Received):
    phrase: Phrase
    lang: Annotated[
        Language,
        Field(description="The alias holds for phrases declared to be in it, and for undeclared ones."),
    ]
    kind: PhraseKind
    concept_uri: Annotated[
        str | None,
        Field(
            max_length=MAX_URI,
            description="A skill or occupation of any imported release, or null: the phrase names none.",
        ),
    ]
    note: Annotated[OptionalLabel, Field(description="Why, for colleagues.")] = ""
    shared: Annotated[
        bool, Field(strict=True, description="Holds in every partnership; for administrators.")
    ] = False

    def record(self) -> AliasRecord:
        return AliasRecord(self.phrase.strip(), self.lang, self.kind, self.concept_uri, self.note.strip())


class AliasIn(_AliasFields):
    """What a phrase means. In force from its approval on, in every later match run, on both sides."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    approve: Annotated[
        bool, Field(strict=True, description="Put it in force at once, and not only propose it.")
    ] = False


class AliasPreviewIn(_AliasFields):
    """An alias to try out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**EXAMPLE, "n_examples": 5}]})

    n_examples: Annotated[int, Field(strict=True, ge=0, le=MAX_EXAMPLES), WHOLE] = 20


class AliasOut(Given):
    """An alias as it is stored; it is never deleted.

    It holds in the alias versions from `from_version` on and before `until_version`,
    which count the changes of its scope; match runs say which version they used. Keys and
    accounts are null for shared aliases, and both for what was done at the command line.
    """

    id: UUID
    phrase: str
    lang: str
    kind: PhraseKind
    concept_uri: str | None
    note: str
    shared: bool
    state: AliasState
    from_version: int | None
    until_version: int | None
    proposed_by_key_id: UUID | None
    proposed_by_account_id: UUID | None
    approved_by_key_id: UUID | None
    approved_by_account_id: UUID | None
    ended_by_key_id: UUID | None
    ended_by_account_id: UUID | None
    approved_at: datetime | None
    ended_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: ConceptAlias) -> AliasOut:
        shared = row.partnership_id is None
        # A shared alias may be another partnership's work: who did it there is none of the reader's business.
        values = {
            name: None if shared and name.endswith(("_by_key_id", "_by_account_id")) else getattr(row, name)
            for name in cls.model_fields
            if name != "shared"
        }
        return cls(shared=shared, **values)


class LinkOut(Given):
    """What a phrase links to."""

    concept_uri: str
    label: str
    score: float
    method: LinkMethod


class LinkChangeOut(Given):
    """A link of one record, before and after; null where there is none.

    `place` says whether a field links otherwise, or running text, where `phrase` is
    the alias's own.
    """

    side: Side
    record_id: UUID
    place: Place
    phrase: str
    before: LinkOut | None
    after: LinkOut | None

    @classmethod
    def of(cls, change: LinkChange, index: TaxonomyIndex, lang: str) -> LinkChangeOut:
        return cls(
            side=change.side,
            record_id=change.record_id,
            place=change.place,
            phrase=change.phrase,
            before=_link(change.before, index, lang),
            after=_link(change.after, index, lang),
        )


class ChangeCount(Given):
    """How much changes on one side."""

    n_records: int
    n_links: int


class AliasPreviewOut(Given):
    """What an alias would change in the partnership's published vacancies and ranked candidates."""

    vacancies: ChangeCount
    candidates: ChangeCount
    examples: list[LinkChangeOut]

    @classmethod
    def of(cls, preview: AliasPreview, lang: str) -> AliasPreviewOut:
        counts = {
            side: ChangeCount(n_records=preview.n_records[side], n_links=preview.n_links[side])
            for side in Side
        }
        return cls(
            vacancies=counts[Side.VACANCY],
            candidates=counts[Side.CANDIDATE],
            examples=[LinkChangeOut.of(change, preview.index, lang) for change in preview.examples],
        )


class SuggestionOut(Given):
    """A concept that may be meant; `score` is below what a link needs."""

    concept_uri: str
    label: str
    score: float


class QueuedPhraseOut(Given):
    """A phrase that links to nothing, or not surely, with how many records use it."""

    id: UUID
    kind: PhraseKind
    lang: str | None = Field(description="Declared language; null where the records declare none.")
    wording: str = Field(description="Its most frequent spelling.")
    reason: QueueReason
    n_vacancies: int
    n_candidates: int
    suggestions: list[SuggestionOut] = Field(description="The best concepts, best first.")
    taxonomy_name: str
    state: QueueState
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: QueuedPhrase) -> QueuedPhraseOut:
        values = {name: getattr(row, name) for name in cls.model_fields}
        suggestions = [SuggestionOut(**suggestion) for suggestion in row.suggestions]
        return cls(**{**values, "lang": row.lang or None, "suggestions": suggestions})


def _link(link: FoundConcept | None, index: TaxonomyIndex, lang: str) -> LinkOut | None:
    if link is None:
        return None
    return LinkOut(
        concept_uri=link.uri, label=index.label(link.uri, lang), score=link.score, method=link.method
    )

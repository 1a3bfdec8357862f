"""Bodies of the Reconciliation Service API 0.2 (W3C Entity Reconciliation Community Group).

Names are the protocol's own. Optional members are left out of an answer, never null.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    field_validator,
)

from app.api.problems import Issue
from app.api.schemas.common import WHOLE, Received
from app.domain.enums import ConceptKind
from app.intake.codes import language_code
from app.services.concept_catalogue import LINKED_KINDS, ConceptCatalogue
from app.services.reconciliation import (
    ConceptProperty,
    PropertyValue,
    QueryProperty,
    ReconciliationCandidate,
    ReconciliationQuery,
    property_values,
)

BATCH_SIZE = 50
MAX_PHRASE_CHARS = 1_000
MAX_CANDIDATES = 50
DEFAULT_CANDIDATES = 5
MAX_EXTENDED_IDS = 500
MAX_EXTENDED_PROPERTIES = 20
_MAX_PROPERTIES = 20

_SHORT_CHARS = 200

_ISCO_GROUP = re.compile(r"\d{1,4}")


# What clients send


def _as_list(value: Any) -> Any:
    """A single value stands for a list of one."""
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> Iterator[str]:
    """The texts of a property's values: cells hold text, numbers, or entities reconciled before."""
    for item in _as_list(value):
        if isinstance(item, dict):
            item = item.get("id", "")
        if isinstance(item, str | int) and not isinstance(item, bool):
            yield str(item).strip()


class PropertyIn(BaseModel):
    """What a row says beside its phrase; properties nobody knows are passed over."""

    model_config = ConfigDict(extra="ignore")

    pid: Annotated[str, StringConstraints(max_length=200)]
    v: Any


class QueryIn(Received):
    """One phrase to reconcile."""

    query: Annotated[str, StringConstraints(max_length=MAX_PHRASE_CHARS)] = ""
    type: Annotated[tuple[ConceptKind, ...], BeforeValidator(_as_list), Field(max_length=10)] = ()
    type_strict: Literal["any", "should", "all"] | None = None
    limit: Annotated[int, Field(strict=True, ge=1), WHOLE] = DEFAULT_CANDIDATES
    properties: Annotated[tuple[PropertyIn, ...], Field(max_length=_MAX_PROPERTIES)] = ()

    @field_validator("type")
    @classmethod
    def _linked(cls, kinds: tuple[ConceptKind, ...]) -> tuple[ConceptKind, ...]:
        if set(kinds) - set(LINKED_KINDS):
            raise Issue("not-a-choice", f"The type must be one of {', '.join(LINKED_KINDS)}.")
        return kinds

    def wanted(self) -> ReconciliationQuery:
        """The query as the service takes it."""
        return ReconciliationQuery(
            text=self.query,
            kinds=self.type or LINKED_KINDS,
            limit=min(self.limit, MAX_CANDIDATES),
            lang=next(filter(None, map(language_code, self._values(QueryProperty.LANG))), None),
            isco_group=next(filter(_ISCO_GROUP.fullmatch, self._values(QueryProperty.ISCO_GROUP)), ""),
        )

    def _values(self, name: QueryProperty) -> Iterator[str]:
        """Values of a property. A column holds what people typed: what says nothing is passed over."""
        for item in self.properties:
            if item.pid == name:
                yield from _texts(item.v)


class QueryBatch(RootModel[dict[str, QueryIn]]):
    """Queries by ids of the client's own."""


class PropertySettings(BaseModel):
    """Settings of one property to extend with."""

    model_config = ConfigDict(extra="ignore")

    lang: Annotated[str, StringConstraints(max_length=35)] = ""

    @field_validator("lang")
    @classmethod
    def _known(cls, value: str) -> str:
        code = language_code(value) if value else ""
        if code is None:
            raise Issue(
                "unknown-language", "This is not a known language.", "Use an ISO 639-1 code such as fr."
            )
        return code


class WantedProperty(BaseModel):
    """A property to extend with."""

    model_config = ConfigDict(extra="ignore")

    id: ConceptProperty
    settings: PropertySettings = PropertySettings()


class ExtendIn(Received):
    """Concepts, and what to tell of each."""

    ids: tuple[Annotated[str, StringConstraints(max_length=2_000)], ...]
    properties: Annotated[tuple[WantedProperty, ...], Field(max_length=MAX_EXTENDED_PROPERTIES)]


# What they get


class TypeOut(BaseModel):
    """A kind of concept."""

    id: str
    name: str


class PropertyOut(BaseModel):
    """A property of concepts or queries."""

    id: str
    name: str
    description: str | None = None


_TYPE_NAMES = {ConceptKind.SKILL: "Skill", ConceptKind.OCCUPATION: "Occupation"}
TYPES = [TypeOut(id=kind.value, name=_TYPE_NAMES[kind]) for kind in LINKED_KINDS]

EXTENSION_NAMES = {
    ConceptProperty.PREFERRED_LABEL: PropertyOut(id="preferred_label", name="Preferred label"),
    ConceptProperty.ALTERNATIVE_LABELS: PropertyOut(id="alternative_labels", name="Alternative labels"),
    ConceptProperty.DESCRIPTION: PropertyOut(id="description", name="Description"),
    ConceptProperty.ISCO_GROUP: PropertyOut(id="isco_group", name="ISCO-08 group"),
    ConceptProperty.BROADER: PropertyOut(id="broader", name="Broader concepts"),
}
QUERY_PROPERTIES = [
    PropertyOut(
        id=QueryProperty.LANG.value, name="Language", description="Language of the phrase, such as fr."
    ),
    PropertyOut(
        id=QueryProperty.ISCO_GROUP.value,
        name="ISCO-08 group",
        description="One to four digits that the concept should fall under, such as 7212.",
    ),
]


def type_of(kind: ConceptKind) -> TypeOut:
    """The type of a concept that is linked to."""
    return TYPES[LINKED_KINDS.index(kind)]


def short_description(catalogue: ConceptCatalogue, uri: str, lang: str) -> str | None:
    """What tells a concept from its namesakes in one line; None where the release says nothing."""
    concept, description = catalogue.find(uri), catalogue.description(uri, lang)
    parts = [f"ISCO-08 {concept.isco_group}"] if concept and concept.isco_group else []
    if description:
        parts.append(textwrap.shorten(description.text, _SHORT_CHARS, placeholder=" …"))
    return ". ".join(parts) or None


class FeatureOut(BaseModel):
    """One sign by which a candidate was judged."""

    id: str
    value: bool | float


class CandidateOut(BaseModel):
    """A concept that the phrase may mean. `score` runs from 0 to 100, as clients show whole numbers."""

    id: str
    name: str
    description: str | None = None
    type: list[TypeOut]
    score: float
    features: list[FeatureOut]
    match: bool

    @classmethod
    def of(cls, candidate: ReconciliationCandidate, catalogue: ConceptCatalogue, lang: str) -> CandidateOut:
        features = [
            FeatureOut(id="link_score", value=round(candidate.link_score, 6)),
            FeatureOut(id="exact_label", value=candidate.is_exact),
        ]
        if candidate.fits_group is not None:
            features.append(FeatureOut(id="fits_isco_group", value=candidate.fits_group))
        return cls(
            id=candidate.uri,
            name=catalogue.label(candidate.uri, lang).text,
            description=short_description(catalogue, candidate.uri, lang),
            type=[type_of(candidate.kind)],
            score=round(100 * candidate.score, 2),
            features=features,
            match=candidate.match,
        )


class ResultOut(BaseModel):
    """Candidates of one query, best first."""

    result: list[CandidateOut]


class ResultBatch(RootModel[dict[str, ResultOut]]):
    """Results by the ids of their queries."""


class SuggestedEntity(BaseModel):
    """A concept to choose."""

    id: str
    name: str
    description: str | None = None
    notable: list[TypeOut]

    @classmethod
    def of(cls, uri: str, catalogue: ConceptCatalogue, lang: str) -> SuggestedEntity:
        concept = catalogue.find(uri)
        assert concept is not None
        return cls(
            id=uri,
            name=catalogue.label(uri, lang).text,
            description=short_description(catalogue, uri, lang),
            notable=[type_of(concept.kind)],
        )


class SuggestedEntities(BaseModel):
    """Concepts to choose from."""

    result: list[SuggestedEntity]


class SuggestedTypes(BaseModel):
    """Types to choose from."""

    result: list[TypeOut]


class SuggestedProperties(BaseModel):
    """Properties to choose from."""

    result: list[PropertyOut]


class ProposedProperties(BaseModel):
    """What entities of a type can be extended with."""

    type: str
    limit: int | None = None
    properties: list[PropertyOut]


class ExtendedValue(BaseModel):
    """A value: a concept (`id` and `name`) or a text (`str`)."""

    id: str | None = None
    name: str | None = None
    text: Annotated[str | None, Field(serialization_alias="str")] = None

    @classmethod
    def of(cls, value: PropertyValue) -> ExtendedValue:
        return cls(id=value.uri, name=value.text) if value.uri else cls(text=value.text)


class ExtendedOut(BaseModel):
    """Values by concept and property, and the properties in the order they were asked for."""

    meta: list[PropertyOut]
    rows: dict[str, dict[str, list[ExtendedValue]]]

    @classmethod
    def of(cls, wanted: ExtendIn, catalogue: ConceptCatalogue, lang: str) -> ExtendedOut:
        return cls(
            meta=[EXTENSION_NAMES[item.id] for item in wanted.properties],
            rows={
                uri: {
                    item.id.value: [
                        ExtendedValue.of(value)
                        for value in property_values(catalogue, uri, item.id, item.settings.lang or lang)
                    ]
                    for item in wanted.properties
                }
                for uri in wanted.ids
            },
        )

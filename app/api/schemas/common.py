"""Field types that several resources share."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import TypeAliasType

from app.api.problems import Issue
from app.domain.enums import Cefr, EvidenceGrade, Importance, Need, SkillLevel
from app.domain.ids import MAX_EXTERNAL_ID, is_external_id
from app.domain.records import ClaimRecord, LanguageLevel, LanguageRequirement, RequirementRecord
from app.intake.codes import ISO_639_1, ISO_3166_1, ISO_4217, country_code, language_code
from app.intake.fields import MAX_ITEMS
from app.intake.values import MAX_LABEL_CHARS, MAX_TEXT_CHARS

MAX_NAMED_LANGUAGES = 50


class Received(BaseModel):
    """Base of what callers send: a key that nobody reads is refused."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """Base of what callers get; built from rows."""

    model_config = ConfigDict(from_attributes=True)


_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")
_CANONICAL_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _only(form: re.Pattern[str], code: str, message: str) -> BeforeValidator:
    """Let only text of one form through to pydantic, which by itself reads many more."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and form.fullmatch(value) and value.isascii():
            return value
        raise Issue(code, message)

    return BeforeValidator(check)


def _whole(value: Any) -> Any:
    """Read 3.0 as 3, which JSON does not tell apart; all else is left to the type."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _external_id(value: str) -> str:
    if is_external_id(value):
        return value
    raise Issue("invalid-id", "The id holds a control character or begins or ends with a space.")


# A character that is no white space to Python, to JSON Schema, or to Unicode.
NOT_BLANK = r"[^\s\u001c-\u001f\u0085\ufeff]"


def _not_blank(value: str) -> str:
    if re.search(NOT_BLANK, value):
        return value
    raise Issue("blank", "Text other than white space is needed.")


def _language(value: str) -> str:
    code = language_code(value)
    if code is None:
        raise Issue("unknown-language", "This is not a known language.", "Use an ISO 639-1 code such as fr.")
    return code


def _country(value: str) -> str:
    code = country_code(value)
    if code is None:
        raise Issue("unknown-country", "This is not a known country.", "Use an ISO 3166-1 code such as MA.")
    return code


def _currency(value: str) -> str:
    code = value.strip().upper()
    if code not in ISO_4217:
        raise Issue("unknown-currency", "This is not a known currency.", "Use an ISO 4217 code such as EUR.")
    return code


# Beside a strict int with its bounds: 3.0 is taken, text and truth values are not.
WHOLE = BeforeValidator(_whole)
ExternalId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_EXTERNAL_ID),
    AfterValidator(_external_id),
    Field(
        description="Your own id of the record: printable characters, no space at either end. "
        "Unique among your records of this kind.",
        json_schema_extra={"format": "external-id"},
    ),
]
Label = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_LABEL_CHARS),
    AfterValidator(_not_blank),
    Field(json_schema_extra={"pattern": NOT_BLANK}),
]
OptionalLabel = Annotated[str, StringConstraints(max_length=MAX_LABEL_CHARS)]
FreeText = Annotated[str, StringConstraints(max_length=MAX_TEXT_CHARS)]
# Named types, so that the document lists the codes once and refers to them.
Language = TypeAliasType(
    "Language",
    Annotated[
        str,
        StringConstraints(max_length=35),
        AfterValidator(_language),
        WithJsonSchema({"type": "string", "enum": sorted(ISO_639_1), "description": "ISO 639-1 code."}),
    ],
)
Country = TypeAliasType(
    "Country",
    Annotated[
        str,
        StringConstraints(max_length=3),
        AfterValidator(_country),
        WithJsonSchema(
            {"type": "string", "enum": sorted(ISO_3166_1), "description": "ISO 3166-1 alpha-2 code."}
        ),
    ],
)
Currency = TypeAliasType(
    "Currency",
    Annotated[
        str,
        StringConstraints(max_length=3),
        AfterValidator(_currency),
        WithJsonSchema({"type": "string", "enum": sorted(ISO_4217), "description": "ISO 4217 code."}),
    ],
)
Day = Annotated[date, _only(_ISO_DATE, "invalid-date", "A date is expected, as YYYY-MM-DD.")]
Moment = Annotated[
    datetime, _only(_RFC3339, "invalid-time", "A time is expected, as 2026-11-24T09:30:00Z (RFC 3339).")
]
RecordId = Annotated[UUID, _only(_CANONICAL_UUID, "invalid-id", "An id is expected, as responses show it.")]


class TextOrObject(Received):
    """Something as an object, or as the text of its first field alone."""

    text_key: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {cls.text_key: value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        own = handler.resolve_ref_schema(schema)
        text = {"type": "string", "minLength": 1, "maxLength": MAX_LABEL_CHARS, "pattern": NOT_BLANK}
        whole = {key: own.pop(key) for key in list(own) if key not in ("title", "description")}
        own["anyOf"] = [text, whole]
        return schema


class _SkillItem(TextOrObject):
    """A skill as an object, or as text alone."""

    text_key: ClassVar[str] = "skill"

    skill: Annotated[Label, Field(description="A concept URI, or the skill in any language.")]
    level: Annotated[
        int | None,
        Field(
            strict=True,
            ge=SkillLevel.BASIC,
            le=SkillLevel.EXPERT,
            description="1 basic, 2 intermediate, 3 advanced, 4 expert.",
        ),
        WHOLE,
    ] = None


class RequirementItem(_SkillItem):
    """A skill that is asked for: text alone, or an object."""

    importance: Importance = Importance.ESSENTIAL

    def record(self) -> RequirementRecord:
        level = None if self.level is None else SkillLevel(self.level)
        return RequirementRecord(self.skill.strip(), self.importance, level)


class ClaimItem(_SkillItem):
    """A skill that is offered: text alone, or an object."""

    evidence: EvidenceGrade = EvidenceGrade.SELF_STATED

    def record(self) -> ClaimRecord:
        level = None if self.level is None else SkillLevel(self.level)
        return ClaimRecord(self.skill.strip(), self.evidence, level)


class LanguageItem(Received):
    """A language and its levels in the Common European Framework; null when not stated."""

    lang: Language
    cefr: Annotated[
        Cefr | None, Field(description="Stands for every language skill without a level of its own.")
    ] = None
    listening: Cefr | None = None
    reading: Cefr | None = None
    spoken_interaction: Cefr | None = None
    spoken_production: Cefr | None = None
    writing: Cefr | None = None

    def record(self) -> LanguageLevel:
        return LanguageLevel(**dict(self))


class LanguageRequirementItem(LanguageItem):
    """A language that is asked for, and how firmly."""

    need: Need = Need.MUST

    def record(self) -> LanguageRequirement:
        return LanguageRequirement(**dict(self))


Requirements = Annotated[tuple[RequirementItem, ...], Field(max_length=MAX_ITEMS)]
Claims = Annotated[tuple[ClaimItem, ...], Field(max_length=MAX_ITEMS)]
Languages = Annotated[tuple[LanguageItem, ...], Field(max_length=MAX_NAMED_LANGUAGES)]
LanguageRequirements = Annotated[tuple[LanguageRequirementItem, ...], Field(max_length=MAX_NAMED_LANGUAGES)]


class GivenRequirement(Given):
    """A skill that is asked for, as it was written."""

    skill: str
    importance: Importance
    level: int | None


class GivenClaim(Given):
    """A skill that is offered, as it was written."""

    skill: str
    evidence: EvidenceGrade
    level: int | None


class GivenLanguage(Given):
    """A language and its levels; null where none is stated."""

    lang: str
    cefr: Cefr | None
    listening: Cefr | None
    reading: Cefr | None
    spoken_interaction: Cefr | None
    spoken_production: Cefr | None
    writing: Cefr | None


class GivenLanguageRequirement(GivenLanguage):
    """A language that is asked for, and how firmly."""

    need: Need

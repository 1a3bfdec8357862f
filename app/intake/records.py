"""From one raw row to one record; it counts only if its fields left no issue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar, cast

from app.domain.enums import EvidenceGrade, Importance, PhraseKind, SkillLevel
from app.domain.records import (
    AliasRecord,
    CandidateRecord,
    ClaimRecord,
    ExperienceRecord,
    PhraseRecord,
    RequirementRecord,
    VacancyRecord,
)
from app.domain.reviews import Decision, DecisionRecord
from app.domain.submissions import IdentityRecord
from app.domain.transitions import ReviewState
from app.intake.cells import split_parts
from app.intake.columns import (
    ALIAS_COLUMNS,
    CANDIDATE_COLUMNS,
    DECISION_BASIS,
    DECISION_COLUMNS,
    IDENTITY_COLUMNS,
    PHRASE_COLUMNS,
    VACANCY_COLUMNS,
)
from app.intake.conditions import MAX_MONTHS, read_circumstances, read_conditions
from app.intake.fields import RowFields, absent
from app.intake.languages import read_language_requirements, read_languages
from app.intake.values import (
    Fault,
    level_word,
    to_country,
    to_date,
    to_email,
    to_evidence,
    to_id,
    to_importance,
    to_label,
    to_language,
    to_last_month_or_date,
    to_level,
    to_month_or_date,
    to_phrase,
    to_phrase_kind,
    to_review_reason,
    to_review_state,
    to_text,
    to_whole_number,
)

MAX_OPENINGS = 100_000
PHRASE_KINDS = ("skill", "occupation", "text")
VACANCY_KEYS = frozenset(VACANCY_COLUMNS)
# ``evidence`` is a column of tables only: in JSON every claim carries its own.
CANDIDATE_KEYS = frozenset(CANDIDATE_COLUMNS) - {"evidence"} | frozenset(IDENTITY_COLUMNS)
PHRASE_KEYS = frozenset(PHRASE_COLUMNS)
ALIAS_KEYS = frozenset(ALIAS_COLUMNS)
DECISION_KEYS = frozenset(DECISION_COLUMNS) | frozenset(DECISION_BASIS)

_EDUCATION_KEYS = ("level", "title", "field", "text")
_EXPERIENCE_KEYS = ("occupation", "text", "months", "started", "ended")

GradeT = TypeVar("GradeT", Importance, EvidenceGrade)


def parse_vacancy(fields: RowFields) -> VacancyRecord:
    """Read a vacancy."""
    fields.warn_unknown_keys(VACANCY_KEYS)
    return VacancyRecord(
        id=fields.identifier(),
        title=fields.require("title", to_label),
        description=fields.get("description", to_text, ""),
        lang=fields.get("lang", to_language, None),
        country=fields.get("country", to_country, None),
        occupation=fields.get("occupation", to_label, ""),
        skills=tuple(
            RequirementRecord(text, importance or Importance.ESSENTIAL, level)
            for text, importance, level in _skills(fields, "importance", to_importance)
        ),
        languages=read_language_requirements(fields),
        openings=fields.get("openings", lambda value: to_whole_number(value, 1, MAX_OPENINGS), 1),
        conditions=read_conditions(fields),
    )


def parse_candidate(fields: RowFields) -> CandidateRecord:
    """Read a candidate without the direct identifiers, which ``parse_identity`` reads."""
    fields.warn_unknown_keys(CANDIDATE_KEYS | {"evidence"} if fields.tabular else CANDIDATE_KEYS)
    default = EvidenceGrade.SELF_STATED
    if fields.tabular:
        default = fields.get("evidence", to_evidence, default)
    return CandidateRecord(
        id=fields.identifier(),
        text=fields.get("text", to_text, ""),
        lang=fields.get("lang", to_language, None),
        occupations=tuple(_occupations(fields)),
        skills=tuple(
            ClaimRecord(text, evidence or default, level)
            for text, evidence, level in _skills(fields, "evidence", to_evidence)
        ),
        languages=read_languages(fields),
        education=tuple(_education(fields)),
        experience=tuple(_experience(fields)),
        circumstances=read_circumstances(fields),
    )


def parse_phrase(fields: RowFields) -> PhraseRecord:
    """Read a phrase to link; without a kind it is taken for a skill."""
    fields.warn_unknown_keys(PHRASE_KEYS)
    kind = fields.get("kind", _to_kind, None)
    if kind is None:
        fields.warn("missing-kind", "kind", "Not given; taken as skill.")
    return PhraseRecord(
        id=fields.identifier(),
        text=fields.require("text", to_text),
        lang=fields.get("lang", to_language, None),
        kind=kind or "skill",
    )


def parse_alias(fields: RowFields) -> AliasRecord:
    """Read what staff decided that a phrase means; an empty ``concept_uri`` is "no concept".

    That the field is there must be sure: a column with a mistyped header would turn
    every alias of the file into "no concept".
    """
    fields.warn_unknown_keys(ALIAS_KEYS)
    if not fields.names("concept_uri"):
        hint = "Leave it empty, or null, for a phrase that names no concept."
        fields.fail("/concept_uri", Fault("required", "There is no concept_uri.", hint))
    kind = fields.get("kind", to_phrase_kind, None)
    if not fields.holds("kind"):
        fields.fail("/kind", Fault("required", "The kind is missing.", "Use skill or occupation."))
    return AliasRecord(
        phrase=fields.require("phrase", to_phrase),
        lang=fields.require("lang", to_language),
        kind=kind or PhraseKind.SKILL,
        concept_uri=fields.get("concept_uri", to_label, None),
        note=fields.get("note", to_label, ""),
    )


def parse_decision(fields: RowFields) -> DecisionRecord:
    """Read what somebody decided on a candidate for a vacancy, under the ids of their files."""
    fields.warn_unknown_keys(DECISION_KEYS)
    state = fields.get("decision", to_review_state, None)
    if not fields.holds("decision"):
        fields.fail("/decision", Fault("required", "The decision is missing."))
    return DecisionRecord(
        vacancy_id=fields.require("vacancy_id", to_id),
        candidate_id=fields.require("candidate_id", to_id),
        decision=Decision(state or ReviewState.PROPOSED, reason=fields.get("reason", to_review_reason, None)),
    )


def parse_identity(fields: RowFields) -> IdentityRecord:
    """Read the direct identifiers.

    One that cannot be read is left out with a warning: a mistyped e-mail address
    must not cost a person their place in the ranking.
    """
    read = fields.get_or_warn
    for key in ("full_name", "address", "photo"):
        if fields.holds(key):
            fields.warn("not-kept", key, "Recognised as personal data that the service does not keep.")
    return IdentityRecord(
        given_name=read("given_name", to_label),
        family_name=read("family_name", to_label),
        email=read("email", to_email),
        phone=read("phone", to_label),
        birth_date=read("birth_date", to_date),
        sex=read("sex", to_label),
        nationality=read("nationality", to_label),
    )


def _to_kind(value: object) -> str:
    kind = value.strip().lower() if isinstance(value, str) else ""
    if kind not in PHRASE_KINDS:
        raise Fault("invalid-kind", "The value is not a kind of phrase.", f"Use {', '.join(PHRASE_KINDS)}.")
    return kind


def _skills(
    fields: RowFields, grade_key: str, to_grade: Callable[[object], GradeT]
) -> Iterator[tuple[str, GradeT | None, SkillLevel | None]]:
    for position, item in enumerate(fields.items("skills")):
        pointer = f"/skills/{position}"
        text: object = item
        grade: GradeT | None = None
        level: SkillLevel | None = None
        if isinstance(item, dict):
            fields.warn_unknown_in(pointer, item, ("skill", grade_key, "level"))
            text = item.get("skill")
            grade = fields.check(f"{pointer}/{grade_key}", to_grade, item.get(grade_key), None)
            level = fields.check(f"{pointer}/level", to_level, item.get("level"), None)
        elif fields.tabular and isinstance(item, str):
            text, *words = split_parts(item)
            for word in filter(None, words):
                as_level = level_word(word)
                if as_level is None:
                    grade = fields.check(pointer, to_grade, word, grade)
                else:
                    level = as_level
        if absent(text):
            fields.fail(pointer, Fault("required", "The skill is missing."))
        yield fields.check(pointer, to_label, text, ""), grade, level


def _occupations(fields: RowFields) -> Iterator[str]:
    for position, item in enumerate(fields.items("occupations", single_text=True)):
        text = split_parts(item)[0] if fields.tabular and isinstance(item, str) else item
        yield fields.check(f"/occupations/{position}", to_label, text, "")


def _education(fields: RowFields) -> Iterator[str]:
    for position, item in enumerate(fields.items("education", single_text=True)):
        pointer = f"/education/{position}"
        parts: list[object] = [item]
        if isinstance(item, dict):
            fields.warn_unknown_in(pointer, item, _EDUCATION_KEYS)
            parts = [item.get(key) for key in _EDUCATION_KEYS]
        elif fields.tabular and isinstance(item, str):
            parts = cast(list[object], split_parts(item))
        texts = [fields.check(pointer, to_text, part, "") for part in parts]
        if any(texts):
            yield ", ".join(filter(None, texts))


def _experience(fields: RowFields) -> Iterator[ExperienceRecord]:
    for position, item in enumerate(fields.items("experience", single_text=True)):
        pointer = f"/experience/{position}"
        parts: dict[str, object] = {"text": item}
        if isinstance(item, dict):
            fields.warn_unknown_in(pointer, item, _EXPERIENCE_KEYS)
            parts = item
        elif fields.tabular and isinstance(item, str):
            words = split_parts(item)
            keys = _EXPERIENCE_KEYS if len(words) > 1 else ("text",)
            parts = dict(zip(keys, words, strict=False))
        record = ExperienceRecord(
            occupation=fields.check(f"{pointer}/occupation", to_label, parts.get("occupation"), ""),
            text=fields.check(f"{pointer}/text", to_text, parts.get("text"), ""),
            months=fields.check(
                f"{pointer}/months",
                lambda value: to_whole_number(value, 0, MAX_MONTHS),
                parts.get("months"),
                None,
            ),
            started=fields.check(f"{pointer}/started", to_month_or_date, parts.get("started"), None),
            ended=fields.check(f"{pointer}/ended", to_last_month_or_date, parts.get("ended"), None),
        )
        if record.started and record.ended and record.ended < record.started:
            hint = "Exchange the two, or mend the one that is wrong."
            fields.fail(f"{pointer}/ended", Fault("period-backwards", "It ended before it started.", hint))
        if record != ExperienceRecord():
            yield record

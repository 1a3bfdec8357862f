"""Linked profiles as text and back: what ranking and explaining need of a candidate.

The words are those of the profile; there is no identity in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.domain.conditions import Circumstances
from app.domain.enums import Cefr, EvidenceGrade, LinkMethod, SkillLevel
from app.domain.records import CandidateRecord, ExperienceRecord, LanguageLevel
from app.services.occupations import ResolvedOccupation
from app.services.preparation import PreparedCandidate, PreparedClaim


def dump_profile(candidate: PreparedCandidate) -> str:
    """Write a linked profile down; equal profiles give equal text."""
    record = candidate.record
    values = {
        "claims": [
            [claim.skill_key, claim.source_text, claim.evidence, claim.level] for claim in candidate.claims
        ],
        "lang": record.lang,
        "read_in": candidate.lang,
        "circumstances": record.circumstances.as_dict(),
        "experience": [
            [work.occupation, work.months, _written(work.started), _written(work.ended)]
            for work in record.experience
        ],
        "languages": [[each.lang, each.cefr, each.own_levels] for each in record.languages],
        "occupations": [[*occupation, words] for occupation, words in candidate.occupations],
        "terms": sorted(candidate.terms),
        "translated": candidate.translated,
        "vetting": candidate.vetting,
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def load_profile(candidate_id: str, content: str) -> PreparedCandidate:
    """Read what ``dump_profile`` wrote; the texts of the record do not come back."""
    values: dict[str, Any] = json.loads(content)
    record = CandidateRecord(
        id=candidate_id,
        lang=values["lang"],
        languages=tuple(_language(*each) for each in values["languages"]),
        experience=tuple(
            ExperienceRecord(occupation, months=months, started=_read(started), ended=_read(ended))
            for occupation, months, started, ended in values["experience"]
        ),
        circumstances=Circumstances.from_dict(values["circumstances"]),
    )
    return PreparedCandidate(
        record=record,
        claims=[
            PreparedClaim(key, words, EvidenceGrade(evidence), SkillLevel(level) if level else None)
            for key, words, evidence, level in values["claims"]
        ],
        occupations=[
            (ResolvedOccupation(row, code, score, LinkMethod(method) if method else None), words)
            for row, code, score, method, words in values["occupations"]
        ],
        terms=set(values["terms"]),
        translated=values["translated"],
        lang=values["read_in"],
        vetting=tuple(values["vetting"]),
    )


def with_texts(
    candidate: PreparedCandidate, text: str, education: Sequence[str], experience: Sequence[Mapping[str, Any]]
) -> PreparedCandidate:
    """A profile that ``load_profile`` gave, with the running text of its record as it is stored."""
    record = candidate.record
    work = tuple(
        replace(known, text=stored["text"])
        for known, stored in zip(record.experience, experience, strict=True)
    )
    return replace(candidate, record=replace(record, text=text, education=tuple(education), experience=work))


def _language(lang: str, cefr: str | None, own: dict[str, str]) -> LanguageLevel:
    levels = {skill: Cefr(level) for skill, level in own.items()}
    return LanguageLevel(lang, Cefr(cefr) if cefr else None, **levels)


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _read(day: str | None) -> date | None:
    return None if day is None else date.fromisoformat(day)

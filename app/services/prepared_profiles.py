"""Linked profiles as text and back: what ranking and explaining need of a candidate.

The words are those of the profile; there is no identity in it.
"""

from __future__ import annotations

import json
from typing import Any

from app.domain.enums import Cefr, EvidenceGrade, LinkMethod, SkillLevel
from app.domain.records import CandidateRecord, LanguageLevel
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
        "languages": [[each.lang, each.cefr] for each in record.languages],
        "occupations": [[*occupation, words] for occupation, words in candidate.occupations],
        "terms": sorted(candidate.terms),
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def load_profile(candidate_id: str, content: str) -> PreparedCandidate:
    """Read what ``dump_profile`` wrote; of the record only id and languages come back."""
    values: dict[str, Any] = json.loads(content)
    languages = tuple(LanguageLevel(lang, Cefr(cefr) if cefr else None) for lang, cefr in values["languages"])
    return PreparedCandidate(
        record=CandidateRecord(id=candidate_id, lang=values["lang"], languages=languages),
        claims=[
            PreparedClaim(key, words, EvidenceGrade(evidence), SkillLevel(level) if level else None)
            for key, words, evidence, level in values["claims"]
        ],
        occupations=[
            (ResolvedOccupation(row, code, score, LinkMethod(method) if method else None), words)
            for row, code, score, method, words in values["occupations"]
        ],
        terms=set(values["terms"]),
    )

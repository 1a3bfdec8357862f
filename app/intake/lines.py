"""Records and results as the lines of JSON Lines files and the rows of tables.

The keys are a contract that other tools rely on; ``docs/file-mode.md`` states it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TypeAlias

from app.domain.eligibility import Eligibility
from app.domain.enums import EvidenceGrade, Importance, SkillLevel
from app.domain.records import AliasRecord, CandidateRecord, ExperienceRecord, VacancyRecord
from app.domain.results import Contribution, PhraseLinks, RankedMatch, VacancyRanking
from app.domain.reviews import NOT_REVIEWED, PairReview, ReviewEntry
from app.domain.summary import summarise
from app.intake.cells import join_items
from app.intake.condition_lines import (
    CIRCUMSTANCE_HEADER,
    CONDITION_HEADER,
    circumstance_cells,
    condition_cells,
    language_lines,
    languages_cell,
)
from app.wording import say_all

Line: TypeAlias = dict[str, object]
Row: TypeAlias = dict[str, str | int | float | bool]

VACANCY_HEADER = (
    "id", "title", "description", "lang", "country", "occupation", "skills", "languages", "openings",
    *CONDITION_HEADER,
)  # fmt: skip
CANDIDATE_HEADER = (
    "id", "text", "lang", "occupations", "skills", "languages", "education", "experience",
    *CIRCUMSTANCE_HEADER,
)  # fmt: skip
ALIAS_HEADER = ("phrase", "lang", "kind", "concept_uri", "note")
DECISION_HEADER = (
    "vacancy_id", "candidate_id", "decision", "reason", "number", "is_override", "is_stale", "decided_at",
    "run_id", "weight_profile", "rank", "score", "verdict",
)  # fmt: skip
LINK_HEADER = ("id", "abstained", "rank", "concept_uri", "label", "score", "method")
_MATCH_HEADER = ("vacancy_id", "candidate_id", "rank", "score", "tied", "eligibility", "fix_or_ask")
_REVIEW_HEADER = ("decision", "reason", "introduced_elsewhere")
_SUMMARY_HEADER = ("essentials_met", "essentials", "strongest", "gap")


def vacancy_line(record: VacancyRecord) -> Line:
    """Give a vacancy in the input contract; absent fields are left out."""
    return _without_blanks(
        {
            "id": record.id,
            "title": record.title,
            "description": record.description,
            "lang": record.lang,
            "country": record.country,
            "occupation": record.occupation,
            "skills": [
                _without_blanks(
                    {"skill": skill.skill, "importance": skill.importance.value, "level": _level(skill.level)}
                )
                for skill in record.skills
            ],
            "languages": language_lines(record.languages),
            "openings": record.openings,
            **record.conditions.as_dict(),
        }
    )


def candidate_line(record: CandidateRecord) -> Line:
    """Give a candidate in the input contract; absent fields are left out."""
    return _without_blanks(
        {
            "id": record.id,
            "text": record.text,
            "lang": record.lang,
            "occupations": list(record.occupations),
            "skills": [
                _without_blanks(
                    {"skill": claim.skill, "evidence": claim.evidence.value, "level": _level(claim.level)}
                )
                for claim in record.skills
            ],
            "languages": language_lines(record.languages),
            "education": list(record.education),
            "experience": [
                _without_blanks(
                    {
                        "occupation": work.occupation,
                        "text": work.text,
                        "months": work.months,
                        "started": work.started.isoformat() if work.started else None,
                        "ended": work.ended.isoformat() if work.ended else None,
                    }
                )
                for work in record.experience
            ],
            **record.circumstances.as_dict(),
        }
    )


def ranking_line(ranking: VacancyRanking, *, explain: bool) -> Line:
    """Give the ranking of one vacancy; with ``explain``, with what each score is made of.

    Those whom a must or a person rules out stand under ``apart``, at the rank that they would have.
    """
    line: Line = {
        "vacancy_id": ranking.vacancy_id,
        "matches": [_match(match, explain=explain) for match in ranking.matches],
    }
    if ranking.apart or explain:
        line["apart"] = [
            _match(match, explain=explain) | {"rules": match.eligibility.as_list()} for match in ranking.apart
        ]
    if explain:
        line["flags"] = list(ranking.flags)
    return line


def links_line(links: PhraseLinks) -> Line:
    """Give the links of one phrase."""
    return {
        "id": links.id,
        "links": [
            {
                "concept_uri": link.concept_uri,
                "label": link.label,
                "score": link.score,
                "method": link.method.value,
            }
            for link in links.links
        ],
        "abstained": links.abstained,
    }


def vacancy_row(record: VacancyRecord) -> Row:
    """Give a vacancy as a row of a table, in the notation for cells."""
    skills = (
        _skill_parts(
            skill.skill, "" if skill.importance is Importance.ESSENTIAL else skill.importance, skill.level
        )
        for skill in record.skills
    )
    return {
        "id": record.id,
        "title": record.title,
        "description": record.description,
        "lang": record.lang or "",
        "country": record.country or "",
        "occupation": record.occupation,
        "skills": join_items(skills),
        "languages": languages_cell(record.languages),
        "openings": record.openings,
        **condition_cells(record.conditions),
    }


def candidate_row(record: CandidateRecord) -> Row:
    """Give a candidate as a row of a table, in the notation for cells."""
    claims = (
        _skill_parts(
            claim.skill, "" if claim.evidence is EvidenceGrade.SELF_STATED else claim.evidence, claim.level
        )
        for claim in record.skills
    )
    return {
        "id": record.id,
        "text": record.text,
        "lang": record.lang or "",
        "occupations": join_items([occupation] for occupation in record.occupations),
        "skills": join_items(claims),
        "languages": languages_cell(record.languages),
        "education": join_items([entry] for entry in record.education),
        "experience": join_items(map(_experience_parts, record.experience)),
        **circumstance_cells(record.circumstances),
    }


def alias_line(record: AliasRecord) -> Line:
    """Give an alias in the input contract; ``concept_uri`` is null for "no concept"."""
    return {**alias_row(record), "concept_uri": record.concept_uri}


def alias_row(record: AliasRecord) -> Row:
    """Give an alias as a row of a table; ``concept_uri`` is empty for "no concept"."""
    return {
        "phrase": record.phrase,
        "lang": record.lang,
        "kind": record.kind.value,
        "concept_uri": record.concept_uri or "",
        "note": record.note,
    }


def decision_line(entry: ReviewEntry) -> Line:
    """Give a decision in the input contract, with what it was made on; absent fields are left out."""
    return _without_blanks({**decision_row(entry)})


def decision_row(entry: ReviewEntry) -> Row:
    """Give a decision as a row of a table."""
    return {
        "vacancy_id": entry.vacancy_id,
        "candidate_id": entry.candidate_id,
        "decision": entry.decision.value,
        "reason": entry.reason.value if entry.reason else "",
        "number": entry.number,
        "is_override": entry.is_override,
        "is_stale": entry.is_stale,
        "decided_at": entry.decided_at.isoformat(),
        "run_id": str(entry.run_id) if entry.run_id else "",
        "weight_profile": entry.weight_profile or "",
        "rank": entry.rank or "",
        "score": "" if entry.score is None else entry.score,
        "verdict": entry.verdict.value if entry.verdict else "",
    }


def match_header(rankings: Iterable[VacancyRanking], *, explain: bool) -> tuple[str, ...]:
    """Give the columns of a table of matches: one for each part that occurs, decisions if there are any."""
    matches = [match for ranking in rankings for match in (*ranking.matches, *ranking.apart)]
    parts = dict.fromkeys(part for match in matches for part in match.parts)
    is_reviewed = any(match.review != NOT_REVIEWED for match in matches)
    return (
        *_MATCH_HEADER,
        *(_REVIEW_HEADER if is_reviewed else ()),
        *parts,
        *(_SUMMARY_HEADER if explain else ()),
    )


def match_rows(rankings: Iterable[VacancyRanking], *, explain: bool) -> Iterator[Row]:
    """Give one row per match, and after those of each vacancy one per pair that is listed apart.

    The latter have no rank.
    """
    for ranking in rankings:
        for match in ranking.matches:
            yield _match_row(ranking.vacancy_id, match, explain=explain) | {"rank": match.rank}
        for match in ranking.apart:
            yield _match_row(ranking.vacancy_id, match, explain=explain)


def link_rows(phrases: Iterable[PhraseLinks]) -> Iterator[Row]:
    """Give one row per link, and one for each phrase without any."""
    for phrase in phrases:
        if not phrase.links:
            yield {"id": phrase.id, "abstained": phrase.abstained}
        for rank, link in enumerate(phrase.links, start=1):
            yield {
                "id": phrase.id,
                "abstained": phrase.abstained,
                "rank": rank,
                "concept_uri": link.concept_uri,
                "label": link.label,
                "score": link.score,
                "method": link.method.value,
            }


def _match_row(vacancy_id: str, match: RankedMatch, *, explain: bool) -> Row:
    row: Row = {
        "vacancy_id": vacancy_id,
        "candidate_id": match.candidate_id,
        "score": match.score,
        "tied": match.tied,
        "eligibility": match.eligibility.verdict.value,
        "fix_or_ask": _fix_or_ask(match.eligibility),
        **match.parts,
    }
    decision = match.review.decision
    if match.review != NOT_REVIEWED:
        row["decision"] = decision.state.value if decision else ""
        row["reason"] = decision.reason.value if decision and decision.reason else ""
        row["introduced_elsewhere"] = join_items([each] for each in match.review.introduced_elsewhere)
    return row | _summary(match) if explain else row


def _fix_or_ask(eligibility: Eligibility) -> str:
    """What would turn each no into a yes, else what has to be asked, in the words of files: English."""
    said = [result.fix.message for result in eligibility.failed if result.fix]
    said = said or [result.ask for result in eligibility.open_questions if result.ask]
    return say_all(said)


def _match(match: RankedMatch, *, explain: bool) -> Line:
    line: Line = {
        "candidate_id": match.candidate_id,
        "rank": match.rank,
        "score": match.score,
        "parts": match.parts,
        **_decision(match.review),
    }
    if explain:
        line["eligibility"] = match.eligibility.verdict.value
        line["rules"] = match.eligibility.as_list()
        line["candidate_side"] = asdict(match.candidate_side)
        line["tied"] = match.tied
        line["flags"] = list(match.flags)
        line["near_duplicates"] = list(match.near_duplicates)
        line["contributions"] = [_contribution(share) for share in match.contributions]
    return line


def _decision(review: PairReview) -> Line:
    """What people decided, where they did; who it was is not told."""
    line: Line = {}
    if review.decision is not None:
        decision: Line = {"decision": review.decision.state.value}
        if review.decision.reason is not None:
            decision["reason"] = review.decision.reason.value
        if review.decision.decided_at is not None:
            decision["decided_at"] = review.decision.decided_at.isoformat()
            decision["is_stale"] = review.decision.is_stale
        line["decision"] = decision
    if review.introduced_elsewhere:
        line["introduced_elsewhere"] = list(review.introduced_elsewhere)
    return line


def _contribution(share: Contribution) -> Line:
    return {
        "part": share.part,
        "requirement": share.requirement,
        "requirement_uri": share.requirement_uri,
        "importance": share.importance.value if share.importance else None,
        "provenance": share.provenance.value if share.provenance else None,
        "weight": share.weight,
        "credit": share.credit,
        "value": share.value,
        "relation": share.relation,
        "claim": share.claim,
        "claim_uri": share.claim_uri,
        "evidence": share.evidence.value if share.evidence else None,
        "source": share.source,
    }


def _summary(match: RankedMatch) -> Row:
    summary = summarise(match)
    return {
        "essentials_met": summary.essentials_met,
        "essentials": summary.n_essentials,
        "strongest": summary.strongest.requirement if summary.strongest else "",
        "gap": summary.gap.requirement if summary.gap else "",
    }


def _without_blanks(line: Line) -> Line:
    return {key: value for key, value in line.items() if value not in (None, "", [])}


def _level(level: SkillLevel | None) -> int | None:
    return None if level is None else level.value


def _skill_parts(skill: str, grade: str, level: SkillLevel | None) -> list[str]:
    return [skill, *filter(None, (level.name.lower() if level else "", str(grade)))]


def _experience_parts(work: ExperienceRecord) -> list[str]:
    dates = [day.isoformat() if day else "" for day in (work.started, work.ended)]
    parts = [work.occupation, work.text, "" if work.months is None else str(work.months)]
    if any(dates):
        return parts + dates
    return parts if work.occupation or work.months is not None else [work.text]

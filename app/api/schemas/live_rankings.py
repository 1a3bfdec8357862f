"""Rankings as of now: candidates for a vacancy, vacancies for a candidate or a cohort."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from app.api.schemas.common import Given
from app.api.schemas.eligibility import CandidateSideOut, EligibilityOut
from app.api.schemas.explanations import ContributionOut, RequirementOut, WhatIfOut
from app.api.schemas.matched import MatchedCandidate
from app.api.schemas.reviews import Reviewed, reviewed
from app.domain.confidence import Confidence, confidence_of
from app.domain.explained import in_words
from app.domain.ids import pseudonym_of
from app.domain.results import RankedMatch
from app.services.live_cohorts import LiveCohort
from app.services.live_pools import candidate_of, external_id_of
from app.services.live_ranking import LiveRanking
from app.services.live_vacancies import LiveVacancies, SuitedVacancy
from app.services.weight_profiles import label_of
from app.wording import say_all


class LiveMatch(Reviewed):
    """One candidate in a live ranking; `parts`, and `contributions` if asked for, sum to `score` exactly."""

    candidate: MatchedCandidate
    rank: int
    score: float
    tied: bool = Field(description="A neighbour has the same score; their order is by id only.")
    parts: dict[str, float]
    confidence: Confidence = Field(description="How much the score rests on; the flags say why.")
    flags: list[str]
    eligibility: EligibilityOut
    candidate_side: CandidateSideOut
    near_duplicates: list[str] = Field(
        description="Pseudonyms of the candidates of this ranking whose profiles say nearly the same."
    )
    contributions: list[ContributionOut] | None
    text: str | None = Field(description="The match in a few sentences, with `explain`.")
    what_if: list[WhatIfOut]


class LiveRankingOut(Given):
    """A vacancy's ranking as of now, best first; nothing is stored.

    `fingerprint` is equal for equal candidates, whatever the database.
    """

    engine_version: str
    taxonomy_name: str
    taxonomy_checksum: str
    weight_profile_name: str
    requirements_version: int
    n_candidates: int
    fingerprint: str
    flags: list[str]
    requirements: list[RequirementOut]
    matches: list[LiveMatch]
    apart: list[LiveMatch] = Field(
        description="Those whom a must or a person rules out; `rank` is the one that they would have."
    )

    @classmethod
    def of(cls, live: LiveRanking, *, explain: bool, lang: str, engine_version: str) -> LiveRankingOut:
        taxonomy, ranking = live.index.taxonomy, live.ranking
        return cls(
            engine_version=engine_version,
            taxonomy_name=taxonomy.name,
            taxonomy_checksum=taxonomy.checksum,
            weight_profile_name=label_of(live.weights),
            requirements_version=live.requirements_version,
            n_candidates=live.n_candidates,
            fingerprint=live.fingerprint,
            flags=list(ranking.flags),
            requirements=[RequirementOut.of(requirement) for requirement in ranking.requirements],
            matches=[_live_match(match, explain=explain, lang=lang) for match in ranking.matches],
            apart=[_live_match(match, explain=explain, lang=lang) for match in ranking.apart],
        )


def _live_candidate(row: str) -> MatchedCandidate:
    candidate_id = candidate_of(row)
    return MatchedCandidate(
        id=candidate_id, pseudonym=pseudonym_of(candidate_id), external_id=external_id_of(row)
    )


def _live_match(match: RankedMatch, *, explain: bool, lang: str) -> LiveMatch:
    return LiveMatch(
        **reviewed(match.review),
        candidate=_live_candidate(match.candidate_id),
        rank=match.rank,
        score=match.score,
        tied=match.tied,
        parts=match.parts,
        confidence=confidence_of(match.flags),
        flags=list(match.flags),
        eligibility=EligibilityOut.of(match.eligibility, lang),
        candidate_side=CandidateSideOut.of(match.candidate_side),
        near_duplicates=[pseudonym_of(candidate_of(each)) for each in match.near_duplicates],
        contributions=[ContributionOut.of(share) for share in match.contributions] if explain else None,
        text=say_all(in_words(match), lang) if explain else None,
        what_if=[WhatIfOut.of(each, lang) for each in match.what_if],
    )


class SeatedCandidate(Reviewed):
    """Somebody of a cohort for one vacancy; scores are those of the vacancy's own ranking."""

    candidate: MatchedCandidate
    rank: int
    score: float
    confidence: Confidence = Field(description="How much the score rests on; the flags say why.")
    flags: list[str]
    eligibility: EligibilityOut

    @classmethod
    def of(cls, match: RankedMatch, lang: str) -> SeatedCandidate:
        return cls(
            **reviewed(match.review),
            candidate=_live_candidate(match.candidate_id),
            rank=match.rank,
            score=match.score,
            confidence=confidence_of(match.flags),
            flags=list(match.flags),
            eligibility=EligibilityOut.of(match.eligibility, lang),
        )


class CohortVacancyOut(Given):
    """One vacancy for a cohort.

    `fit` is the mean score of the best people whom neither a must nor a person rules out, one for
    each opening (at most 20); an opening that nobody is left for counts 0. `apart` are those who are
    ruled out and would be among them.
    """

    vacancy_id: UUID
    title: str
    openings: int
    rank: int
    fit: float
    tied: bool
    matches: list[SeatedCandidate]
    apart: list[SeatedCandidate]


class CohortRankingOut(Given):
    """The published vacancies that suit a cohort best, as of now; nothing is stored."""

    engine_version: str
    taxonomy_name: str
    taxonomy_checksum: str
    weight_profile_name: str
    n_vacancies: int
    n_candidates: int
    vacancies: list[CohortVacancyOut]

    @classmethod
    def of(cls, live: LiveCohort, *, lang: str, engine_version: str) -> CohortRankingOut:
        taxonomy = live.taxonomy_index.taxonomy
        return cls(
            engine_version=engine_version,
            taxonomy_name=taxonomy.name,
            taxonomy_checksum=taxonomy.checksum,
            weight_profile_name=label_of(live.weights),
            n_vacancies=live.n_vacancies,
            n_candidates=live.n_candidates,
            vacancies=[
                CohortVacancyOut(
                    vacancy_id=each.vacancy_id,
                    title=each.title,
                    openings=each.openings,
                    rank=each.rank,
                    fit=each.fit,
                    tied=each.tied,
                    matches=[SeatedCandidate.of(match, lang) for match in each.matches],
                    apart=[SeatedCandidate.of(match, lang) for match in each.apart],
                )
                for each in live.best
            ],
        )


class SuitedVacancyOut(Reviewed):
    """One vacancy for a candidate; `parts`, and `contributions` if asked for, sum to `score` exactly."""

    vacancy_id: UUID
    title: str
    rank: int
    score: float
    tied: bool = Field(description="A neighbour has the same score; their order is by id only.")
    parts: dict[str, float]
    confidence: Confidence = Field(description="How much the score rests on; the flags say why.")
    flags: list[str]
    eligibility: EligibilityOut
    candidate_side: CandidateSideOut
    contributions: list[ContributionOut] | None


class SuitedVacanciesOut(Given):
    """The published vacancies that suit a candidate best, as of now; nothing is stored."""

    engine_version: str
    taxonomy_name: str
    taxonomy_checksum: str
    weight_profile_name: str
    n_vacancies: int
    vacancies: list[SuitedVacancyOut]
    apart: list[SuitedVacancyOut] = Field(
        description="Vacancies that a must or a person rules out; `rank` is the one that they would have."
    )

    @classmethod
    def of(cls, live: LiveVacancies, *, explain: bool, lang: str, engine_version: str) -> SuitedVacanciesOut:
        taxonomy = live.taxonomy_index.taxonomy
        return cls(
            engine_version=engine_version,
            taxonomy_name=taxonomy.name,
            taxonomy_checksum=taxonomy.checksum,
            weight_profile_name=label_of(live.weights),
            n_vacancies=live.n_vacancies,
            vacancies=[_suited(suited, explain=explain, lang=lang) for suited in live.best],
            apart=[_suited(suited, explain=explain, lang=lang) for suited in live.apart],
        )


def _suited(suited: SuitedVacancy, *, explain: bool, lang: str) -> SuitedVacancyOut:
    match = suited.match
    return SuitedVacancyOut(
        **reviewed(match.review),
        vacancy_id=suited.vacancy_id,
        title=suited.title,
        rank=match.rank,
        score=match.score,
        tied=match.tied,
        parts=match.parts,
        confidence=confidence_of(match.flags),
        flags=[*suited.flags, *match.flags],
        eligibility=EligibilityOut.of(match.eligibility, lang),
        candidate_side=CandidateSideOut.of(match.candidate_side),
        contributions=[ContributionOut.of(share) for share in match.contributions] if explain else None,
    )

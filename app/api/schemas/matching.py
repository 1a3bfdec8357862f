"""Match runs, matches and their explanations as callers send and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, field_validator

from app.api.problems import Issue
from app.api.schemas.cohorts import CANDIDATE_EXAMPLE, ProfileIn
from app.api.schemas.common import WHOLE, Given, Received, RecordId
from app.api.schemas.eligibility import CandidateSideOut, EligibilityOut
from app.api.schemas.explanations import ContributionOut, RequirementOut, StepOut, step_label
from app.api.schemas.matched import MatchedCandidate, matched_candidate
from app.api.schemas.reviews import Reviewed, reviewed
from app.api.schemas.vacancies import EXAMPLE as VACANCY_EXAMPLE
from app.api.schemas.vacancies import VacancyIn
from app.domain.confidence import Confidence, confidence_of
from app.domain.eligibility import Eligibility
from app.domain.explained import in_words, waterfall
from app.domain.results import RankedMatch, VacancyRanking
from app.domain.reviews import PairReview
from app.domain.transitions import MatchRunState
from app.matching.weights import WeightProfile
from app.models import Match, MatchApart, MatchRun
from app.services.match_runs import RankedList, place_of
from app.services.weight_profiles import label_of
from app.wording import say_all

MAX_K = 200
MAX_RUN_VACANCIES = 1_000
MAX_SCORED = 200

TopK = Annotated[
    int, Field(strict=True, ge=1, le=MAX_K, description="How many candidates to give per vacancy."), WHOLE
]


class MatchRunIn(Received):
    """What to rank: the vacancies named, or every published one, against every active candidate."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"k": 10}]})

    vacancy_ids: Annotated[
        tuple[RecordId, ...] | None,
        Field(min_length=1, max_length=MAX_RUN_VACANCIES, json_schema_extra={"uniqueItems": True}),
    ] = None
    k: TopK = 10

    @field_validator("vacancy_ids")
    @classmethod
    def _each_once(cls, ids: tuple[UUID, ...] | None) -> tuple[UUID, ...] | None:
        if ids is not None and len(set(ids)) != len(ids):
            raise Issue("repeated", "An id appears more than once.")
        return ids


class MatchRunOut(Given):
    """One execution of the ranking, with everything that pins its result.

    The pins are null until the run has started or is complete.
    """

    id: UUID
    job_id: UUID | None
    state: MatchRunState
    k: int
    vacancy_ids: list[UUID] | None
    weight_profile_name: str
    weight_profile: dict[str, object]
    engine_version: str | None
    taxonomy_name: str | None
    taxonomy_checksum: str | None
    alias_version: int | None
    shared_alias_version: int | None
    index_fingerprint: str | None
    input_digest: str | None
    n_vacancies: int
    n_candidates: int
    n_matches: int
    error_code: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: MatchRun, job_id: UUID | None) -> MatchRunOut:
        values = {name: getattr(row, name) for name in cls.model_fields if name != "job_id"}
        return cls(job_id=job_id, **values)


class MatchOut(Reviewed):
    """One candidate in a vacancy's ranking. `parts` sum to `score` exactly."""

    id: UUID
    run_id: UUID
    vacancy_id: UUID
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

    @classmethod
    def of(cls, row: Match, review: PairReview, *, pseudonymous: bool, lang: str) -> MatchOut:
        return cls(
            **reviewed(review),
            id=row.id,
            run_id=row.run_id,
            vacancy_id=row.vacancy_id,
            candidate=matched_candidate(row.candidate, pseudonymous=pseudonymous),
            rank=row.rank,
            score=row.score,
            tied=row.tied,
            parts=row.parts,
            confidence=confidence_of(row.flags),
            flags=row.flags,
            eligibility=EligibilityOut.of(Eligibility.from_list(row.eligibility), lang),
            candidate_side=CandidateSideOut(**row.candidate_side),
            near_duplicates=row.near_duplicates,
        )


class ApartOut(Reviewed):
    """Somebody whom a must or a person rules out and who would be among the matches without it.

    `place` is the rank that they would have; `eligibility` says which rule, by which source,
    since when, and what would mend it, `decision` what a person decided. Who is neither was so when
    the run was made; the next one lists them again.
    """

    candidate: MatchedCandidate
    place: int
    score: float
    parts: dict[str, float]
    confidence: Confidence = Field(description="How much the score rests on; the flags say why.")
    flags: list[str]
    eligibility: EligibilityOut
    candidate_side: CandidateSideOut
    contributions: list[ContributionOut]

    @classmethod
    def of(cls, row: Match | MatchApart, review: PairReview, *, pseudonymous: bool, lang: str) -> ApartOut:
        return cls(
            **reviewed(review),
            candidate=matched_candidate(row.candidate, pseudonymous=pseudonymous),
            place=place_of(row),
            score=row.score,
            parts=row.parts,
            confidence=confidence_of(row.flags),
            flags=row.flags,
            eligibility=EligibilityOut.of(Eligibility.from_list(row.eligibility), lang),
            candidate_side=CandidateSideOut(**row.candidate_side),
            contributions=[ContributionOut.model_validate(share) for share in row.contributions],
        )


class MatchesOut(Given):
    """A page of a vacancy's ranking, best first.

    `run_id` is null, and the list empty, when the vacancy was never ranked. `stale`
    says that its requirements have changed since the run.
    """

    run_id: UUID | None
    requirements_version: int | None
    stale: bool
    flags: list[str]
    items: list[MatchOut]
    apart: list[ApartOut] = Field(
        description="Those whom a must or a person rules out, of the whole ranking."
    )
    next_cursor: str | None

    @classmethod
    def of(cls, ranking: RankedList, next_cursor: str | None, lang: str) -> MatchesOut:
        def review(row: Match | MatchApart) -> PairReview:
            return ranking.decisions.review(str(row.vacancy_id), str(row.candidate_id))

        shown: dict[str, Any] = {"pseudonymous": ranking.pseudonymous, "lang": lang}
        return cls(
            run_id=None if ranking.run is None else ranking.run.id,
            requirements_version=None if ranking.ranked is None else ranking.ranked.requirements_version,
            stale=ranking.stale,
            flags=[] if ranking.ranked is None else ranking.ranked.flags,
            items=[MatchOut.of(row, review(row), **shown) for row in ranking.matches],
            apart=[ApartOut.of(row, review(row), **shown) for row in ranking.apart],
            next_cursor=next_cursor,
        )


class ExplanationOut(Given):
    """A match and the contributions that sum to its score exactly, in any order.

    `waterfall` ends at the score; `text` tells the match in a few sentences.
    """

    match: MatchOut
    text: str
    waterfall: list[StepOut]
    contributions: list[ContributionOut]

    @classmethod
    def of(
        cls, match: MatchOut, shares: list[ContributionOut], told: RankedMatch, lang: str
    ) -> ExplanationOut:
        position = {id(share): at for at, share in enumerate(told.contributions)}
        steps = [
            StepOut(
                label=step_label(step, lang),
                value=step.value,
                start=step.start,
                end=step.end,
                position=None if step.share is None else position[id(step.share)],
                n_shares=step.n_shares,
            )
            for step in waterfall(told)
        ]
        return cls(match=match, text=say_all(in_words(told), lang), waterfall=steps, contributions=shares)


class ScoreIn(Received):
    """A vacancy and candidates to rank at once; nothing is stored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"vacancy": VACANCY_EXAMPLE, "candidates": [CANDIDATE_EXAMPLE], "explain": True}]
        }
    )

    vacancy: VacancyIn
    candidates: Annotated[tuple[ProfileIn, ...], Field(min_length=1, max_length=MAX_SCORED)]
    k: TopK = 10
    explain: Annotated[bool, Field(strict=True)] = False

    @field_validator("candidates")
    @classmethod
    def _ids_differ(cls, candidates: tuple[ProfileIn, ...]) -> tuple[ProfileIn, ...]:
        if len({candidate.external_id for candidate in candidates}) != len(candidates):
            raise Issue("repeated", "Two candidates have the same external_id.")
        return candidates


class ScoredCandidate(Given):
    """One candidate in the ranking."""

    external_id: str
    rank: int
    score: float
    tied: bool
    parts: dict[str, float]
    confidence: Confidence = Field(description="How much the score rests on; the flags say why.")
    flags: list[str]
    eligibility: EligibilityOut
    candidate_side: CandidateSideOut
    near_duplicates: list[str]
    contributions: list[ContributionOut] | None

    @classmethod
    def of(cls, match: RankedMatch, *, explain: bool, lang: str) -> ScoredCandidate:
        shares = [ContributionOut.of(share) for share in match.contributions] if explain else None
        return cls(
            external_id=match.candidate_id,
            rank=match.rank,
            score=match.score,
            tied=match.tied,
            parts=match.parts,
            confidence=confidence_of(match.flags),
            flags=list(match.flags),
            eligibility=EligibilityOut.of(match.eligibility, lang),
            candidate_side=CandidateSideOut.of(match.candidate_side),
            near_duplicates=list(match.near_duplicates),
            contributions=shares,
        )


class ScoreOut(Given):
    """The ranking of one vacancy, best first, and what it was ranked on."""

    engine_version: str
    taxonomy_name: str
    taxonomy_checksum: str
    weight_profile_name: str
    flags: list[str]
    requirements: list[RequirementOut]
    matches: list[ScoredCandidate]
    apart: list[ScoredCandidate] = Field(
        description="Those whom a must rules out; their `rank` is the one that they would have."
    )

    @classmethod
    def of(
        cls,
        ranking: VacancyRanking,
        *,
        explain: bool,
        lang: str,
        engine_version: str,
        name: str,
        checksum: str,
        weights: WeightProfile,
    ) -> ScoreOut:
        return cls(
            engine_version=engine_version,
            taxonomy_name=name,
            taxonomy_checksum=checksum,
            weight_profile_name=label_of(weights),
            flags=list(ranking.flags),
            requirements=[RequirementOut.of(item) for item in ranking.requirements],
            matches=[ScoredCandidate.of(match, explain=explain, lang=lang) for match in ranking.matches],
            apart=[ScoredCandidate.of(match, explain=explain, lang=lang) for match in ranking.apart],
        )

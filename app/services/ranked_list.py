"""A vacancy's ranking as staff go through it: who is listed, who nearly is, what is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.eligibility import Eligibility
from app.domain.enums import Verdict
from app.domain.permissions import Operation, require
from app.domain.reviews import RULED_OUT, PairReview
from app.domain.transitions import ReviewState
from app.errors import NotFound
from app.models import MatchRun, RankedVacancy, Vacancy
from app.repositories.match_runs import MatchRunRepository
from app.repositories.ranked_pairs import PairRow, RankedPairRepository
from app.repositories.records import VacancyRepository
from app.services.decisions import load_decisions


@dataclass(frozen=True, slots=True)
class RankedPair:
    """One candidate of a ranking.

    Attributes
    ----------
    rank
        The one that those with the same score share.
    essentials
        How many essential skills are met, of how many; None of those whom a must rules out.
    """

    row: PairRow
    rank: int
    eligibility: Eligibility
    essentials: tuple[int, int] | None
    review: PairReview

    @property
    def state(self) -> ReviewState:
        """What people have decided."""
        return ReviewState.PROPOSED if self.review.decision is None else self.review.decision.state


@dataclass(frozen=True, slots=True)
class RankedList:
    """A ranking; ``run`` and ``ranked`` are None where the vacancy was never ranked.

    Attributes
    ----------
    listed
        Best first, without those whom people have ruled out.
    apart
        Whom a must rules out, and whom people have, by the rank that they would have.
    is_stale
        The requirements have changed since.
    previous
        The run that ranked the vacancy before; None where there is none.
    """

    vacancy: Vacancy
    run: MatchRun | None
    ranked: RankedVacancy | None
    listed: Sequence[RankedPair]
    apart: Sequence[RankedPair]
    is_stale: bool
    previous: MatchRun | None


@dataclass(frozen=True, slots=True)
class MatchFilter:
    """Which of the listed; None and 0 let everybody through."""

    state: ReviewState | None = None
    verdict: Verdict | None = None
    country: str = ""
    least_essentials: int = 0

    def takes(self, pair: RankedPair) -> bool:
        """Whether a pair is wanted."""
        met = pair.essentials[0] if pair.essentials else 0
        return (
            (self.state is None or pair.state is self.state)
            and (self.verdict is None or pair.eligibility.verdict is self.verdict)
            and (not self.country or pair.row.country == self.country)
            and met >= self.least_essentials
        )


def find_ranking(
    session: Session, actor: Actor, vacancy_id: UUID, run_id: UUID | None
) -> tuple[Vacancy, MatchRun | None, RankedVacancy | None]:
    """Find a vacancy and its ranking in the run named, else in the newest complete one.

    Raises
    ------
    NotFound
        The actor knows no such vacancy, or the run did not rank it.
    """
    require(actor, Operation.RANKING_READ)
    vacancy = VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_READ)
    runs = MatchRunRepository(session, actor)
    if run_id is None:
        run = runs.find_latest_complete(vacancy_id)
        if run is None:
            return vacancy, None, None
    else:
        run = runs.get(run_id, Operation.RANKING_READ)
    ranked = runs.find_ranked_vacancy(run, vacancy_id)
    if ranked is None:
        raise NotFound(f"That match run is {run.state} and did not rank this vacancy.")
    return vacancy, run, ranked


def read_ranking(
    session: Session, actor: Actor, vacancy_id: UUID, *, run_id: UUID | None = None
) -> RankedList:
    """Read a vacancy's ranking with what is decided, in a fixed number of queries; raises as above."""
    vacancy, run, ranked = find_ranking(session, actor, vacancy_id, run_id)
    if run is None or ranked is None:
        return RankedList(vacancy, None, None, (), (), is_stale=False, previous=None)
    pairs = RankedPairRepository(session, actor)
    matches = pairs.list_matches(run.id, vacancy_id)
    ruled_out = pairs.list_apart(run.id, vacancy_id)
    essentials = pairs.count_essentials(run.id, vacancy_id)
    ids = [row.candidate_id for row in (*matches, *ruled_out)]
    decisions = load_decisions(session, actor, vacancy_id=vacancy_id, candidate_ids=ids)

    first = _first_of_ties(matches)

    def pair_of(row: PairRow) -> RankedPair:
        return RankedPair(
            row,
            first.get(row.place, row.place) if row.match_id is not None else row.place,
            Eligibility.from_list(row.eligibility),
            None if row.match_id is None else essentials.get(row.match_id, (0, 0)),
            decisions.review(str(vacancy_id), str(row.candidate_id)),
        )

    listed = [pair_of(row) for row in matches]
    apart = [*map(pair_of, ruled_out), *(pair for pair in listed if pair.state in RULED_OUT)]
    return RankedList(
        vacancy=vacancy,
        run=run,
        ranked=ranked,
        listed=[pair for pair in listed if pair.state not in RULED_OUT],
        apart=sorted(apart, key=lambda pair: pair.row.place),
        is_stale=ranked.requirements_version != vacancy.requirements_version,
        previous=MatchRunRepository(session, actor).find_latest_complete(vacancy_id, before=run),
    )


def _first_of_ties(matches: Sequence[PairRow]) -> dict[int, int]:
    """The best rank among those with the same score, by each one's own."""
    first: dict[int, int] = {}
    for before, row in pairwise(matches):
        if before.score == row.score:
            first[row.place] = first.get(before.place, before.place)
    return first

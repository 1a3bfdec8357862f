"""Rank candidates for vacancies, from records to explained matches.

The one way to a ranking: file mode, stateless scoring, stored match runs and live
rankings all come through here, so the same records give the same bytes.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from app.domain.records import CandidateRecord, VacancyRecord
from app.domain.results import VacancyRanking
from app.domain.reviews import DecisionBook, PairReview
from app.matching.ranking.batch import Asked, ThreadExecutor, rank_all
from app.matching.ranking.pool import Pool, PoolView, Ranked
from app.matching.weights import DEFAULT_WEIGHTS, WeightProfile
from app.services.candidate_terms import Vocabulary, make_rows
from app.services.choosing import choose, first_length
from app.services.eligibility import EligibilityOf
from app.services.explanation import Explainer
from app.services.pairs import PairReader, People, Person, ProfileTexts, apart_of, matches_of
from app.services.preparation import (
    PreparedCandidate,
    PreparedVacancy,
    Progress,
    prepare_candidates,
    prepare_vacancies,
)
from app.services.taxonomy_index import TaxonomyIndex
from app.services.vacancy_queries import AskedVacancy, QueryMaker
from app.services.what_if import what_if

_AT_ONCE = 32
"""Vacancies in a block: progress is told after each, and no more are held than a few blocks."""

_N_THREADS = max(1, min(4, os.cpu_count() or 1))
"""No result depends on it."""


def rank_records(
    index: TaxonomyIndex,
    vacancies: Sequence[VacancyRecord],
    candidates: Sequence[CandidateRecord],
    *,
    k: int,
    today: date,
    birth_dates: Mapping[str, date] | None = None,
    decisions: DecisionBook | None = None,
    weights: WeightProfile = DEFAULT_WEIGHTS,
    explain: bool = False,
    with_what_if: bool = False,
    progress: Progress | None = None,
) -> list[VacancyRanking]:
    """Rank all candidates for every vacancy.

    Parameters
    ----------
    vacancies, candidates
        Records with unique ids; the order of candidates changes nothing.
    k : int
        Matches kept for each vacancy, at least 1.
    today : date
        Day for which rules on dates are asked.
    birth_dates
        By candidate id, where known; only the rule on age reads them.
    decisions
        Of people, by the ids of the records: whom they rejected is listed apart.
    explain : bool
        Also give the contributions of each match. Scores and parts do not depend on it.
    with_what_if : bool
        Also say which skills would lift each match most.
    progress : callable, optional
        Called with (stage, done, total).

    Returns
    -------
    list of VacancyRanking
        In the order of ``vacancies``; matches by score descending, then candidate id ascending.

    Raises
    ------
    ValueError
        If ``k < 1`` or ids repeat.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    _require_unique("vacancy", [vacancy.id for vacancy in vacancies])
    _require_unique("candidate", [candidate.id for candidate in candidates])
    asked = prepare_vacancies(index, vacancies, progress)
    # Rows in id order: equal scores then fall by id, whatever order the input had.
    offered = prepare_candidates(index, sorted(candidates, key=lambda record: record.id), progress)
    return rank_prepared(
        index,
        asked,
        offered,
        k=k,
        today=today,
        birth_dates=birth_dates,
        decisions=decisions,
        weights=weights,
        explain=explain,
        with_what_if=with_what_if,
        progress=progress,
    )


def rank_prepared(
    index: TaxonomyIndex,
    asked: Sequence[PreparedVacancy],
    offered: Sequence[PreparedCandidate],
    *,
    k: int,
    today: date,
    birth_dates: Mapping[str, date] | None = None,
    decisions: DecisionBook | None = None,
    weights: WeightProfile = DEFAULT_WEIGHTS,
    explain: bool = False,
    with_what_if: bool = False,
    progress: Progress | None = None,
) -> list[VacancyRanking]:
    """Rank records that are linked already, as ``rank_records`` does.

    ``offered`` is in the order of its ids, which decides between equal scores.

    Raises
    ------
    ValueError
        If ``k < 1``.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    vocabulary = Vocabulary(len(index.skills))
    encoded = [vocabulary.encode(candidate) for candidate in offered]
    ids = [candidate.record.id for candidate in offered]
    view = Pool.of(make_rows(ids, encoded)).view()
    dates = birth_dates or {}
    by_id = {
        each: Person(candidate, numbers, _record_of(candidate), dates.get(each))
        for each, candidate, numbers in zip(ids, offered, encoded, strict=True)
    }
    maker = QueryMaker(index, vocabulary, weights)
    waiting: deque[AskedVacancy] = deque()

    def people(rows: Sequence[str]) -> dict[str, Person]:
        return {each: by_id[each] for each in rows}

    def queries() -> Iterator[Asked]:
        for vacancy in asked:
            waiting.append(maker.make(vacancy))
            yield Asked(waiting[-1].query)

    book = decisions or DecisionBook()

    def reviews(vacancy_id: str, rows: Sequence[str]) -> dict[str, PairReview]:
        return {each: book.review(vacancy_id, each) for each in rows}

    everybody = Everybody(index, vocabulary, weights, maker, view, people, ProfileTexts(), reviews)
    rankings: list[VacancyRanking] = []
    for block in rank_all(ThreadExecutor(view, _N_THREADS), queries(), first_length(k), block_size=_AT_ONCE):
        for ranked in block.rankings():
            vacancy, query = asked[len(rankings)], waiting.popleft()
            rankings.append(
                _choose(
                    everybody,
                    vacancy,
                    query,
                    k,
                    today,
                    explain=explain,
                    with_what_if=with_what_if,
                    first=ranked,
                )
            )
        if progress is not None:
            progress("ranking", len(rankings), len(asked))
    return rankings


@dataclass(frozen=True, slots=True)
class Everybody:
    """Everybody who is ranked: the pool, what its numbers stand for, and who is behind them.

    Attributes
    ----------
    people : callable
        Gives the candidates that are found, by id: only those are taken apart.
    reviews : callable
        Gives what people decided on a vacancy's pairs with some of them, by the vacancy's record id.
    """

    index: TaxonomyIndex
    vocabulary: Vocabulary
    weights: WeightProfile
    maker: QueryMaker
    view: PoolView
    people: People
    texts: ProfileTexts
    reviews: Callable[[str, Sequence[str]], Mapping[str, PairReview]]


def rank_vacancy(
    everybody: Everybody,
    vacancy: PreparedVacancy,
    *,
    k: int,
    today: date,
    explain: bool,
    with_what_if: bool = False,
) -> VacancyRanking:
    """Rank a pool for one vacancy.

    Raises
    ------
    ChangedMeanwhile
        If a candidate is no longer what the pool ranked.
    """
    asked = everybody.maker.make(vacancy)
    return _choose(everybody, vacancy, asked, k, today, explain=explain, with_what_if=with_what_if)


def _choose(
    everybody: Everybody,
    vacancy: PreparedVacancy,
    asked: AskedVacancy,
    k: int,
    today: date,
    *,
    explain: bool,
    with_what_if: bool,
    first: Ranked | None = None,
) -> VacancyRanking:
    """Take the best ``k`` apart; raises ChangedMeanwhile."""
    index = everybody.index
    eligibility = EligibilityOf(index, vacancy, today)
    explainer = Explainer(index, everybody.maker, vacancy, asked) if explain else None
    reader = PairReader(
        index,
        everybody.weights,
        vacancy,
        asked,
        eligibility,
        everybody.people,
        everybody.texts,
        partial(everybody.reviews, vacancy.record.id),
    )

    def search(n: int, may_leave_out: bool) -> Ranked:
        only = eligibility.conditions(everybody.vocabulary) if may_leave_out else ()
        return everybody.view.search(asked.query, n, only=only)

    chosen = choose(k, search, reader.look_at, first)
    matches = matches_of(chosen, k, explainer, everybody.texts)
    if with_what_if:
        matches = tuple(
            replace(match, what_if=what_if(index, everybody.weights, vacancy, chosen.kept, at))
            for at, match in enumerate(matches)
        )
    return VacancyRanking(
        vacancy_id=vacancy.record.id,
        matches=matches,
        apart=apart_of(chosen, explainer),
        requirements=tuple(vacancy.requirements),
        flags=vacancy.flags,
    )


def _record_of(candidate: PreparedCandidate) -> Callable[[], CandidateRecord]:
    return lambda: candidate.record


def _require_unique(what: str, ids: Sequence[str]) -> None:
    repeated = sorted(each for each, n_uses in Counter(ids).items() if n_uses > 1)[:3]
    if repeated:
        raise ValueError(f"{what} ids must be unique; repeated: {', '.join(repeated)}")

"""Rank candidates for vacancies, from records to explained matches.

The one way to a ranking: file mode, stateless scoring, stored match runs and live
rankings all come through here, so the same records give the same bytes.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from app.domain.records import CandidateRecord, VacancyRecord
from app.domain.results import RankedMatch, VacancyRanking
from app.matching.ranking.batch import Asked, ThreadExecutor, rank_all
from app.matching.ranking.pool import Pool, PoolView, Ranked
from app.matching.ranking.query import SCORE_UNITS
from app.matching.weights import DEFAULT_WEIGHTS, WeightProfile
from app.services.candidate_terms import EncodedCandidate, Vocabulary, make_rows
from app.services.explanation import Explainer, take_apart
from app.services.preparation import (
    PreparedCandidate,
    PreparedVacancy,
    Progress,
    prepare_candidates,
    prepare_vacancies,
)
from app.services.taxonomy_index import TaxonomyIndex
from app.services.vacancy_queries import AskedVacancy, QueryMaker

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
    weights: WeightProfile = DEFAULT_WEIGHTS,
    explain: bool = False,
    progress: Progress | None = None,
) -> list[VacancyRanking]:
    """Rank all candidates for every vacancy.

    Parameters
    ----------
    vacancies, candidates
        Records with unique ids; the order of candidates changes nothing.
    k : int
        Matches kept for each vacancy, at least 1.
    explain : bool
        Also give the contributions of each match. Scores and parts do not depend on it.
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
    return rank_prepared(index, asked, offered, k=k, weights=weights, explain=explain, progress=progress)


def rank_prepared(
    index: TaxonomyIndex,
    asked: Sequence[PreparedVacancy],
    offered: Sequence[PreparedCandidate],
    *,
    k: int,
    weights: WeightProfile = DEFAULT_WEIGHTS,
    explain: bool = False,
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
    by_id = dict(zip(ids, zip(offered, encoded, strict=True), strict=True))
    maker = QueryMaker(index, vocabulary, weights)
    waiting: deque[AskedVacancy] = deque()

    def queries() -> Iterator[Asked]:
        for vacancy in asked:
            waiting.append(maker.make(vacancy))
            yield Asked(waiting[-1].query)

    rankings: list[VacancyRanking] = []
    # One more than asked for, so that a tie across the cut can be shown.
    for block in rank_all(ThreadExecutor(view, _N_THREADS), queries(), k + 1, block_size=_AT_ONCE):
        for ranked in block.rankings():
            vacancy, query = asked[len(rankings)], waiting.popleft()
            explainer = Explainer(index, maker, vacancy, query) if explain else None
            rankings.append(_assemble(vacancy, query, ranked, k, explainer, _lookup(by_id)))
        if progress is not None:
            progress("ranking", len(rankings), len(asked))
    return rankings


_People = Callable[[Sequence[str]], Mapping[str, tuple[PreparedCandidate, EncodedCandidate]]]


class ChangedMeanwhile(RuntimeError):
    """What was ranked is not what is explained: rank again."""


def rank_vacancy(
    index: TaxonomyIndex,
    maker: QueryMaker,
    view: PoolView,
    vacancy: PreparedVacancy,
    *,
    k: int,
    explain: bool,
    people: _People,
) -> VacancyRanking:
    """Rank a pool for one vacancy.

    Parameters
    ----------
    people : callable
        Gives the candidates that are found, by id: only those are taken apart.

    Raises
    ------
    ChangedMeanwhile
        If a candidate is no longer what the pool ranked.
    """
    asked = maker.make(vacancy)
    explainer = Explainer(index, maker, vacancy, asked) if explain else None
    return _assemble(vacancy, asked, view.search(asked.query, k + 1), k, explainer, people)


def _assemble(
    vacancy: PreparedVacancy,
    asked: AskedVacancy,
    ranked: Ranked,
    k: int,
    explainer: Explainer | None,
    people: _People,
) -> VacancyRanking:
    """Take the best ``k`` apart; raises ChangedMeanwhile."""
    ids = [each.decode() for each in ranked.ids.tolist()]
    units = ranked.units.tolist()
    found = people(ids[:k])
    n_grades = asked.query.entry_credit.shape[1]
    matches = []
    for position, candidate_id in enumerate(ids[:k]):
        if candidate_id not in found:
            raise ChangedMeanwhile("a candidate went between ranking and explaining")
        candidate, encoded = found[candidate_id]
        if max(encoded.claims.values(), default=0) >= n_grades:
            raise ChangedMeanwhile("a candidate has come to claim in a way that nobody in the pool did")
        matches.append(match_at(position, units, candidate, encoded, asked, explainer))
    return VacancyRanking(
        vacancy_id=vacancy.record.id,
        matches=tuple(matches),
        requirements=tuple(vacancy.requirements),
        flags=vacancy.flags,
    )


def match_at(
    position: int,
    units: Sequence[int],
    candidate: PreparedCandidate,
    encoded: EncodedCandidate,
    asked: AskedVacancy,
    explainer: Explainer | None,
) -> RankedMatch:
    """Take one pair of a ranked list apart.

    Parameters
    ----------
    units
        Scores of the whole list, best first, in units of ``1 / SCORE_UNITS``.

    Raises
    ------
    ChangedMeanwhile
        If the candidate is no longer what was ranked.
    """
    breakdown = take_apart(asked, encoded.claims, frozenset(encoded.words))
    part_units = breakdown.part_units()
    if sum(part_units.values()) != units[position]:
        raise ChangedMeanwhile("a candidate changed between ranking and explaining")
    neighbours = [*units[max(0, position - 1) : position], *units[position + 1 : position + 2]]
    return RankedMatch(
        candidate_id=candidate.record.id,
        rank=position + 1,
        score=units[position] / SCORE_UNITS,
        tied=units[position] in neighbours,
        parts={name: brought / SCORE_UNITS for name, brought in part_units.items()},
        flags=candidate.flags,
        contributions=explainer.contributions(candidate, breakdown) if explainer else (),
    )


def _lookup(by_id: Mapping[str, tuple[PreparedCandidate, EncodedCandidate]]) -> _People:
    return lambda ids: {each: by_id[each] for each in ids}


def _require_unique(what: str, ids: Sequence[str]) -> None:
    repeated = sorted(each for each, n_uses in Counter(ids).items() if n_uses > 1)[:3]
    if repeated:
        raise ValueError(f"{what} ids must be unique; repeated: {', '.join(repeated)}")

"""Pairs that people decided on, scored by any weights with the arithmetic that ranks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.records import CandidateRecord, VacancyRecord
from app.matching.metrics import FloatArray
from app.matching.ranking.query import SCORE_UNITS
from app.matching.weights import WeightProfile
from app.services.candidate_terms import EncodedCandidate, Vocabulary
from app.services.explanation import take_apart
from app.services.preparation import (
    PreparedCandidate,
    prepare_candidates,
    prepare_vacancies,
)
from app.services.taxonomy_index import TaxonomyIndex
from app.services.vacancy_queries import QueryMaker
from app.services.vetting import ProfileText, fingerprint_of, lessened, vetted_record


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether people put a candidate forward for a vacancy, or rejected them."""

    vacancy_id: str
    candidate_id: str
    is_good: bool


class DecidedPairs:
    """Judged pairs, linked once, in the order of vacancies and then as given.

    Attributes
    ----------
    vacancies
        In the order of their ids; only those with a judgement.
    group : ndarray of shape (n_pairs,), int64
        Position of each pair's vacancy.
    is_good : ndarray of shape (n_pairs,), bool
    """

    def __init__(
        self,
        index: TaxonomyIndex,
        vacancies: Mapping[str, VacancyRecord],
        candidates: Mapping[str, CandidateRecord],
        judged: Sequence[Judgement],
    ) -> None:
        """Link what is judged; every pair's vacancy and candidate must be given."""
        self._index = index
        self._vocabulary = Vocabulary(len(index.skills))
        ids = sorted({each.vacancy_id for each in judged})
        self.vacancies = prepare_vacancies(index, [vacancies[each] for each in ids])
        people = sorted({each.candidate_id for each in judged})
        prepared = dict(
            zip(people, prepare_candidates(index, [candidates[each] for each in people]), strict=True)
        )
        ordered = sorted(judged, key=lambda each: each.vacancy_id)
        place = {each: at for at, each in enumerate(ids)}
        self.group: NDArray[np.int64] = np.array([place[each.vacancy_id] for each in ordered], dtype=np.int64)
        self.is_good: NDArray[np.bool_] = np.array([each.is_good for each in ordered], dtype=np.bool_)
        self._encoded = self._encode(ordered, prepared, candidates)

    def __len__(self) -> int:
        return len(self.group)

    def _encode(
        self,
        judged: Sequence[Judgement],
        prepared: Mapping[str, PreparedCandidate],
        candidates: Mapping[str, CandidateRecord],
    ) -> list[EncodedCandidate]:
        """Numbers of each pair's candidate, without what was copied from the pair's vacancy."""
        fingerprints = [fingerprint_of(self._index, vacancy) for vacancy in self.vacancies]
        texts = {each: ProfileText(vetted_record(candidates[each])[0]) for each in prepared}
        encoded = []
        for each, group in zip(judged, self.group.tolist(), strict=True):
            candidate = prepared[each.candidate_id]
            left, copied = texts[each.candidate_id].without_copies(fingerprints[group])
            if copied:
                (read,) = prepare_candidates(self._index, [left])
                candidate = lessened(candidate, read)
            encoded.append(self._vocabulary.encode(candidate))
        return encoded

    def scores(self, weights: WeightProfile, groups: Collection[int] | None = None) -> FloatArray:
        """Score of each pair, or, for some groups only, with NaN for the others."""
        found = np.full(len(self), np.nan)
        maker = QueryMaker(self._index, self._vocabulary, weights)
        for group, vacancy in enumerate(self.vacancies):
            if groups is not None and group not in groups:
                continue
            asked = maker.make(vacancy)
            for row in np.flatnonzero(self.group == group).tolist():
                person = self._encoded[row]
                units = take_apart(asked, person.claims, frozenset(person.words)).units
                found[row] = units / SCORE_UNITS
        return found

"""What would change a rank: one more skill at a grade, worked out by the arithmetic that ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.domain.enums import EvidenceGrade
from app.domain.results import WhatIf
from app.matching.ranking.query import SCORE_UNITS
from app.matching.weights import SKILLS, WeightProfile
from app.services.candidate_terms import Vocabulary
from app.services.explanation import take_apart
from app.services.pairs import Pair
from app.services.preparation import PreparedCandidate, PreparedClaim, PreparedVacancy
from app.services.profile_words import profile_words, translated
from app.services.taxonomy_index import TaxonomyIndex
from app.services.vacancy_queries import QueryMaker

GAINED = EvidenceGrade.ASSESSED
"""What a course with an examination gives."""

_TOLD = 3


def what_if(
    index: TaxonomyIndex,
    weights: WeightProfile,
    vacancy: PreparedVacancy,
    kept: Sequence[Pair],
    position: int,
) -> tuple[WhatIf, ...]:
    """Which skills would lift a pair most, and to which rank.

    Parameters
    ----------
    kept
        The ranking, best first; the rank that would be reached is exact within it.
    position
        The pair's place in it, from 0.

    Returns
    -------
    tuple of WhatIf
        At most three, the highest score first, equal ones in the order of the requirements.
    """
    pair = kept[position]
    lacking = [int(met.ask.what) for met in pair.breakdown.met if met.ask.part == SKILLS]
    gained = [_with(index, pair.candidate, vacancy, at) for at in lacking]
    vocabulary = Vocabulary(len(index.skills))
    encoded = [vocabulary.encode(each) for each in gained]
    asked = QueryMaker(index, vocabulary, weights).make(vacancy)
    found = []
    for at, numbers in zip(lacking, encoded, strict=True):
        units = take_apart(asked, numbers.claims, frozenset(numbers.words)).units
        if units > pair.units:
            requirement = vacancy.requirements[at]
            found.append(
                WhatIf(
                    requirement.label,
                    requirement.concept_uri,
                    GAINED,
                    units / SCORE_UNITS,
                    _rank(kept, position, units),
                )
            )
    found.sort(key=lambda each: -each.score)
    return tuple(found[:_TOLD])


def _with(
    index: TaxonomyIndex, candidate: PreparedCandidate, vacancy: PreparedVacancy, at: int
) -> PreparedCandidate:
    """The candidate with one requirement's skill as a claim of their own."""
    requirement = vacancy.requirements[at]
    claim = PreparedClaim(vacancy.skill_keys[at], requirement.label, GAINED, requirement.level)
    words = profile_words([], [requirement.label])
    stood_for = translated(words, index.translations.for_profiles(candidate.lang))
    return replace(
        candidate,
        claims=[*candidate.claims, claim],
        terms=candidate.terms | words | stood_for.keys(),
    )


def _rank(kept: Sequence[Pair], position: int, units: int) -> int:
    own = kept[position].row
    ahead = (
        (-each.units, each.row.encode()) < (-units, own.encode())
        for at, each in enumerate(kept)
        if at != position
    )
    return 1 + sum(ahead)

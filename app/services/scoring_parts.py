"""Prepared vacancies and candidates -> the parts of the score as the engine's arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import Cefr, SkillLevel
from app.domain.records import LanguageLevel
from app.matching.encode import Asks, Claims, Part, Relations
from app.matching.weights import LANGUAGES, OCCUPATION, RELATIONS, SKILLS, TEXT, WeightProfile
from app.services.identifiers import is_uri
from app.services.occupations import ResolvedOccupation
from app.services.preparation import (
    PreparedCandidate,
    PreparedVacancy,
    asked_languages,
    language_rank,
    offered_languages,
)
from app.services.taxonomy_index import TaxonomyIndex

ISCO_RELATIONS = ("same", *(f"same_isco_group_{digits}" for digits in range(1, 5)))

# Two unlinked phrases this alike (token_sort_ratio, 0 to 100) are taken for one thing.
_SIMILAR_TEXT = 85.0
# Bounds the memory of the comparison; no result depends on it.
_PAIRS_PER_BLOCK = 1 << 24

_Number = TypeVar("_Number", bound=np.generic)
_AskRow = tuple[int, int, int, float]  # vacancy row, concept row, level, weight
_ClaimRow = tuple[int, int, int, float]  # candidate row, concept row, level, credit


@dataclass(frozen=True, slots=True)
class ScoringParts:
    """The engine's input, and what its ask and claim rows stand for.

    ``asked[p][i]`` and ``claimed[p][i]`` name row ``i`` of part ``p``'s asks and claims:
    a requirement's or claim's position in its record for skills, the words themselves elsewhere.
    """

    parts: tuple[Part, ...]
    asked: tuple[Sequence[int | str], ...]
    claimed: tuple[Sequence[int | str], ...]


def build_parts(
    index: TaxonomyIndex,
    vacancies: Sequence[PreparedVacancy],
    candidates: Sequence[PreparedCandidate],
    weights: WeightProfile,
) -> ScoringParts:
    """Lay out every part of the score; rows are positions in the two sequences."""
    built = [
        _skills(index, vacancies, candidates, weights),
        _occupation(index, vacancies, candidates, weights),
        _text(index, vacancies, candidates, weights),
        _languages(vacancies, candidates, weights),
    ]
    return ScoringParts(
        parts=tuple(part for part, _, _ in built),
        asked=tuple(asked for _, asked, _ in built),
        claimed=tuple(claimed for _, _, claimed in built),
    )


_BuiltPart = tuple[Part, Sequence[int | str], Sequence[int | str]]


def _skills(
    index: TaxonomyIndex,
    vacancies: Sequence[PreparedVacancy],
    candidates: Sequence[PreparedCandidate],
    weights: WeightProfile,
) -> _BuiltPart:
    asked_texts = {key for vacancy in vacancies for key in vacancy.skill_keys if isinstance(key, str)}
    claimed_texts = {
        c.skill_key for person in candidates for c in person.claims if isinstance(c.skill_key, str)
    }
    # Phrases without concept stand behind the skills on the same axis.
    texts = sorted(asked_texts | claimed_texts)
    text_row = {text: len(index.skills) + position for position, text in enumerate(texts)}
    rarity = np.append(index.skill_rarity, np.full(len(texts), _usual(index.skill_rarity)))

    def row_of(key: int | str) -> int:
        return text_row[key] if isinstance(key, str) else key

    asks: list[_AskRow] = []
    asked: list[int | str] = []
    for vacancy_row, vacancy in enumerate(vacancies):
        for position, (key, requirement) in enumerate(
            zip(vacancy.skill_keys, vacancy.requirements, strict=True)
        ):
            row = row_of(key)
            weight = weights.importance[requirement.importance] * weights.provenance[requirement.provenance]
            if weight > 0:
                asks.append((vacancy_row, row, int(requirement.level or 0), weight * float(rarity[row])))
                asked.append(position)
    claims: list[_ClaimRow] = []
    claimed: list[int | str] = []
    for candidate_row, candidate in enumerate(candidates):
        for position, claim in enumerate(candidate.claims):
            credit = weights.evidence[claim.evidence]
            claims.append((candidate_row, row_of(claim.skill_key), int(claim.level or 0), credit))
            claimed.append(position)
    relations = [
        (asked_row, claimed_row, weights.relation[name], RELATIONS.index(name))
        for asked_row, claimed_row, name in index.skill_relations
    ]
    for left, right, similarity in _similar_texts(_phrases(asked_texts), _phrases(claimed_texts)):
        factor = weights.relation["similar_text"] * similarity
        relations.append((text_row[left], text_row[right], factor, RELATIONS.index("similar_text")))
    levels = _level_credit(len(SkillLevel), weights.unknown_level)
    return _part(SKILLS, weights, asks, claims, relations, levels), asked, claimed


def _occupation(
    index: TaxonomyIndex,
    vacancies: Sequence[PreparedVacancy],
    candidates: Sequence[PreparedCandidate],
    weights: WeightProfile,
) -> _BuiltPart:
    asked_by = [
        (row, vacancy.occupation)
        for row, vacancy in enumerate(vacancies)
        if vacancy.occupation.row is not None or vacancy.occupation.isco_code
    ]
    claimed_by = [
        (row, occupation, words)
        for row, candidate in enumerate(candidates)
        for occupation, words in candidate.occupations
    ]
    distinct = sorted(
        {_occupation_key(o) for _, o in asked_by} | {_occupation_key(o) for _, o, _ in claimed_by}
    )
    row_of = {key: row for row, key in enumerate(distinct)}
    asks = [(vacancy, row_of[_occupation_key(o)], 0, 1.0) for vacancy, o in asked_by]
    claims = [(candidate, row_of[_occupation_key(o)], 0, 1.0) for candidate, o, _ in claimed_by]
    relations = _isco_relations(
        distinct,
        {_occupation_key(o) for _, o in asked_by},
        {_occupation_key(o) for _, o, _ in claimed_by},
        weights,
    )
    part = _part(OCCUPATION, weights, asks, claims, relations, np.ones((1, 1)))
    names: list[int | str] = [_occupation_name(index, vacancies[row], o) for row, o in asked_by]
    return part, names, [words for _, _, words in claimed_by]


def _text(
    index: TaxonomyIndex,
    vacancies: Sequence[PreparedVacancy],
    candidates: Sequence[PreparedCandidate],
    weights: WeightProfile,
) -> _BuiltPart:
    terms = sorted({term for vacancy in vacancies for term in vacancy.terms})
    row_of = {term: row for row, term in enumerate(terms)}
    rarity = index.term_rarity
    asks: list[_AskRow] = []
    asked: list[int | str] = []
    for vacancy_row, vacancy in enumerate(vacancies):
        for term in sorted(vacancy.terms):
            weight = rarity.get(term, index.unknown_term_rarity)
            if weight > 0:
                asks.append((vacancy_row, row_of[term], 0, weight))
                asked.append(term)
    claims: list[_ClaimRow] = []
    claimed: list[int | str] = []
    for candidate_row, candidate in enumerate(candidates):
        for term in sorted(candidate.terms & row_of.keys()):
            claims.append((candidate_row, row_of[term], 0, 1.0))
            claimed.append(term)
    return _part(TEXT, weights, asks, claims, [], np.ones((1, 1))), asked, claimed


def _languages(
    vacancies: Sequence[PreparedVacancy], candidates: Sequence[PreparedCandidate], weights: WeightProfile
) -> _BuiltPart:
    asked_by = [(row, lang) for row, v in enumerate(vacancies) for lang in asked_languages(v.record)]
    claimed_by = [(row, lang) for row, c in enumerate(candidates) for lang in offered_languages(c.record)]
    codes = sorted({language.lang for _, language in (*asked_by, *claimed_by)})
    row_of = {code: row for row, code in enumerate(codes)}
    asks = [(row, row_of[language.lang], language_rank(language), 1.0) for row, language in asked_by]
    claims = [(row, row_of[language.lang], language_rank(language), 1.0) for row, language in claimed_by]
    part = _part(
        LANGUAGES, weights, asks, claims, [], _level_credit(len(Cefr), weights.unknown_language_level)
    )
    return (
        part,
        [_language_name(language) for _, language in asked_by],
        [_language_name(language) for _, language in claimed_by],
    )


def _part(
    name: str,
    weights: WeightProfile,
    asks: Sequence[_AskRow],
    claims: Sequence[_ClaimRow],
    relations: Sequence[tuple[int, int, float, int]],
    level_credit: NDArray[np.float64],
) -> Part:
    if not weights.parts[name]:
        asks = []
    return Part(
        name=name,
        weight=float(weights.parts[name]),
        asks=Asks(
            vacancy_row=_column(asks, 0, np.int32),
            concept_row=_column(asks, 1, np.int32),
            level=_column(asks, 2, np.int8),
            weight=_column(asks, 3, np.float64),
        ),
        claims=Claims(
            candidate_row=_column(claims, 0, np.int32),
            concept_row=_column(claims, 1, np.int32),
            level=_column(claims, 2, np.int8),
            credit=_column(claims, 3, np.float64),
        ),
        relations=Relations(
            asked_row=_column(relations, 0, np.int32),
            claimed_row=_column(relations, 1, np.int32),
            factor=_column(relations, 2, np.float64),
            code=_column(relations, 3, np.int8),
        ),
        level_credit=level_credit,
    )


def _column(rows: Sequence[tuple[float, ...]], position: int, dtype: type[_Number]) -> NDArray[_Number]:
    return np.array([row[position] for row in rows], dtype=dtype)


def _level_credit(n_levels: int, unknown: float) -> NDArray[np.float64]:
    """Credit of a claimed level (row) where another (column) is asked; 0 is "not stated".

    A level below the one asked earns its share, ``claimed / asked``.
    """
    claimed = np.arange(n_levels + 1, dtype=np.float64)[:, None]
    asked = np.maximum(np.arange(n_levels + 1, dtype=np.float64), 1.0)[None, :]
    credit = np.minimum(claimed / asked, 1.0)
    credit[0, :] = unknown
    credit[:, 0] = 1.0
    return credit


def _usual(rarity: NDArray[np.float64]) -> float:
    """Rarity of a phrase that the taxonomy does not know: neither rare nor common."""
    return float(np.median(rarity)) if len(rarity) else 1.0


def _phrases(texts: Iterable[str]) -> list[str]:
    """The texts that are words, sorted: addresses that look alike are still of different concepts."""
    return sorted(text for text in texts if not is_uri(text))


def _similar_texts(asked: Sequence[str], claimed: Sequence[str]) -> Iterable[tuple[str, str, float]]:
    """Pairs of different phrases that say nearly the same, with their similarity in [0, 1]."""
    if not asked or not claimed:
        return
    from rapidfuzz import fuzz, process

    n_asked = max(1, _PAIRS_PER_BLOCK // len(claimed))
    for start in range(0, len(asked), n_asked):
        block = asked[start : start + n_asked]
        similarity = process.cdist(
            block, claimed, scorer=fuzz.token_sort_ratio, score_cutoff=_SIMILAR_TEXT, dtype=np.float32
        )
        for row, column in zip(*np.nonzero(similarity), strict=True):
            if block[row] != claimed[column]:
                yield block[row], claimed[column], round(float(similarity[row, column]) / 100.0, 4)


_OccupationKey = tuple[str, int]  # ISCO-08 code, occupation row or _BARE_CODE
_BARE_CODE = -1


def _occupation_key(occupation: ResolvedOccupation) -> _OccupationKey:
    return occupation.isco_code, _BARE_CODE if occupation.row is None else occupation.row


def _isco_relations(
    keys: Sequence[_OccupationKey],
    asked: set[_OccupationKey],
    claimed: set[_OccupationKey],
    weights: WeightProfile,
) -> list[tuple[int, int, float, int]]:
    """Occupations that share leading digits of the ISCO-08 code: the more, the nearer."""
    claimed_under: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        if key in claimed:
            for digits in range(1, len(key[0]) + 1):
                claimed_under.setdefault(key[0][:digits], []).append(row)
    relations = []
    for row, key in enumerate(keys):
        if key not in asked:
            continue
        nearest: dict[int, int] = {}
        for digits in range(1, len(key[0]) + 1):
            nearest.update(dict.fromkeys(claimed_under.get(key[0][:digits], ()), digits))
        for other, digits in sorted(nearest.items()):
            if other != row:
                code = ISCO_RELATIONS.index(f"same_isco_group_{digits}")
                # Who asks for a whole group is served by every occupation in it.
                is_inside = key[1] == _BARE_CODE and digits == len(key[0])
                relations.append((row, other, 1.0 if is_inside else weights.isco[digits - 1], code))
    return relations


def _occupation_name(index: TaxonomyIndex, vacancy: PreparedVacancy, occupation: ResolvedOccupation) -> str:
    if occupation.row is None:
        return f"ISCO-08 {occupation.isco_code}"
    return index.label(index.occupations.concepts[occupation.row].uri, vacancy.record.lang)


def _language_name(language: LanguageLevel) -> str:
    return f"{language.lang} {language.cefr}" if language.cefr else language.lang

"""Prepared vacancies -> queries of the pool, and what each requirement of a query stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import Cefr, EvidenceGrade, SkillLevel
from app.domain.records import LanguageLevel
from app.matching.ranking.query import Query, apportion, credit_units
from app.matching.weights import LANGUAGES, OCCUPATION, SKILLS, TEXT, WeightProfile
from app.services.candidate_terms import (
    Grade,
    Vocabulary,
    evidence_place,
    isco_terms,
    language_term,
    occupation_term,
    phrase_term,
)
from app.services.identifiers import is_uri
from app.services.occupations import ResolvedOccupation
from app.services.preparation import PreparedClaim, PreparedVacancy, asked_languages, language_rank
from app.services.taxonomy_index import TaxonomyIndex

# Two unlinked phrases this alike (token_sort_ratio, 0 to 100) are taken for one thing.
_SIMILAR_TEXT = 85.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A term that earns credit for a requirement.

    Attributes
    ----------
    key
        Skill row, or name of the term.
    term
        Its number.
    relation
        How it stands to what is asked.
    credit : ndarray of shape (n_grades,), int32
        By grade, 0 to ``CREDIT_UNITS``.
    """

    key: int | str
    term: int
    relation: str
    credit: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Ask:
    """One requirement of a part.

    Attributes
    ----------
    what
        Its position in the vacancy's requirements for skills; words elsewhere.
    weight
        Units of 2**-24.
    level
        Least level wanted; 0 for none.
    entries
        The concept itself first.
    """

    part: str
    what: int | str
    weight: int
    level: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word of the vacancy; ``term`` is None where no candidate uses it, ``weight`` in units of 2**-24."""

    word: str
    term: int | None
    weight: int


@dataclass(frozen=True, slots=True)
class AskedVacancy:
    """A vacancy as the pool is asked for it, and as it is explained."""

    query: Query
    asks: tuple[Ask, ...]
    words: tuple[AskedWord, ...]


_Named = tuple[int | str, float, str]  # key of a term, factor, relation


@dataclass(slots=True)
class _Wanted:
    """A requirement before weights are shared out."""

    part: str
    what: int | str
    share: float
    named: Sequence[_Named]
    level: int


class QueryMaker:
    """Makes queries for one pool's vocabulary. Threads may share it.

    It knows the terms and grades that the vocabulary had when it was made.
    """

    def __init__(self, index: TaxonomyIndex, vocabulary: Vocabulary, weights: WeightProfile) -> None:
        self._index = index
        self._vocabulary = vocabulary
        self._weights = weights
        self._grades = vocabulary.grades()
        self._worth: dict[tuple[str, int], NDArray[np.float64]] = {}
        self._similar: dict[str, tuple[_Named, ...]] = {}

    def make(self, vacancy: PreparedVacancy) -> AskedVacancy:
        """Lay out what a vacancy asks for; a part it lacks hands its weight to the others."""
        wanted = [*self._skills(vacancy), *self._occupation(vacancy), *self._languages(vacancy)]
        words = self._words(vacancy)
        units = apportion(np.array([*(each.share for each in wanted), *words.values()]))
        asks = tuple(
            Ask(each.part, each.what, int(weight), each.level, self._entries(each))
            for each, weight in zip(wanted, units, strict=False)
        )
        asked_words = tuple(
            AskedWord(word, self._vocabulary.find_word(word), int(weight))
            for word, weight in zip(words, units[len(wanted) :], strict=True)
        )
        return AskedVacancy(self._query(asks, asked_words), asks, asked_words)

    def _skills(self, vacancy: PreparedVacancy) -> list[_Wanted]:
        strongest: dict[tuple[int | str, int], tuple[int, float]] = {}
        for position, (key, requirement) in enumerate(
            zip(vacancy.skill_keys, vacancy.requirements, strict=True)
        ):
            weight = (
                self._weights.importance[requirement.importance]
                * self._weights.provenance[requirement.provenance]
                * self._rarity(key)
            )
            asked = key, int(requirement.level or 0)
            if weight > strongest.get(asked, (0, 0.0))[1]:
                strongest[asked] = position, weight
        total = sum(weight for _, weight in strongest.values())
        share = self._weights.parts[SKILLS]
        return [
            _Wanted(SKILLS, position, share * weight / total, self._related(key), level)
            for (key, level), (position, weight) in strongest.items()
            if share
        ]

    def _rarity(self, key: int | str) -> float:
        return self._usual_rarity if isinstance(key, str) else float(self._index.skill_rarity[key])

    @cached_property
    def _usual_rarity(self) -> float:
        """Rarity of a phrase that the taxonomy does not know: neither rare nor common."""
        rarity = self._index.skill_rarity
        return float(np.median(rarity)) if len(rarity) else 1.0

    def _related(self, key: int | str) -> Sequence[_Named]:
        factors = self._weights.relation
        if isinstance(key, int):
            related = self._index.relations_of(key)
            return [(key, factors["same"], "same"), *((row, factors[name], name) for row, name in related)]
        if key not in self._similar:
            self._similar[key] = tuple(self._similar_phrases(key))
        return [(phrase_term(key), factors["same"], "same"), *self._similar[key]]

    def _similar_phrases(self, phrase: str) -> Iterator[_Named]:
        """Claimed phrases that say nearly the same; what no concept is found for is compared as text."""
        if is_uri(phrase):
            return
        from rapidfuzz import fuzz, process

        claimed = self._vocabulary.phrases()
        alike = process.extract(
            phrase, claimed, scorer=fuzz.token_sort_ratio, score_cutoff=_SIMILAR_TEXT, limit=None
        )
        for other, similarity, _ in sorted(alike, key=lambda found: (-found[1], found[0])):
            if other != phrase:
                factor = self._weights.relation["similar_text"] * round(similarity / 100.0, 4)
                yield phrase_term(other), factor, "similar_text"

    def _occupation(self, vacancy: PreparedVacancy) -> list[_Wanted]:
        occupation = vacancy.occupation
        share = self._weights.parts[OCCUPATION]
        if not share or (occupation.row is None and not occupation.isco_code):
            return []
        name = occupation_name(self._index, vacancy, occupation)
        return [_Wanted(OCCUPATION, name, share, list(self._around(occupation)), 0)]

    def _around(self, occupation: ResolvedOccupation) -> Iterator[_Named]:
        """The occupation and the ISCO-08 groups around it, nearest first."""
        groups = isco_terms(occupation.isco_code)
        if occupation.row is not None:
            yield occupation_term(occupation.row), 1.0, "same"
        elif groups:
            # Who asks for a whole group is served by every occupation in it.
            yield groups.pop(), 1.0, f"same_isco_group_{len(occupation.isco_code)}"
        for digits in range(len(groups), 0, -1):
            yield groups[digits - 1], self._weights.isco[digits - 1], f"same_isco_group_{digits}"

    def _languages(self, vacancy: PreparedVacancy) -> list[_Wanted]:
        share = self._weights.parts[LANGUAGES]
        asked = asked_languages(vacancy.record) if share else []
        return [
            _Wanted(
                LANGUAGES,
                language_name(language),
                share / len(asked),
                [(language_term(language.lang), 1.0, "level")],
                language_rank(language),
            )
            for language in asked
        ]

    def _words(self, vacancy: PreparedVacancy) -> Mapping[str, float]:
        """Share of each word, in alphabetical order."""
        share = self._weights.parts[TEXT]
        rarity, unknown = self._index.term_rarity, self._index.unknown_term_rarity
        weights = {word: rarity.get(word, unknown) for word in sorted(vacancy.terms)} if share else {}
        total = sum(weights.values())
        return {word: share * weight / total for word, weight in weights.items() if weight > 0}

    def _entries(self, wanted: _Wanted) -> tuple[Entry, ...]:
        found = [
            (key, term, factor, relation)
            for key, factor, relation in wanted.named
            if (term := self._vocabulary.find_term(key)) is not None
        ]
        if not found:
            return ()
        worth = self._worth_of(wanted.part, wanted.level)
        factors = np.array([factor for _, _, factor, _ in found])
        credit = credit_units(factors, np.broadcast_to(worth, (len(found), len(worth))))
        return tuple(
            Entry(key, term, relation, credit[at]) for at, (key, term, _, relation) in enumerate(found)
        )

    def _worth_of(self, part: str, level: int) -> NDArray[np.float64]:
        """What each grade is worth where a level is asked, in [0, 1]."""
        worth = self._worth.get((part, level))
        if worth is None:
            worth = np.array([self._grade_worth(part, grade, level) for grade in self._grades])
            self._worth[part, level] = worth
        return worth

    def _grade_worth(self, part: str, grade: Grade, asked: int) -> float:
        return max(self._worth_at(part, level, place, asked) for level, place in grade)

    def claim_worth(self, claim: PreparedClaim, asked: int) -> float:
        """What a claim of a skill is worth where a level is asked, in [0, 1]."""
        return self._worth_at(SKILLS, int(claim.level or 0), evidence_place(claim.evidence), asked)

    def _worth_at(self, part: str, level: int, place: int, asked: int) -> float:
        """What one way of claiming is worth where a level is asked; 0 where it is another part's."""
        if part == OCCUPATION:
            return 1.0
        if (part == SKILLS) != (place > 0):
            return 0.0
        if part == LANGUAGES:
            return _level_credit(level, asked, self._weights.unknown_language_level, len(Cefr))
        evidence = self._weights.evidence[tuple(EvidenceGrade)[place - 1]]
        return evidence * _level_credit(level, asked, self._weights.unknown_level, len(SkillLevel))

    def _query(self, asks: Sequence[Ask], words: Sequence[AskedWord]) -> Query:
        groups = [group for ask in asks for group in _groups(ask)]
        used = [word for word in words if word.term is not None]
        entries = [(at, entry) for at, (_, group) in enumerate(groups) for entry in group]
        credit = np.array([entry.credit for _, entry in entries], dtype=np.int32)
        return Query(
            group_weight=np.array([weight for weight, _ in groups], dtype=np.int64),
            entry_group=np.array([at for at, _ in entries], dtype=np.int32),
            entry_term=np.array([entry.term for _, entry in entries], dtype=np.int32),
            entry_credit=credit.reshape(-1, len(self._grades)),
            word_term=np.array([word.term for word in used], dtype=np.int32),
            word_weight=np.array([word.weight for word in used], dtype=np.int64),
        )


def _groups(ask: Ask) -> Iterator[tuple[int, Sequence[Entry]]]:
    """The groups of a query that a requirement becomes: one, but for an occupation.

    Who has an occupation is in every ISCO-08 group around it, so what each ring earns more
    than the next wider one adds up to the best; bounds are then as tight as the score.
    """
    if ask.part != OCCUPATION:
        if ask.entries:
            yield ask.weight, ask.entries
        return
    wider = np.zeros(1, dtype=np.int32)
    for entry in reversed(ask.entries):
        more = entry.credit - wider
        wider = entry.credit
        yield ask.weight, (Entry(entry.key, entry.term, entry.relation, more),)


def _level_credit(claimed: int, asked: int, unknown: float, highest: int) -> float:
    """Credit of a claimed level where another is asked; 0 is "not stated".

    A level below the one asked earns its share, ``claimed / asked``.
    """
    if not asked:
        return 1.0
    return min(claimed / asked, 1.0) if claimed else unknown


def occupation_name(index: TaxonomyIndex, vacancy: PreparedVacancy, occupation: ResolvedOccupation) -> str:
    """What the vacancy's occupation is called in its language."""
    if occupation.row is None:
        return f"ISCO-08 {occupation.isco_code}"
    return index.label(index.occupations.concepts[occupation.row].uri, vacancy.record.lang)


def language_name(language: LanguageLevel) -> str:
    """A language with its level."""
    return f"{language.lang} {language.cefr}" if language.cefr else language.lang

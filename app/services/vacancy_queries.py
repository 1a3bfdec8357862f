"""Prepared vacancies -> queries of the pool, and what each requirement of a query stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import LinkMethod
from app.matching.ranking.query import Query, apportion, credit_units
from app.matching.weights import (
    EXPERIENCE,
    LANGUAGES,
    OCCUPATION,
    PREFERENCES,
    SKILLS,
    TEXT,
    WeightProfile,
)
from app.services.candidate_terms import Grade, Vocabulary, evidence_place, phrase_term
from app.services.identifiers import is_uri
from app.services.occupations import ResolvedOccupation
from app.services.parts.experience import experience_part, experience_worth
from app.services.parts.languages import language_worth, languages_part
from app.services.parts.occupation import asked_time, occupation_part, occupation_worth
from app.services.parts.preferences import preference_worth, preferences_part
from app.services.parts.shares import part_shares
from app.services.parts.skills import skill_worth, skills_part
from app.services.parts.text import text_part, with_themes, with_translations
from app.services.parts.wanted import Named, Wanted
from app.services.preparation import PreparedClaim, PreparedVacancy, desired_languages
from app.services.profile_words import plain
from app.services.taxonomy_index import TaxonomyIndex
from app.services.themes import theme_weights

_WORTH: Mapping[str, Callable[[int, int, int, WeightProfile], float]] = {
    SKILLS: skill_worth,
    OCCUPATION: occupation_worth,
    LANGUAGES: language_worth,
    EXPERIENCE: experience_worth,
    PREFERENCES: preference_worth,
}
"""What a claim of a level and a place of evidence is worth to each part, where a level is asked."""

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
    """A word of the vacancy, or one that it stands for.

    ``term`` is None where no candidate uses it; ``weight`` is in units of 2**-24.
    """

    word: str
    term: int | None
    weight: int


@dataclass(frozen=True, slots=True)
class AskedVacancy:
    """A vacancy as the pool is asked for it, and as it is explained.

    Attributes
    ----------
    words
        Words, what they stand for in English, and themes.
    n_words
        How many different words of the vacancy's own are asked for.
    """

    query: Query
    asks: tuple[Ask, ...]
    words: tuple[AskedWord, ...]
    n_words: int


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
        self._similar: dict[str, tuple[Named, ...]] = {}

    def make(self, vacancy: PreparedVacancy) -> AskedVacancy:
        """Lay out what a vacancy asks for; a part it lacks hands its weight to the others."""
        parts, sureness = self._parts(vacancy)
        words = text_part(vacancy.terms, self._weights, self._word_rarity, self._index.unknown_term_rarity)
        n_words = len({plain(word) for word in words})
        words = with_translations(words, vacancy.translations)
        words = with_themes(words, theme_weights(vacancy.themes), self._weights)
        if words:
            sureness[TEXT] = 1.0
        shares = part_shares(self._weights.parts, sureness)
        wanted = [each for each in parts if shares[each.part] > 0]
        if not shares.get(TEXT):
            words, n_words = {}, 0
        units = apportion(
            np.array(
                [
                    *(shares[each.part] * each.share for each in wanted),
                    *(shares[TEXT] * share for share in words.values()),
                ]
            )
        )
        asks = tuple(
            Ask(each.part, each.what, int(weight), each.level, self._entries(each))
            for each, weight in zip(wanted, units, strict=False)
        )
        asked_words = tuple(
            AskedWord(word, self._vocabulary.find_word(word), int(weight))
            for word, weight in zip(words, units[len(wanted) :], strict=True)
        )
        return AskedVacancy(self._query(asks, asked_words), asks, asked_words, n_words)

    def _parts(self, vacancy: PreparedVacancy) -> tuple[list[Wanted], dict[str, float]]:
        """What the parts of concepts and facts ask for, and how sure each is of it."""
        occupation = vacancy.occupation
        skills = skills_part(
            vacancy.requirements, vacancy.skill_keys, self._weights, self._rarity, self._related
        )
        occupations = occupation_part(
            occupation_name(self._index, vacancy, occupation),
            vacancy.occupation_words,
            occupation,
            vacancy.likely,
            lambda row: self._index.occupations.concepts[row].isco_group,
            self._weights,
            asked_time(vacancy.record.title, vacancy.occupation_words, lang=vacancy.record.lang),
        )
        around = occupations.wanted[0].named if occupations.wanted else ()
        experience = experience_part(vacancy.record.conditions.experience_months, around)
        found = (
            (SKILLS, skills.wanted, skills.sureness),
            (OCCUPATION, occupations.wanted, occupations.sureness),
            (LANGUAGES, languages_part(desired_languages(vacancy.record)), 1.0),
            (EXPERIENCE, experience, 1.0),
            (PREFERENCES, preferences_part(vacancy.record), 1.0),
        )
        wanted = [each for _, asked, _ in found for each in asked]
        return wanted, {name: sure for name, asked, sure in found if asked}

    def _word_rarity(self, word: str) -> float:
        return self._index.term_rarity.get(word, self._index.unknown_term_rarity)

    def _rarity(self, key: int | str) -> float:
        return self._usual_rarity if isinstance(key, str) else float(self._index.skill_rarity[key])

    @cached_property
    def _usual_rarity(self) -> float:
        """Rarity of a phrase that the taxonomy does not know: neither rare nor common."""
        rarity = self._index.skill_rarity
        return float(np.median(rarity)) if len(rarity) else 1.0

    def _related(self, key: int | str) -> Sequence[Named]:
        factors = self._weights.relation
        if isinstance(key, int):
            related = self._index.relations_of(key)
            return [(key, factors["same"], "same"), *((row, factors[name], name) for row, name in related)]
        if key not in self._similar:
            self._similar[key] = tuple(self._similar_phrases(key))
        return [(phrase_term(key), factors["same"], "same"), *self._similar[key]]

    def _similar_phrases(self, phrase: str) -> Iterator[Named]:
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

    def _entries(self, wanted: Wanted) -> tuple[Entry, ...]:
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
        return _WORTH[part](level, place, asked, self._weights)

    def _query(self, asks: Sequence[Ask], words: Sequence[AskedWord]) -> Query:
        groups = [group for ask in asks for group in groups_of(ask)]
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


def groups_of(ask: Ask) -> Iterator[tuple[int, Sequence[Entry]]]:
    """The groups of a query that a requirement becomes: one, but for an occupation.

    Who has an occupation is in every ISCO-08 group around it, so what each ring earns more
    than the next wider one adds up to the best; bounds are then as tight as the score. A wider
    ring may be claimed better, by work in another occupation within it: each then brings what it
    earns more by its own claim, and together no less than the best. That holds of rings around one
    occupation; around several likely ones, one may be without the other.
    """
    if ask.part != OCCUPATION or not _are_rings(ask.entries):
        if ask.entries:
            yield ask.weight, ask.entries
        return
    wider = np.zeros(1, dtype=np.int32)
    for entry in reversed(ask.entries):
        more = entry.credit - wider
        wider = entry.credit
        yield ask.weight, (Entry(entry.key, entry.term, entry.relation, more),)


def _are_rings(entries: Sequence[Entry]) -> bool:
    """Whether each group lies within the next; entries that nobody in the pool claims are left out."""
    codes = [str(entry.key).removeprefix("isco:") for entry in entries if str(entry.key).startswith("isco:")]
    return all(entry.relation != "likely" for entry in entries) and all(
        inner.startswith(outer) for inner, outer in pairwise(codes)
    )


def occupation_name(index: TaxonomyIndex, vacancy: PreparedVacancy, occupation: ResolvedOccupation) -> str:
    """What the vacancy's occupation is called in its language; its title where none is sure."""
    if occupation.row is None and occupation.method is not LinkMethod.CODE and vacancy.likely:
        return vacancy.occupation_words
    if occupation.row is None:
        return f"ISCO-08 {occupation.isco_code}"
    return index.label(index.occupations.concepts[occupation.row].uri, vacancy.record.lang)

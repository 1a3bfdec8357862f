"""Prepared candidates -> rows of numbers, and what the numbers stand for.

A vocabulary only grows: numbers that were given stay, so rows and queries made with an
earlier state stay right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import EvidenceGrade
from app.matching.ranking.rows import N_DIGEST, Rows
from app.services.candidate_facts import COLUMNS, fact_columns, fact_terms
from app.services.identifiers import is_uri
from app.services.occupation_claims import OccupationClaim, occupation_claims
from app.services.occupations import ResolvedOccupation
from app.services.preparation import PreparedCandidate, language_rank, offered_languages
from app.services.work_terms import wish_terms, work_terms

Grade = tuple[tuple[int, int], ...]
"""How a term is claimed: (level, place of the evidence grade from 1), best evidence at each level."""

PLAIN: Grade = ((0, 0),)
_PLACE_OF = {evidence: place for place, evidence in enumerate(EvidenceGrade, start=1)}
_MOST_GRADES = 1 << 16


@dataclass(frozen=True, slots=True)
class EncodedCandidate:
    """A candidate in a vocabulary's numbers: grade of each claimed term, words, and columns of facts."""

    claims: Mapping[int, int]
    words: Sequence[int]
    facts: Sequence[int]


class Vocabulary:
    """Numbers of terms, words and grades. Threads may share it.

    The first terms are the skills of the taxonomy release, by row.
    """

    def __init__(self, n_skills: int) -> None:
        self._lock = Lock()
        self._n_skills = n_skills
        self._terms: dict[str, int] = {}
        self._words: dict[str, int] = {}
        self._grades: dict[Grade, int] = {PLAIN: 0}
        self._phrases: list[str] = []

    @classmethod
    def of(cls, n_skills: int, state: Mapping[str, Any]) -> Vocabulary:
        """The vocabulary of a state that ``compacted`` gave."""
        vocabulary = cls(n_skills)
        vocabulary._grades = {
            tuple((level, place) for level, place in grade): number
            for number, grade in enumerate(state["grades"])
        }
        vocabulary._words = {word: number for number, word in enumerate(state["words"])}
        for key in state["terms"]:
            vocabulary._term(key)
        return vocabulary

    def compacted(self, rows: Rows) -> tuple[Rows, dict[str, Any]]:
        """Rows in new numbers, and the vocabulary they need: words of people who are gone are left out.

        Returns
        -------
        rows
            In numbers of the vocabulary that ``of`` makes of the state.
        state
            Grades, terms and words as lists in the order of their numbers.
        """
        with self._lock:
            grades, terms, words = list(self._grades), list(self._terms), list(self._words)
        # Ascending, so the numbers of a row stay in order.
        used_terms = np.unique(rows.claim_term[rows.claim_term >= self._n_skills])
        used_words = np.unique(rows.word_term)
        is_named = rows.claim_term >= self._n_skills
        claim_term = rows.claim_term.copy()
        claim_term[is_named] = self._n_skills + np.searchsorted(used_terms, claim_term[is_named])
        state = {
            "grades": grades,
            "terms": [terms[number - self._n_skills] for number in used_terms.tolist()],
            "words": [words[number] for number in used_words.tolist()],
        }
        word_term = np.searchsorted(used_words, rows.word_term).astype(np.int32)
        return replace(rows, claim_term=claim_term, word_term=word_term), state

    def sizes(self) -> tuple[int, int, int]:
        """Numbers given to terms, words and grades: what was made with others knows less."""
        with self._lock:
            return len(self._terms), len(self._words), len(self._grades)

    def grades(self) -> list[Grade]:
        """Every grade, by number."""
        with self._lock:
            return list(self._grades)

    def phrases(self) -> list[str]:
        """Claimed skills without concept that are words, not addresses; more come at the end only."""
        with self._lock:
            return list(self._phrases)

    def find_term(self, key: int | str) -> int | None:
        """Number of a skill row or of a term's name, if any candidate was given it."""
        return key if isinstance(key, int) else self._terms.get(key)

    def find_word(self, word: str) -> int | None:
        """Number of a word, if any candidate uses it."""
        return self._words.get(word)

    def encode(self, candidate: PreparedCandidate) -> EncodedCandidate:
        """Give numbers to everything that a candidate claims and says.

        Raises
        ------
        ValueError
            If there are more ways of claiming than numbers for them.
        """
        best: dict[int | str, dict[int, int]] = {}
        for claim in candidate.claims:
            key = claim.skill_key if isinstance(claim.skill_key, int) else phrase_term(claim.skill_key)
            level, place = int(claim.level or 0), evidence_place(claim.evidence)
            levels = best.setdefault(key, {})
            levels[level] = max(levels.get(level, 0), place)
        for language in offered_languages(candidate.record):
            best[language_term(language.lang)] = {language_rank(language): 0}
        for name, held in claimed_occupations(candidate).items():
            best[name] = {held.level: evidence_place(held.evidence) if held.evidence else 0}
        best.update(fact_terms(candidate.record))
        best.update(wish_terms(candidate.record.circumstances))
        best.update(work_terms(candidate.record.experience, _names_of_titles(candidate)))
        with self._lock:
            claims = {
                self._term(key): self._grade(tuple(sorted(levels.items()))) for key, levels in best.items()
            }
            words = [self._words.setdefault(word, len(self._words)) for word in sorted(candidate.terms)]
        return EncodedCandidate(claims, sorted(words), fact_columns(candidate.record))

    def _term(self, key: int | str) -> int:
        if isinstance(key, int):
            return key
        term = self._terms.get(key)
        if term is None:
            term = self._terms[key] = self._n_skills + len(self._terms)
            phrase = key.removeprefix(_PHRASE)
            if phrase != key and not is_uri(phrase):
                self._phrases.append(phrase)
        return term

    def _grade(self, grade: Grade) -> int:
        if len(self._grades) == _MOST_GRADES and grade not in self._grades:
            raise ValueError(f"more than {_MOST_GRADES} combinations of level and evidence")
        return self._grades.setdefault(grade, len(self._grades))


def occupation_names(occupation: ResolvedOccupation) -> list[str]:
    """Names of the terms of an occupation and the ISCO-08 groups around it."""
    names = isco_terms(occupation.isco_code)
    return names if occupation.row is None else [*names, occupation_term(occupation.row)]


def claimed_occupations(candidate: PreparedCandidate) -> dict[str, OccupationClaim]:
    """How each occupation of a candidate and each ISCO-08 group around them is claimed, by name."""
    named = [(occupation_names(occupation), words) for occupation, words in candidate.occupations]
    return occupation_claims(named, candidate.record.experience, candidate.record.lang)


def _names_of_titles(candidate: PreparedCandidate) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for occupation, words in candidate.occupations:
        names.setdefault(words, set()).update(occupation_names(occupation))
    return names


_PHRASE = "phrase:"


def evidence_place(evidence: EvidenceGrade) -> int:
    """Place of an evidence grade, from 1, weakest first."""
    return _PLACE_OF[evidence]


def phrase_term(phrase: str) -> str:
    """Name of the term of a skill without concept."""
    return _PHRASE + phrase


def language_term(lang: str) -> str:
    """Name of the term of a language."""
    return f"language:{lang}"


def occupation_term(row: int) -> str:
    """Name of the term of one occupation."""
    return f"occupation:{row}"


def isco_terms(code: str) -> list[str]:
    """Names of the terms of the ISCO-08 groups around a code, widest first."""
    return [f"isco:{code[:digits]}" for digits in range(1, len(code) + 1)]


def make_rows(
    ids: Sequence[str], candidates: Iterable[EncodedCandidate], digests: Sequence[bytes] | None = None
) -> Rows:
    """Lay encoded candidates out as rows.

    Parameters
    ----------
    digests
        Content of each, ``N_DIGEST`` bytes; zeros where nobody asks for a fingerprint.
    """
    encoded = list(candidates)
    claims = [sorted(each.claims.items()) for each in encoded]
    held = [b""] * len(ids) if digests is None else digests
    return Rows(
        ids=np.array([each.encode() for each in ids], dtype=np.bytes_),
        claim_ptr=_ptr([len(row) for row in claims]),
        claim_term=np.array([term for row in claims for term, _ in row], dtype=np.int32),
        claim_grade=np.array([grade for row in claims for _, grade in row], dtype=np.uint16),
        word_ptr=_ptr([len(each.words) for each in encoded]),
        word_term=np.array([word for each in encoded for word in each.words], dtype=np.int32),
        columns={
            name: np.array([each.facts[at] for each in encoded], dtype=np.int32)
            for at, name in enumerate(COLUMNS)
        },
        digest=np.frombuffer(b"".join(each.ljust(N_DIGEST, b"\0") for each in held), dtype=np.uint8).reshape(
            -1, N_DIGEST
        ),
    )


def _ptr(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *lengths], dtype=np.int64)

"""Seeded pools and vacancies of realistic shape, as the engine takes them.

Skills and words are drawn by Zipf's law; candidates have 5-40 claims and 30-150 words,
vacancies 5-25 requirements, each met by neighbours at half the credit, and 30-150 words.
One vacancy in eight asks for one or two things only, so that many candidates tie.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching.ranking.batch import Asked
from app.matching.ranking.filters import AnyOf, Between, Claimed, Condition, Not, OneOf
from app.matching.ranking.query import Query, apportion, credit_units
from app.matching.ranking.rows import Rows

N_SKILLS, N_WORDS, N_GRADES = 14_000, 30_000, 20
_SKILLS_SHARE = 0.8


def make_rows(n: int, *, seed: int, first: int = 0) -> Rows:
    """Draw candidates with the ids of ``first`` and those after it."""
    rng = np.random.default_rng(seed)
    claim_ptr, claim_term = _draw(rng, n, 5, 40, N_SKILLS)
    word_ptr, word_term = _draw(rng, n, 30, 150, N_WORDS)
    return Rows(
        ids=make_ids(np.arange(first, first + n)),
        claim_ptr=claim_ptr,
        claim_term=claim_term,
        claim_grade=rng.integers(0, N_GRADES, size=len(claim_term)).astype(np.uint16),
        word_ptr=word_ptr,
        word_term=word_term,
        columns={
            "percent": rng.integers(0, 100, size=n).astype(np.int32),
            "region": rng.integers(0, 10, size=n).astype(np.int32),
        },
        digest=rng.integers(0, 256, size=(n, 16)).astype(np.uint8),
    )


def make_ids(numbers: NDArray[np.int64]) -> NDArray[np.bytes_]:
    """Ids as long as UUIDs, in the order of the numbers."""
    return np.char.zfill(numbers.astype("S36"), 36)


def make_asked(n: int, *, seed: int, filtered: bool = False) -> list[Asked]:
    """Draw vacancies; if filtered, with conditions that 1 %, 10 % or nearly all candidates meet."""
    rng = np.random.default_rng(seed)
    skills, words = _zipf(N_SKILLS), _zipf(N_WORDS)
    filters: list[tuple[Condition, ...]] = [
        (Between("percent", most=0),),
        (OneOf("region", (3,)),),
        (Between("percent", least=1), Claimed((0, 1, 2), tuple(range(N_GRADES)))),
        (AnyOf((OneOf("region", (1, 2)), Not(Claimed((0, 1, 2, 3))))),),
    ]
    return [
        Asked(_query(rng, skills, words), filters[at % len(filters)] if filtered else ()) for at in range(n)
    ]


def _query(rng: np.random.Generator, skills: NDArray[np.float64], words: NDArray[np.float64]) -> Query:
    is_thin = rng.random() < 1 / 8
    n_asked = rng.integers(1, 3) if is_thin else rng.integers(5, 26)
    term = np.unique(np.searchsorted(skills, rng.random(n_asked)))
    word = np.unique(np.searchsorted(words, rng.random(0 if is_thin else rng.integers(30, 151))))
    n_each = rng.integers(1, 4, size=len(term))
    group = np.repeat(np.arange(len(term)), n_each)
    step = np.arange(len(group)) - np.repeat(np.cumsum(n_each) - n_each, n_each)
    worth = np.linspace(0.25, 1.0, N_GRADES) ** rng.choice([0.5, 1.0, 2.0], size=(len(group), 1))
    shares = [_SKILLS_SHARE * _rarity(term, N_SKILLS), (1 - _SKILLS_SHARE) * _rarity(word, N_WORDS)]
    units = apportion(np.concatenate(shares))
    return Query(
        group_weight=units[: len(term)],
        entry_group=group.astype(np.int32),
        entry_term=((term[group] + 97 * step) % N_SKILLS).astype(np.int32),
        entry_credit=credit_units(np.where(step, 0.5, 1.0), worth),
        word_term=word.astype(np.int32),
        word_weight=units[len(term) :],
    )


def _rarity(term: NDArray[np.int64], n_terms: int) -> NDArray[np.float64]:
    """Shares that sum to 1: rarer terms weigh more."""
    weight = np.log1p(term + 1.0) + np.log(np.log(n_terms))
    return np.asarray(weight / max(weight.sum(), 1e-9))


def _zipf(n: int) -> NDArray[np.float64]:
    """Cumulated shares of ``n`` terms."""
    cumulated = np.cumsum(1.0 / np.arange(1, n + 1))
    return np.asarray(cumulated / cumulated[-1])


def _draw(
    rng: np.random.Generator, n_rows: int, least: int, most: int, n_terms: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Distinct terms of each row, ascending."""
    n_each = rng.integers(least, most + 1, size=n_rows)
    term = np.searchsorted(_zipf(n_terms), rng.random(int(n_each.sum())))
    drawn = np.unique(np.repeat(np.arange(n_rows), n_each) * n_terms + term)
    ptr = np.searchsorted(drawn, np.arange(n_rows + 1) * n_terms)
    return ptr.astype(np.int64), (drawn % n_terms).astype(np.int32)

"""Seeded candidates and vacancies of realistic shape, for the engine and for its peers.

Skills and words follow Zipf's law; a candidate has 5 to 40 claims, one or two
occupations and 30 to 150 words, a vacancy 5 to 25 weighted skills, one occupation
and 30 to 150 words. Peers see skills and words as one sparse product, which is all
that they can rank by; the engine is asked for that product and for the whole score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from app.matching.ranking.query import CREDIT_UNITS, Query, apportion, credit_units
from app.matching.ranking.rows import N_DIGEST, Rows

N_SKILLS = 14_000
N_WORDS = 30_000
N_OCCUPATIONS = 3_000
N_OCCUPATION_GROUPS = (430, 130, 43, 10)
"""Of ISCO-08, by number of digits, descending: each occupation lies in one of each."""

N_LEVELS = 6
SEED = 20261126

EVIDENCE_WORTH = np.array([0.6, 0.75, 0.85, 0.95, 1.0])
"""From stated only to proven at work. A grade is ``evidence * N_LEVELS + level``."""

RELATION_WORTH = np.array([1.0, 0.9, 0.5, 0.4, 0.4])
"""The skill itself, and four that stand near it."""

OCCUPATION_WORTH = np.array([0.3, 0.2, 0.2, 0.15, 0.15])
"""What the occupation, and each group around it, earns more than the next wider one."""

_CHUNK = 50_000
_FORM = 2
"""Raised when other candidates are drawn than before."""


@dataclass(frozen=True, slots=True)
class Vacancies:
    """Vacancies as the engine takes them, whole and as a bare product, and as one sparse matrix.

    Attributes
    ----------
    whole, bare : list of Query
    matrix : csr_matrix of shape (n, N_SKILLS + N_WORDS), float32
        Weights of ``bare``: times ``candidate_matrix`` they give its scores.
    """

    whole: list[Query]
    bare: list[Query]
    matrix: csr_matrix


def make_candidates(
    n: int, *, n_claims: tuple[int, int] = (5, 40), n_words: tuple[int, int] = (30, 150)
) -> Rows:
    """Draw candidates; the first ones are the same whatever ``n``.

    The column ``part`` is uniform in 0 to 99, for filters.
    """
    chunks = [_draw_chunk(start, min(_CHUNK, n - start), n_claims, n_words) for start in range(0, n, _CHUNK)]
    claim_ptr, claim_term = _join([(chunk[0], chunk[1]) for chunk in chunks])
    word_ptr, word_term = _join([(chunk[3], chunk[4]) for chunk in chunks])
    rng = np.random.default_rng(SEED)
    return Rows(
        ids=np.array([f"c{number:08}" for number in range(n)], dtype="S9"),
        claim_ptr=claim_ptr,
        claim_term=claim_term,
        claim_grade=np.concatenate([chunk[2] for chunk in chunks]),
        word_ptr=word_ptr,
        word_term=word_term,
        columns={"part": rng.integers(0, 100, n).astype(np.int32)},
        digest=rng.integers(0, 256, (n, N_DIGEST), dtype=np.uint8),
    )


def kept_candidates(n: int, folder: Path | None) -> Rows:
    """The same, read from a folder if they lie there, and left there if not."""
    if folder is None:
        return make_candidates(n)
    path = folder / f"candidates-{SEED}-{_FORM}-{n}.npz"
    if not path.exists():
        rows = make_candidates(n)
        folder.mkdir(parents=True, exist_ok=True)
        part = rows.columns["part"]
        names = ("ids", "claim_ptr", "claim_term", "claim_grade", "word_ptr", "word_term", "digest")
        np.savez(path, part=part, **{name: getattr(rows, name) for name in names})
        return rows
    with np.load(path) as held:
        arrays = {name: held[name] for name in held.files}
    return Rows(columns={"part": arrays.pop("part")}, **arrays)


def make_vacancies(n: int, *, seed: int = SEED + 1) -> Vacancies:
    """Draw vacancies; skills weigh 0.65, the occupation 0.15, text 0.2, by rarity within."""
    rng = np.random.default_rng(seed)
    skill_ptr, skills = _draw(rng, rng.integers(5, 26, n), N_SKILLS)
    word_ptr, words = _draw(rng, rng.integers(30, 151, n), N_WORDS)
    occupations = np.searchsorted(_cumulated(N_OCCUPATIONS), rng.random(n))
    whole, bare = [], []
    for i in range(n):
        asked, used = skills[skill_ptr[i] : skill_ptr[i + 1]], words[word_ptr[i] : word_ptr[i + 1]]
        level = rng.integers(0, N_LEVELS, len(asked))
        essential = rng.choice([1.0, 1.0, 0.5], len(asked))
        skill_shares = essential * _rarity(asked)
        word_shares = 0.2 * _rarity(used) / _rarity(used).sum()
        whole.append(
            _whole(asked, level, 0.65 * skill_shares / skill_shares.sum(), occupations[i], used, word_shares)
        )
        bare.append(_bare(asked, 0.8 * skill_shares / skill_shares.sum(), used, word_shares))
    return Vacancies(whole, bare, _vacancy_matrix(bare))


def candidate_matrix(rows: Rows) -> csr_matrix:
    """Skills with their credit and words, as one sparse row each.

    Returns
    -------
    csr_matrix of shape (n, N_SKILLS + N_WORDS), float32
    """
    is_skill = rows.claim_term < N_SKILLS
    n_before = np.concatenate([[0], np.cumsum(is_skill)])
    n_skills = np.diff(n_before[rows.claim_ptr])
    n_words = np.diff(rows.word_ptr)
    ptr = np.concatenate([[0], np.cumsum(n_skills + n_words)])
    indices = np.empty(ptr[-1], dtype=np.int32)
    data = np.full(ptr[-1], CREDIT_UNITS, dtype=np.float32)
    place = np.arange(n_skills.sum()) + np.repeat(ptr[:-1] - np.cumsum(n_skills) + n_skills, n_skills)
    indices[place] = rows.claim_term[is_skill]
    data[place] = bare_credit()[rows.claim_grade[is_skill]]
    place = np.arange(n_words.sum()) + np.repeat(ptr[1:] - np.cumsum(n_words), n_words)
    indices[place] = rows.word_term + N_SKILLS
    pointer = ptr.astype(np.int32 if ptr[-1] < 2**31 else np.int64)
    return csr_matrix((data, indices, pointer), shape=(rows.n_rows, N_SKILLS + N_WORDS))


def bare_credit() -> NDArray[np.int32]:
    """Credit by grade where the level asked is of no account."""
    return credit_units(np.ones(1), np.repeat(EVIDENCE_WORTH, N_LEVELS)[None, :])[0]


def _bare(
    skills: NDArray[np.int32],
    skill_shares: NDArray[np.float64],
    words: NDArray[np.int32],
    word_shares: NDArray[np.float64],
) -> Query:
    units = apportion(np.concatenate([skill_shares, word_shares]))
    n = len(skills)
    return Query(
        group_weight=units[:n],
        entry_group=np.arange(n, dtype=np.int32),
        entry_term=skills,
        entry_credit=np.tile(bare_credit(), (n, 1)),
        word_term=words,
        word_weight=units[n:],
    )


def _whole(
    skills: NDArray[np.int32],
    level: NDArray[np.int64],
    skill_shares: NDArray[np.float64],
    occupation: int,
    words: NDArray[np.int32],
    word_shares: NDArray[np.float64],
) -> Query:
    """Each skill with four near it and a level asked; the occupation and the groups around it."""
    n_near = len(RELATION_WORTH)
    group = np.repeat(np.arange(len(skills)), n_near)
    term = np.column_stack([skills, _NEAR[skills]]).ravel()
    held = np.tile(np.arange(N_LEVELS), len(EVIDENCE_WORTH))
    at_level = np.minimum(1.0, (held[None, :] + 1) / (level[group][:, None] + 1))
    credit = credit_units(
        np.tile(RELATION_WORTH, len(skills)), np.repeat(EVIDENCE_WORTH, N_LEVELS)[None, :] * at_level
    )
    around = _AROUND[occupation]
    around_credit = credit_units(np.ones(len(around)), np.ones((len(around), len(EVIDENCE_WORTH) * N_LEVELS)))
    units = apportion(np.concatenate([skill_shares, 0.15 * OCCUPATION_WORTH, word_shares]))
    n_groups = len(skills) + len(around)
    return Query(
        group_weight=units[:n_groups],
        entry_group=np.concatenate([group, np.arange(len(skills), n_groups)]).astype(np.int32),
        entry_term=np.concatenate([term, around]).astype(np.int32),
        entry_credit=np.concatenate([credit, around_credit]),
        word_term=words,
        word_weight=units[n_groups:],
    )


def _vacancy_matrix(bare: Sequence[Query]) -> csr_matrix:
    ptr = np.cumsum([0, *(len(each.entry_term) + len(each.word_term) for each in bare)])
    indices = np.concatenate([np.concatenate([each.entry_term, each.word_term + N_SKILLS]) for each in bare])
    data = np.concatenate([np.concatenate([each.group_weight, each.word_weight]) for each in bare])
    return csr_matrix((data.astype(np.float32), indices, ptr), shape=(len(bare), N_SKILLS + N_WORDS))


def _draw_chunk(
    start: int, n: int, n_claims: tuple[int, int], n_words: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint16], NDArray[np.int64], NDArray[np.int32]]:
    """Claims, grades and words of some candidates, from a stream of their own."""
    rng = np.random.default_rng([SEED, start])
    skill_ptr, skills = _draw(rng, rng.integers(n_claims[0], n_claims[1] + 1, n), N_SKILLS)
    held_ptr, held = _draw(rng, rng.integers(1, 3, n), N_OCCUPATIONS)
    around = _AROUND[held]
    key = np.repeat(_owner(held_ptr), around.shape[1]) * _N_TERMS + around.ravel()
    key = np.unique(np.concatenate([key, _owner(skill_ptr) * _N_TERMS + skills]))
    term = key % _N_TERMS
    word_ptr, words = _draw(rng, rng.integers(n_words[0], n_words[1] + 1, n), N_WORDS)
    grade = rng.integers(0, len(EVIDENCE_WORTH) * N_LEVELS, len(term)).astype(np.uint16)
    claim_ptr = np.searchsorted(key, np.arange(n + 1) * _N_TERMS)
    return claim_ptr, term.astype(np.int32), grade, word_ptr, words


def _draw(
    rng: np.random.Generator, n_each: NDArray[np.int64], n_terms: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Draw so many terms for each row by Zipf's law; what comes twice counts once."""
    row = np.repeat(np.arange(len(n_each)), n_each)
    key = row * n_terms + np.searchsorted(_cumulated(n_terms), rng.random(len(row)))
    key.sort()
    key = key[np.diff(key, prepend=-1) > 0]
    return np.searchsorted(key, np.arange(len(n_each) + 1) * n_terms), (key % n_terms).astype(np.int32)


def _cumulated(n: int) -> NDArray[np.float64]:
    shares = np.cumsum(1.0 / np.arange(1, n + 1))
    return np.asarray(shares / shares[-1])


def _rarity(terms: NDArray[np.int32]) -> NDArray[np.float64]:
    """Like an inverse document frequency; term ``i`` is the ``i``-th commonest."""
    return np.asarray(1.0 / np.log1p(1e5 / (terms + 1.0)))


def _owner(ptr: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))


def _join(
    parts: Sequence[tuple[NDArray[np.int64], NDArray[np.int32]]],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    n_each = np.concatenate([np.diff(ptr) for ptr, _ in parts])
    return np.concatenate([[0], np.cumsum(n_each)]), np.concatenate([terms for _, terms in parts])


# The same neighbours whoever asks: relations are part of a release.
_NEAR = np.random.default_rng(SEED + 2).integers(0, N_SKILLS, (N_SKILLS, 4)).astype(np.int32)


def _groups_around() -> NDArray[np.int32]:
    """Terms of each occupation: its own, and those of the groups that it lies in."""
    of_four = np.random.default_rng(SEED + 3).integers(0, N_OCCUPATION_GROUPS[0], N_OCCUPATIONS)
    columns, first = [np.arange(N_OCCUPATIONS)], N_OCCUPATIONS
    for n_groups in N_OCCUPATION_GROUPS:
        columns.append(first + of_four * n_groups // N_OCCUPATION_GROUPS[0])
        first += n_groups
    return (np.column_stack(columns) + N_SKILLS).astype(np.int32)


_AROUND = _groups_around()
_N_TERMS = N_SKILLS + N_OCCUPATIONS + sum(N_OCCUPATION_GROUPS)

"""Seeded data of realistic shape: Zipf-distributed skills, 5-40 claims, 30-150 words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.matching.encode import Asks, Claims, Part, Relations

N_SKILLS = 14_000
N_TERMS = 30_000


@dataclass(frozen=True, slots=True)
class Pool:
    """Parts for the engine and the same content as words for the baseline."""

    parts: tuple[Part, Part]
    vacancy_texts: list[str]
    candidate_texts: list[str]


def make_pool(*, n_vacancies: int, n_candidates: int, seed: int = 20261124) -> Pool:
    """Draw vacancies (5-25 skills, 30-150 words) and candidates (5-40 skills, 30-150 words)."""
    rng = np.random.default_rng(seed)
    skill_shares, term_shares = _zipf(N_SKILLS), _zipf(N_TERMS)
    asked = _draw(rng, n_vacancies, 5, 25, skill_shares)
    asked_terms = _draw(rng, n_vacancies, 30, 150, term_shares)
    claimed = _draw(rng, n_candidates, 5, 40, skill_shares)
    claimed_terms = _draw(rng, n_candidates, 30, 150, term_shares)
    skills = _part("skills", 0.8, asked, claimed, 1.0 / np.log1p(skill_shares * 1e6), rng)
    text = _part("text", 0.2, asked_terms, claimed_terms, 1.0 / np.log1p(term_shares * 1e6), rng)
    return Pool(
        parts=(skills, text),
        vacancy_texts=_texts(asked, asked_terms),
        candidate_texts=_texts(claimed, claimed_terms),
    )


def _zipf(n: int) -> NDArray[np.float64]:
    shares = 1.0 / np.arange(1, n + 1)
    return np.asarray(shares / shares.sum())


def _draw(
    rng: np.random.Generator, n_rows: int, least: int, most: int, shares: NDArray[np.float64]
) -> list[NDArray[np.int64]]:
    lengths = rng.integers(least, most + 1, size=n_rows)
    drawn = rng.choice(len(shares), size=int(lengths.sum()), p=shares)
    return [np.unique(row) for row in np.split(drawn, np.cumsum(lengths)[:-1])]


def _part(
    name: str,
    weight: float,
    asked: list[NDArray[np.int64]],
    claimed: list[NDArray[np.int64]],
    rarity: NDArray[np.float64],
    rng: np.random.Generator,
) -> Part:
    ask_concepts, claim_concepts = np.concatenate(asked), np.concatenate(claimed)
    return Part(
        name=name,
        weight=weight,
        asks=Asks(
            vacancy_row=_owners(asked),
            concept_row=ask_concepts.astype(np.int32),
            level=np.zeros(len(ask_concepts), dtype=np.int8),
            weight=rarity[ask_concepts],
        ),
        claims=Claims(
            candidate_row=_owners(claimed),
            concept_row=claim_concepts.astype(np.int32),
            level=np.zeros(len(claim_concepts), dtype=np.int8),
            credit=rng.choice([0.6, 0.75, 0.85, 0.95, 1.0], size=len(claim_concepts)),
        ),
        relations=Relations.none(),
        level_credit=np.ones((1, 1)),
    )


def _owners(rows: list[NDArray[np.int64]]) -> NDArray[np.int32]:
    return np.repeat(np.arange(len(rows)), [len(row) for row in rows]).astype(np.int32)


def _texts(skills: list[NDArray[np.int64]], terms: list[NDArray[np.int64]]) -> list[str]:
    return [
        " ".join([*(f"skill{each}" for each in row), *(f"term{each}" for each in words)])
        for row, words in zip(skills, terms, strict=True)
    ]

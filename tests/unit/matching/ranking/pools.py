"""Small random pools, full of ties and collisions, and the written formula in plain Python."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from app.matching.ranking.query import CREDIT_UNITS, Query, apportion
from app.matching.ranking.rows import Rows

N_TERMS, N_WORDS, N_GRADES = 24, 300, 4
OFTEN_CLAIMED = 8
"""Terms below this are claimed by many, so that their lists have planes; the others are rare."""

SHARED = 260
"""Words below this are used by many, so that some are kept as bits and some in lists."""


@dataclass(frozen=True)
class Person:
    """One candidate as dictionaries."""

    id: bytes
    claims: Mapping[int, int]
    words: frozenset[int]
    age: int

    @property
    def digest(self) -> bytes:
        content = (self.id, sorted(self.claims.items()), sorted(self.words), self.age)
        return hashlib.sha256(repr(content).encode()).digest()[:16]


def make_person(random: Random, candidate_id: bytes) -> Person:
    claims = {_claimed_term(random): random.randrange(N_GRADES) for _ in range(random.randrange(6))}
    often = random.sample(range(SHARED), random.randrange(SHARED))
    rarely = random.sample(range(SHARED, N_WORDS), random.randrange(3))
    return Person(candidate_id, claims, frozenset([*often, *rarely]), random.choice([1, 2, 3]))


def _claimed_term(random: Random) -> int:
    return (
        random.randrange(OFTEN_CLAIMED) if random.random() < 0.8 else random.randrange(OFTEN_CLAIMED, N_TERMS)
    )


def make_rows(people: Sequence[Person]) -> Rows:
    claims = [sorted(person.claims.items()) for person in people]
    words = [sorted(person.words) for person in people]
    return Rows(
        ids=np.array([person.id for person in people], dtype="S8"),
        claim_ptr=_ptr(claims),
        claim_term=np.array([term for row in claims for term, _ in row], dtype=np.int32),
        claim_grade=np.array([grade for row in claims for _, grade in row], dtype=np.uint16),
        word_ptr=_ptr(words),
        word_term=np.array([word for row in words for word in row], dtype=np.int32),
        columns={"age": np.array([person.age for person in people], dtype=np.int32)},
        digest=np.array([list(person.digest) for person in people], dtype=np.uint8).reshape(-1, 16),
    )


def _ptr(rows: Sequence[Sequence[object]]) -> np.ndarray:
    return np.cumsum([0, *(len(row) for row in rows)])


def make_query(random: Random) -> Query:
    n_groups = random.randrange(5)
    words = random.sample(range(N_WORDS + 5), random.randrange(12))
    entries = [
        (group, term, [random.choice([0, 1, 2048, CREDIT_UNITS]) for _ in range(N_GRADES)])
        for group in range(n_groups)
        for term in random.sample(range(N_TERMS + 2), random.randrange(4))
    ]
    units = apportion(np.array([random.choice([0.0, 1.0, 1.0, 2.5]) for _ in range(n_groups + len(words))]))
    return Query(
        group_weight=units[:n_groups],
        entry_group=np.array([group for group, _, _ in entries], dtype=np.int32),
        entry_term=np.array([term for _, term, _ in entries], dtype=np.int32),
        entry_credit=np.array([credit for _, _, credit in entries], dtype=np.int32).reshape(-1, N_GRADES),
        word_term=np.array(words, dtype=np.int32),
        word_weight=units[n_groups:],
    )


def written_score(person: Person, query: Query) -> int:
    """The formula of ``query``, word for word."""
    units = 0
    for group, weight in enumerate(query.group_weight.tolist()):
        credits = [
            int(query.entry_credit[entry][person.claims[int(term)]])
            for entry, term in enumerate(query.entry_term)
            if query.entry_group[entry] == group and int(term) in person.claims
        ]
        units += weight * max(credits, default=0)
    for word, weight in zip(query.word_term.tolist(), query.word_weight.tolist(), strict=True):
        units += weight * CREDIT_UNITS * (word in person.words)
    return units


def written_ranking(people: Sequence[Person], query: Query, k: int) -> list[tuple[bytes, int]]:
    """Best ``k``: score descending, then id ascending."""
    scored = [(person.id, written_score(person, query)) for person in people]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:k]

"""Small random parts and a slow, obvious scorer to hold the engine against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from app.matching.encode import CREDIT_UNITS, Asks, Claims, Part, Relations

LEVEL_CREDIT = np.array(
    [[1.0, 0.75, 0.75], [1.0, 1.0, 0.5], [1.0, 1.0, 1.0]],
)


def make_part(
    *,
    asks: list[tuple[int, int, int, float]],
    claims: list[tuple[int, int, int, float]],
    relations: Sequence[tuple[int, int, float, int]] = (),
    weight: float = 1.0,
    name: str = "skills",
) -> Part:
    """Rows of asks (vacancy, concept, level, weight), claims (candidate, concept, level, credit)
    and relations (asked, claimed, factor, code)."""
    claims = sorted(claims, key=lambda claim: claim[0])
    return Part(
        name=name,
        weight=weight,
        asks=Asks(
            vacancy_row=np.array([ask[0] for ask in asks], dtype=np.int32),
            concept_row=np.array([ask[1] for ask in asks], dtype=np.int32),
            level=np.array([ask[2] for ask in asks], dtype=np.int8),
            weight=np.array([ask[3] for ask in asks], dtype=np.float64),
        ),
        claims=Claims(
            candidate_row=np.array([claim[0] for claim in claims], dtype=np.int32),
            concept_row=np.array([claim[1] for claim in claims], dtype=np.int32),
            level=np.array([claim[2] for claim in claims], dtype=np.int8),
            credit=np.array([claim[3] for claim in claims], dtype=np.float64),
        ),
        relations=Relations(
            asked_row=np.array([relation[0] for relation in relations], dtype=np.int32),
            claimed_row=np.array([relation[1] for relation in relations], dtype=np.int32),
            factor=np.array([relation[2] for relation in relations], dtype=np.float64),
            code=np.array([relation[3] for relation in relations], dtype=np.int8),
        ),
        level_credit=LEVEL_CREDIT,
    )


def plain_credit(part: Part, candidate: int, concept: int, level: int) -> float:
    """Best credit of one candidate for one ask, by looking at every claim."""
    factor = {(concept, concept): 1.0}
    for row in range(len(part.relations.code)):
        pair = (int(part.relations.asked_row[row]), int(part.relations.claimed_row[row]))
        factor[pair] = max(factor.get(pair, 0.0), float(part.relations.factor[row]))
    best = 0.0
    for row in range(len(part.claims.concept_row)):
        if part.claims.candidate_row[row] != candidate:
            continue
        relation = factor.get((concept, int(part.claims.concept_row[row])), 0.0)
        level_factor = part.level_credit[part.claims.level[row], level]
        best = max(best, relation * float(part.claims.credit[row]) * float(level_factor))
    return best


def plain_scores(parts: list[Part], n_vacancies: int, n_candidates: int) -> list[list[Fraction]]:
    """The formula of the score as written down, in exact fractions of the float weights."""
    table = [[Fraction(0)] * n_candidates for _ in range(n_vacancies)]
    for vacancy in range(n_vacancies):
        asked = []
        for part in parts:
            heaviest: dict[tuple[int, int], float] = {}
            for row in np.flatnonzero(part.asks.vacancy_row == vacancy):
                key = (int(part.asks.concept_row[row]), int(part.asks.level[row]))
                heaviest[key] = max(heaviest.get(key, 0.0), float(part.asks.weight[row]))
            if heaviest:
                asked.append((part, heaviest))
        total = sum(Fraction(part.weight) for part, _ in asked)
        for part, heaviest in asked:
            in_part = sum(Fraction(weight) for weight in heaviest.values())
            for (concept, level), weight in heaviest.items():
                share = Fraction(part.weight) / total * Fraction(weight) / in_part
                for candidate in range(n_candidates):
                    credit = round(plain_credit(part, candidate, concept, level) * CREDIT_UNITS)
                    table[vacancy][candidate] += share * Fraction(credit, CREDIT_UNITS)
    return table


def n_asks(parts: list[Part]) -> int:
    return sum(len(part.asks.level) for part in parts)


@st.composite
def part_lists(draw: st.DrawFn, n_vacancies: int = 3, n_candidates: int = 6) -> list[Part]:
    """One or two parts over a handful of concepts, so that collisions and ties abound."""
    concept = st.integers(0, 5)
    level = st.integers(0, 2)
    unit = st.sampled_from([0.25, 0.6, 0.75, 1.0])
    weight = st.sampled_from([0.1, 1 / 3, 1.0, math.pi])
    parts = []
    for name in draw(st.sampled_from([("skills",), ("skills", "text")])):
        relations = draw(st.lists(st.tuples(concept, concept, unit, st.integers(1, 3)), max_size=6))
        parts.append(
            make_part(
                name=name,
                weight=draw(st.sampled_from([0.3, 0.7])),
                asks=draw(
                    st.lists(st.tuples(st.integers(0, n_vacancies - 1), concept, level, weight), max_size=10)
                ),
                claims=draw(
                    st.lists(st.tuples(st.integers(0, n_candidates - 1), concept, level, unit), max_size=20)
                ),
                relations=[relation for relation in relations if relation[0] != relation[1]],
            )
        )
    return parts

"""Occupation: how near a candidate's occupations are to the vacancy's, by ESCO and ISCO-08."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.enums import LinkMethod
from app.matching.weights import OCCUPATION, WeightProfile
from app.services.candidate_terms import isco_terms, occupation_term
from app.services.occupations import ResolvedOccupation
from app.services.parts.wanted import Named, Wanted

_GIVEN = (LinkMethod.URI, LinkMethod.CODE)


def occupation_part(name: str, occupation: ResolvedOccupation, weights: WeightProfile) -> list[Wanted]:
    """Ask for the occupation and, for less, the ISCO-08 groups around it; nothing if there is none."""
    if occupation.row is None and not occupation.isco_code:
        return []
    return [Wanted(OCCUPATION, name, 1.0, list(_around(occupation, weights)))]


def occupation_sureness(occupation: ResolvedOccupation) -> float:
    """How sure it is that this occupation is meant: 1 for a URI or code, else the link's score."""
    return 1.0 if occupation.method in _GIVEN else min(occupation.score, 1.0)


def occupation_worth(_level: int, _place: int, _asked: int, _weights: WeightProfile) -> float:
    """Who has an occupation has it."""
    return 1.0


def _around(occupation: ResolvedOccupation, weights: WeightProfile) -> Iterator[Named]:
    """The occupation and the ISCO-08 groups around it, nearest first."""
    groups = isco_terms(occupation.isco_code)
    if occupation.row is not None:
        yield occupation_term(occupation.row), 1.0, "same"
    elif groups:
        # Who asks for a whole group is served by every occupation in it.
        yield groups.pop(), 1.0, f"same_isco_group_{len(occupation.isco_code)}"
    for digits in range(len(groups), 0, -1):
        yield groups[digits - 1], weights.isco[digits - 1], f"same_isco_group_{digits}"

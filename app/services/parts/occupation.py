"""Occupation: how near a candidate's occupations are to the vacancy's, by ESCO and ISCO-08."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from app.domain.enums import LinkMethod
from app.matching.weights import OCCUPATION, WeightProfile
from app.services.candidate_terms import isco_terms, occupation_term
from app.services.occupations import ResolvedOccupation
from app.services.parts.wanted import Named, Wanted

_USUAL_PARTS = 3
"""Parts of a title between commas: more make a list, of which the occupation is one entry."""
_GIVEN = (LinkMethod.URI, LinkMethod.CODE)
_GUESSED = (LinkMethod.FUZZY, LinkMethod.ISCO_GROUP, None)


class OccupationPart(NamedTuple):
    """What is asked for, and how sure it is that this is meant, in [0, 1]."""

    wanted: list[Wanted]
    sureness: float


def occupation_part(
    name: str,
    title: str,
    occupation: ResolvedOccupation,
    likely: Sequence[tuple[int, float]],
    isco_of: Callable[[int], str],
    weights: WeightProfile,
) -> OccupationPart:
    """Ask for the occupation and, for less, the ISCO-08 groups around it; nothing if there is none.

    Where none is sure the likely ones are asked for, each as far as it is likely beside the
    likeliest. A URI or code is sure, a title as sure as its link.

    Parameters
    ----------
    title
        The words that name it.
    likely
        Row and probability of each occupation that may be meant.
    isco_of
        ISCO-08 code of an occupation row.
    """
    if occupation.row is None and occupation.method is not LinkMethod.CODE and likely:
        named = list(_around_likely(likely, isco_of, weights))
        sureness = min(likely[0][1], 1.0) * title_sureness(title)
        return OccupationPart([Wanted(OCCUPATION, name, 1.0, named)], sureness)
    if occupation.row is None and not occupation.isco_code:
        return OccupationPart([], 0.0)
    sureness = 1.0
    if occupation.method not in _GIVEN:
        sureness = link_sureness(occupation.method, occupation.score) * title_sureness(title)
    return OccupationPart([Wanted(OCCUPATION, name, 1.0, list(_around(occupation, weights)))], sureness)


def link_sureness(method: LinkMethod | None, score: float) -> float:
    """How sure a link is for what a vacancy asks, in [0, 1].

    Who writes a label is taken at their word, however often others mean something else by it: the
    weight would go to the words of the text, which people who write in another language do not use.
    """
    return min(score, 1.0) if method in _GUESSED else 1.0


def title_sureness(title: str) -> float:
    """How far words are a title and no list, in (0, 1].

    >>> title_sureness("Welder, Berlin"), title_sureness("gis, autocad, siemens, plc, hydraulics, fitter")
    (1.0, 0.5)
    """
    n_parts = sum(bool(part.strip()) for part in title.replace(";", ",").split(","))
    return min(1.0, _USUAL_PARTS / n_parts) if n_parts else 1.0


def occupation_worth(_level: int, _place: int, _asked: int, _weights: WeightProfile) -> float:
    """Who has an occupation has it."""
    return 1.0


def _around_likely(
    likely: Sequence[tuple[int, float]], isco_of: Callable[[int], str], weights: WeightProfile
) -> Iterator[Named]:
    """The likely occupations and the groups around them, each term at the most it may earn."""
    best: dict[str, tuple[float, str]] = {}
    for row, probability in likely:
        chance = round(probability / likely[0][1], 6)
        groups = isco_terms(isco_of(row))
        terms = [(occupation_term(row), 1.0, "likely")]
        terms += [
            (groups[digits - 1], weights.isco[digits - 1], f"same_isco_group_{digits}")
            for digits in range(len(groups), 0, -1)
        ]
        for term, factor, relation in terms:
            if chance * factor > best.get(term, (0.0, ""))[0]:
                best[term] = chance * factor, relation
    for term, (factor, relation) in sorted(best.items(), key=lambda each: (-each[1][0], each[0])):
        yield term, factor, relation


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

"""Occupation: how near a candidate's occupations are to the vacancy's, by ESCO and ISCO-08."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from app.domain.enums import LinkMethod, Tenure
from app.domain.tenure import TENURE_OF
from app.matching.titles import names_learner
from app.matching.weights import OCCUPATION, WeightProfile
from app.services.candidate_terms import evidence_place, isco_terms, occupation_term
from app.services.occupations import ResolvedOccupation
from app.services.parts.wanted import Named, Wanted
from app.services.work_terms import experience_level

_USUAL_PARTS = 3
"""Parts of a title between commas: more make a list, of which the occupation is one entry."""
_FULL_TIME = experience_level(24)
_TENURE_AT = {evidence_place(each) if each else 0: tenure for each, tenure in TENURE_OF.items()}
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
    level: int = 0,
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
    level
        Half years of work that are wanted, as ``asked_time`` gives them.
    """
    if occupation.row is None and occupation.method is not LinkMethod.CODE and likely:
        named = list(_around_likely(likely, isco_of, weights))
        sureness = min(likely[0][1], 1.0) * title_sureness(title)
        return OccupationPart([Wanted(OCCUPATION, name, 1.0, named, level)], sureness)
    if occupation.row is None and not occupation.isco_code:
        return OccupationPart([], 0.0)
    sureness = 1.0
    if occupation.method not in _GIVEN:
        sureness = link_sureness(occupation.method, occupation.score) * title_sureness(title)
    named = list(_around(occupation, weights))
    return OccupationPart([Wanted(OCCUPATION, name, 1.0, named, level)], sureness)


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


def asked_time(*titles: str, lang: str | None) -> int:
    """Half years of work in the occupation that earn everything; 0 where who is sought still learns it."""
    return 0 if any(names_learner(title, lang) for title in titles) else _FULL_TIME


def occupation_worth(level: int, place: int, asked: int, weights: WeightProfile) -> float:
    """By how the occupation is claimed, growing with the time worked in it; 1 for all where none is asked."""
    tenure = _TENURE_AT.get(place)
    if tenure is None:
        return 0.0
    if not asked:
        return 1.0
    if tenure is Tenure.WORKED:
        named = weights.tenure[Tenure.NAMED]
        return named + (1.0 - named) * min(level, asked) / asked
    return weights.tenure[tenure]


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

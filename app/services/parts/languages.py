"""Languages: the level reached of the one asked for, each language alike."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.records import LanguageLevel
from app.matching.weights import LANGUAGES, WeightProfile
from app.services.candidate_terms import language_term
from app.services.parts.wanted import Wanted, level_credit
from app.services.preparation import language_rank


def languages_part(asked: Sequence[LanguageLevel]) -> list[Wanted]:
    """Ask for each language once."""
    return [
        Wanted(
            LANGUAGES,
            language_name(language),
            1.0 / len(asked),
            [(language_term(language.lang), 1.0, "level")],
            language_rank(language),
        )
        for language in asked
    ]


def language_worth(level: int, place: int, asked: int, weights: WeightProfile) -> float:
    """What a level is worth; ``place`` is 0, else the claim is one of a skill."""
    return 0.0 if place else level_credit(level, asked, weights.unknown_language_level)


def language_name(language: LanguageLevel) -> str:
    """A language with its level."""
    return f"{language.lang} {language.cefr}" if language.cefr else language.lang

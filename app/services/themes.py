"""Themes of profiles and vacancies: the occupations that their texts lie nearest to.

A theme is no occupation that somebody has or asks for. It is what brings texts together that
share no word, above all those in two languages. How near a text is to an occupation is judged twice:
by what the occupation is called, and by what the skills that it needs are called, which is what
people write about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from app.matching.cues import function_words
from app.matching.themes import Themes, blended, nearest_rows
from app.matching.weights import DEFAULT_WEIGHTS
from app.services.parts.text import text_part
from app.services.profile_words import Mention, plain
from app.services.taxonomy_index import TaxonomyIndex

N_OFFERED = 50
"""Themes of a profile, whatever its length: who writes more gets no more of them."""
N_ASKED = 60
"""Themes of a vacancy."""
LEAST_CLOSENESS = 0.2
"""Cosine from which on a text is near an occupation; words drawn at random hardly reach it."""
SKILLS_SHARE = 2 / 3
"""How much nearness to the skills that an occupation needs counts, beside nearness to its names."""

_THEME = "~"  # no canonical word has it
_COMMON = "en"
_UNITS = 1 << 20


def theme_term(row: int) -> str:
    """The word that stands for a text's lying near an occupation."""
    return f"{_THEME}{row}"


def theme_row(word: str) -> int | None:
    """The occupation that a word stands for, if it stands for one."""
    return int(word.removeprefix(_THEME)) if word.startswith(_THEME) else None


def profile_themes(index: TaxonomyIndex, words: AbstractSet[str], lang: str | None) -> set[str]:
    """What the running text of a profile is about, as words.

    Each word counts once, twice where it stands out, as far as it is rare; so saying it again changes
    nothing.

    Parameters
    ----------
    words
        Of the running text alone: a stated skill more must not move what the text is about.
    lang
        ISO 639-1 code of the text.
    """
    small = function_words(_COMMON) | function_words(lang or _COMMON)
    times = Counter(word for word in map(plain, words) if word not in small)

    def weigh(themes: Themes) -> Mapping[str, int]:
        return {word: count * themes.rarity(word) for word, count in times.items()}

    return {theme_term(row) for row, _ in _nearest(index, lang, weigh, N_OFFERED)} if words else set()


def vacancy_themes(
    index: TaxonomyIndex, mentions: Mapping[str, Mention], lang: str | None
) -> tuple[tuple[int, float], ...]:
    """What a vacancy is about: (occupation row, closeness), nearest first.

    Its words weigh as they do in the text part, by the built-in weights.

    Parameters
    ----------
    lang
        ISO 639-1 code of the text.
    """
    if not mentions:
        return ()
    rarity, most = index.term_rarity, index.unknown_term_rarity
    shares = text_part(mentions, DEFAULT_WEIGHTS, lambda word: rarity.get(word, most), most)
    weights = {word: round(share * _UNITS) for word, share in shares.items() if word == plain(word)}
    return tuple(_nearest(index, lang, lambda _: weights, N_ASKED))


def _nearest(
    index: TaxonomyIndex, lang: str | None, weigh: Callable[[Themes], Mapping[str, int]], k: int
) -> list[tuple[int, float]]:
    """The occupations nearest to a text by their names and, where it can be read so, by their skills.

    Where the release has no labels of skills in the language, words of the text are placed among
    them by their spelling alone, which misleads; then the names decide.
    """
    by_name, by_skill = index.themes, index.skill_themes
    if by_name is None:
        return []
    closeness = by_name.closeness(weigh(by_name))
    if by_skill is not None and lang in by_skill.langs:
        themes = by_skill.themes
        closeness = blended(closeness, themes.closeness(weigh(themes)), SKILLS_SHARE)
    return nearest_rows(closeness, k, LEAST_CLOSENESS)


def theme_weights(themes: Sequence[tuple[int, float]]) -> dict[str, float]:
    """Weight of each theme of a vacancy: how much nearer it is than it has to be."""
    return {theme_term(row): closeness - LEAST_CLOSENESS for row, closeness in themes}

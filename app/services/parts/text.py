"""Text: the words that say what a vacancy is about, met by use, and a little more where they stand out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np

from app.matching.translations import Dictionary
from app.matching.weights import WeightProfile
from app.services.profile_words import Mention, plain, prominent

MOST_WORDS = 40
"""Words asked for: the heaviest. It bounds the cost of a search, and what is said once by the way."""
EVERYDAY_RARITY = 1.0
"""The most that a word of every advert weighs."""


def text_part(
    mentions: Mapping[str, Mention],
    weights: WeightProfile,
    rarity_of: Callable[[str], float],
    most_rarity: float,
) -> dict[str, float]:
    """Weigh the words of a vacancy.

        weight = min(rarity, most) x (1 + ln times said) x title factor

    after sublinear TF-IDF (Manning, Raghavan and Schütze 2008, section 6.4.1). Rarity comes
    from the release, which cannot tell two very rare words apart, hence the bound.

    Parameters
    ----------
    rarity_of
        Rarity of a word.
    most_rarity
        From here on a word is as rare as can be.

    Returns
    -------
    dict
        Share of each word and of its standing out, in alphabetical order; they sum to 1.
    """
    weight = {}
    for word, mention in mentions.items():
        rarity = min(rarity_of(word), EVERYDAY_RARITY if mention.is_everyday else most_rarity)
        # Rounded, since the last bit of a logarithm may differ between machines.
        often = round(1.0 + float(np.log(mention.times)), 9)
        weight[word] = rarity * often * (weights.title if mention.in_title else 1.0)
    heaviest = sorted(weight, key=lambda word: (-weight[word], word))[:MOST_WORDS]
    asked = {word: weight[word] for word in heaviest if weight[word] > 0}
    if weights.prominence:
        asked |= {prominent(word): weights.prominence * each for word, each in asked.items()}
    total = sum(asked.values())
    return {word: asked[word] / total for word in sorted(asked)}


def with_translations(words: Mapping[str, float], dictionary: Dictionary) -> dict[str, float]:
    """Hand each word's share over to its English translations, as far as it stands for them.

    Who uses a word of another language is taken to use its translations (``translated``), so
    nobody who uses the vacancy's own word loses by this.

    Parameters
    ----------
    words
        Share of each word and of its standing out.
    dictionary
        Of the vacancy's language.

    Returns
    -------
    dict
        Shares with the same sum, in alphabetical order.
    """
    shares: defaultdict[str, float] = defaultdict(float)
    for word, share in words.items():
        own = plain(word)
        translations = dictionary.get(own, ())
        shares[word] += share * (1.0 - sum(each.share for each in translations))
        for other, part in translations:
            shares[other if word == own else prominent(other)] += share * part
    return {word: shares[word] for word in sorted(shares) if shares[word] > 0}


def with_themes(
    words: Mapping[str, float], themes: Mapping[str, float], weights: WeightProfile
) -> dict[str, float]:
    """Hand ``weights.theme`` of the part over to what the vacancy is about.

    Parameters
    ----------
    words
        Share of each word; they sum to 1, or there are none.
    themes
        Weight of each theme, any scale. Words keep everything where there are none.

    Returns
    -------
    dict
        Share of each word and theme, in alphabetical order; they sum to 1.
    """
    total = sum(themes.values())
    if not words or not total > 0 or not weights.theme:
        return dict(words)
    shares = {word: (1.0 - weights.theme) * share for word, share in words.items()}
    shares |= {theme: weights.theme * weight / total for theme, weight in themes.items()}
    return {word: shares[word] for word in sorted(shares)}

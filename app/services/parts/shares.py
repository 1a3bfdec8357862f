"""How much each part of a score weighs for one vacancy."""

from __future__ import annotations

from collections.abc import Mapping

from app.matching.weights import TEXT


def part_shares(parts: Mapping[str, float], sureness: Mapping[str, float]) -> dict[str, float]:
    """Share the weight of a score out among the parts that a vacancy asks for.

    A part keeps its weight as far as it is sure what the vacancy asks; the text part gets
    what the others do not keep, since what a vacancy has not said in data its words say.
    A part that is not asked for hands its weight to the others in proportion, and so does
    what nobody can take over where there is no text.

    Parameters
    ----------
    parts
        Weight of each part.
    sureness
        Of each part that is asked for, in [0, 1].

    Returns
    -------
    dict
        Share of each part asked for; they sum to 1, or to 0 where none has weight.

    Examples
    --------
    >>> part_shares({"skills": 0.5, "text": 0.25, "languages": 0.25}, {"skills": 0.5, "text": 1.0})
    {'skills': 0.3333333333333333, 'text': 0.6666666666666666}
    """
    kept = {name: parts[name] * sureness[name] for name in parts if name in sureness}
    if TEXT in kept and parts[TEXT] > 0:
        kept[TEXT] += sum(parts[name] - weight for name, weight in kept.items() if name != TEXT)
    total = sum(kept.values())
    return {name: weight / total if total > 0 else 0.0 for name, weight in kept.items()}

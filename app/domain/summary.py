"""What a person reads first of a match: how much is met, the best evidence, the main gap."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.enums import Importance
from app.domain.results import Contribution, RankedMatch

# Partial relations (broader, related, similar text) earn credit but do not meet a requirement.
MEETING_RELATIONS = ("same", "narrower")


@dataclass(frozen=True, slots=True)
class MatchSummary:
    """One match at a glance; ``strongest`` and ``gap`` are None when there is nothing to name.

    Attributes
    ----------
    essentials_met, n_essentials
        Essential skills that a claim meets, of those asked for.
    strongest
        The met skill requirement that gives most of the score.
    gap
        The unmet skill requirement that costs most of the score, essential ones first.
    """

    essentials_met: int
    n_essentials: int
    strongest: Contribution | None
    gap: Contribution | None


def summarise(match: RankedMatch) -> MatchSummary:
    """Sum up an explained match.

    Equal shares are decided by the requirement's words, so equal matches read alike.
    """
    skills = [share for share in match.contributions if share.part == "skills"]
    met = [share for share in skills if share.relation in MEETING_RELATIONS]
    unmet = [share for share in skills if share.relation not in MEETING_RELATIONS]
    return MatchSummary(
        essentials_met=sum(share.importance is Importance.ESSENTIAL for share in met),
        n_essentials=sum(share.importance is Importance.ESSENTIAL for share in skills),
        strongest=min(met, key=lambda share: (-share.value, share.requirement), default=None),
        gap=min(
            unmet,
            key=lambda share: (
                share.importance is not Importance.ESSENTIAL,
                share.value - share.weight,
                share.requirement,
            ),
            default=None,
        ),
    )

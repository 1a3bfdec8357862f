"""What changed since a decision or a ranking was made."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.results import Contribution
from app.services.match_review import MatchReview
from app.web.views.evidence import name_of
from app.web.wording import Words


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was; ``how`` is a sentence with a blank for ``what``."""

    what: str
    lang: str | None
    how: str


def changes_of(review: MatchReview, words: Words) -> tuple[Change, ...]:
    """What is new, gone or worth another part of the score: requirements, then evidence."""
    return (*_requirement_changes(review, words), *_evidence_changes(review, words))


def _requirement_changes(review: MatchReview, words: Words) -> list[Change]:
    """Stated requirements that came or went since the ranking."""
    if review.ranked.requirements_version == review.vacancy.requirements_version:
        return []
    ranked = {each["source_text"] for each in review.ranked.requirements if each["provenance"] == "stated"}
    present = {each.source_text for each in review.vacancy.requirements}
    lang = review.vacancy.lang
    came = [
        Change(each, lang, words.gettext("%(requirement)s is asked for now"))
        for each in sorted(present - ranked)
    ]
    went = [
        Change(each, lang, words.gettext("%(requirement)s is no longer asked for"))
        for each in sorted(ranked - present)
    ]
    return came + went


def _evidence_changes(review: MatchReview, words: Words) -> list[Change]:
    """Requirements that the candidate meets otherwise than when they were decided on."""
    if review.before is None:
        return []
    before = {_key(share): share for share in review.before.contributions if share.part == "skills"}
    found = []
    for share in review.told.contributions:
        earlier = before.get(_key(share))
        if share.part != "skills" or earlier is None or earlier.credit == share.credit:
            continue
        label = name_of(share, review.labels, review.vacancy, words)[0]
        sentence = words.gettext("%(requirement)s is met better now") if share.credit > earlier.credit else ""
        sentence = sentence or words.gettext("%(requirement)s is met less well now")
        found.append(Change(label, None if share.requirement_uri else review.vacancy.lang, sentence))
    return found


def _key(share: Contribution) -> str:
    return share.requirement_uri or share.requirement

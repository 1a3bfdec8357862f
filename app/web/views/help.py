"""What the help page lists: keys, relations between skills, and grades of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.enums import EvidenceGrade
from app.domain.transitions import ReviewState
from app.matching.weights import RELATIONS
from app.web.hotkeys import ACTIONS, hotkeys_of
from app.web.viewer import Viewer
from app.web.wording import N_, Words
from app.wording import term

_RELATIONS = {
    "same": N_("The claim is the very skill that is asked for."),
    "narrower": N_("The claim is a special case of what is asked for, and nearly as good."),
    "broader": N_("The claim is more general than what is asked for: ask what it covers."),
    "related": N_("The taxonomy links the two skills, but neither covers the other."),
    "similar_text": N_("Only the words are alike: read both before you trust it."),
}
_EVIDENCE = {
    EvidenceGrade.SELF_STATED: N_("The candidate says so."),
    EvidenceGrade.TAUGHT: N_("It was part of the training."),
    EvidenceGrade.ASSESSED: N_("The institution has tested it."),
    EvidenceGrade.CERTIFIED: N_("There is a certificate."),
    EvidenceGrade.PROVEN_AT_WORK: N_("It was used in a job."),
}


@dataclass(frozen=True, slots=True)
class HelpView:
    """Lists of the help page: (key, what it does) and (name, what it means)."""

    keys: Sequence[tuple[str, str]]
    states: Sequence[ReviewState]
    relations: Sequence[tuple[str, str]]
    evidence: Sequence[tuple[str, str]]


def key_lines(viewer: Viewer) -> list[tuple[str, str]]:
    """The viewer's keys; none where they are switched off."""
    return [(key, viewer.words.gettext(ACTIONS[action][1])) for action, key in hotkeys_of(viewer).items()]


def relation_lines(words: Words) -> list[tuple[str, str]]:
    """What the relations between a claim and a requirement mean, nearest first."""
    return [(term("relation", code, words.locale), words.gettext(_RELATIONS[code])) for code in RELATIONS]


def evidence_lines(words: Words) -> list[tuple[str, str]]:
    """What the grades of evidence mean, best first."""
    grades = reversed(EvidenceGrade)
    return [(term("evidence", str(each), words.locale), words.gettext(_EVIDENCE[each])) for each in grades]

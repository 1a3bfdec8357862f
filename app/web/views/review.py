"""The review of one match: what a person needs to decide, and the decisions that are possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from app.domain.confidence import Confidence, confidence_of
from app.domain.eligibility import RuleResult
from app.domain.enums import Need, Verdict
from app.domain.explained import in_words
from app.domain.permissions import Operation
from app.domain.results import Contribution, RankedMatch
from app.domain.reviews import (
    Elsewhere,
    Progress,
    Rating,
)
from app.domain.summary import summarise
from app.domain.transitions import ReviewState
from app.services.match_review import MatchReview
from app.services.review_rules import state_of
from app.web.options import PREFIX
from app.web.viewer import Viewer
from app.web.views.changes import Change, changes_of
from app.web.views.decisions import (
    Choice,
    Entered,
    Opinion,
    PastDecision,
    choices_of,
    may_give_opinion,
    opinion_choices,
    opinions_of,
    past_decision,
    why_not,
)
from app.web.views.evidence import Row, name_of, rows_of
from app.web.views.rule_sources import source_name
from app.web.views.waterfalls import StepView, steps_of
from app.web.wording import N_, Words
from app.wording import say, say_all

_DEFER_DAYS = 14


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What a rule of eligibility says, with its source and the way on."""

    rule: str
    verdict: Verdict
    need: str
    finding: str
    way_on: str
    source: str
    since: date


@dataclass(frozen=True, slots=True)
class ClaimView:
    """Who is reviewing the pair; ``by`` is empty where nobody is."""

    address: str
    by: str = ""
    until: datetime | None = None
    is_own: bool = False
    may_claim: bool = False


@dataclass(frozen=True, slots=True)
class ReviewView:
    """The page. With ``is_blind`` nothing in it tells score, rank, parts or contributions."""

    address: str
    query: str
    list_address: str
    run_id: UUID
    vacancy_title: str
    vacancy_lang: str | None
    pseudonym: str
    candidate_address: str
    state: ReviewState
    is_listed: bool
    is_blind: bool
    rank: int
    tied: bool
    score: float
    essentials: str
    told: str
    confidence: Confidence
    doubts: tuple[str, ...]
    rows: tuple[Row, ...]
    steps: tuple[StepView, ...]
    rules: tuple[RuleRow, ...]
    verdict: Verdict
    side: tuple[str, ...]
    alike: tuple[tuple[str, str], ...]
    elsewhere: Sequence[Elsewhere]
    stale: tuple[str, ...]
    changes: tuple[Change, ...]
    history: tuple[PastDecision, ...]
    opinions: tuple[Opinion, ...]
    differs: bool
    may_give_opinion: bool
    claim: ClaimView
    choices: tuple[Choice, ...]
    opinion_choices: tuple[Choice, ...]
    why_not: str
    after: UUID | None
    progress: Progress
    previous: str
    next: str
    default_day: date
    tomorrow: date
    entered: Entered
    issues: tuple[tuple[str, str], ...]
    ratings: tuple[Rating, ...]
    rated: Rating | None


def review_view(
    review: MatchReview,
    viewer: Viewer,
    *,
    today: date,
    run_id: UUID | None,
    entered: Entered | None = None,
    issues: tuple[tuple[str, str], ...] = (),
) -> ReviewView:
    """Build the page.

    Parameters
    ----------
    run_id
        The run that its address names; the addresses beside it then name it, too.
    """
    words = viewer.words
    address = f"{PREFIX}/vacancies/{review.vacancy.id}/matches/{review.candidate.id}"
    query = "" if run_id is None else f"?run={run_id}"
    told = _relabelled(review, words)
    is_blind = blind_of(viewer) and viewer.may(Operation.REVIEW_WRITE) and review.rating is None
    may_write = viewer.may(Operation.REVIEW_WRITE)
    summary = summarise(told)
    opinions = opinions_of(review, viewer)
    state = state_of(review.history)
    return ReviewView(
        address=address,
        query=query,
        list_address=f"{PREFIX}/vacancies/{review.vacancy.id}/matches{query}",
        run_id=review.run.id,
        vacancy_title=review.vacancy.title,
        vacancy_lang=review.vacancy.lang,
        pseudonym=review.candidate.pseudonym,
        candidate_address="" if review.pseudonymous else f"{PREFIX}/candidates/{review.candidate.id}",
        state=state,
        is_listed=review.is_listed,
        is_blind=is_blind,
        rank=told.rank,
        tied=told.tied,
        score=told.score,
        essentials=_essentials(summary.essentials_met, summary.n_essentials, words),
        told=say_all(in_words(told), words.locale),
        confidence=confidence_of(told.flags),
        doubts=_doubts((*told.flags, *review.ranked.flags), words),
        rows=rows_of(review, words),
        steps=steps_of(review.told, words.locale, lambda share: _step_name(share, review, words)),
        rules=tuple(_rule(each, words) for each in sorted(told.eligibility.results, key=_in_the_way_first)),
        verdict=told.eligibility.verdict,
        side=_side(review, words),
        alike=_alike(review, query),
        elsewhere=review.elsewhere,
        stale=_stale(review, words),
        changes=changes_of(review, words),
        history=tuple(past_decision(each, review, words) for each in review.history),
        opinions=opinions,
        differs=any(each.differs for each in opinions),
        may_give_opinion=may_write and may_give_opinion(review, viewer),
        claim=claim_view(review, viewer),
        choices=choices_of(review, words) if may_write else (),
        opinion_choices=opinion_choices(review, words),
        why_not=why_not(review, viewer),
        after=review.history[0].id if review.history else None,
        progress=review.progress,
        previous=_beside(address, review.neighbours.before, query),
        next=_beside(address, review.neighbours.after, query),
        default_day=today + timedelta(days=_DEFER_DAYS),
        tomorrow=today + timedelta(days=1),
        entered=entered or Entered(),
        issues=issues,
        ratings=tuple(Rating),
        rated=None if review.rating is None else review.rating.rating,
    )


def blind_of(viewer: Viewer) -> bool:
    """Whether a viewer wants to rate before they see scores."""
    return viewer.preferences.get("blind") is True


def claim_view(review: MatchReview, viewer: Viewer) -> ClaimView:
    """Who is reviewing the pair."""
    address = f"{PREFIX}/vacancies/{review.vacancy.id}/matches/{review.candidate.id}/claim"
    claim = review.claim
    may_claim = viewer.may(Operation.REVIEW_WRITE) and bool(choices_of(review, viewer.words))
    if claim is None:
        return ClaimView(address, may_claim=may_claim)
    is_own = claim.account_id == viewer.account_id
    by = review.names.get(claim.account_id, viewer.words.gettext("somebody"))
    return ClaimView(address, by, claim.expires_at, is_own)


def _relabelled(review: MatchReview, words: Words) -> RankedMatch:
    """The match with concepts called what the reader calls them."""

    def label(share: Contribution) -> Contribution:
        return replace(share, requirement=name_of(share, review.labels, review.vacancy, words)[0])

    return replace(review.told, contributions=tuple(map(label, review.told.contributions)))


def _step_name(share: Contribution, review: MatchReview, words: Words) -> tuple[str, str | None]:
    label, _, _ = name_of(share, review.labels, review.vacancy, words)
    return label, None if share.requirement_uri else review.vacancy.lang


def _essentials(met: int, all_: int, words: Words) -> str:
    if not all_:
        return words.gettext("The vacancy names no essential skill")
    return words.gettext("%(met)s of %(all)s essential skills met") % {"met": met, "all": all_}


def _doubts(flags: Sequence[str], words: Words) -> tuple[str, ...]:
    return tuple(words.gettext(text) for flag, text in _DOUBTS.items() if flag in flags)


def _in_the_way_first(result: RuleResult) -> tuple[bool, int]:
    return result.need is not Need.MUST, (Verdict.NO, Verdict.UNKNOWN, Verdict.YES).index(result.verdict)


def _rule(result: RuleResult, words: Words) -> RuleRow:
    way_on = result.fix.message if result.fix is not None else result.ask
    return RuleRow(
        rule=result.rule.value,
        verdict=result.verdict,
        need=result.need.value,
        finding=say(result.finding, words.locale),
        way_on="" if way_on is None else say(way_on, words.locale),
        source=source_name(result.source, words),
        since=result.since,
    )


def _side(review: MatchReview, words: Words) -> tuple[str, ...]:
    side = review.told.candidate_side
    told = []
    n_wishes = side.wishes_met + side.wishes_unmet
    if n_wishes:
        sentence = words.gettext("%(met)s of %(all)s wishes that the vacancy speaks of are met.")
        told.append(sentence % {"met": side.wishes_met, "all": n_wishes})
    if side.skills_offered:
        sentence = words.gettext("The work would use %(used)s of the %(all)s skills in the profile.")
        told.append(sentence % {"used": side.skills_used, "all": side.skills_offered})
    return tuple(told)


def _alike(review: MatchReview, query: str) -> tuple[tuple[str, str], ...]:
    base = f"{PREFIX}/vacancies/{review.vacancy.id}/matches"
    return tuple((name, f"{base}/{review.alike[name]}{query}") for name in review.told.near_duplicates)


def _stale(review: MatchReview, words: Words) -> tuple[str, ...]:
    """What has changed since the match was made, in sentences."""
    told = []
    before, now = review.ranked.requirements_version, review.vacancy.requirements_version
    if before != now:
        sentence = words.gettext(
            "The vacancy's requirements have changed since this ranking (version %(before)s, now %(now)s)."
        )
        told.append(sentence % {"before": before, "now": now})
    ranked = review.stored.candidate_version
    if ranked is not None and ranked != review.candidate.version:
        sentence = words.gettext("The candidate's profile has changed since this ranking, last on %(day)s.")
        told.append(sentence % {"day": words.day(review.candidate.updated_at.date())})
    return tuple(told)


def _beside(address: str, candidate_id: UUID | None, query: str) -> str:
    return "" if candidate_id is None else f"{address.rpartition('/')[0]}/{candidate_id}{query}"


_DOUBTS: Mapping[str, str] = {
    "inferred_requirements": N_(
        "Some requirements are inferred from the occupation; the employer has not confirmed them."
    ),
    "thin_vacancy": N_("The vacancy asks for few skills."),
    "thin_profile": N_("The profile names few skills."),
    "unlinked_requirements": N_(
        "Most requirements are compared as words only: no concept was found for them."
    ),
    "invisible_text": N_("Hidden text in the profile was not counted."),
    "machine_instruction": N_("Sentences in the profile that address a machine were not counted."),
    "keyword_list": N_("A list of keywords in the profile was not counted."),
    "copied_from_vacancy": N_("A passage taken from the vacancy was not counted."),
}

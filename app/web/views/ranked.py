"""A vacancy's ranking as its pages show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from app.domain.eligibility import Message, RuleResult
from app.domain.enums import Need, Verdict
from app.domain.permissions import Operation
from app.domain.transitions import ReviewState
from app.services.ranked_list import MatchFilter, RankedList, RankedPair
from app.web.labels import label
from app.web.options import PREFIX
from app.web.viewer import Viewer
from app.web.views.review import blind_of
from app.web.wording import N_, Words

PER_PAGE = 50
_FEW_APART = 10
PARTS = ("skills", "occupation", "languages", "experience", "preferences", "text")
_FLAGS: Mapping[str, str] = {
    "thin_profile": N_("Says little of themselves"),
    "confidence_low": N_("Rests on little"),
    "copied_from_vacancy": N_("Repeats the vacancy's words"),
    "keyword_list": N_("Lists keywords"),
    "invisible_text": N_("Has text that cannot be seen"),
    "machine_instruction": N_("Has text that addresses machines"),
}
_KINDS: Mapping[ReviewState, str] = {
    ReviewState.SHORTLISTED: "good",
    ReviewState.INTRODUCED: "good",
    ReviewState.ACCEPTED: "good",
    ReviewState.REJECTED: "bad",
    ReviewState.DECLINED: "bad",
    ReviewState.INFO_REQUESTED: "info",
    ReviewState.DEFERRED: "info",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """A few words on a pair, and how loud they are."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody is eligible, as text."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class PairView:
    """One line of the ranking."""

    candidate_id: UUID
    pseudonym: str
    href: str
    rank: str
    country: str | None
    score: float
    parts: Mapping[str, float]
    essentials: str
    missing: int
    standing: Standing
    state: ReviewState
    state_name: str
    state_kind: str
    is_stale: bool
    flags: Sequence[Flag]


@dataclass(frozen=True, slots=True)
class ApartView:
    """Somebody who is listed apart: why, and the one cheapest thing that would mend it."""

    candidate_id: UUID
    pseudonym: str
    href: str
    place: int
    country: str | None
    score: float
    parts: Mapping[str, float]
    because: str
    finding: Message | None
    fix: Message | None
    weeks: int
    n_more: int
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class RankedView:
    """The page of a ranking."""

    id: UUID
    title: str
    lang: str | None
    openings: int
    first_ranks: int
    run_id: UUID | None
    ranked_at: datetime | None
    is_latest: bool
    is_stale: bool
    has_previous: bool
    rows: Sequence[PairView]
    n_listed: int
    n_pending: int
    n_fitting: int
    apart: Sequence[ApartView]
    n_apart: int
    all_apart: str
    wanted: MatchFilter
    is_filtered: bool
    states: Sequence[ReviewState]
    countries: Sequence[str]
    most_essentials: int
    used_parts: Sequence[str]
    base: str
    run_field: str
    first_page: str
    next_page: str
    problems: Sequence[tuple[str, str]]
    chosen: frozenset[UUID]
    can_rank: bool
    is_blind: bool


def is_blind(viewer: Viewer) -> bool:
    """Whether somebody decides without knowing how people were ranked; then no list may tell it."""
    return blind_of(viewer) and viewer.may(Operation.REVIEW_WRITE)


def ranked_view(
    ranking: RankedList,
    wanted: MatchFilter,
    viewer: Viewer,
    *,
    named_run: UUID | None,
    after: int,
    with_all_apart: bool,
    first_ranks: int,
    problem: str = "",
    chosen: Sequence[UUID] = (),
) -> RankedView:
    """Lay a ranking out; ``after`` is how many were shown before.

    Who decides blind gets the list by pseudonym, without a score or a rank in it.
    """
    blind = is_blind(viewer)
    vacancy, words = ranking.vacancy, viewer.words
    base = f"{PREFIX}/vacancies/{vacancy.id}"
    run_query = {} if named_run is None else {"run": str(named_run)}
    fitting = [pair for pair in ranking.listed if wanted.takes(pair)]
    everybody_apart = list(ranking.apart)
    if blind:
        for some in (fitting, everybody_apart):
            some.sort(key=lambda pair: pair.row.pseudonym)
    later = fitting[max(0, after) :]
    shown = later[:PER_PAGE]
    apart = everybody_apart if with_all_apart else everybody_apart[:_FEW_APART]
    rows = [_pair(pair, ranking, base, run_query, words) for pair in shown]
    own = _query(wanted, run_query)
    return RankedView(
        id=vacancy.id,
        title=vacancy.title,
        lang=vacancy.lang,
        openings=vacancy.openings,
        first_ranks=first_ranks,
        run_id=None if ranking.run is None else ranking.run.id,
        ranked_at=None if ranking.run is None else ranking.run.finished_at,
        is_latest=named_run is None,
        is_stale=ranking.is_stale,
        has_previous=ranking.previous is not None,
        rows=rows,
        n_listed=len(ranking.listed),
        n_pending=sum(pair.state is ReviewState.PROPOSED for pair in ranking.listed),
        n_fitting=len(fitting),
        apart=[_apart(pair, base, run_query, words) for pair in apart],
        n_apart=len(ranking.apart),
        all_apart=_address(base, {**own, "apart": "all"}) if len(apart) < len(ranking.apart) else "",
        wanted=wanted,
        is_filtered=wanted != MatchFilter(),
        states=tuple(dict.fromkeys([ReviewState.PROPOSED, *(pair.state for pair in ranking.listed)])),
        countries=sorted({pair.row.country for pair in ranking.listed if pair.row.country}),
        most_essentials=max((pair.essentials[1] for pair in ranking.listed if pair.essentials), default=0),
        used_parts=[part for part in PARTS if any(part in row.parts for row in rows)],
        base=base,
        run_field=run_query.get("run", ""),
        first_page=_address(base, own) if after else "",
        next_page=_address(base, {**own, "after": str(after + PER_PAGE)}) if len(later) > PER_PAGE else "",
        problems=[("compare", problem)] if problem else [],
        chosen=frozenset(chosen),
        can_rank=viewer.may(Operation.RANKING_RUN) and vacancy.status == "published",
        is_blind=blind,
    )


def standing_of(pair: RankedPair, words: Words) -> Standing:
    """Eligibility in a few words."""
    eligibility = pair.eligibility
    if eligibility.verdict is Verdict.NO:
        return Standing(words.gettext("No"), "bad")
    if eligibility.verdict is Verdict.UNKNOWN:
        n = len(eligibility.open_questions)
        text = words.ngettext("%(num)s open question", "%(num)s open questions", n) % {"num": words.number(n)}
        return Standing(text, "warn")
    wishes = sum(each.need is Need.DESIRED and each.verdict is Verdict.NO for each in eligibility.results)
    if wishes:
        text = words.ngettext("Yes; %(num)s wish not met", "Yes; %(num)s wishes not met", wishes)
        return Standing(text % {"num": words.number(wishes)}, "good")
    return Standing(words.gettext("Yes"), "good")


def essentials_of(pair: RankedPair, words: Words) -> str:
    """How many of the essential skills are met, as text."""
    if pair.essentials is None or not pair.essentials[1]:
        return ""
    met, asked = pair.essentials
    return words.gettext("%(met)s of %(all)s") % {"met": words.number(met), "all": words.number(asked)}


def rank_of(pair: RankedPair, words: Words) -> str:
    """The rank; of those with equal scores marked as equal."""
    return f"= {words.number(pair.rank)}" if pair.row.tied else words.number(pair.rank)


def _pair(
    pair: RankedPair, ranking: RankedList, base: str, run_query: Mapping[str, str], words: Words
) -> PairView:
    row, decision = pair.row, pair.review.decision
    met, asked = pair.essentials or (0, 0)
    return PairView(
        candidate_id=row.candidate_id,
        pseudonym=row.pseudonym,
        href=_review_at(base, row.candidate_id, run_query),
        rank=rank_of(pair, words),
        country=row.country,
        score=row.score,
        parts=row.parts,
        essentials=essentials_of(pair, words),
        missing=asked - met,
        standing=standing_of(pair, words),
        state=pair.state,
        state_name=label(words, pair.state),
        state_kind=_KINDS.get(pair.state, "neutral"),
        is_stale=decision is not None and decision.is_stale,
        flags=_flags(pair, words),
    )


def _flags(pair: RankedPair, words: Words) -> list[Flag]:
    flags = [Flag(words.gettext(name), "warn") for code, name in _FLAGS.items() if code in pair.row.flags]
    n_elsewhere = len(pair.review.introduced_elsewhere)
    if n_elsewhere:
        text = words.ngettext(
            "Introduced to %(num)s other vacancy", "Introduced to %(num)s other vacancies", n_elsewhere
        )
        flags.insert(0, Flag(text % {"num": words.number(n_elsewhere)}, "bad"))
    n_alike = len(pair.row.near_duplicates)
    if n_alike:
        text = words.ngettext(
            "Nearly the same profile as %(num)s other", "Nearly the same profile as %(num)s others", n_alike
        )
        flags.append(Flag(text % {"num": words.number(n_alike)}, "warn"))
    return flags


def _apart(pair: RankedPair, base: str, run_query: Mapping[str, str], words: Words) -> ApartView:
    row, decision = pair.row, pair.review.decision
    failed: Sequence[RuleResult] = pair.eligibility.failed
    cheapest = failed[0] if failed else None
    is_decided = pair.review.is_ruled_out
    because = label(words, pair.state) if is_decided else words.gettext("Does not meet a must")
    fix = None if cheapest is None else cheapest.fix
    return ApartView(
        candidate_id=row.candidate_id,
        pseudonym=row.pseudonym,
        href=_review_at(base, row.candidate_id, run_query),
        place=row.place,
        country=row.country,
        score=row.score,
        parts=row.parts,
        because=because,
        finding=None if cheapest is None else cheapest.finding,
        fix=None if fix is None else fix.message,
        weeks=0 if fix is None else fix.weeks,
        n_more=max(0, len(failed) - 1),
        decided_at=decision.decided_at if is_decided and decision is not None else None,
    )


def _query(wanted: MatchFilter, run_query: Mapping[str, str]) -> dict[str, str]:
    fields = {
        **run_query,
        "state": "" if wanted.state is None else wanted.state.value,
        "eligible": "" if wanted.verdict is None else wanted.verdict.value,
        "country": wanted.country,
        "essentials": str(wanted.least_essentials or ""),
    }
    return {name: value for name, value in fields.items() if value}


def _address(base: str, fields: Mapping[str, str]) -> str:
    query = urlencode(fields)
    return f"{base}/matches?{query}" if query else f"{base}/matches"


def _review_at(base: str, candidate_id: UUID, run_query: Mapping[str, str]) -> str:
    query = urlencode(run_query)
    return f"{base}/matches/{candidate_id}" + (f"?{query}" if query else "")

"""The review of one match, and what a reviewer does on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.domain.permissions import Operation
from app.domain.reviews import BY_OPINION, Rating, ReviewReason
from app.domain.transitions import ReviewState
from app.errors import AppError, Conflict, FieldIssue, InvalidInput
from app.models import Review
from app.services.match_review import MatchReview, next_to_review, read_match_review
from app.services.review_undo import undo_review
from app.services.review_work import (
    ClaimedByAnother,
    claim_pair,
    give_opinion,
    rate_first,
    release_claim,
    withdraw_opinion,
)
from app.services.reviews import record_review
from app.web.deps import NowDep, SessionDep, ViewerDep, allow
from app.web.fields import Fields, FieldsDep
from app.web.labels import label
from app.web.options import PREFIX
from app.web.rendering import Notice, is_fragment, redirect, render
from app.web.viewer import Viewer
from app.web.views.decisions import Entered
from app.web.views.review import blind_of, claim_view, review_view
from app.web.views.review_problems import problems_of

router = APIRouter(prefix="/vacancies/{vacancy_id}/matches/{candidate_id}")

_MAY_READ = [Depends(allow(Operation.RANKING_READ))]
_MAY_WRITE = [Depends(allow(Operation.REVIEW_WRITE))]


@dataclass(frozen=True, slots=True)
class _Match:
    """The match that an address names, and who asks for it.

    ``run`` is the run that the address names; None for the newest complete one.
    """

    request: Request
    session: Session
    viewer: Viewer
    now: datetime
    vacancy_id: UUID
    candidate_id: UUID
    run: UUID | None

    @property
    def pair(self) -> tuple[UUID, UUID]:
        return self.vacancy_id, self.candidate_id

    @property
    def address(self) -> str:
        return _address(*self.pair, self.run)

    def read(self) -> MatchReview:
        return read_match_review(
            self.session,
            self.viewer.actor,
            *self.pair,
            run_id=self.run,
            lang=self.viewer.words.locale,
            now=self.now,
        )

    def page(
        self,
        entered: Entered | None = None,
        issues: tuple[tuple[str, str], ...] = (),
        status: int = 200,
    ) -> Response:
        view = review_view(
            self.read(),
            self.viewer,
            today=self.now.date(),
            run_id=self.run,
            entered=entered,
            issues=issues,
        )
        return render(self.request, self.viewer, "review.html", view, status=status)

    def page_again(self, error: AppError, entered: Entered, places: Mapping[str, str]) -> Response:
        """The page with what was typed, and what is wrong with it."""
        status = 422 if isinstance(error, InvalidInput) else 409
        return self.page(entered, problems_of(error, self.viewer.words, places), status)


def _match(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    vacancy_id: UUID,
    candidate_id: UUID,
    run: UUID | None = None,
) -> _Match:
    return _Match(request, session, viewer, now, vacancy_id, candidate_id, run)


MatchDep = Annotated[_Match, Depends(_match, scope="function")]


@router.get("", dependencies=_MAY_READ)
def show(match: MatchDep) -> Response:
    return match.page()


@router.get("/decision", dependencies=_MAY_READ)
@router.get("/opinion", dependencies=_MAY_READ)
@router.get("/rating", dependencies=_MAY_READ)
def show_again(match: MatchDep) -> Response:
    """Where a form with a fault was shown and is now opened anew, such as by a change of language."""
    return redirect(match.address)


@router.post("/decision", dependencies=_MAY_WRITE)
def decide(match: MatchDep, fields: FieldsDep) -> Response:
    """Decide, and go on to the next match that waits."""
    try:
        with match.session.begin_nested():
            row = _decide(match, fields)
    except (InvalidInput, Conflict) as error:
        decision = fields.text("decision")
        places = {
            "/reason": f"reason-{decision}",
            "/note": "note",
            "/deferred_until": "deferred-until",
            "/decision": "decide",
            "/despite_claim": "despite-claim",
        }
        return match.page_again(error, _entered(fields, decision), places)
    return _on_to_next(match, row)


def _decide(match: _Match, fields: Fields) -> Review:
    state = fields.choice("decision", ReviewState)
    if state is None:
        raise _nothing_chosen()
    return record_review(
        match.session,
        match.viewer.actor,
        *match.pair,
        state,
        reason=fields.choice(f"reason_{state}", ReviewReason),
        note=fields.text("note"),
        after=fields.id("after"),
        run_id=fields.id("run"),
        deferred_until=fields.day("deferred_until") if state is ReviewState.DEFERRED else None,
        despite_claim=fields.is_ticked("despite_claim"),
        now=match.now,
    )


def _entered(fields: Fields, decision: str) -> Entered:
    return Entered(
        decision=decision,
        reason=fields.text(f"reason_{decision}"),
        note=fields.text("note"),
        deferred_until=fields.text("deferred_until"),
        despite_claim=fields.is_ticked("despite_claim"),
    )


def _on_to_next(match: _Match, row: Review) -> Response:
    words = match.viewer.words
    done = words.gettext("%(candidate)s: %(state)s.") % {
        "candidate": row.candidate.pseudonym,
        "state": label(words, row.state),
    }
    if row.state is ReviewState.PROPOSED:
        # Whoever takes a decision back means to decide anew.
        return redirect(match.address, Notice(done))
    following = None
    if row.run_id is not None:
        following = next_to_review(
            match.session,
            match.viewer.actor,
            *match.pair,
            run_id=row.run_id,
            by_name=blind_of(match.viewer),
            now=match.now,
        )
    undo = f"{_address(*match.pair)}/undo?after={row.id}"
    if following is None:
        text = " ".join((done, words.gettext("Every match of this ranking is decided.")))
        query = "" if match.run is None else f"?run={match.run}"
        return redirect(f"{PREFIX}/vacancies/{match.vacancy_id}/matches{query}", Notice(text, undo))
    text = " ".join((done, words.gettext("This is the next candidate.")))
    return redirect(_address(match.vacancy_id, following, match.run), Notice(text, undo))


@router.post("/undo", dependencies=_MAY_WRITE)
def undo(match: MatchDep, after: UUID) -> Response:
    row = undo_review(match.session, match.viewer.actor, *match.pair, after=after, now=match.now)
    words = match.viewer.words
    text = words.gettext("The decision on %(candidate)s is taken back. The state is now: %(state)s.") % {
        "candidate": row.candidate.pseudonym,
        "state": label(words, row.state),
    }
    return redirect(_address(*match.pair), Notice(text))


@router.post("/claim", dependencies=_MAY_WRITE)
def claim(match: MatchDep) -> Response:
    """Begin to review. The page itself asks for this once it is shown; its button does without scripts."""
    words = match.viewer.words
    problem = ""
    try:
        with match.session.begin_nested():
            claim_pair(match.session, match.viewer.actor, *match.pair, now=match.now)
    except ClaimedByAnother:
        problem = words.gettext("Somebody else has just begun to review this candidate.")
    if is_fragment(match.request):
        view = claim_view(match.read(), match.viewer)
        return render(match.request, match.viewer, "review_claim.html", view)
    text = problem or words.gettext("You are reviewing this candidate for 30 minutes.")
    return redirect(match.address, Notice(text, is_error=bool(problem)))


@router.post("/release", dependencies=_MAY_WRITE)
def release(match: MatchDep) -> Response:
    release_claim(match.session, match.viewer.actor, *match.pair, now=match.now)
    text = match.viewer.words.gettext("Others can review the candidate now.")
    return redirect(f"{PREFIX}/vacancies/{match.vacancy_id}/matches", Notice(text))


@router.post("/opinion", dependencies=_MAY_WRITE)
def opinion(match: MatchDep, fields: FieldsDep) -> Response:
    """Say what one would have decided. It decides nothing; where it differs, the pair is looked at again."""
    try:
        with match.session.begin_nested():
            state, reason = _opinion_of(fields)
            row = give_opinion(
                match.session,
                match.viewer.actor,
                *match.pair,
                state,
                reason=reason,
                note=fields.text("opinion_note"),
                after=_required_id(fields, "after"),
                now=match.now,
            )
    except (InvalidInput, Conflict) as error:
        entered = Entered(reason=fields.text("opinion"), note=fields.text("opinion_note"), is_opinion=True)
        places = {"/reason": "opinion", "/note": "opinion-note", "/decision": "opinion"}
        return match.page_again(error, entered, places)
    words = match.viewer.words
    text = words.gettext("Your opinion is kept: %(state)s.") % {"state": label(words, row.state)}
    return redirect(match.address, Notice(text))


def _opinion_of(fields: Fields) -> tuple[ReviewState, ReviewReason | None]:
    """One choice says both: ``rejected:skills_missing``, or a state alone."""
    state, _, reason = fields.text("opinion").partition(":")
    if state not in {each.value for each in BY_OPINION} or reason not in {"", *ReviewReason}:
        raise _nothing_chosen()
    return ReviewState(state), ReviewReason(reason) if reason else None


def _nothing_chosen() -> InvalidInput:
    message = "Choose a decision."
    return InvalidInput(message, issues=[FieldIssue("/decision", "required", message)])


def _required_id(fields: Fields, name: str) -> UUID:
    found = fields.id(name)
    if found is None:
        raise Conflict("The form does not say on which decision it is. Load the page again.")
    return found


@router.post("/opinion/withdraw", dependencies=_MAY_WRITE)
def take_opinion_back(match: MatchDep) -> Response:
    withdraw_opinion(match.session, match.viewer.actor, *match.pair, now=match.now)
    text = match.viewer.words.gettext("Your opinion is taken back; the decision stands.")
    return redirect(match.address, Notice(text))


@router.post("/rating", dependencies=_MAY_WRITE)
def rate(match: MatchDep, fields: FieldsDep) -> Response:
    """Keep how well the candidate fits in the reviewer's eyes; only then is the score shown."""
    rating = fields.choice("rating", Rating)
    words = match.viewer.words
    if rating is None:
        issue = ("rating-strong", words.gettext("Choose how well the candidate fits."))
        return match.page(issues=(issue,), status=422)
    run_id = match.read().run.id
    rate_first(match.session, match.viewer.actor, *match.pair, rating, run_id=run_id, now=match.now)
    return redirect(
        match.address, Notice(words.gettext("Your rating is kept. Score and rank are shown now."))
    )


def _address(vacancy_id: UUID, candidate_id: UUID, run: UUID | None = None) -> str:
    base = f"{PREFIX}/vacancies/{vacancy_id}/matches/{candidate_id}"
    return base if run is None else f"{base}?run={run}"

"""Claims, second opinions, first ratings, taking back, and introducing several at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.db import SessionFactory
from app.domain.actor import Actor, Role
from app.domain.eligibility import ALWAYS_ELIGIBLE, Eligibility
from app.domain.enums import Verdict
from app.domain.identities import IdentityReason
from app.domain.ids import new_id
from app.domain.reviews import CLAIM_LIFE, Neighbours, Progress, Rating, ReviewReason
from app.domain.transitions import CandidateStatus, ReviewState
from app.errors import AppError, Conflict, InvalidInput, NotFound, NotPermitted
from app.models import AuditEvent, CandidateProfile, IdentityLook, MatchRun, Partnership, Review, Vacancy
from app.repositories.match_runs import MatchRunRepository
from app.repositories.match_steps import MatchSteps
from app.repositories.reviews import ReviewRepository
from app.services.identity_looks import show_identity
from app.services.match_review import next_to_review, read_match_review
from app.services.review_undo import undo_review
from app.services.review_work import (
    ClaimedByAnother,
    claim_pair,
    give_opinion,
    open_disagreements,
    rate_first,
    release_claim,
    withdraw_opinion,
)
from app.services.reviews import answer_introduction, record_review
from app.services.shortlists import Introduction, introduce_all, read_shortlist
from tests.factories import (
    NOW,
    make_account,
    make_candidate_record,
    make_cohort,
    make_employer,
    make_institution,
    make_partnership,
    make_vacancy,
    make_vacancy_record,
)
from tests.integration.test_match_runs import complete, make_run
from tests.integration.test_reviews import no

S, R = ReviewState, ReviewReason
LATER = NOW + timedelta(days=7)


@dataclass
class Desk:
    """Two reviewers, and a vacancy whose ranking lists three people; one more stands apart."""

    partnership: Partnership
    first: Actor
    second: Actor
    employer: Actor
    vacancy: Vacancy
    people: list[CandidateProfile]
    run: MatchRun


def make_desk(session: Session, *, eligibility: Eligibility = ALWAYS_ELIGIBLE) -> Desk:
    partnership = make_partnership(session)
    employer, institution = make_employer(session, partnership), make_institution(session, partnership)
    vacancy = make_vacancy(session, employer, record=make_vacancy_record(id="v", openings=2))
    records = [make_candidate_record(id=f"c{at}") for at in range(4)]
    _, people = make_cohort(session, institution, candidates=records)
    first = make_account(session, partnership, role=Role.REVIEWER, email="one@staff.example")
    second = make_account(session, partnership, role=Role.REVIEWER, email="two@staff.example")
    run = make_run(session, partnership)
    desk = Desk(partnership, first, second, employer, vacancy, people, run)
    store_ranking(session, desk, run, vacancy, eligibility=eligibility)
    return desk


def store_ranking(
    session: Session,
    desk: Desk,
    run: MatchRun,
    vacancy: Vacancy,
    *,
    eligibility: Eligibility = ALWAYS_ELIGIBLE,
) -> None:
    pairs = [
        {
            "run_id": run.id,
            "vacancy_id": vacancy.id,
            "candidate_id": person.id,
            "score": 0.5 - at / 10,
            "parts": {},
            "flags": [],
            "eligibility": eligibility.as_list(),
            "candidate_side": {},
            "candidate_version": person.version,
        }
        for at, person in enumerate(desk.people)
    ]
    listed = [{**pair, "id": new_id(), "rank": at, "tied": False} for at, pair in enumerate(pairs[:3], 1)]
    apart = [{**pairs[3], "position": 0, "place": 2, "contributions": [], "eligibility": no().as_list()}]
    ranked = {
        "run_id": run.id,
        "vacancy_id": vacancy.id,
        "requirements_version": vacancy.requirements_version,
        "n_matches": 3,
        "flags": [],
        "requirements": [],
    }
    MatchRunRepository(session, desk.first).store_rankings(
        run, ranked_vacancies=[ranked], matches=listed, contributions=[], apart=apart
    )
    complete(run)
    session.flush()


@pytest.fixture
def desk(session: Session) -> Desk:
    return make_desk(session)


def decide(session: Session, desk: Desk, at: int, state: ReviewState, **given: Any) -> Review:
    """Decide after whatever was decided last."""
    actor = given.pop("actor", desk.first)
    vacancy = given.pop("vacancy", desk.vacancy)
    history = ReviewRepository(session, actor).list_pair(vacancy.id, desk.people[at].id)
    given.setdefault("after", history[0].id if history else None)
    given.setdefault("now", NOW)
    return record_review(session, actor, vacancy.id, desk.people[at].id, state, **given)


def reject(session: Session, desk: Desk, at: int, **given: Any) -> Review:
    return decide(session, desk, at, S.REJECTED, reason=R.NOT_AVAILABLE, **given)


def claim(session: Session, desk: Desk, at: int, *, actor: Actor, now: Any = NOW) -> Any:
    return claim_pair(session, actor, desk.vacancy.id, desk.people[at].id, now=now)


def opine(session: Session, desk: Desk, at: int, state: ReviewState, after: UUID, **given: Any) -> Any:
    actor = given.pop("actor", desk.second)
    return give_opinion(
        session, actor, desk.vacancy.id, desk.people[at].id, state, after=after, now=NOW, **given
    )


def following(session: Session, desk: Desk, at: int, **given: Any) -> UUID | None:
    given.setdefault("now", NOW)
    return next_to_review(
        session, desk.first, desk.vacancy.id, desk.people[at].id, run_id=desk.run.id, **given
    )


# Claims


def test_a_claim_holds_for_half_an_hour_and_going_on_renews_it(session: Session, desk: Desk):
    claim(session, desk, 0, actor=desk.first)
    half_way = NOW + CLAIM_LIFE / 2

    assert claim(session, desk, 0, actor=desk.first, now=half_way).expires_at == half_way + CLAIM_LIFE
    with pytest.raises(ClaimedByAnother, match="until 09:45 UTC"):
        claim(session, desk, 0, actor=desk.second, now=half_way)
    late = half_way + CLAIM_LIFE
    assert claim(session, desk, 0, actor=desk.second, now=late).account_id == desk.second.account_id


def test_claiming_another_pair_leaves_the_first_to_others(session: Session, desk: Desk):
    claim(session, desk, 0, actor=desk.first)
    claim(session, desk, 1, actor=desk.first)

    assert claim(session, desk, 0, actor=desk.second).account_id == desk.second.account_id


def test_leaving_a_pair_and_deciding_on_it_both_end_the_claim(session: Session, desk: Desk):
    claim(session, desk, 0, actor=desk.first)
    release_claim(session, desk.first, desk.vacancy.id, desk.people[0].id, now=NOW)
    claim(session, desk, 0, actor=desk.second)
    decide(session, desk, 0, S.SHORTLISTED, actor=desk.second)

    assert claim(session, desk, 0, actor=desk.first).account_id == desk.first.account_id


def test_whoever_does_not_hold_the_claim_decides_only_in_so_many_words(session: Session, desk: Desk):
    claim(session, desk, 0, actor=desk.first)

    with pytest.raises(ClaimedByAnother):
        decide(session, desk, 0, S.SHORTLISTED, actor=desk.second)
    decided = decide(session, desk, 0, S.SHORTLISTED, actor=desk.second, despite_claim=True)
    assert decided.decided_by_account_id == desk.second.account_id


def test_keys_and_other_partnerships_claim_nothing(session: Session, desk: Desk):
    key = Actor(key_id=new_id(), role=Role.REVIEWER, partnership_id=desk.partnership.id)
    with pytest.raises(NotPermitted):
        claim(session, desk, 0, actor=key)
    stranger = make_account(session, make_partnership(session), role=Role.REVIEWER, email="x@staff.example")
    with pytest.raises(NotFound):
        claim(session, desk, 0, actor=stranger)


# The next one, and how far one is


def test_the_next_is_undecided_in_the_order_of_ranks_and_begins_again_at_the_top(
    session: Session, desk: Desk
):
    ids = [person.id for person in desk.people]
    decide(session, desk, 1, S.SHORTLISTED)

    assert following(session, desk, 1) == ids[2]
    reject(session, desk, 2)
    assert following(session, desk, 2) == ids[0]
    assert following(session, desk, 3) == ids[0]
    reject(session, desk, 0)
    assert following(session, desk, 0) is None


def test_whoever_another_reviewer_claimed_is_left_to_them(session: Session, desk: Desk):
    claim(session, desk, 1, actor=desk.second)

    assert following(session, desk, 0) == desk.people[2].id
    assert following(session, desk, 0, now=NOW + CLAIM_LIFE) == desk.people[1].id


def test_without_scores_the_next_comes_in_the_order_of_pseudonyms(session: Session, desk: Desk):
    names = sorted((person.pseudonym, person.id) for person in desk.people[:3])
    at = {person.id: at for at, person in enumerate(desk.people)}

    assert following(session, desk, at[names[0][1]], by_name=True) == names[1][1]
    reject(session, desk, at[names[2][1]])
    assert following(session, desk, at[names[1][1]], by_name=True) == names[0][1]


def test_a_deferred_candidate_comes_back_on_the_day(session: Session, desk: Desk):
    for at in (1, 2):
        reject(session, desk, at)
    decide(session, desk, 0, S.DEFERRED, deferred_until=LATER.date())

    assert following(session, desk, 2) is None
    assert following(session, desk, 2, now=LATER) == desk.people[0].id
    steps = MatchSteps(session, desk.first, desk.run.id, desk.vacancy.id)
    assert (steps.progress(NOW), steps.progress(LATER)) == (Progress(3, 3), Progress(2, 3))


@pytest.mark.parametrize(
    ("state", "day", "code"), [(S.DEFERRED, NOW, "not-later"), (S.SHORTLISTED, LATER, "other-decision")]
)
def test_a_day_to_come_back_on_is_later_and_only_of_deferring(
    session: Session, desk: Desk, state: ReviewState, day: Any, code: str
):
    with pytest.raises(InvalidInput) as caught:
        decide(session, desk, 0, state, deferred_until=day.date())
    assert [(issue.pointer, issue.code) for issue in caught.value.issues] == [("/deferred_until", code)]


def test_pairs_know_those_beside_them(session: Session, desk: Desk):
    ids = [person.id for person in desk.people]

    def beside(at: int) -> Neighbours:
        return read_match_review(session, desk.first, desk.vacancy.id, ids[at], lang="en", now=NOW).neighbours

    assert [beside(at) for at in range(4)] == [
        Neighbours(None, ids[1]),
        Neighbours(ids[0], ids[2]),
        Neighbours(ids[1], None),
        Neighbours(None, None),
    ]


# Taking back


def test_taking_back_brings_the_earlier_decision_back_in_its_own_words(session: Session, desk: Desk):
    decide(session, desk, 0, S.DEFERRED, deferred_until=LATER.date(), note="After the exam.")
    shortlisted = decide(session, desk, 0, S.SHORTLISTED)

    row = undo_review(session, desk.first, desk.vacancy.id, desk.people[0].id, after=shortlisted.id, now=NOW)

    assert (row.number, row.state, row.note, row.deferred_until) == (
        4,
        S.DEFERRED,
        "After the exam.",
        LATER.date(),
    )


def test_taking_back_puts_back_a_day_that_has_come_meanwhile(session: Session, desk: Desk):
    day = LATER.date()
    deferred = decide(session, desk, 0, S.DEFERRED, deferred_until=day)
    later = LATER + timedelta(days=1)
    decided = decide(session, desk, 0, S.SHORTLISTED, now=later)
    # It is due, as it would be without the mistake.
    row = undo_review(session, desk.first, desk.vacancy.id, desk.people[0].id, after=decided.id, now=later)
    assert (row.state, row.deferred_until, row.decided_at) == (S.DEFERRED, day, later)
    assert (row.run_id, row.rank, row.score) == (deferred.run_id, deferred.rank, deferred.score)


def test_taking_back_puts_a_reason_back_whose_note_is_no_longer_kept(session: Session, desk: Desk):
    shortlisted = decide(session, desk, 3, S.SHORTLISTED, reason=R.OTHER, note="Agreed by telephone.")
    shortlisted.note = ""
    session.flush()
    deferred = decide(session, desk, 3, S.DEFERRED, actor=desk.second)

    row = undo_review(session, desk.second, desk.vacancy.id, desk.people[3].id, after=deferred.id, now=NOW)

    assert (row.state, row.reason, row.note, row.is_override) == (S.SHORTLISTED, R.OTHER, "", True)


def test_taking_back_puts_back_what_was_decided_before_the_vacancy_was_ranked_anew(
    session: Session, desk: Desk
):
    shortlisted = decide(session, desk, 0, S.SHORTLISTED)
    desk.vacancy.requirements_version += 1
    run = make_run(session, desk.partnership)
    store_ranking(session, desk, run, desk.vacancy, eligibility=no())
    rejected = decide(session, desk, 0, S.REJECTED, reason=R.QUALIFICATION_MISSING)
    assert (rejected.run_id, rejected.verdict) == (run.id, Verdict.NO)

    row = undo_review(session, desk.first, desk.vacancy.id, desk.people[0].id, after=rejected.id, now=NOW)

    assert (row.state, row.reason, row.is_override) == (S.SHORTLISTED, None, False)
    assert (row.run_id, row.verdict) == (shortlisted.run_id, shortlisted.verdict)
    assert (row.requirements_version, row.is_stale) == (shortlisted.requirements_version, True)
    # Introducing is a decision of today.
    with pytest.raises(InvalidInput, match="reason is needed"):
        decide(session, desk, 0, S.INTRODUCED)


def test_a_rejection_taken_back_puts_somebody_paused_back_on_the_shortlist(session: Session, desk: Desk):
    decide(session, desk, 0, S.SHORTLISTED)
    rejected = reject(session, desk, 0)
    desk.people[0].status = CandidateStatus.PAUSED
    session.flush()

    row = undo_review(session, desk.first, desk.vacancy.id, desk.people[0].id, after=rejected.id, now=NOW)

    assert row.state is S.SHORTLISTED
    with pytest.raises(Conflict, match="cannot be put forward"):
        decide(session, desk, 0, S.INTRODUCED)


def test_a_rejection_taken_back_leaves_the_pair_undecided(session: Session, desk: Desk):
    rejected = reject(session, desk, 0)

    row = undo_review(session, desk.first, desk.vacancy.id, desk.people[0].id, after=rejected.id, now=NOW)

    assert (row.state, row.reason) == (S.PROPOSED, R.DECIDED_BY_MISTAKE)


def test_only_who_decided_last_takes_it_back_and_no_introduction(session: Session, desk: Desk):
    pair = desk.vacancy.id, desk.people[0].id
    shortlisted = decide(session, desk, 0, S.SHORTLISTED)
    with pytest.raises(NotPermitted):
        undo_review(session, desk.second, *pair, after=shortlisted.id, now=NOW)
    introduced = decide(session, desk, 0, S.INTRODUCED)
    with pytest.raises(Conflict, match="decided since"):
        undo_review(session, desk.first, *pair, after=shortlisted.id, now=NOW)
    with pytest.raises(Conflict, match="Introduced is not taken back"):
        undo_review(session, desk.first, *pair, after=introduced.id, now=NOW)


# Second opinions


def test_an_opinion_that_differs_is_open_until_the_decision_agrees_or_it_is_withdrawn(
    session: Session, desk: Desk
):
    ids = [desk.vacancy.id]
    shortlisted = decide(session, desk, 0, S.SHORTLISTED)
    opine(session, desk, 0, S.REJECTED, shortlisted.id, reason=R.PROFILE_DOUBTFUL)
    assert open_disagreements(session, desk.first, ids) == {desk.vacancy.id: 1}

    withdraw_opinion(session, desk.second, desk.vacancy.id, desk.people[0].id, now=NOW)
    assert open_disagreements(session, desk.first, ids) == {}

    opine(session, desk, 0, S.REJECTED, shortlisted.id, reason=R.PROFILE_DOUBTFUL)
    reject(session, desk, 0)
    assert open_disagreements(session, desk.first, ids) == {}


def test_whoever_agrees_or_would_have_shortlisted_the_introduced_differs_not(session: Session, desk: Desk):
    shortlisted = decide(session, desk, 0, S.SHORTLISTED)
    opine(session, desk, 0, S.SHORTLISTED, shortlisted.id)
    assert open_disagreements(session, desk.first, [desk.vacancy.id]) == {}
    decide(session, desk, 0, S.INTRODUCED)
    assert open_disagreements(session, desk.first, [desk.vacancy.id]) == {}


def test_a_newer_opinion_replaces_the_earlier_and_ones_own_decision_both(session: Session, desk: Desk):
    shortlisted = decide(session, desk, 0, S.SHORTLISTED)
    opine(session, desk, 0, S.REJECTED, shortlisted.id, reason=R.PROFILE_DOUBTFUL)
    opine(session, desk, 0, S.SHORTLISTED, shortlisted.id)
    assert open_disagreements(session, desk.first, [desk.vacancy.id]) == {}
    opine(session, desk, 0, S.REJECTED, shortlisted.id, reason=R.PROFILE_DOUBTFUL)
    decide(session, desk, 0, S.DEFERRED, actor=desk.second)
    assert open_disagreements(session, desk.first, [desk.vacancy.id]) == {}


def test_opinions_are_for_others_on_the_newest_decision_with_the_reason_that_it_would_need(
    session: Session, desk: Desk
):
    with pytest.raises(Conflict, match="no decision"):
        opine(session, desk, 0, S.SHORTLISTED, new_id())
    shortlisted = decide(session, desk, 0, S.SHORTLISTED)
    with pytest.raises(Conflict, match="your own"):
        opine(session, desk, 0, S.REJECTED, shortlisted.id, actor=desk.first, reason=R.OTHERS_FIT_BETTER)
    with pytest.raises(InvalidInput, match="A reason is needed"):
        opine(session, desk, 0, S.REJECTED, shortlisted.id)
    decide(session, desk, 0, S.DEFERRED)
    with pytest.raises(Conflict, match="decided meanwhile"):
        opine(session, desk, 0, S.SHORTLISTED, shortlisted.id)


def test_disagreements_of_others_are_not_counted(session: Session, desk: Desk):
    shortlisted = decide(session, desk, 0, S.SHORTLISTED)
    opine(session, desk, 0, S.REJECTED, shortlisted.id, reason=R.PROFILE_DOUBTFUL)
    stranger = make_account(session, make_partnership(session), role=Role.REVIEWER, email="x@staff.example")

    assert open_disagreements(session, stranger, [desk.vacancy.id]) == {}


# First ratings


def test_the_first_rating_stays(session: Session, desk: Desk):
    pair = desk.vacancy.id, desk.people[0].id
    rate_first(session, desk.first, *pair, Rating.WEAK, run_id=desk.run.id, now=NOW)

    with pytest.raises(Conflict, match="first rating stays"):
        rate_first(session, desk.first, *pair, Rating.STRONG, run_id=desk.run.id, now=NOW)
    rate_first(session, desk.second, *pair, Rating.STRONG, run_id=desk.run.id, now=NOW)
    for actor, rating in ((desk.first, Rating.WEAK), (desk.second, Rating.STRONG)):
        review = read_match_review(session, actor, *pair, lang="en", now=NOW)
        assert review.rating is not None
        assert review.rating.rating is rating


# Introductions


def introductions(*reviews: Review, reason: ReviewReason | None = None) -> list[Introduction]:
    return [Introduction(row.candidate_id, row.id, reason) for row in reviews]


def test_several_are_introduced_together_or_nobody(session: Session, desk: Desk):
    good = decide(session, desk, 0, S.SHORTLISTED)
    ruled_out = decide(session, desk, 3, S.SHORTLISTED, reason=R.FIX_AGREED)

    faults = introduce_all(session, desk.first, desk.vacancy.id, introductions(good, ruled_out), now=NOW)
    assert list(faults) == [ruled_out.candidate_id]
    states = {each.review.candidate_id: each.review.state for each in people_of(session, desk)}
    assert states == {good.candidate_id: S.SHORTLISTED, ruled_out.candidate_id: S.SHORTLISTED}

    assert introduce_all(session, desk.first, desk.vacancy.id, introductions(good), now=NOW) == {}
    again = introductions(ruled_out, reason=R.FIX_AGREED)
    assert isinstance(
        introduce_all(session, desk.first, desk.vacancy.id, again, now=NOW)[ruled_out.candidate_id], Conflict
    )
    assert introduce_all(session, desk.second, desk.vacancy.id, again, now=NOW) == {}


def people_of(session: Session, desk: Desk, actor: Actor | None = None) -> Any:
    return read_shortlist(session, actor or desk.first, desk.vacancy.id).people


def test_the_shortlist_says_beforehand_who_needs_a_reason_or_a_second_person(session: Session, desk: Desk):
    decide(session, desk, 0, S.SHORTLISTED)
    decide(session, desk, 3, S.SHORTLISTED, reason=R.FIX_AGREED)

    ruled_out, good = people_of(session, desk)
    assert (good.needs_reason, good.needs_second_person) == ("", False)
    assert (ruled_out.needs_reason, ruled_out.needs_second_person) == ("override", True)
    assert not people_of(session, desk, desk.second)[0].needs_second_person


def test_taking_a_rejection_back_does_not_stand_in_for_a_second_person(session: Session, desk: Desk):
    shortlisted = decide(session, desk, 3, S.SHORTLISTED, reason=R.FIX_AGREED)
    pair = desk.vacancy.id, shortlisted.candidate_id
    for _ in range(2):
        after = read_match_review(session, desk.second, *pair, lang="en", now=NOW).history[0].id
        rejected = decide(
            session, desk, 3, S.REJECTED, actor=desk.second, reason=R.QUALIFICATION_MISSING, after=after
        )
        restored = undo_review(session, desk.second, *pair, after=rejected.id, now=NOW)

    again = introductions(restored, reason=R.FIX_AGREED)
    assert people_of(session, desk)[0].needs_second_person
    assert not people_of(session, desk, desk.second)[0].needs_second_person
    faults = introduce_all(session, desk.first, desk.vacancy.id, again, now=NOW)
    assert isinstance(faults[restored.candidate_id], Conflict)
    assert introduce_all(session, desk.second, desk.vacancy.id, again, now=NOW) == {}


def test_whoever_is_spoken_for_elsewhere_is_introduced_with_a_reason_only(session: Session, desk: Desk):
    other = make_vacancy(session, desk.employer, record=make_vacancy_record(id="w", title="Fitter"))
    run = make_run(session, desk.partnership)
    store_ranking(session, desk, run, other)
    decide(session, desk, 0, S.SHORTLISTED, vacancy=other)
    decide(session, desk, 0, S.INTRODUCED, vacancy=other)
    shortlisted = decide(session, desk, 0, S.SHORTLISTED)

    [person] = people_of(session, desk)
    assert (person.needs_reason, [each.title for each in person.elsewhere]) == ("elsewhere", ["Fitter"])
    [fault] = introduce_all(
        session, desk.first, desk.vacancy.id, introductions(shortlisted), now=NOW
    ).values()
    assert isinstance(fault, InvalidInput)
    assert [issue.pointer for issue in fault.issues] == ["/reason"]
    with_reason = introductions(shortlisted, reason=R.EMPLOYER_ASKED)
    assert introduce_all(session, desk.first, desk.vacancy.id, with_reason, now=NOW) == {}


def test_who_was_accepted_shows_so_at_every_other_vacancy(session: Session, desk: Desk):
    other = make_vacancy(session, desk.employer, record=make_vacancy_record(id="w"))
    store_ranking(session, desk, make_run(session, desk.partnership), other)
    decide(session, desk, 0, S.SHORTLISTED)
    decide(session, desk, 0, S.INTRODUCED)
    answer_introduction(session, desk.employer, desk.vacancy.id, desk.people[0].id, S.ACCEPTED, now=NOW)

    [elsewhere] = read_match_review(
        session, desk.second, other.id, desk.people[0].id, lang="en", now=NOW
    ).elsewhere
    assert (elsewhere.vacancy_id, elsewhere.state) == (desk.vacancy.id, S.ACCEPTED)
    here = read_match_review(session, desk.second, desk.vacancy.id, desk.people[0].id, lang="en", now=NOW)
    assert here.elsewhere == ()


# Identities


def test_an_identity_is_shown_for_a_reason_that_is_kept_without_it(session: Session, desk: Desk):
    person = desk.people[0]

    candidate, identity = show_identity(
        session, desk.first, person.id, reason=IdentityReason.CONTACT, note="Called today.", now=NOW
    )

    assert (candidate.id, identity) == (person.id, None)
    look = session.scalars(select(IdentityLook)).one()
    assert (look.account_id, look.reason, look.note) == (desk.first.account_id, "contact", "Called today.")
    event = session.scalars(select(AuditEvent).where(AuditEvent.operation == "identity.shown")).one()
    assert event.details == {"reason": "contact", "look_id": str(look.id)}
    assert (event.subject_id, event.actor_account_id) == (person.id, desk.first.account_id)


@pytest.mark.parametrize(
    ("reason", "note", "pointer"), [(None, "", "/reason"), (IdentityReason.OTHER, " ", "/note")]
)
def test_without_a_reason_no_identity_is_shown(
    session: Session, desk: Desk, reason: IdentityReason | None, note: str, pointer: str
):
    with pytest.raises(InvalidInput) as caught:
        show_identity(session, desk.first, desk.people[0].id, reason=reason, note=note, now=NOW)
    assert [issue.pointer for issue in caught.value.issues] == [pointer]
    assert session.scalars(select(IdentityLook)).all() == []


def test_auditors_and_other_partnerships_are_shown_no_identity(session: Session, desk: Desk):
    auditor = make_account(session, desk.partnership, role=Role.AUDITOR, email="a@staff.example")
    stranger = make_account(session, make_partnership(session), role=Role.REVIEWER, email="x@staff.example")
    refusals: list[tuple[Actor, type[AppError]]] = [(auditor, NotPermitted), (stranger, NotFound)]
    for actor, refusal in refusals:
        with pytest.raises(refusal):
            show_identity(session, actor, desk.people[0].id, reason=IdentityReason.CONTACT, note="", now=NOW)


def test_the_day_to_come_back_on_is_as_final_as_the_decision(session_factory: SessionFactory):
    with session_factory() as session:
        desk = make_desk(session)
        row = decide(session, desk, 0, S.DEFERRED, deferred_until=LATER.date())
        with pytest.raises(DatabaseError, match="append-only"):
            session.connection().exec_driver_sql(
                f"UPDATE review SET deferred_until = NULL WHERE number = {row.number}"
            )

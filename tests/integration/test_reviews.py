"""Decisions on pairs: who may make which, what they pin, and that none is ever lost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor, Role
from app.domain.eligibility import ALWAYS_ELIGIBLE, Eligibility, Fix, Message, RuleResult
from app.domain.enums import Need, Rule, Verdict
from app.domain.ids import new_id
from app.domain.reviews import MAX_NOTE, Decision, DecisionRecord, ReviewReason
from app.domain.transitions import CandidateStatus, ReviewState, VacancyStatus
from app.errors import AppError, Conflict, InvalidInput, NotFound, NotPermitted, WrongTransition
from app.intake.lines import DECISION_HEADER, decision_line, decision_row
from app.intake.read import read_decisions
from app.models import AuditEvent, CandidateProfile, MatchRun, Partnership, Review, Vacancy
from app.repositories.match_runs import MatchRunRepository
from app.repositories.reviews import ReviewRepository
from app.services.api_keys import issue_api_key
from app.services.candidates import replace_candidate
from app.services.file_exports import iter_decisions
from app.services.reviews import (
    answer_introduction,
    list_candidate_reviews,
    list_introductions,
    list_reviews,
    record_review,
)
from app.services.vacancies import change_vacancy_status, replace_vacancy
from tests.factories import (
    NOW,
    TODAY,
    make_account,
    make_candidate_record,
    make_cohort,
    make_employer,
    make_institution,
    make_partnership,
    make_staff,
    make_vacancy,
    make_vacancy_record,
)
from tests.integration.test_match_runs import complete, make_run

S, R = ReviewState, ReviewReason


@dataclass
class World:
    """A vacancy with two openings, and a candidate of the same partnership."""

    partnership: Partnership
    reviewer: Actor
    second: Actor
    employer: Actor
    institution: Actor
    vacancy: Vacancy
    candidate: CandidateProfile
    run: MatchRun


def make_world(session: Session) -> World:
    partnership = make_partnership(session)
    employer, institution = make_employer(session, partnership), make_institution(session, partnership)
    vacancy = make_vacancy(session, employer, record=make_vacancy_record(id="v", openings=2))
    _, [candidate] = make_cohort(session, institution, candidates=[make_candidate_record(id="c")])
    reviewer = make_staff(partnership, role=Role.REVIEWER)
    issued = issue_api_key(session, make_staff(partnership), role=Role.REVIEWER, label="second", now=NOW)
    second = Actor(key_id=issued.row.id, role=Role.REVIEWER, partnership_id=partnership.id)
    run = make_run(session, partnership)
    return World(partnership, reviewer, second, employer, institution, vacancy, candidate, run)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def no(rule: Rule = Rule.LANGUAGE) -> Eligibility:
    found = Message("language_below", {})
    return Eligibility((RuleResult(rule, Need.MUST, Verdict.NO, found, "source", TODAY, Fix(found, 4)),))


def rank(
    session: Session,
    world: World,
    *,
    at: int = 1,
    apart: bool = False,
    eligibility: Eligibility = ALWAYS_ELIGIBLE,
    flags: tuple[str, ...] = (),
) -> MatchRun:
    """Store a complete run in which the candidate has this rank."""
    pair = {
        "run_id": world.run.id,
        "vacancy_id": world.vacancy.id,
        "candidate_id": world.candidate.id,
        "score": 0.5,
        "parts": {"skills": 0.5},
        "flags": list(flags),
        "eligibility": eligibility.as_list(),
        "candidate_side": {},
        "candidate_version": world.candidate.version,
    }
    ranked = {
        "run_id": world.run.id,
        "vacancy_id": world.vacancy.id,
        "requirements_version": world.vacancy.requirements_version,
        "n_matches": 1,
        "flags": [],
        "requirements": [],
    }
    match = {**pair, "id": new_id(), "rank": at, "tied": False}
    aside = {**pair, "position": 0, "place": at, "contributions": []}
    MatchRunRepository(session, world.reviewer).store_rankings(
        world.run,
        ranked_vacancies=[ranked],
        matches=[] if apart else [match],
        contributions=[],
        apart=[aside] if apart else [],
    )
    complete(world.run)
    session.flush()
    return world.run


def decide(session: Session, world: World, state: ReviewState, **given: Any) -> Review:
    """Decide after whatever was decided last."""
    history = ReviewRepository(session, world.reviewer).list_pair(world.vacancy.id, world.candidate.id)
    given.setdefault("after", history[0].id if history else None)
    return record_review(
        session,
        given.pop("actor", world.reviewer),
        world.vacancy.id,
        world.candidate.id,
        state,
        now=NOW,
        **given,
    )


def introduce(session: Session, world: World) -> Review:
    rank(session, world)
    decide(session, world, S.SHORTLISTED)
    return decide(session, world, S.INTRODUCED)


def test_a_decision_pins_what_it_was_made_on(session: Session, world: World):
    run = rank(session, world, at=3)

    review = decide(session, world, S.REJECTED, reason=R.LANGUAGE_TOO_LOW, note="A2 at best.")

    assert (review.number, review.state, review.reason, review.note) == (
        1,
        S.REJECTED,
        R.LANGUAGE_TOO_LOW,
        "A2 at best.",
    )
    assert (review.run_id, review.rank, review.score, review.verdict) == (run.id, 3, 0.5, Verdict.YES)
    assert (review.requirements_version, review.candidate_version) == (1, world.candidate.version)
    assert (review.decided_by_role, review.decided_by_key_id, review.decided_at) == (Role.REVIEWER, None, NOW)
    assert not review.is_stale


def test_without_a_run_nothing_is_made_up(session: Session, world: World):
    review = decide(session, world, S.DEFERRED)

    assert (review.run_id, review.rank, review.score, review.verdict) == (None, None, None, None)


def test_a_run_that_did_not_rank_the_vacancy_is_no_basis(session: Session, world: World):
    complete(world.run)
    session.flush()

    with pytest.raises(NotFound, match="did not rank"):
        decide(session, world, S.DEFERRED, run_id=world.run.id)


def test_undoing_is_another_entry_and_the_newest_counts(session: Session, world: World):
    rank(session, world)
    first = decide(session, world, S.REJECTED, reason=R.PROFILE_DOUBTFUL)
    second = decide(session, world, S.PROPOSED, reason=R.DECIDED_BY_MISTAKE)
    third = decide(session, world, S.SHORTLISTED)

    newest = list_reviews(session, world.reviewer, world.vacancy.id).page.items
    whole = list_reviews(session, world.reviewer, world.vacancy.id, with_history=True).page.items
    of_candidate = list_candidate_reviews(session, world.reviewer, world.candidate.id).page.items

    assert list(newest) == [third] == list(of_candidate)
    assert list(whole) == [third, second, first]
    assert [row.number for row in whole] == [3, 2, 1]
    assert not list_reviews(session, world.reviewer, world.vacancy.id, state=S.REJECTED).page.items


def test_a_decision_turns_stale_when_the_evidence_changes(session: Session, world: World):
    review = decide(session, world, S.DEFERRED)
    assert not review.is_stale

    replace_candidate(
        session, world.institution, world.candidate.id, make_candidate_record(id="c", text="More."), now=NOW
    )
    assert review.is_stale

    again = decide(session, world, S.PROPOSED, reason=R.FACTS_CHANGED)
    assert not again.is_stale
    record = make_vacancy_record(id="v", openings=2, title="Pipe welder")
    replace_vacancy(session, world.employer, world.vacancy.id, record, now=NOW)
    assert again.is_stale
    rows = ReviewRepository(session, world.reviewer).newest_decisions()
    assert [(row[2].state, row[2].is_stale) for row in rows] == [(S.PROPOSED, True)]


def test_a_decision_on_an_old_run_is_stale_from_the_start(session: Session, world: World):
    rank(session, world)
    replace_candidate(
        session, world.institution, world.candidate.id, make_candidate_record(id="c", text="More."), now=NOW
    )

    assert decide(session, world, S.SHORTLISTED).is_stale


def test_whoever_has_not_seen_the_newest_decision_is_told(session: Session, world: World):
    first = decide(session, world, S.DEFERRED)
    decide(session, world, S.REJECTED, reason=R.NOT_AVAILABLE, actor=world.second)

    for after in (None, first.id):
        with pytest.raises(Conflict, match=r"it is rejected.*Allowed next: proposed\."):
            decide(session, world, S.SHORTLISTED, after=after)


def test_two_who_decide_at_once_do_not_both_follow_the_same(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
):
    decide(session, world, S.DEFERRED)
    monkeypatch.setattr(ReviewRepository, "list_pair", lambda *_: [])

    with pytest.raises(Conflict, match="same moment"):
        decide(session, world, S.REJECTED, reason=R.NOT_AVAILABLE)


@pytest.mark.parametrize(
    ("before", "state"),
    [([], S.INTRODUCED), ([], S.LAPSED), ([S.REJECTED], S.SHORTLISTED), ([S.DEFERRED], S.DEFERRED)],
    ids=str,
)
def test_a_wrong_step_names_the_allowed_ones(
    session: Session, world: World, before: list[ReviewState], state: ReviewState
):
    for each in before:
        decide(session, world, each, reason=R.OTHER, note="Said so.")

    with pytest.raises(WrongTransition, match="Allowed next: "):
        decide(session, world, state, reason=R.OTHER, note="Said so.")


@pytest.mark.parametrize("state", [S.ACCEPTED, S.DECLINED])
def test_staff_do_not_answer_for_the_employer(session: Session, world: World, state: ReviewState):
    introduce(session, world)

    with pytest.raises(Conflict, match="for the employer to say"):
        decide(session, world, state, reason=R.OTHER, note="Said so.")


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"reason": None}, "/reason"),
        ({"reason": R.FACTS_CONFIRMED}, "/reason"),
        ({"reason": R.OTHER}, "/note"),
        ({"reason": R.OTHER, "note": "  "}, "/note"),
        ({"reason": R.NOT_AVAILABLE, "note": "x" * (MAX_NOTE + 1)}, "/note"),
    ],
    ids=str,
)
def test_a_rejection_has_a_reason_that_says_something(
    session: Session, world: World, given: dict[str, Any], pointer: str
):
    with pytest.raises(InvalidInput) as refused:
        decide(session, world, S.REJECTED, **given)

    assert [issue.pointer for issue in refused.value.issues] == [pointer]


def test_putting_forward_whom_a_must_rules_out_is_an_override(session: Session, world: World):
    rank(session, world, apart=True, eligibility=no())

    with pytest.raises(InvalidInput, match="against what the ranking proposed"):
        decide(session, world, S.SHORTLISTED)
    review = decide(session, world, S.SHORTLISTED, reason=R.FIX_AGREED)

    assert (review.is_override, review.verdict, review.rank) == (True, Verdict.NO, 1)


def test_putting_forward_whom_no_ranking_lists_is_an_override(session: Session, world: World):
    with pytest.raises(InvalidInput, match="against what the ranking proposed"):
        decide(session, world, S.SHORTLISTED)

    assert decide(session, world, S.SHORTLISTED, reason=R.EMPLOYER_ASKED).is_override


@pytest.mark.parametrize(
    ("at", "eligibility", "expected"),
    [(10, Eligibility(), True), (11, Eligibility(), False), (1, no(), False)],
    ids=["of the first ranks", "further down", "ruled out anyhow"],
)
def test_rejecting_one_of_the_first_ranks_is_an_override(
    session: Session, world: World, at: int, eligibility: Eligibility, expected: bool
):
    rank(session, world, at=at, eligibility=eligibility)

    assert decide(session, world, S.REJECTED, reason=R.OTHERS_FIT_BETTER).is_override is expected


@pytest.mark.parametrize(
    "doubt", [{"apart": True, "eligibility": no()}, {"flags": ("keyword_list",)}], ids=str
)
def test_a_second_person_introduces_where_something_stands_against_it(
    session: Session, world: World, doubt: dict[str, Any]
):
    rank(session, world, **doubt)
    decide(session, world, S.SHORTLISTED, reason=R.FACTS_CONFIRMED)

    with pytest.raises(Conflict, match="second person"):
        decide(session, world, S.INTRODUCED, reason=R.FACTS_CONFIRMED)
    introduced = decide(session, world, S.INTRODUCED, reason=R.FACTS_CONFIRMED, actor=world.second)

    assert introduced.decided_by_key_id == world.second.key_id


def test_an_account_is_a_person_of_its_own(session: Session, world: World):
    one, two = (make_account(session, world.partnership) for _ in range(2))
    rank(session, world, apart=True, eligibility=no())
    decide(session, world, S.SHORTLISTED, reason=R.FACTS_CONFIRMED, actor=one)

    with pytest.raises(Conflict, match="second person"):
        decide(session, world, S.INTRODUCED, reason=R.FACTS_CONFIRMED, actor=one)
    introduced = decide(session, world, S.INTRODUCED, reason=R.FACTS_CONFIRMED, actor=two)

    assert (introduced.decided_by_key_id, introduced.decided_by_account_id) == (None, two.account_id)
    event = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == introduced.id)).one()
    assert (event.actor_key_id, event.actor_account_id) == (None, two.account_id)


@pytest.mark.parametrize(
    "status", [CandidateStatus.PLACED, CandidateStatus.WITHDRAWN, CandidateStatus.PAUSED]
)
def test_who_is_not_ranked_is_not_put_forward(session: Session, world: World, status: CandidateStatus):
    rank(session, world)
    world.candidate.status = status

    with pytest.raises(Conflict, match="cannot be put forward"):
        decide(session, world, S.SHORTLISTED)
    assert decide(session, world, S.REJECTED, reason=R.NOT_AVAILABLE).state is S.REJECTED


def test_nothing_is_decided_on_a_closed_vacancy(session: Session, world: World):
    change_vacancy_status(session, world.employer, world.vacancy.id, VacancyStatus.CLOSED, now=NOW)

    with pytest.raises(Conflict, match="closed"):
        decide(session, world, S.DEFERRED)


def test_the_employer_answers_an_introduction_once(session: Session, world: World):
    introduced = introduce(session, world)

    def answer(state: ReviewState, **given: Any) -> Review:
        return answer_introduction(
            session, world.employer, world.vacancy.id, world.candidate.id, state, now=NOW, **given
        )

    with pytest.raises(InvalidInput):
        answer(S.DECLINED)
    accepted = answer(S.ACCEPTED)
    with pytest.raises(WrongTransition, match="Accepted is final"):
        answer(S.DECLINED, reason=R.NOT_AVAILABLE)

    assert (accepted.number, accepted.run_id, accepted.rank) == (3, introduced.run_id, introduced.rank)
    assert accepted.decided_by_role is Role.EMPLOYER


def test_an_employer_knows_only_of_those_who_were_introduced(session: Session, world: World):
    rank(session, world)
    decide(session, world, S.SHORTLISTED)
    rival = make_employer(session, world.partnership)

    for employer in (world.employer, rival):
        with pytest.raises(NotFound):
            answer_introduction(session, employer, world.vacancy.id, world.candidate.id, S.ACCEPTED, now=NOW)
    assert list_introductions(session, world.employer, world.vacancy.id).items == []

    decide(session, world, S.INTRODUCED)
    assert [row.state for row in list_introductions(session, world.employer, world.vacancy.id).items] == [
        S.INTRODUCED
    ]
    with pytest.raises(NotFound):
        list_introductions(session, rival, world.vacancy.id)
    with pytest.raises(NotFound):
        answer_introduction(session, rival, world.vacancy.id, world.candidate.id, S.ACCEPTED, now=NOW)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_only_reviewers_decide(session: Session, world: World, role: Role):
    with pytest.raises(NotPermitted):
        decide(session, world, S.DEFERRED, actor=make_staff(world.partnership, role=role))
    assert list_reviews(session, make_staff(world.partnership, role=role), world.vacancy.id).pseudonymous is (
        role is Role.AUDITOR
    )


def test_nobody_reaches_another_partnership(session: Session, world: World):
    other = make_world(session)
    review = decide(session, world, S.DEFERRED)
    calls = {
        "vacancy": lambda: decide(session, world, S.DEFERRED, actor=other.reviewer),
        "candidate": lambda: record_review(
            session, other.reviewer, other.vacancy.id, world.candidate.id, S.DEFERRED, now=NOW
        ),
        "run": lambda: decide(session, other, S.DEFERRED, run_id=world.run.id),
        "list": lambda: list_reviews(session, other.reviewer, world.vacancy.id),
        "of candidate": lambda: list_candidate_reviews(session, other.reviewer, world.candidate.id),
    }
    for name, call in calls.items():
        with pytest.raises(AppError) as refused:
            call()
        assert type(refused.value) is NotFound, name
    assert ReviewRepository(session, other.reviewer).newest_decisions() == []
    assert [row[2].review_id for row in ReviewRepository(session, world.reviewer).newest_decisions()] == [
        review.id
    ]


def test_every_decision_is_in_the_audit_log_without_its_note(session: Session, world: World):
    review = decide(session, world, S.REJECTED, reason=R.OTHER, note="Zaffre told us.")

    event = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == review.id)).one()

    assert (event.operation, event.details["before"], event.details["reason"]) == (
        "review.rejected",
        "proposed",
        "other",
    )
    assert event.details["candidate_id"] == str(world.candidate.id)
    assert "Zaffre" not in str(event.details) + repr(review)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE review SET state = 'proposed'",
        "UPDATE review SET decided_by_account_id = NULL",
        "DELETE FROM review",
    ],
)
def test_decisions_cannot_be_changed(engine: Engine, session_factory: SessionFactory, statement: str):
    with session_scope(session_factory) as session:
        world = make_world(session)
        decide(session, world, S.REJECTED, reason=R.OTHER, note="To be erased.")

    with engine.begin() as connection, pytest.raises(DatabaseError, match="append-only"):
        connection.execute(text(statement))

    with engine.begin() as connection:
        connection.execute(text("UPDATE review SET note = ''"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT state, note FROM review")).all() == [("rejected", "")]


def test_decisions_are_exported_with_their_basis_and_without_who_and_why_in_words(
    session: Session, world: World, tmp_path: Path
):
    run = rank(session, world, at=2)
    decide(session, world, S.REJECTED, reason=R.OTHER, note="Zaffre told us.")
    decide(session, world, S.PROPOSED, reason=R.FACTS_CHANGED)
    decide(session, world, S.SHORTLISTED, actor=world.second)
    auditor = make_staff(world.partnership, role=Role.AUDITOR)

    [newest] = iter_decisions(session, auditor)
    whole = list(iter_decisions(session, auditor, with_history=True))

    assert [entry.decision for entry in whole] == [S.SHORTLISTED, S.PROPOSED, S.REJECTED]
    assert (newest.vacancy_id, newest.candidate_id) == ("v", world.candidate.pseudonym)
    assert (newest.run_id, newest.weight_profile, newest.rank, newest.score) == (run.id, "default", 2, 0.5)
    assert [entry.is_override for entry in whole] == [False, False, True]
    lines = "".join(json.dumps(decision_line(entry)) + "\n" for entry in [newest])
    assert "Zaffre" not in lines
    assert str(world.second.key_id) not in lines
    (tmp_path / "d.jsonl").write_text(lines, "utf-8")
    read = read_decisions(tmp_path / "d.jsonl")
    assert not read.warnings
    assert read.records == (DecisionRecord("v", world.candidate.pseudonym, Decision(S.SHORTLISTED)),)
    assert list(decision_row(newest)) == list(DECISION_HEADER)
    with pytest.raises(NotPermitted):
        list(iter_decisions(session, world.employer))

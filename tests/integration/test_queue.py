"""The normalisation queue: what waits in it, in which order, and what decisions do to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.db import session_scope
from app.domain.actor import Actor, Role
from app.domain.enums import PhraseKind, QueueReason
from app.domain.ids import new_id
from app.domain.records import AliasRecord, CandidateRecord, ExperienceRecord, VacancyRecord
from app.domain.transitions import JobStatus, QueueState
from app.errors import NotFound, NotPermitted, VersionMismatch, WrongTransition
from app.main import job_handlers, worker_config
from app.matching.text import canonical
from app.models import Partnership, QueuedPhrase
from app.services import queue
from app.services.aliases import approve_alias, propose_alias, withdraw_alias
from app.services.jobs import get_job
from app.services.match_runs import request_match_run
from app.services.queue import (
    QueueReceipt,
    collect_unsure,
    dismiss_phrase,
    get_queued_phrase,
    list_queue,
    renew_queue,
    reopen_phrase,
    request_renewal,
)
from app.services.taxonomy import import_release
from app.services.taxonomy_index import build_taxonomy_index
from app.services.worker import work_once
from tests.api.conftest import INDEXES, SETTINGS, read_small_taxonomy
from tests.factories import (
    NOW,
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
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL, small_taxonomy

WELDING = "ویلڈنگ کا کام"
TITLE = "ویلڈر"


@pytest.fixture
def partnership(session: Session) -> Partnership:
    import_release(session, read_small_taxonomy(), now=NOW)
    return make_partnership(session, is_test=False)


@pytest.fixture
def reviewer(partnership: Partnership) -> Actor:
    return make_staff(partnership, role=Role.REVIEWER)


def unsure(vacancies: Sequence[VacancyRecord], candidates: Sequence[CandidateRecord]) -> list[Any]:
    index = build_taxonomy_index(small_taxonomy())
    return collect_unsure(
        index, [(new_id(), record) for record in vacancies], [(new_id(), record) for record in candidates]
    )


def renewed(
    session: Session,
    actor: Actor,
    candidates: Sequence[CandidateRecord],
    vacancies: Sequence[VacancyRecord] = (),
) -> QueueReceipt:
    index, _ = INDEXES.get_for(session, actor)
    found = collect_unsure(
        index, [(new_id(), record) for record in vacancies], [(new_id(), record) for record in candidates]
    )
    return renew_queue(session, actor, found, taxonomy_name="small-1", now=NOW)


def waiting(session: Session, actor: Actor, **filters: Any) -> list[tuple[str, str]]:
    return [(row.wording, row.state.value) for row in list_queue(session, actor, **filters).items]


def test_phrases_of_both_sides_are_counted_by_record_most_frequent_first() -> None:
    found = unsure(
        [make_vacancy_record(title="Welder", lang="ur", skills=[WELDING, WELDING, "MIG welding"])],
        [
            make_candidate_record(lang="ur", skills=[WELDING]),
            make_candidate_record(lang="ur", skills=[f"{WELDING}!"], occupations=[TITLE]),
            make_candidate_record(lang="en", experience=[ExperienceRecord(occupation="astronaut")]),
        ],
    )
    assert [(p.kind, p.lang, p.wording, len(p.vacancies), len(p.candidates)) for p in found] == [
        (PhraseKind.SKILL, "ur", WELDING, 1, 2),
        (PhraseKind.OCCUPATION, "en", "astronaut", 0, 1),
        (PhraseKind.OCCUPATION, "ur", TITLE, 0, 1),
    ]
    assert {p.reason for p in found} == {QueueReason.UNLINKED}


def test_a_doubtful_link_is_queued_with_the_best_concepts_there_are() -> None:
    (phrase,) = unsure([], [make_candidate_record(lang="en", skills=["site rules"])])
    best = phrase.suggestions[0]
    assert (best["concept_uri"], best["label"]) == (SKILL + "safety", "follow safety rules")
    assert 0 < best["score"] < 1
    scores = [suggestion["score"] for suggestion in phrase.suggestions]
    assert scores == sorted(scores, reverse=True)


def test_low_scores_wait_and_high_ones_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = [make_candidate_record(lang="en", skills=["reading technical drawing"])]
    monkeypatch.setattr(queue, "LOW_CONFIDENCE", 0.0)
    assert unsure([], candidates) == []
    monkeypatch.setattr(queue, "LOW_CONFIDENCE", 1.0)
    assert [phrase.reason for phrase in unsure([], candidates)] == [QueueReason.LOW_CONFIDENCE]


def test_texts_addresses_and_codes_are_no_phrases() -> None:
    long = "مزدور " * 40
    assert len(long) > 200
    skills = [long, "http://data.europa.eu/esco/skill/none", "?!", "ﷺ" * 100]
    assert unsure([], [make_candidate_record(skills=skills, occupations=["7212", OCCUPATION + "x"])]) == []


def test_the_title_stands_for_an_occupation_that_is_not_named() -> None:
    found = unsure(
        [
            make_vacancy_record(title="Astronaut", occupation=""),
            make_vacancy_record(title="Astronaut", occupation="welder"),
        ],
        [],
    )
    assert [(phrase.wording, phrase.n_uses) for phrase in found] == [("Astronaut", 1)]


def test_only_so_many_are_kept_the_most_frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MAX_QUEUED", 1)
    candidates = [
        make_candidate_record(lang="ur", skills=[WELDING]),
        make_candidate_record(lang="ur", skills=[WELDING, "مزدوری"]),
    ]
    assert [phrase.wording for phrase in unsure([], candidates)] == [WELDING]


def test_renewing_adds_updates_and_forgets(session: Session, reviewer: Actor) -> None:
    both = [make_candidate_record(lang="ur", skills=[WELDING, "مزدوری"])]
    assert renewed(session, reviewer, both) == QueueReceipt(n_open=2, n_new=2, n_gone=0)
    (row, *_) = [r for r in list_queue(session, reviewer).items if r.wording == WELDING]
    assert (row.version, row.n_candidates, row.taxonomy_name) == (1, 1, "small-1")

    assert renewed(session, reviewer, both) == QueueReceipt(2, 0, 0)
    assert row.version == 1

    again = [make_candidate_record(lang="ur", skills=[WELDING]) for _ in range(3)]
    assert renewed(session, reviewer, again) == QueueReceipt(1, 0, 1)
    assert (row.version, row.n_candidates) == (2, 3)
    assert waiting(session, reviewer) == [(WELDING, "open")]


def test_a_dismissal_keeps_whose_account_it_was(session: Session, partnership: Partnership) -> None:
    person = make_account(session, partnership)
    renewed(session, person, [make_candidate_record(lang="ur", skills=[WELDING])])
    (row,) = list_queue(session, person).items

    dismiss_phrase(session, person, row.id, now=NOW)

    assert (row.decided_by_key_id, row.decided_by_account_id) == (None, person.account_id)


def test_a_dismissed_phrase_does_not_come_back(session: Session, reviewer: Actor) -> None:
    candidates = [make_candidate_record(lang="ur", skills=[WELDING])]
    renewed(session, reviewer, candidates)
    (row,) = list_queue(session, reviewer).items
    with pytest.raises(VersionMismatch):
        dismiss_phrase(session, reviewer, row.id, expected_version=9, now=NOW)
    dismiss_phrase(session, reviewer, row.id, expected_version=1, now=NOW)
    with pytest.raises(WrongTransition):
        dismiss_phrase(session, reviewer, row.id, now=NOW)

    assert renewed(session, reviewer, candidates).n_open == 0
    assert renewed(session, reviewer, []) == QueueReceipt(0, 0, 0)
    assert renewed(session, reviewer, candidates) == QueueReceipt(0, 0, 0)
    assert waiting(session, reviewer, state=QueueState.DISMISSED) == [(WELDING, "dismissed")]

    reopen_phrase(session, reviewer, row.id, now=NOW)
    assert waiting(session, reviewer, state=QueueState.OPEN) == [(WELDING, "open")]


@pytest.mark.parametrize("declared", ["ur", None])
@pytest.mark.parametrize("shared", [False, True])
def test_an_alias_answers_the_phrase_and_its_end_asks_again(
    session: Session, partnership: Partnership, declared: str | None, shared: bool
) -> None:
    admin = make_staff(partnership)
    candidates = [make_candidate_record(lang=declared, skills=[WELDING])]
    renewed(session, admin, candidates)
    record = AliasRecord(WELDING + ".", "ur", PhraseKind.SKILL, None)
    proposed = propose_alias(session, admin, record, shared=shared, now=NOW)
    assert waiting(session, admin) == [(WELDING, "open")]

    approve_alias(session, admin, proposed.id, now=NOW)
    assert waiting(session, admin) == [(WELDING, "aliased")]
    (row,) = list_queue(session, admin).items
    with pytest.raises(WrongTransition, match="Withdraw the alias"):
        reopen_phrase(session, admin, row.id, now=NOW)
    assert renewed(session, admin, candidates) == QueueReceipt(0, 0, 0)
    assert renewed(session, admin, [*candidates, *candidates[:1]]).n_open == 0
    assert row.n_candidates == 2

    withdraw_alias(session, admin, proposed.id, now=NOW)
    assert waiting(session, admin) == [(WELDING, "open")]


def test_an_alias_in_another_language_answers_nothing(session: Session, reviewer: Actor) -> None:
    renewed(session, reviewer, [make_candidate_record(lang="ur", skills=[WELDING])])
    proposed = propose_alias(session, reviewer, AliasRecord(WELDING, "ar", PhraseKind.SKILL, None), now=NOW)
    approve_alias(session, reviewer, proposed.id, now=NOW)
    assert waiting(session, reviewer) == [(WELDING, "open")]


def test_a_phrase_with_two_aliases_stays_answered_when_one_ends(
    session: Session, partnership: Partnership
) -> None:
    admin = make_staff(partnership)
    renewed(session, admin, [make_candidate_record(lang="ur", skills=[WELDING])])
    record = AliasRecord(WELDING, "ur", PhraseKind.SKILL, None)
    own = propose_alias(session, admin, record, now=NOW)
    shared = propose_alias(session, admin, record, shared=True, now=NOW)
    for each in (own, shared):
        approve_alias(session, admin, each.id, now=NOW)
    withdraw_alias(session, admin, own.id, now=NOW)
    assert waiting(session, admin) == [(WELDING, "aliased")]


def test_pages_go_on_where_the_last_one_ended(session: Session, reviewer: Actor) -> None:
    words = [f"مزدور نمبر {number}" for number in range(7)]
    renewed(
        session,
        reviewer,
        [make_candidate_record(lang="ur", skills=words[: 1 + number]) for number in range(5)],
        [make_vacancy_record(lang="ur", title="Welder", skills=words[3:])],
    )
    seen: list[QueuedPhrase] = []
    after = None
    while True:
        page = list_queue(session, reviewer, after=after, limit=2)
        seen += page.items
        if page.next_after is None:
            break
        after = page.next_after
    uses = [row.n_vacancies + row.n_candidates for row in seen]
    assert uses == sorted(uses, reverse=True)
    assert len(seen) == len({row.id for row in seen}) == 7
    assert list_queue(session, reviewer, after=new_id()).items == []
    assert [row.lang for row in list_queue(session, reviewer, lang="bn").items] == []
    assert list_queue(session, reviewer, kind=PhraseKind.OCCUPATION).items == []


def test_the_queue_is_its_partnerships_and_not_for_auditors(
    session: Session, partnership: Partnership, reviewer: Actor
) -> None:
    renewed(session, reviewer, [make_candidate_record(lang="ur", skills=[WELDING])])
    (row,) = list_queue(session, reviewer).items
    stranger = make_staff(make_partnership(session))
    assert list_queue(session, stranger).items == []
    assert list_queue(session, stranger, after=row.id).items == []
    for call in (dismiss_phrase, reopen_phrase):
        with pytest.raises(NotFound):
            call(session, stranger, row.id, now=NOW)
    with pytest.raises(NotFound):
        get_queued_phrase(session, stranger, row.id)
    with pytest.raises(NotPermitted):
        list_queue(session, make_staff(partnership, role=Role.AUDITOR))
    assert renewed(session, stranger, []) == QueueReceipt(0, 0, 0)
    assert waiting(session, reviewer) == [(WELDING, "open")]


@pytest.mark.parametrize("by_run", [True, False])
def test_a_match_run_and_a_job_of_its_own_renew_the_queue(session_factory: Any, by_run: bool) -> None:
    def transaction(*, write: bool = True) -> Any:
        return session_scope(session_factory, write=write)

    with transaction() as session:
        import_release(session, read_small_taxonomy(), now=NOW)
        owner = make_partnership(session)
        employer = make_employer(session, owner)
        vacancy = make_vacancy(
            session, employer, record=make_vacancy_record(lang="ur", title="Welder", skills=[WELDING])
        )
        make_vacancy(session, employer, record=make_vacancy_record(title="Astronaut"), published=False)
        make_cohort(session, make_institution(session, owner), candidates=[make_candidate_record()])
        actor = make_staff(owner, role=Role.REVIEWER)
        if by_run:
            # A run over some vacancies does not know what the others use.
            request_match_run(session, actor, k=1, vacancy_ids=[vacancy.id], now=NOW)
    handlers, config = job_handlers(INDEXES), worker_config(SETTINGS)
    if by_run:
        assert work_once(transaction, handlers, config, now=lambda: NOW)
        with transaction(write=False) as session:
            assert waiting(session, actor) == []
    with transaction() as session:
        if by_run:
            _, job = request_match_run(session, actor, k=1, now=NOW)
        else:
            job = request_renewal(session, actor, now=NOW)
    assert work_once(transaction, handlers, config, now=lambda: NOW)
    with transaction(write=False) as session:
        assert get_job(session, actor, job.id).status is JobStatus.SUCCEEDED
        (row,) = list_queue(session, actor).items
        assert (row.wording, row.canonical, row.n_vacancies) == (WELDING, canonical(WELDING), 1)

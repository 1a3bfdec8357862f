"""Aliases in the database: who may decide, what is in force when, and what a run is pinned to."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor, Role
from app.domain.enums import PhraseKind
from app.domain.records import AliasRecord
from app.domain.transitions import AliasState, MatchRunState
from app.errors import Conflict, InvalidInput, NotFound, NotPermitted, VersionMismatch, WrongTransition
from app.main import job_handlers, worker_config
from app.models import CandidateProfile, ConceptAlias, Match, MatchRun, Partnership, RankedVacancy
from app.repositories.aliases import AliasVersions
from app.services.alias_preview import Place, preview_alias
from app.services.aliases import (
    approve_alias,
    current_alias_versions,
    get_alias,
    list_aliases,
    load_aliases,
    propose_alias,
    withdraw_alias,
)
from app.services.audit import list_audit_events
from app.services.match_runs import request_match_run
from app.services.phrase_uses import Side
from app.services.ranking import rank_records
from app.services.taxonomy import import_release
from app.services.transactions import Transaction
from app.services.worker import work_once
from tests.api.conftest import INDEXES, SETTINGS, read_small_taxonomy
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
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL

WELDING = "ویلڈنگ کا کام"
GRINDING = "ওয়েল্ড ঘষার কাজ"


def alias(phrase: str = WELDING, concept: str | None = "mig-welding", **fields: Any) -> AliasRecord:
    uri = None if concept is None else SKILL + concept
    return AliasRecord(phrase, fields.pop("lang", "ur"), fields.pop("kind", PhraseKind.SKILL), uri, **fields)


def in_force(session: Session, actor: Actor, record: AliasRecord, **options: Any) -> ConceptAlias:
    proposed = propose_alias(session, actor, record, now=NOW, **options)
    return approve_alias(session, actor, proposed.id, now=NOW)


@pytest.fixture
def partnership(session: Session) -> Partnership:
    import_release(session, read_small_taxonomy(), now=NOW)
    return make_partnership(session, is_test=False)


@pytest.fixture
def reviewer(partnership: Partnership) -> Actor:
    return make_staff(partnership, role=Role.REVIEWER)


@pytest.fixture
def admin(partnership: Partnership) -> Actor:
    return make_staff(partnership)


def test_only_an_approved_alias_is_in_force(session: Session, reviewer: Actor) -> None:
    proposed = propose_alias(session, reviewer, alias(), now=NOW)
    assert current_alias_versions(session, reviewer) == AliasVersions(0, 0)

    approve_alias(session, reviewer, proposed.id, now=NOW)

    versions = current_alias_versions(session, reviewer)
    assert versions == AliasVersions(1, 0)
    assert load_aliases(session, reviewer, versions) == [alias()]
    assert (proposed.state, proposed.from_version, proposed.approved_at) == (AliasState.APPROVED, 1, NOW)


def test_a_later_alias_supersedes_and_earlier_versions_read_as_they_were(
    session: Session, reviewer: Actor
) -> None:
    first = in_force(session, reviewer, alias())
    in_force(session, reviewer, alias(GRINDING, "grinding", lang="bn"))
    in_force(session, reviewer, alias(concept=None, note="too vague"))
    withdraw_alias(session, reviewer, list_aliases(session, reviewer).items[1].id, now=NOW)

    assert (first.state, first.until_version) == (AliasState.SUPERSEDED, 3)
    grinding = alias(GRINDING, "grinding", lang="bn")
    vague = alias(concept=None, note="too vague")
    assert [load_aliases(session, reviewer, AliasVersions(version)) for version in range(5)] == [
        [],
        [alias()],
        [alias(), grinding],
        [vague, grinding],
        [vague],
    ]
    assert len(list_aliases(session, reviewer).items) == 3


def test_equal_wording_is_one_phrase(session: Session, reviewer: Actor) -> None:
    in_force(session, reviewer, alias("Weld Work", lang="en"))
    with pytest.raises(Conflict, match="says the same"):
        propose_alias(session, reviewer, alias("weld   work!", lang="en"), now=NOW)
    in_force(session, reviewer, alias("weld work", "arc-welding", lang="en"))
    versions = current_alias_versions(session, reviewer)
    assert [record.concept_uri for record in load_aliases(session, reviewer, versions)] == [
        SKILL + "arc-welding"
    ]


@pytest.mark.parametrize("phrase", ["", "?!", "x" * 201, "ﷺ" * 100])
def test_a_phrase_that_cannot_be_looked_up_is_refused(session: Session, reviewer: Actor, phrase: str) -> None:
    with pytest.raises(InvalidInput, match="letter or a figure"):
        propose_alias(session, reviewer, alias(phrase), now=NOW)


def test_the_concept_must_be_of_the_kind_and_imported(session: Session, reviewer: Actor) -> None:
    for record in (alias(concept="no-such-skill"), alias(kind=PhraseKind.OCCUPATION)):
        with pytest.raises(NotFound, match="No imported taxonomy release"):
            propose_alias(session, reviewer, record, now=NOW)
    title = AliasRecord("ویلڈر", "ur", PhraseKind.OCCUPATION, OCCUPATION + "welder")
    assert in_force(session, reviewer, title).kind is PhraseKind.OCCUPATION


def test_states_follow_each_other_as_designed(session: Session, reviewer: Actor) -> None:
    proposed = propose_alias(session, reviewer, alias(), now=NOW)
    with pytest.raises(VersionMismatch):
        approve_alias(session, reviewer, proposed.id, expected_version=7, now=NOW)
    approve_alias(session, reviewer, proposed.id, expected_version=1, now=NOW)
    with pytest.raises(WrongTransition):
        approve_alias(session, reviewer, proposed.id, now=NOW)
    withdraw_alias(session, reviewer, proposed.id, expected_version=2, now=NOW)
    with pytest.raises(WrongTransition):
        withdraw_alias(session, reviewer, proposed.id, now=NOW)
    assert get_alias(session, reviewer, proposed.id).state is AliasState.WITHDRAWN
    # A proposal that is withdrawn was never in force and counts as no change.
    other = propose_alias(session, reviewer, alias(), now=NOW)
    withdraw_alias(session, reviewer, other.id, now=NOW)
    assert current_alias_versions(session, reviewer) == AliasVersions(2, 0)


def test_each_step_keeps_whose_account_it_was(session: Session, partnership: Partnership) -> None:
    one, two, three = (make_account(session, partnership) for _ in range(3))
    row = propose_alias(session, one, alias(), now=NOW)
    approve_alias(session, two, row.id, now=NOW)
    withdraw_alias(session, three, row.id, now=NOW)

    keys = (row.proposed_by_key_id, row.approved_by_key_id, row.ended_by_key_id)
    accounts = (row.proposed_by_account_id, row.approved_by_account_id, row.ended_by_account_id)
    assert keys == (None, None, None)
    assert accounts == (one.account_id, two.account_id, three.account_id)


def test_every_step_is_in_the_audit_log_without_the_words(session: Session, reviewer: Actor) -> None:
    in_force(session, reviewer, alias())
    held = in_force(session, reviewer, alias(concept=None))
    withdraw_alias(session, reviewer, held.id, now=NOW)
    admin = Actor(key_id=None, role=Role.ADMIN, partnership_id=reviewer.partnership_id)
    events = [e for e in list_audit_events(session, admin).items if e.subject_type == "alias"]
    assert sorted(event.operation for event in events) == [
        "alias.approved",
        "alias.approved",
        "alias.proposed",
        "alias.proposed",
        "alias.superseded",
        "alias.withdrawn",
    ]
    assert all(WELDING not in str(event.details) for event in events)


def test_shared_aliases_are_for_administrators_and_reach_every_partnership(
    session: Session, reviewer: Actor, admin: Actor
) -> None:
    with pytest.raises(NotPermitted):
        propose_alias(session, reviewer, alias(), shared=True, now=NOW)
    shared = in_force(session, admin, alias(), shared=True)
    for change in (approve_alias, withdraw_alias):
        with pytest.raises(NotPermitted):
            change(session, reviewer, shared.id, now=NOW)
    elsewhere = make_staff(make_partnership(session), role=Role.REVIEWER)
    assert current_alias_versions(session, elsewhere) == AliasVersions(0, 1)
    assert load_aliases(session, elsewhere, AliasVersions(0, 1)) == [alias()]


def test_the_partnerships_own_alias_comes_before_the_shared_one(
    session: Session, reviewer: Actor, admin: Actor
) -> None:
    in_force(session, admin, alias(concept="arc-welding"), shared=True)
    in_force(session, reviewer, alias())
    versions = current_alias_versions(session, reviewer)
    assert load_aliases(session, reviewer, versions) == [alias(), alias(concept="arc-welding")]
    index, used = INDEXES.get_for(session, reviewer)
    assert used == versions
    (link,) = index.skill_linker.link([WELDING], langs=["ur"]).of(0)
    assert index.skills.concepts[link[0]].uri == SKILL + "mig-welding"


def test_a_test_partnership_cannot_reach_the_others(session: Session, partnership: Partnership) -> None:
    tester = make_staff(make_partnership(session, is_test=True))
    with pytest.raises(NotPermitted, match="test partnership"):
        propose_alias(session, tester, alias(), shared=True, now=NOW)


def test_another_partnership_sees_and_changes_nothing(session: Session, reviewer: Actor) -> None:
    own = in_force(session, reviewer, alias())
    stranger = make_staff(make_partnership(session))
    for change in (approve_alias, withdraw_alias):
        with pytest.raises(NotFound):
            change(session, stranger, own.id, now=NOW)
    with pytest.raises(NotFound):
        get_alias(session, stranger, own.id)
    assert list_aliases(session, stranger).items == []
    assert INDEXES.get_for(session, stranger)[0].alias_digest == ""


def fill(session: Session, partnership: Partnership) -> None:
    """One vacancy asks in Urdu for what one of two candidates offers in English."""
    employer = make_employer(session, partnership)
    make_vacancy(
        session,
        employer,
        record=make_vacancy_record(id="v", title="—", lang="ur", skills=[WELDING, "site safety"]),
    )
    institution = make_institution(session, partnership)
    make_cohort(
        session,
        institution,
        candidates=[
            make_candidate_record(id="a", skills=["sourdough"]),
            make_candidate_record(id="b", skills=["MIG welding"]),
            make_candidate_record(id="c", lang="ur", skills=["sourdough"], text=f"میں {WELDING} جانتا"),
        ],
    )


@pytest.fixture
def transaction(session_factory: SessionFactory) -> Transaction:
    def begin(*, write: bool = True):
        return session_scope(session_factory, write=write)

    return begin


def run(transaction: Transaction, actor: Actor) -> MatchRun:
    with transaction() as session:
        asked, _ = request_match_run(session, actor, k=3, now=NOW)
    work_once(transaction, job_handlers(INDEXES), worker_config(SETTINGS), now=lambda: NOW)
    with transaction(write=False) as session:
        found = session.get_one(MatchRun, asked.id)
        session.expunge(found)
    assert found.state is MatchRunState.COMPLETE
    return found


def met_skills(session: Session, run_id: UUID) -> dict[str, bool]:
    """Whether the skills part of each candidate is more than nothing."""
    query = (
        select(CandidateProfile.external_id, Match.parts).join(Match.candidate).where(Match.run_id == run_id)
    )
    return {name: parts["skills"] > 0 for name, parts in session.execute(query)}


def test_a_run_links_both_sides_with_the_aliases_and_is_pinned_to_them(transaction: Transaction) -> None:
    with transaction() as session:
        import_release(session, read_small_taxonomy(), now=NOW)
        owner = make_partnership(session)
        fill(session, owner)
        actor = make_staff(owner, role=Role.REVIEWER)
    before = run(transaction, actor)
    with transaction() as session:
        held = in_force(session, actor, alias())
    after = run(transaction, actor)
    with transaction() as session:
        withdraw_alias(session, actor, held.id, now=NOW)
    again = run(transaction, actor)

    assert [(r.alias_version, r.shared_alias_version) for r in (before, after, again)] == [
        (0, 0),
        (1, 0),
        (2, 0),
    ]
    assert before.input_digest == after.input_digest == again.input_digest
    assert before.index_fingerprint == again.index_fingerprint != after.index_fingerprint
    with transaction(write=False) as session:
        first, second, third = (met_skills(session, r.id) for r in (before, after, again))
        requirement = session.scalars(
            select(RankedVacancy.requirements).where(RankedVacancy.run_id == after.id)
        ).one()[0]
    assert first == third == {"a": False, "b": False, "c": False}
    assert second == {"a": False, "b": True, "c": True}
    assert (requirement["concept_uri"], requirement["link_method"]) == (SKILL + "mig-welding", "alias")


def test_changes_at_the_same_time_never_share_a_version(transaction: Transaction) -> None:
    with transaction() as session:
        import_release(session, read_small_taxonomy(), now=NOW)
        actor = make_staff(make_partnership(session), role=Role.REVIEWER)
        ids = [
            propose_alias(session, actor, alias(f"weld number {n}", lang="en"), now=NOW).id for n in range(4)
        ]
    together = threading.Barrier(len(ids))

    def approve(alias_id: UUID) -> int | None:
        together.wait()
        with transaction() as session:
            return approve_alias(session, actor, alias_id, now=NOW).from_version

    with ThreadPoolExecutor(len(ids)) as pool:
        versions = sorted(version or 0 for version in pool.map(approve, ids))
    assert versions == [1, 2, 3, 4]
    with transaction(write=False) as session:
        assert current_alias_versions(session, actor) == AliasVersions(4, 0)


def test_a_past_alias_version_ranks_as_it_did(session: Session, partnership: Partnership) -> None:
    reviewer = make_staff(partnership, role=Role.REVIEWER)
    held = in_force(session, reviewer, alias())
    vacancy = make_vacancy_record(id="v", title="—", lang="ur", skills=[WELDING])
    candidates = [make_candidate_record(id="a", skills=["MIG welding"])]

    def ranked(versions: AliasVersions | None) -> Any:
        index, _ = INDEXES.get_for(session, reviewer, versions=versions)
        return rank_records(index, [vacancy], candidates, k=1, today=TODAY, explain=True)

    then = ranked(None)
    withdraw_alias(session, reviewer, held.id, now=NOW)
    assert ranked(None) != then
    assert ranked(AliasVersions(1, 0)) == then


def test_a_preview_names_the_links_that_change_and_stores_nothing(
    session: Session, partnership: Partnership
) -> None:
    reviewer = make_staff(partnership, role=Role.REVIEWER)
    fill(session, partnership)
    session.flush()

    preview = preview_alias(session, reviewer, INDEXES, alias(), n_examples=10)

    assert preview.n_records == {Side.VACANCY: 1, Side.CANDIDATE: 1}
    assert preview.n_links == {Side.VACANCY: 1, Side.CANDIDATE: 1}
    by_side = {change.side: change for change in preview.examples}
    assert by_side[Side.VACANCY].place is Place.FIELD
    assert by_side[Side.CANDIDATE].place is Place.TEXT
    for change in preview.examples:
        assert change.before is None
        assert change.after is not None
        assert change.after.uri == SKILL + "mig-welding"
    assert session.scalars(select(ConceptAlias)).all() == []


def test_a_preview_shows_what_a_correction_takes_away(session: Session, partnership: Partnership) -> None:
    reviewer = make_staff(partnership, role=Role.REVIEWER)
    fill(session, partnership)
    record = AliasRecord("MIG welding", "en", PhraseKind.SKILL, None)
    preview = preview_alias(session, reviewer, INDEXES, record, n_examples=1)
    (change,) = preview.examples
    assert change.before is not None
    assert (change.before.uri, change.after) == (SKILL + "mig-welding", None)
    assert preview.n_records == {Side.VACANCY: 0, Side.CANDIDATE: 1}


def test_a_preview_of_what_holds_already_is_empty(session: Session, partnership: Partnership) -> None:
    reviewer = make_staff(partnership, role=Role.REVIEWER)
    fill(session, partnership)
    record = AliasRecord("MIG welding", "en", PhraseKind.SKILL, SKILL + "mig-welding")
    preview = preview_alias(session, reviewer, INDEXES, record, n_examples=1)
    assert (preview.examples, preview.n_links[Side.CANDIDATE]) == ((), 0)


def test_a_preview_looks_at_titles_their_parts_and_the_lines_profiles_open_with(
    session: Session, partnership: Partnership
) -> None:
    reviewer = make_staff(partnership, role=Role.REVIEWER)
    make_vacancy(
        session,
        make_employer(session, partnership),
        record=make_vacancy_record(title="ویلڈر (m/w/d) - Opole", lang="ur"),
    )
    candidates = [
        make_candidate_record(id="a", lang="ur", text="ویلڈر\nلاہور"),
        make_candidate_record(id="b", lang="ur", occupations=["ویلڈر", "welder"]),
        make_candidate_record(id="c", lang="ur", text="میں ویلڈر ہوں"),
    ]
    make_cohort(session, make_institution(session, partnership), candidates=candidates)
    record = AliasRecord("ویلڈر", "ur", PhraseKind.OCCUPATION, OCCUPATION + "welder")
    preview = preview_alias(session, reviewer, INDEXES, record, n_examples=10)
    assert [(change.side, change.place, change.phrase) for change in preview.examples] == [
        (Side.CANDIDATE, Place.TEXT, "ویلڈر"),
        (Side.CANDIDATE, Place.FIELD, "ویلڈر"),
        (Side.VACANCY, Place.FIELD, "ویلڈر (m/w/d) - Opole"),
    ]
    assert preview.n_records == {Side.VACANCY: 1, Side.CANDIDATE: 2}

"""Confirm what a vacancy asks for, correct how it was linked, drop what it does not ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import Importance, Settled
from app.domain.ids import new_id
from app.domain.permissions import Operation
from app.domain.records import RequirementDecision, VacancyRecord
from app.domain.results import LinkedRequirement
from app.domain.transitions import allowed_next
from app.errors import Conflict, FieldIssue, InvalidInput
from app.models import SettledRequirement, Vacancy
from app.repositories.records import VacancyRepository
from app.repositories.requirement_decisions import RequirementDecisionRepository
from app.services.audit import record_event
from app.services.changes import flush, require_version, touch
from app.services.conversion import ranked_record, vacancy_record
from app.services.decided_requirements import decision_key, names_of
from app.services.preparation import prepare_vacancies
from app.services.settled_requirements import decisions_in_force, newest_of
from app.services.taxonomy_index import TaxonomyIndex


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody wants decided on a requirement, named as ``RequirementDecision`` names it.

    ``settled`` None takes back what was decided. ``decided_uri`` is of a correction; a confirmation
    may set the importance, too.
    """

    phrase: str
    found_uri: str | None
    settled: Settled | None
    decided_uri: str | None = None
    importance: Importance | None = None


def settle_requirements(
    session: Session,
    actor: Actor,
    index: TaxonomyIndex,
    vacancy_id: UUID,
    verdicts: Sequence[Verdict],
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Vacancy:
    """Decide on requirements of a vacancy, as staff; earlier matches turn stale.

    What is decided already may be decided anew: the newest counts. Flushes.

    Raises
    ------
    NotFound
        No such vacancy in the actor's partnership.
    VersionMismatch
        The vacancy is no longer at ``expected_version``.
    Conflict
        The vacancy is filled, closed or expired, or asks for no such thing any more.
    InvalidInput
        The release has no such skill.
    """
    vacancy = _get_open(session, actor, vacancy_id, expected_version)
    found = _found(session, actor, index, vacancy)
    entries = []
    for each in verdicts:
        names = found.get(decision_key(each.phrase, each.found_uri))
        if names is None:
            raise Conflict("The vacancy does not ask for this any more. Load the page again.")
        entries.append(_entry(*names, _decision(index, each, *names)))
    if entries:
        _store(session, actor, vacancy, entries, now)
    return vacancy


def confirm_all(
    session: Session,
    actor: Actor,
    index: TaxonomyIndex,
    vacancy_id: UUID,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> tuple[Vacancy, int]:
    """Confirm every requirement on which nobody has decided, and say how many; raises as above."""
    vacancy = _get_open(session, actor, vacancy_id, expected_version)
    asked = _asked(index, ranked_record(vacancy, _in_force(session, actor, vacancy)))
    undecided = {decision_key(*names_of(each)): names_of(each) for each in asked if each.decision is None}
    entries = [
        _entry(phrase, uri, RequirementDecision(phrase, uri, Settled.CONFIRMED, uri))
        for phrase, uri in undecided.values()
    ]
    if entries:
        _store(session, actor, vacancy, entries, now)
    return vacancy, len(entries)


def undo_decisions(
    session: Session, actor: Actor, vacancy_id: UUID, requirements_version: int, *, now: datetime
) -> Vacancy:
    """Take back what was decided together, as it made that version of the requirements. Flushes.

    What counted before counts again, by entries of its own.

    Raises
    ------
    NotFound
        No such vacancy in the actor's partnership.
    Conflict
        Nothing was decided then, or it was decided anew since; or the vacancy is no longer open.
    """
    vacancy = _get_open(session, actor, vacancy_id, None)
    rows = RequirementDecisionRepository(session, actor).list_all([vacancy.id])
    undone = [row for row in rows if row.requirements_version == requirements_version]
    newest = newest_of(rows)
    keys = [(vacancy.id, decision_key(row.phrase, row.found_uri)) for row in undone]
    if not undone or any(newest[key] is not row for key, row in zip(keys, undone, strict=True)):
        raise Conflict("This was decided anew meanwhile. Load the page again to see what counts.")
    before = newest_of(row for row in rows if row.number < undone[0].number)
    entries = [
        _entry(row.phrase, row.found_uri, before[key].decision() if key in before else None)
        for key, row in zip(keys, undone, strict=True)
    ]
    _store(session, actor, vacancy, entries, now)
    return vacancy


def _get_open(session: Session, actor: Actor, vacancy_id: UUID, expected_version: int | None) -> Vacancy:
    vacancy = VacancyRepository(session, actor).get(
        vacancy_id, Operation.REQUIREMENT_CONFIRM, for_update=True
    )
    require_version(vacancy, expected_version)
    if not allowed_next(vacancy.status):
        raise Conflict(f"The vacancy is {vacancy.status} and can no longer be changed.")
    return vacancy


def _found(
    session: Session, actor: Actor, index: TaxonomyIndex, vacancy: Vacancy
) -> dict[str, tuple[str, str | None]]:
    """Words and concept of all that can be decided on, by what decisions on it share.

    Decisions hide some of it (what is dropped), and bring some out (what the occupation asks for,
    too, once the words for it mean something else).
    """
    decided = _asked(index, ranked_record(vacancy, _in_force(session, actor, vacancy)))
    undecided = _asked(index, vacancy_record(vacancy))
    return {decision_key(*names_of(each)): names_of(each) for each in (*decided, *undecided)}


def _asked(index: TaxonomyIndex, record: VacancyRecord) -> list[LinkedRequirement]:
    (prepared,) = prepare_vacancies(index, [record])
    return [each.requirement for each in prepared.asked]


def _in_force(session: Session, actor: Actor, vacancy: Vacancy) -> Sequence[RequirementDecision]:
    return decisions_in_force(session, actor, [vacancy.id]).get(vacancy.id, ())


def _decision(
    index: TaxonomyIndex, wanted: Verdict, phrase: str, found_uri: str | None
) -> RequirementDecision | None:
    if wanted.settled is None:
        return None
    decided_uri = {
        Settled.CONFIRMED: found_uri,
        Settled.CORRECTED: wanted.decided_uri,
        Settled.DROPPED: None,
    }[wanted.settled]
    if decided_uri is not None and decided_uri not in index.skills.row_of:
        message = "Choose a skill of the taxonomy in use."
        raise InvalidInput(message, issues=[FieldIssue("/decided_uri", "unknown-skill", message)])
    importance = None if wanted.settled is Settled.DROPPED else wanted.importance
    return RequirementDecision(phrase, found_uri, wanted.settled, decided_uri, importance)


def _entry(phrase: str, found_uri: str | None, decision: RequirementDecision | None) -> SettledRequirement:
    return SettledRequirement(
        id=new_id(),
        phrase=phrase,
        found_uri=found_uri,
        settled=None if decision is None else decision.settled,
        decided_uri=None if decision is None else decision.decided_uri,
        importance=None if decision is None else decision.importance,
    )


def _store(
    session: Session, actor: Actor, vacancy: Vacancy, entries: Sequence[SettledRequirement], now: datetime
) -> None:
    vacancy.requirements_version += 1
    touch(vacancy, now)
    number = RequirementDecisionRepository(session, actor).next_number(vacancy.id)
    for position, entry in enumerate(entries):
        entry.partnership_id = actor.partnership_id
        entry.vacancy_id = vacancy.id
        entry.number = number + position
        entry.requirements_version = vacancy.requirements_version
        entry.decided_by_key_id = actor.key_id
        entry.decided_by_account_id = actor.account_id
        entry.decided_at = now
    session.add_all(entries)
    counts = {settled.value: sum(entry.settled is settled for entry in entries) for settled in Settled}
    record_event(
        session,
        actor,
        "vacancy.requirements_settled",
        "vacancy",
        vacancy.id,
        now=now,
        requirements_version=vacancy.requirements_version,
        **{name: n for name, n in counts.items() if n},
    )
    flush(session)

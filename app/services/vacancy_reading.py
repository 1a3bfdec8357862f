"""A vacancy as staff read it: what it asks for, how that was linked, and what is decided on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import Need, Rule, Settled
from app.domain.permissions import Operation, require
from app.domain.records import VacancyRecord
from app.domain.results import LinkedRequirement
from app.domain.vacancy_events import VacancyEvent
from app.eligibility.tables import default_rulebook
from app.matching.ranking.query import WEIGHT_UNITS
from app.matching.weights import SKILLS
from app.models import Organisation, SettledRequirement, Vacancy
from app.repositories.assignments import AssignmentRepository
from app.repositories.organisations import OrganisationRepository
from app.repositories.records import VacancyRepository
from app.repositories.requirement_decisions import RequirementDecisionRepository
from app.repositories.vacancy_history import VacancyHistoryRepository
from app.repositories.work_queue import LatestRanking, WorkQueueRepository
from app.services.accounts import account_names
from app.services.candidate_terms import Vocabulary
from app.services.conversion import ranked_record
from app.services.decided_requirements import Key, count_once, decision_key, names_of
from app.services.preparation import PreparedVacancy, prepare_vacancies
from app.services.settled_requirements import newest_of
from app.services.taxonomy_index import TaxonomyIndex
from app.services.vacancy_queries import QueryMaker
from app.services.weight_profiles import weights_in_force

_MOST_EVENTS = 30


@dataclass(frozen=True, slots=True)
class ReadRequirement:
    """One requirement.

    Attributes
    ----------
    id
        Names it among those of the vacancy, whatever is decided on it.
    share
        Of the whole score, in [0, 1]; those that ask for the same have it together.
    counts_with_another
        Whether another requirement that asks for the same stands for this one in the score.
    settled
        The decision that counts; None where nobody has decided.
    """

    id: str
    requirement: LinkedRequirement
    share: float
    settled: SettledRequirement | None
    counts_with_another: bool = False

    @property
    def names(self) -> tuple[str, str | None]:
        """Words and concept that a decision on it is made on."""
        return names_of(self.requirement)

    @property
    def phrase(self) -> str:
        """The vacancy's own words for it; none where its occupation asks for it."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class VacancyReading:
    """A vacancy with all that its page shows.

    Attributes
    ----------
    record
        As rankings read it.
    requirements
        The largest share first; those that count with another after it.
    dropped
        Decisions that something is not asked for.
    waiting
        Decisions for a concept that the release in use does not have.
    holder
        Account and name of who has the vacancy.
    needs
        How firmly each rule is meant.
    names
        Of the accounts that decided.
    """

    vacancy: Vacancy
    record: VacancyRecord
    prepared: PreparedVacancy
    employer: Organisation
    requirements: Sequence[ReadRequirement]
    dropped: Sequence[SettledRequirement]
    waiting: Sequence[SettledRequirement]
    needs: Mapping[Rule, Need]
    holder: tuple[UUID, str] | None
    names: Mapping[UUID, str]
    ranking: LatestRanking | None
    history: Sequence[VacancyEvent]

    @property
    def n_open(self) -> int:
        """Requirements on which nobody has decided."""
        return sum(each.settled is None for each in self.requirements)


def read_vacancy(session: Session, actor: Actor, index: TaxonomyIndex, vacancy_id: UUID) -> VacancyReading:
    """Read a vacancy for its page, in a fixed number of queries.

    Raises
    ------
    NotFound
        The actor knows no such vacancy.
    """
    require(actor, Operation.RANKING_READ)
    vacancy = VacancyRepository(session, actor).get(vacancy_id, Operation.VACANCY_READ)
    rows = RequirementDecisionRepository(session, actor).list_all([vacancy.id])
    in_force = {key: row for (_, key), row in newest_of(rows).items() if row.settled is not None}
    decisions = [each for row in in_force.values() if (each := row.decision()) is not None]
    record = ranked_record(vacancy, decisions)
    (prepared,) = prepare_vacancies(index, [record])
    return VacancyReading(
        vacancy=vacancy,
        record=record,
        prepared=prepared,
        employer=OrganisationRepository(session, actor).get(vacancy.employer_id, Operation.ORGANISATION_READ),
        requirements=_all_read(prepared, _shares(session, actor, index, prepared), in_force),
        dropped=[row for row in in_force.values() if row.settled is Settled.DROPPED],
        waiting=[
            row
            for row in in_force.values()
            if row.decided_uri is not None and row.decided_uri not in index.skills.row_of
        ],
        needs={
            rule: dict(record.conditions.needs).get(rule, usual.need)
            for rule, usual in default_rulebook().rules.items()
        },
        holder=AssignmentRepository(session, actor).holders([vacancy.id]).get(vacancy.id),
        names=account_names(
            session,
            actor,
            {row.decided_by_account_id for row in rows if row.decided_by_account_id is not None},
        ),
        ranking=WorkQueueRepository(session, actor).latest_rankings([vacancy.id]).get(vacancy.id),
        history=VacancyHistoryRepository(session, actor).list_newest(vacancy.id, limit=_MOST_EVENTS),
    )


def requirement_id(phrase: str, found_uri: str | None) -> str:
    """Name a requirement in an address, which holds none of its words."""
    return sha256(decision_key(phrase, found_uri).encode()).hexdigest()[:16]


def _all_read(
    prepared: PreparedVacancy, shares: Mapping[int, float], in_force: Mapping[str, SettledRequirement]
) -> list[ReadRequirement]:
    """Every requirement by its own words; where several ask for the same, one of them counts."""
    groups: dict[Key, list[ReadRequirement]] = {key: [] for key in prepared.skill_keys}
    counted = zip(prepared.skill_keys, prepared.requirements, strict=True)
    standing = {key: (names_of(each), shares.get(at, 0.0)) for at, (key, each) in enumerate(counted)}
    by_words = count_once((each, (key, decision_key(*names_of(each)))) for each, key in prepared.asked)
    for (key, _), requirement in by_words.items():
        names, share = standing[key]
        is_counted = names_of(requirement) == names
        read = _read(requirement, share, in_force, counts_with_another=not is_counted)
        groups[key].insert(0 if is_counted else len(groups[key]), read)
    ordered = sorted(groups.values(), key=lambda group: (-group[0].share, group[0].requirement.label))
    return [each for group in ordered for each in group]


def _read(
    requirement: LinkedRequirement,
    share: float,
    in_force: Mapping[str, SettledRequirement],
    *,
    counts_with_another: bool = False,
) -> ReadRequirement:
    phrase, uri = names_of(requirement)
    settled = None if requirement.decision is None else in_force[decision_key(phrase, uri)]
    return ReadRequirement(requirement_id(phrase, uri), requirement, share, settled, counts_with_another)


def _shares(
    session: Session, actor: Actor, index: TaxonomyIndex, prepared: PreparedVacancy
) -> dict[int, float]:
    """Share of the whole score that each requirement can give, by its position."""
    # Nobody has to claim anything for a vacancy to be laid out.
    weights = weights_in_force(session, actor, Operation.RANKING_READ)
    maker = QueryMaker(index, Vocabulary(len(index.skills)), weights)
    return {
        int(ask.what): ask.weight / WEIGHT_UNITS for ask in maker.make(prepared).asks if ask.part == SKILLS
    }

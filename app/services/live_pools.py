"""Pools of all candidates who may be ranked, one per partnership, kept in step with the database.

A pool is derived data. Before each use it catches up with the changes that were counted
since; what a change touched is linked anew, and linked forms are kept in the database, so
that a new process reads them instead of linking everybody again.
"""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import joined_id
from app.domain.records import CandidateRecord, VacancyRecord
from app.matching.ranking.pool import Pool
from app.matching.ranking.rows import N_DIGEST
from app.matching.ranking.snapshot import BadSnapshot, OpenedPool, open_pool, save_pool
from app.matching.version import ENGINE_VERSION
from app.matching.weights import WeightProfile
from app.repositories.candidate_pool import CandidatePoolRepository, PoolMember
from app.repositories.candidates import IdentityRepository
from app.services.candidate_facts import COLUMNS
from app.services.candidate_terms import EncodedCandidate, Vocabulary, make_rows
from app.services.conversion import rankable_record
from app.services.linked_profiles import AT_ONCE, StoredProfile, link_and_keep
from app.services.pairs import Person, ProfileTexts
from app.services.preparation import (
    PreparedCandidate,
    PreparedVacancy,
    prepare_candidates,
    prepare_vacancies,
)
from app.services.prepared_profiles import dump_profile, load_profile, with_texts
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.taxonomy_index import TaxonomyIndex
from app.services.transactions import Transaction
from app.services.vacancy_queries import QueryMaker

_log = logging.getLogger(__name__)

_KEPT = 8
_KEPT_PEOPLE = 2_000
_WORTH_KEEPING = 5_000
"""Changes that take longer to read anew than a file takes to write."""

_KEPT_VACANCIES = 1000
_SEPARATOR = "\x1f"
"""Sorts before everything that an id may hold, so an id stands before its longer namesakes."""

_Linked = tuple[PreparedCandidate, EncodedCandidate]


class LivePool:
    """One partnership's pool, and what its numbers stand for."""

    def __init__(self, index: TaxonomyIndex, basis: str, kept: OpenedPool | None = None) -> None:
        self.index = index
        self.basis = basis
        self.vocabulary = Vocabulary(len(index.skills))
        self.pool = Pool((), COLUMNS)
        self.seen = -1
        if kept is not None:
            self.vocabulary = Vocabulary.of(len(index.skills), kept.meta["vocabulary"])
            self.pool = kept.pool
            self.seen = kept.meta["seen"]
        self.n_unsaved = self.n_gone = 0
        self.published: object = None
        """What ``live_vacancies`` keeps of the vacancies."""
        self.catching_up = Lock()
        self._lock = Lock()
        self._maker: tuple[tuple[int, int, WeightProfile], QueryMaker] | None = None
        self._vacancies: OrderedDict[tuple[UUID, int], PreparedVacancy] = OrderedDict()
        self.texts = ProfileTexts()
        self._people: OrderedDict[tuple[str, int], _Linked] = OrderedDict()

    def find_vacancy(self, vacancy_id: UUID, version: int) -> PreparedVacancy | None:
        """What was linked before, if it is still held."""
        return self._vacancies.get((vacancy_id, version))

    def prepare(self, vacancy_id: UUID, version: int, record: VacancyRecord) -> PreparedVacancy:
        """Link a vacancy, or give what was linked before."""
        held = self.find_vacancy(vacancy_id, version)
        if held is None:
            (held,) = prepare_vacancies(self.index, [record])
            with self._lock:
                self._vacancies[vacancy_id, version] = held
                while len(self._vacancies) > _KEPT_VACANCIES:
                    self._vacancies.popitem(last=False)
        return held

    def maker(self, weights: WeightProfile) -> QueryMaker:
        """A query maker that knows all that is in the pool now; call it after ``Pool.view``."""
        state = len(self.vocabulary.grades()), len(self.vocabulary.phrases()), weights
        held = self._maker
        if held is None or held[0] != state:
            held = self._maker = state, QueryMaker(self.index, self.vocabulary, weights)
        return held[1]

    def find_person(self, row: str, version: int) -> _Linked | None:
        """A linked profile with its numbers, if it is among the last ones."""
        with self._lock:
            held = self._people.get((row, version))
            if held is not None:
                self._people.move_to_end((row, version))
            return held

    def hold_person(self, row: str, version: int, candidate: PreparedCandidate) -> _Linked:
        """Keep a linked profile and its numbers for the next ranking."""
        held = candidate, self.vocabulary.encode(candidate)
        with self._lock:
            self._people[row, version] = held
            while len(self._people) > _KEPT_PEOPLE:
                self._people.popitem(last=False)
        return held

    def save(self, path: Path) -> None:
        """Keep the pool as a file; raises OSError where the folder cannot be written."""
        rows = self.pool.rows()
        if rows is None:
            path.unlink(missing_ok=True)
        else:
            rows, vocabulary = self.vocabulary.compacted(rows)
            save_pool(path, Pool.of(rows), {"seen": self.seen, "vocabulary": vocabulary})
        self.n_unsaved = self.n_gone = 0

    def apply(
        self, gone: Sequence[PoolMember], prepared: Mapping[str, tuple[PreparedCandidate, str]]
    ) -> None:
        """Take out who may no longer be ranked, and put in who may, by row id."""
        n_gone = self.pool.remove([row_id(member).encode() for member in gone])
        ids = sorted(prepared)
        encoded = [self.vocabulary.encode(prepared[each][0]) for each in ids]
        digests = [
            hashlib.sha256(f"{self.basis}\n{public_part(each)}\n{prepared[each][1]}".encode()).digest()[
                :N_DIGEST
            ]
            for each in ids
        ]
        if ids:
            self.pool.put(make_rows(ids, encoded, digests))
        self.n_unsaved += len(gone) + len(ids)
        self.n_gone += n_gone


class LivePools:
    """Gives each partnership its pool. Safe to share between threads."""

    def __init__(
        self, transaction: Transaction, indexes: TaxonomyIndexCache, folder: Path | None = None
    ) -> None:
        """Keep large pools in a folder, too, for the next process; in none where it is None."""
        self._folder = folder
        self._transaction = transaction
        self._indexes = indexes
        self._lock = Lock()
        self._pools: OrderedDict[UUID, LivePool] = OrderedDict()

    def get(self, actor: Actor) -> LivePool:
        """Give the pool of the actor's partnership as the database has it now.

        Raises
        ------
        NotFound
            There is no taxonomy release.
        """
        live, number = self._pool_of(actor)
        if live.seen < number:
            with live.catching_up:
                while live.seen < number:
                    self._catch_up(live, actor.partnership_id)
                self._keep(live, actor.partnership_id)
        return live

    def people(self, session: Session, actor: Actor, live: LivePool, ids: Sequence[str]) -> dict[str, Person]:
        """Give ranked candidates in linked form, by row id; those that are gone are left out.

        Other processes keep forms, too. One that has other aliases, or is of another engine,
        puts its own in place of what this one kept; then they are linked here once more.
        """
        repository = CandidatePoolRepository(session, actor.partnership_id)
        rows = {candidate_of(each): each for each in ids}
        versions = repository.versions(list(rows))
        birth_dates = IdentityRepository(session, actor).birth_dates(list(versions))
        found = {
            candidate_id: held
            for candidate_id, version in versions.items()
            if (held := live.find_person(rows[candidate_id], version)) is not None
        }
        missing = {each: rows[each] for each in versions if each not in found}
        for candidate_id, person in self._read(repository, live, missing).items():
            found[candidate_id] = live.hold_person(rows[candidate_id], versions[candidate_id], person)

        def read(candidate_id: UUID) -> CandidateRecord:
            (profile,) = repository.load([candidate_id])
            return rankable_record(profile, record_id=rows[candidate_id])

        return {
            rows[each]: Person(*found[each], partial(read, each), birth_dates.get(each)) for each in found
        }

    def _read(
        self, repository: CandidatePoolRepository, live: LivePool, rows: Mapping[UUID, str]
    ) -> dict[UUID, PreparedCandidate]:
        """Read linked profiles with their texts, or link those that are not kept."""
        if not rows:
            return {}
        texts = repository.texts(list(rows))
        found = {
            each: with_texts(load_profile(rows[each], content), *texts[each])
            for each, _, content in repository.iter_prepared(live.basis, list(rows))
        }
        missing = [each for each in rows if each not in found]
        profiles = repository.load(missing) if missing else []
        records = [rankable_record(each, record_id=rows[each.id]) for each in profiles]
        linked = prepare_candidates(live.index, records) if records else []
        for profile, person in zip(profiles, linked, strict=True):
            # In the form in which all others come back.
            read = load_profile(person.record.id, dump_profile(person))
            found[profile.id] = with_texts(read, *texts[profile.id])
        return found

    def _pool_of(self, actor: Actor) -> tuple[LivePool, int]:
        """The pool that fits the database, caught up or not, and the number of the last change."""
        while True:
            # Looked at before the database is: what is ahead of it then is of a database that was
            # set back, and not of another thread that has caught up meanwhile.
            held = self._pools.get(actor.partnership_id)
            seen = -1 if held is None else held.seen
            with self._transaction(write=False) as session:
                index, _ = self._indexes.get_for(session, actor)
                number = CandidatePoolRepository(session, actor.partnership_id).change_number()
            if held is not None and held.basis == basis_of(index) and seen <= number:
                self._note_use(actor.partnership_id)
                return held, number
            self._replace(actor.partnership_id, held, index)

    def _note_use(self, partnership_id: UUID) -> None:
        with self._lock:
            if partnership_id in self._pools:
                self._pools.move_to_end(partnership_id)

    def _replace(self, partnership_id: UUID, held: LivePool | None, index: TaxonomyIndex) -> None:
        """Put a pool in place of one that does not fit, unless another thread has done so."""
        basis = basis_of(index)
        with self._lock:
            if self._pools.get(partnership_id) is not held:
                return
            # Where only the numbers are wrong, those of the file are, too.
            kept = None if held is not None and held.basis == basis else self._open(partnership_id, basis)
            self._pools[partnership_id] = LivePool(index, basis, kept)
            self._pools.move_to_end(partnership_id)
            while len(self._pools) > _KEPT:
                self._pools.popitem(last=False)

    def _path(self, partnership_id: UUID, basis: str) -> Path | None:
        return None if self._folder is None else self._folder / f"pool-{partnership_id.hex}-{basis[:16]}.bin"

    def _open(self, partnership_id: UUID, basis: str) -> OpenedPool | None:
        path = self._path(partnership_id, basis)
        if path is None:
            return None
        try:
            return open_pool(path)
        except FileNotFoundError:
            return None
        except (OSError, BadSnapshot):
            _log.warning("pool snapshot unreadable", extra={"snapshot": path.name})
            return None

    def _keep(self, live: LivePool, partnership_id: UUID) -> None:
        path = self._path(partnership_id, live.basis)
        if path is None:
            return
        # Who was taken out must not stay in the file.
        is_due = live.n_unsaved >= max(_WORTH_KEEPING, len(live.pool) // 10)
        if not is_due and not (live.n_gone and path.exists()):
            return
        try:
            live.save(path)
            for other in path.parent.glob(f"pool-{partnership_id.hex}-*.bin"):
                if other != path:
                    other.unlink(missing_ok=True)
        except OSError:
            _log.warning("pool snapshot not written", extra={"snapshot": path.name})

    def _catch_up(self, live: LivePool, partnership_id: UUID) -> None:
        with self._transaction(write=False) as session:
            repository = CandidatePoolRepository(session, partnership_id)
            number = repository.change_number()
            members = repository.list_changed(live.seen)
            ranked = {member.candidate_id: member for member in members if member.is_rankable}
            prepared: dict[str, tuple[PreparedCandidate, str]] = {}
            for candidate_id, _, content in repository.iter_prepared(live.basis, list(ranked)):
                row = row_id(ranked[candidate_id])
                prepared[row] = load_profile(row, content), content
        missing = [member for member in ranked.values() if row_id(member) not in prepared]
        for start in range(0, len(missing), AT_ONCE):
            prepared |= self._link(live, partnership_id, missing[start : start + AT_ONCE])
        live.apply([member for member in members if not member.is_rankable], prepared)
        live.seen = number
        while live.pool.maintain():
            pass

    def _link(
        self, live: LivePool, partnership_id: UUID, members: Sequence[PoolMember]
    ) -> dict[str, tuple[PreparedCandidate, str]]:
        by_id = {member.candidate_id: row_id(member) for member in members}
        with self._transaction(write=False) as session:
            profiles = [
                StoredProfile(row.id, row.version, rankable_record(row, record_id=by_id[row.id]))
                for row in CandidatePoolRepository(session, partnership_id).load(list(by_id))
            ]
        linked = link_and_keep(self._transaction, live.index, live.basis, partnership_id, profiles)
        return {person.record.id: (person, content) for person, content in linked}


def basis_of(index: TaxonomyIndex) -> str:
    """What linked forms depend on beside the profile."""
    parts = ENGINE_VERSION, index.taxonomy.checksum, index.alias_digest, index.latent_digest
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def row_id(member: PoolMember) -> str:
    """A candidate's id in the pool: ordered by the caller's own id, then by where it is from."""
    unique = joined_id(member.institution, member.cohort, member.external_id)
    return _SEPARATOR.join((member.external_id, unique, member.candidate_id.hex))


def public_part(row: str) -> str:
    """The part of a row id that is the same on every database."""
    return row.rpartition(_SEPARATOR)[0]


def external_id_of(row: str) -> str:
    """The caller's own id in a row id."""
    return row.partition(_SEPARATOR)[0]


def candidate_of(row: str) -> UUID:
    """The candidate of a row id."""
    return UUID(row.rpartition(_SEPARATOR)[2])

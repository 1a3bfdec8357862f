"""Carry out match runs: load, rank, and store in the transaction that finishes the job."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import joined_id, new_id, pseudonym_of
from app.domain.permissions import Operation
from app.domain.records import CandidateRecord, VacancyRecord
from app.domain.results import Contribution, RankedMatch, VacancyRanking
from app.domain.reviews import DecisionBook
from app.domain.transitions import MatchRunState, require_transition
from app.matching.version import ENGINE_VERSION
from app.matching.weights import WeightProfile
from app.models import MatchRun
from app.repositories.aliases import AliasVersions
from app.repositories.match_runs import MatchRunRepository
from app.services.audit import record_event
from app.services.candidates import list_rankable_candidates, rankable_birth_dates
from app.services.changes import flush
from app.services.decisions import load_named_decisions
from app.services.jobs import finish_job
from app.services.linked_profiles import StoredProfile, linked_profiles
from app.services.live_pools import basis_of
from app.services.preparation import prepare_vacancies
from app.services.queue import UnsurePhrase, collect_unsure, renew_queue
from app.services.ranking import rank_prepared
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.taxonomy_index import TaxonomyIndex
from app.services.vacancies import list_published_vacancies
from app.services.worker import Handler, JobContext

# Rankings stored in one statement; a run's rows together could be too many for memory.
_STORED_AT_ONCE = 100

RecordT = TypeVar("RecordT", VacancyRecord, CandidateRecord)


def match_run_handler(indexes: TaxonomyIndexCache) -> Handler:
    """Make the job handler that carries out match runs."""

    def handle(context: JobContext) -> None:
        execute_match_run(context, indexes)

    return handle


def execute_match_run(context: JobContext, indexes: TaxonomyIndexCache) -> None:
    """Rank, and store everything in the transaction that finishes the job.

    A run that an earlier worker left unfinished starts again from the beginning.

    Raises
    ------
    JobLost
        The job was cancelled or went to another worker; nothing was stored.
    """
    actor, run_id = context.job.actor, context.job.match_run_id
    if run_id is None:
        raise ValueError("a match run's job must name its run")
    with context.transaction() as session:
        run = MatchRunRepository(session, actor).get(run_id, Operation.RANKING_RUN, for_update=True)
        if run.state is MatchRunState.REQUESTED:
            run.state = MatchRunState.RUNNING
            run.started_at = context.now()
            flush(session)
        is_whole = run.vacancy_ids is None
        k, weights, today = run.k, WeightProfile.from_dict(run.weight_profile), run.created_at.date()
    context.report("loading", 0, 1)
    with context.transaction(write=False) as session:
        inputs = _load(session, actor, run)
        index, versions = indexes.get_for(session, actor)
    asked = prepare_vacancies(index, [item.record for item in inputs.vacancies], context.report)
    offered = linked_profiles(
        context.transaction,
        index,
        basis_of(index),
        actor.partnership_id,
        [StoredProfile(item.row_id, item.version, item.record) for item in inputs.candidates],
        context.report,
    )
    rankings = rank_prepared(
        index,
        asked,
        offered,
        k=k,
        today=today,
        birth_dates=inputs.birth_dates,
        decisions=inputs.decisions,
        weights=weights,
        explain=True,
        progress=context.report,
    )
    context.report("reading unsure phrases", 0, 1)
    unsure = _unsure_phrases(index, inputs) if is_whole else None
    context.report("storing", 0, len(rankings))
    with context.transaction() as session:
        repository = MatchRunRepository(session, actor)
        run = repository.get(run_id, Operation.RANKING_RUN, for_update=True)
        repository.delete_rankings(run)
        n_matches = 0
        for rows in _rows(run, inputs, rankings):
            repository.store_rankings(run, **rows)
            n_matches += len(rows["matches"])
        _complete(run, inputs, index, versions, n_matches, context.now())
        if unsure is not None:
            renew_queue(session, actor, unsure, taxonomy_name=index.taxonomy.name, now=context.now())
        record_event(
            session, actor, "match_run.complete", "match_run", run.id, now=context.now(), n_matches=n_matches
        )
        finish_job(session, context.job, now=context.now())


class _Input(NamedTuple, Generic[RecordT]):
    """A record as the engine gets it, and where it is stored. Plain values: no session outlives loading.

    ``version`` is of a vacancy's requirements, or of a candidate's profile.
    """

    row_id: UUID
    version: int
    record: RecordT


class _Inputs(NamedTuple):
    """What a run ranks."""

    vacancies: Sequence[_Input[VacancyRecord]]
    candidates: Sequence[_Input[CandidateRecord]]
    birth_dates: Mapping[str, date]
    """By the engine's id; for the rule on age alone."""
    decisions: DecisionBook
    """By the engine's ids."""


def _load(session: Session, actor: Actor, run: MatchRun) -> _Inputs:
    wanted = None if run.vacancy_ids is None else [UUID(each) for each in run.vacancy_ids]
    vacancies = list_published_vacancies(session, actor, wanted)
    candidates = list_rankable_candidates(session, actor)
    vacancy_ids = _short_ids([(row.external_id, record.id) for row, record in vacancies])
    candidate_ids = _short_ids([(row.external_id, record.id) for row, record in candidates])
    by_row = rankable_birth_dates(session, actor, [row.id for row, _ in candidates])
    return _Inputs(
        sorted(
            (
                _Input(row.id, row.requirements_version, replace(record, id=short))
                for (row, record), short in zip(vacancies, vacancy_ids, strict=True)
            ),
            key=_engine_id,
        ),
        sorted(
            (
                _Input(row.id, row.version, replace(record, id=short))
                for (row, record), short in zip(candidates, candidate_ids, strict=True)
            ),
            key=_engine_id,
        ),
        {
            short: by_row[row.id]
            for (row, _), short in zip(candidates, candidate_ids, strict=True)
            if row.id in by_row
        },
        load_named_decisions(
            session,
            actor,
            {row.id: short for (row, _), short in zip(vacancies, vacancy_ids, strict=True)},
            {row.id: short for (row, _), short in zip(candidates, candidate_ids, strict=True)},
        ),
    )


def _engine_id(item: _Input[VacancyRecord] | _Input[CandidateRecord]) -> str:
    return item.record.id


def _short_ids(ids: Sequence[tuple[str, str]]) -> list[str]:
    """Name records by the caller's own id, as in file mode, so that ties fall the same way.

    Takes (own id, id that is unique in the partnership). Only where two callers use
    one id is the second appended; ids made by the database never order anything.
    """
    uses = Counter(own for own, _ in ids)
    return [own if uses[own] == 1 else joined_id(own, unique) for own, unique in ids]


def _digest(*values: object) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_iso)
    return hashlib.sha256(text.encode()).hexdigest()


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a digest cannot be made of {type(value).__name__}")


def _unsure_phrases(index: TaxonomyIndex, inputs: _Inputs) -> list[UnsurePhrase]:
    """What the normalisation queue should hold: known only to a run over every published vacancy."""
    return collect_unsure(
        index,
        [(item.row_id, item.record) for item in inputs.vacancies],
        [(item.row_id, item.record) for item in inputs.candidates],
    )


def _complete(
    run: MatchRun,
    inputs: _Inputs,
    index: TaxonomyIndex,
    versions: AliasVersions,
    n_matches: int,
    now: datetime,
) -> None:
    """Pin what the result depends on. Digests hold callers' ids only, so they agree between databases."""
    require_transition(run.state, MatchRunState.COMPLETE)
    candidates = [asdict(item.record) for item in inputs.candidates]
    run.engine_version = ENGINE_VERSION
    run.taxonomy_name = index.taxonomy.name
    run.taxonomy_checksum = index.taxonomy.checksum
    run.alias_version = versions.own
    run.shared_alias_version = versions.shared
    run.index_fingerprint = _digest(
        ENGINE_VERSION, index.taxonomy.checksum, index.alias_digest, index.latent_digest, candidates
    )
    run.input_digest = _digest(
        [asdict(item.record) for item in inputs.vacancies],
        candidates,
        inputs.birth_dates,
        inputs.decisions.ruled_out(),
        run.k,
        run.weight_profile,
    )
    run.n_vacancies = len(inputs.vacancies)
    run.n_candidates = len(inputs.candidates)
    run.n_matches = n_matches
    run.state = MatchRunState.COMPLETE
    run.finished_at = now


def _rows(
    run: MatchRun, inputs: _Inputs, rankings: Sequence[VacancyRanking]
) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Lay rankings out as table rows, some vacancies at a time."""
    candidate_ids = {item.record.id: item.row_id for item in inputs.candidates}
    versions = {item.record.id: item.version for item in inputs.candidates}
    pairs = list(zip(inputs.vacancies, rankings, strict=True))
    for start in range(0, len(pairs), _STORED_AT_ONCE):
        rows: dict[str, list[dict[str, Any]]] = {
            "ranked_vacancies": [],
            "matches": [],
            "contributions": [],
            "apart": [],
        }
        for vacancy, ranking in pairs[start : start + _STORED_AT_ONCE]:
            rows["ranked_vacancies"].append(_ranked_vacancy(run, vacancy, ranking))
            for match in ranking.matches:
                match_id = new_id()
                rows["matches"].append(
                    {
                        "id": match_id,
                        "run_id": run.id,
                        "vacancy_id": vacancy.row_id,
                        "candidate_id": candidate_ids[match.candidate_id],
                        "rank": match.rank,
                        "score": match.score,
                        "tied": match.tied,
                        "parts": match.parts,
                        "flags": list(match.flags),
                        "eligibility": match.eligibility.as_list(),
                        "candidate_side": asdict(match.candidate_side),
                        "candidate_version": versions[match.candidate_id],
                        "near_duplicates": [
                            pseudonym_of(candidate_ids[other]) for other in match.near_duplicates
                        ],
                    }
                )
                rows["contributions"].extend(
                    _contribution(match_id, position, share)
                    for position, share in enumerate(match.contributions)
                )
            rows["apart"].extend(
                _apart(run, vacancy, position, candidate_ids[match.candidate_id], match)
                | {"candidate_version": versions[match.candidate_id]}
                for position, match in enumerate(ranking.apart)
            )
        yield rows


def _apart(
    run: MatchRun,
    vacancy: _Input[VacancyRecord],
    position: int,
    candidate_id: UUID,
    match: RankedMatch,
) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "vacancy_id": vacancy.row_id,
        "candidate_id": candidate_id,
        "position": position,
        "place": match.rank,
        "score": match.score,
        "parts": match.parts,
        "flags": list(match.flags),
        "eligibility": match.eligibility.as_list(),
        "candidate_side": asdict(match.candidate_side),
        "contributions": [asdict(share) for share in match.contributions],
    }


def _ranked_vacancy(run: MatchRun, vacancy: _Input[VacancyRecord], ranking: VacancyRanking) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "vacancy_id": vacancy.row_id,
        "requirements_version": vacancy.version,
        "n_matches": len(ranking.matches),
        "flags": list(ranking.flags),
        "requirements": [asdict(requirement) for requirement in ranking.requirements],
    }


def _contribution(match_id: UUID, position: int, share: Contribution) -> dict[str, Any]:
    return {"match_id": match_id, "position": position, **asdict(share)}

"""The normalisation queue: phrases that link to nothing, or not surely, most frequent first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import LinkMethod, PhraseKind, QueueReason
from app.domain.ids import new_id
from app.domain.permissions import Operation, require
from app.domain.transitions import QueueState, require_transition
from app.errors import WrongTransition
from app.matching.aliases import is_decided
from app.matching.text import canonical
from app.models import Job, QueuedPhrase
from app.repositories.queue import QueueRepository
from app.repositories.scoped import Page
from app.services.aliases import MAX_CANONICAL, MAX_PHRASE
from app.services.audit import record_event
from app.services.candidates import list_rankable_candidates
from app.services.changes import flush, require_version, touch
from app.services.jobs import enqueue_job, finish_job
from app.services.phrase_uses import (
    FoundConcept,
    PhraseUse,
    Side,
    StoredCandidates,
    StoredVacancies,
    link_each,
    phrase_uses,
)
from app.services.queue_states import settle_entry
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.taxonomy_index import TaxonomyIndex
from app.services.transactions import Transaction
from app.services.vacancies import list_published_vacancies
from app.services.worker import Handler, JobContext

JOB_KIND = "normalisation_queue"

# Fuzzy links that are less likely right are worth a person's look; docs/normalisation.md has the figures.
LOW_CONFIDENCE = 0.6
N_SUGGESTIONS = 3
# Nobody works through more; the rarest phrases wait until the others are decided.
MAX_QUEUED = 10_000

_Key = tuple[PhraseKind, str, str]


@dataclass(slots=True)
class UnsurePhrase:
    """One phrase of some records that does not link surely.

    Attributes
    ----------
    lang
        Declared language; empty where the records declare none.
    wording
        Its most frequent spelling.
    vacancies, candidates
        The records that use it.
    answered
        Staff decided what it means: it is counted, and asks for nothing.
    """

    kind: PhraseKind
    lang: str
    canonical: str
    wording: str
    reason: QueueReason = QueueReason.UNLINKED
    vacancies: set[UUID] = field(default_factory=set)
    candidates: set[UUID] = field(default_factory=set)
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    answered: bool = False

    @property
    def key(self) -> _Key:
        return self.kind, self.lang, self.canonical

    @property
    def n_uses(self) -> int:
        return len(self.vacancies) + len(self.candidates)


@dataclass(frozen=True, slots=True)
class QueueReceipt:
    """What a renewal of the queue found: entries open now, new among them, and gone from it."""

    n_open: int
    n_new: int
    n_gone: int


def collect_unsure(
    index: TaxonomyIndex, vacancies: StoredVacancies, candidates: StoredCandidates
) -> list[UnsurePhrase]:
    """Find the phrases of these records that do not link surely, most frequent first.

    Phrases of more than 200 characters are texts and are left out: nothing that
    surrounds a phrase is ever kept.

    Returns
    -------
    list of UnsurePhrase
        At most ``MAX_QUEUED``, in a total order: uses descending, then kind, language
        and canonical phrase. Phrases with an alias come along as ``answered``.
    """
    unsure = []
    for phrase, link in _linked(index, _grouped(phrase_uses(vacancies, candidates))):
        linker = index.skill_linker if phrase.kind is PhraseKind.SKILL else index.occupation_linker
        phrase.answered = is_decided(linker, phrase.wording, phrase.lang or None)
        if link is not None:
            phrase.reason = QueueReason.LOW_CONFIDENCE
        if phrase.answered or link is None or _is_low(link):
            unsure.append(phrase)
    unsure.sort(key=lambda phrase: (-phrase.n_uses, phrase.key))
    kept = unsure[:MAX_QUEUED]
    _suggest(index, [phrase for phrase in kept if not phrase.answered])
    return kept


def renew_queue(
    session: Session, actor: Actor, found: Sequence[UnsurePhrase], *, taxonomy_name: str, now: datetime
) -> QueueReceipt:
    """Bring the partnership's queue up to what was found in its records.

    Open entries that nothing uses any more are deleted. Decided ones are kept, with
    their counts, so that nobody has to decide twice. Flushes.
    """
    repository = QueueRepository(session, actor)
    known = {(row.kind, row.lang, row.canonical): row for row in repository.lock_all()}
    n_open = n_new = 0
    for phrase in found:
        row = known.pop(phrase.key, None)
        if row is not None:
            _update(row, phrase, taxonomy_name, now)
            n_open += row.state is QueueState.OPEN
        elif not phrase.answered:
            session.add(_entry(actor, phrase, taxonomy_name, now))
            n_new += 1
    gone = [row for row in known.values() if row.state is QueueState.OPEN]
    repository.delete(gone)
    for row in known.values():
        if row.state is not QueueState.OPEN and row.n_vacancies + row.n_candidates:
            row.n_vacancies = row.n_candidates = 0
            touch(row, now)
    flush(session)
    return QueueReceipt(n_open + n_new, n_new, len(gone))


def request_renewal(session: Session, actor: Actor, *, now: datetime) -> Job:
    """Queue the job that renews the partnership's queue. Flushes."""
    require(actor, Operation.QUEUE_WRITE)
    return enqueue_job(session, actor, JOB_KIND, {}, now=now)


def renewal_handler(indexes: TaxonomyIndexCache) -> Handler:
    """Make the job handler that renews a partnership's queue."""

    def handle(context: JobContext) -> None:
        context.report("reading unsure phrases", 0, 1)
        found, taxonomy_name = find_unsure(context.transaction, context.job.actor, indexes)
        with context.transaction() as session:
            now = context.now()
            renew_queue(session, context.job.actor, found, taxonomy_name=taxonomy_name, now=now)
            finish_job(session, context.job, now=now)

    return handle


def find_unsure(
    transaction: Transaction, actor: Actor, indexes: TaxonomyIndexCache
) -> tuple[list[UnsurePhrase], str]:
    """Collect what the partnership's queue should hold, and name the release it was linked with.

    Reads in a transaction of its own, and links outside it.
    """
    with transaction(write=False) as session:
        vacancies, candidates = load_stored(session, actor)
        index, _ = indexes.get_for(session, actor)
    return collect_unsure(index, vacancies, candidates), index.taxonomy.name


def load_stored(session: Session, actor: Actor) -> tuple[StoredVacancies, StoredCandidates]:
    """Load what a match run over everything would rank, with the ids of the rows."""
    return (
        [(row.id, record) for row, record in list_published_vacancies(session, actor)],
        [(row.id, record) for row, record in list_rankable_candidates(session, actor)],
    )


def get_queued_phrase(session: Session, actor: Actor, entry_id: UUID) -> QueuedPhrase:
    """Get an entry of the queue; raises NotFound."""
    return QueueRepository(session, actor).get(entry_id, Operation.QUEUE_READ)


def list_queue(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    kind: PhraseKind | None = None,
    lang: str | None = None,
    state: QueueState | None = None,
    reason: QueueReason | None = None,
) -> Page[QueuedPhrase]:
    """List the queue of the actor's partnership, most frequent first."""
    return QueueRepository(session, actor).list_page(
        after=after, limit=limit, kind=kind, lang=lang, state=state, reason=reason
    )


def dismiss_phrase(
    session: Session, actor: Actor, entry_id: UUID, *, expected_version: int | None = None, now: datetime
) -> QueuedPhrase:
    """Decide that a phrase needs no alias; it does not come back by itself. Flushes.

    Raises
    ------
    NotFound
        No such entry in the actor's partnership.
    WrongTransition
        It is not open.
    """
    return _decide(session, actor, entry_id, QueueState.DISMISSED, expected_version, now)


def reopen_phrase(
    session: Session, actor: Actor, entry_id: UUID, *, expected_version: int | None = None, now: datetime
) -> QueuedPhrase:
    """Take a dismissal back. Flushes; raises as ``dismiss_phrase``."""
    entry = QueueRepository(session, actor).get(entry_id, Operation.QUEUE_WRITE)
    if entry.state is QueueState.ALIASED:
        raise WrongTransition("The phrase has an alias. Withdraw the alias to open the phrase again.")
    return _decide(session, actor, entry_id, QueueState.OPEN, expected_version, now)


def _decide(
    session: Session,
    actor: Actor,
    entry_id: UUID,
    target: QueueState,
    expected_version: int | None,
    now: datetime,
) -> QueuedPhrase:
    entry = QueueRepository(session, actor).get(entry_id, Operation.QUEUE_WRITE, for_update=True)
    require_version(entry, expected_version)
    require_transition(entry.state, target)
    entry.state = target
    entry.decided_by_key_id = actor.key_id
    entry.decided_by_account_id = actor.account_id
    touch(entry, now)
    record_event(session, actor, f"queued_phrase.{target}", "queued_phrase", entry.id, now=now)
    flush(session)
    return entry


def _grouped(uses: Iterable[PhraseUse]) -> list[UnsurePhrase]:
    """Count the records of each distinct phrase."""
    phrases: dict[_Key, UnsurePhrase] = {}
    wordings: dict[_Key, Counter[str]] = defaultdict(Counter)
    for use in uses:
        text = canonical(use.phrase) if len(use.phrase) <= MAX_PHRASE else ""
        if not text or len(text) > MAX_CANONICAL:
            continue
        key = use.kind, use.lang or "", text
        phrase = phrases.setdefault(key, UnsurePhrase(*key, wording=use.phrase))
        (phrase.vacancies if use.side is Side.VACANCY else phrase.candidates).add(use.record_id)
        wordings[key][use.phrase] += 1
    for key, phrase in phrases.items():
        phrase.wording = min(wordings[key], key=lambda words: (-wordings[key][words], words))
    return [phrases[key] for key in sorted(phrases)]


def _linked(
    index: TaxonomyIndex, phrases: Sequence[UnsurePhrase]
) -> list[tuple[UnsurePhrase, FoundConcept | None]]:
    linked: list[tuple[UnsurePhrase, FoundConcept | None]] = []
    for kind in PhraseKind:
        some = [phrase for phrase in phrases if phrase.kind is kind]
        links = link_each(
            index, kind, [phrase.wording for phrase in some], [phrase.lang or None for phrase in some]
        )
        linked += zip(some, links, strict=True)
    return linked


def _is_low(link: FoundConcept) -> bool:
    return link.method is LinkMethod.FUZZY and link.score < LOW_CONFIDENCE


def _suggest(index: TaxonomyIndex, phrases: Sequence[UnsurePhrase]) -> None:
    """Give each phrase the best concepts there are, however low their score."""
    for kind, linker, table in (
        (PhraseKind.SKILL, index.skill_linker, index.skills),
        (PhraseKind.OCCUPATION, index.occupation_linker, index.occupations),
    ):
        some = [phrase for phrase in phrases if phrase.kind is kind]
        links = linker.candidates(
            [phrase.wording for phrase in some],
            langs=[phrase.lang or None for phrase in some],
            k=N_SUGGESTIONS,
        )
        for position, phrase in enumerate(some):
            phrase.suggestions = [
                {
                    "concept_uri": table.concepts[row].uri,
                    "label": index.label(table.concepts[row].uri, phrase.lang or None),
                    "score": score,
                }
                for row, score, _ in links.of(position)
            ]


def _entry(actor: Actor, phrase: UnsurePhrase, taxonomy_name: str, now: datetime) -> QueuedPhrase:
    return QueuedPhrase(
        id=new_id(),
        partnership_id=actor.partnership_id,
        kind=phrase.kind,
        lang=phrase.lang,
        canonical=phrase.canonical,
        state=QueueState.OPEN,
        version=1,
        created_at=now,
        updated_at=now,
        **_findings(phrase, taxonomy_name),
    )


def _update(row: QueuedPhrase, phrase: UnsurePhrase, taxonomy_name: str, now: datetime) -> None:
    changed = {
        name: value for name, value in _findings(phrase, taxonomy_name).items() if getattr(row, name) != value
    }
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        touch(row, now)
    settle_entry(row, answered=phrase.answered, now=now)


def _findings(phrase: UnsurePhrase, taxonomy_name: str) -> dict[str, Any]:
    return {
        "wording": phrase.wording,
        "reason": phrase.reason,
        "n_vacancies": len(phrase.vacancies),
        "n_candidates": len(phrase.candidates),
        "suggestions": phrase.suggestions,
        "taxonomy_name": taxonomy_name,
    }

"""Staff aliases: propose, approve, withdraw, and read those in force."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import PhraseKind
from app.domain.ids import new_id
from app.domain.permissions import Operation, require, scope_of
from app.domain.records import AliasRecord
from app.domain.transitions import AliasState, require_transition
from app.errors import Conflict, FieldIssue, InvalidInput, NotFound, NotPermitted
from app.matching.text import canonical
from app.models import ConceptAlias
from app.repositories.aliases import (
    AliasRepository,
    AliasVersionRepository,
    AliasVersions,
    known_concepts,
)
from app.repositories.organisations import PartnershipRepository
from app.repositories.scoped import Page
from app.services.audit import record_event
from app.services.changes import flush, require_version, touch
from app.services.queue_states import settle_phrase

MAX_PHRASE = 200
# The canonical form can be longer than the phrase; PostgreSQL cannot index much longer text.
MAX_CANONICAL = 300


def phrase_key(phrase: str) -> str:
    """Give the canonical form under which a phrase is looked up.

    Raises
    ------
    InvalidInput
        The phrase is too long, or holds no letter or figure.
    """
    key = canonical(phrase) if len(phrase) <= MAX_PHRASE else ""
    if not key or len(key) > MAX_CANONICAL:
        message = f"A phrase has at most {MAX_PHRASE} characters, among them a letter or a figure."
        raise InvalidInput(message, issues=[FieldIssue("/phrase", "bad-phrase", message)])
    return key


def check_alias(session: Session, actor: Actor, record: AliasRecord, *, shared: bool) -> str:
    """Check that the actor may propose an alias, and give the canonical form of its phrase.

    Raises as ``propose_alias``.
    """
    require(actor, Operation.ALIAS_WRITE)
    if shared:
        _require_shared(session, actor)
    key = phrase_key(record.phrase)
    _require_concept(session, record.kind, record.concept_uri)
    return key


def propose_alias(
    session: Session, actor: Actor, record: AliasRecord, *, shared: bool = False, now: datetime
) -> ConceptAlias:
    """Propose what a phrase means in the actor's partnership, or, ``shared``, in all of them.

    Nothing links differently until the alias is approved. Flushes.

    Raises
    ------
    NotPermitted
        The actor may not write aliases, or not shared ones.
    InvalidInput
        The phrase cannot be looked up.
    NotFound
        No imported release has the concept.
    Conflict
        The alias in force for this phrase says the same.
    """
    key = check_alias(session, actor, record, shared=shared)
    partnership_id = None if shared else actor.partnership_id
    held = AliasRepository(session, actor).find_approved(partnership_id, record.kind, record.lang, key)
    if held is not None and held.concept_uri == record.concept_uri:
        raise Conflict("The alias in force for this phrase says the same.")
    alias = ConceptAlias(
        id=new_id(),
        partnership_id=partnership_id,
        kind=record.kind,
        lang=record.lang,
        phrase=record.phrase,
        canonical=key,
        concept_uri=record.concept_uri,
        note=record.note,
        state=AliasState.PROPOSED,
        proposed_by_key_id=actor.key_id,
        proposed_by_account_id=actor.account_id,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(alias)
    _record(session, actor, alias, now)
    flush(session)
    return alias


def approve_alias(
    session: Session, actor: Actor, alias_id: UUID, *, expected_version: int | None = None, now: datetime
) -> ConceptAlias:
    """Put a proposed alias in force, on both sides, from the next match run on.

    The alias in force for the same phrase, if any, is superseded in the same alias
    version. The phrase leaves the normalisation queue. Flushes.

    Raises
    ------
    NotFound
        No such alias, or no imported release has its concept any more.
    NotPermitted
        The alias is shared and the actor is no administrator.
    WrongTransition
        It is not a proposal.
    """
    alias = _get_to_change(session, actor, alias_id, expected_version)
    require_transition(alias.state, AliasState.APPROVED)
    _require_concept(session, alias.kind, alias.concept_uri)
    version = AliasVersionRepository(session, actor).count_change(alias.partnership_id)
    held = AliasRepository(session, actor).find_approved(
        alias.partnership_id, alias.kind, alias.lang, alias.canonical
    )
    if held is not None:
        _end(session, actor, held, AliasState.SUPERSEDED, version, now)
        # Before the other one is in force: there is never more than one.
        flush(session)
    alias.state = AliasState.APPROVED
    alias.from_version = version
    alias.approved_by_key_id = actor.key_id
    alias.approved_by_account_id = actor.account_id
    alias.approved_at = now
    touch(alias, now)
    _record(session, actor, alias, now)
    flush(session)
    settle_phrase(session, alias, now=now)
    return alias


def withdraw_alias(
    session: Session, actor: Actor, alias_id: UUID, *, expected_version: int | None = None, now: datetime
) -> ConceptAlias:
    """Withdraw a proposal, or take an alias out of force; it stays readable. Flushes.

    Raises
    ------
    NotFound
        No such alias.
    NotPermitted
        The alias is shared and the actor is no administrator.
    WrongTransition
        It has ended already.
    """
    alias = _get_to_change(session, actor, alias_id, expected_version)
    require_transition(alias.state, AliasState.WITHDRAWN)
    version = None
    if alias.state is AliasState.APPROVED:
        version = AliasVersionRepository(session, actor).count_change(alias.partnership_id)
    _end(session, actor, alias, AliasState.WITHDRAWN, version, now)
    flush(session)
    settle_phrase(session, alias, now=now)
    return alias


def get_alias(session: Session, actor: Actor, alias_id: UUID) -> ConceptAlias:
    """Get an alias of the actor's partnership or a shared one; raises NotFound."""
    return AliasRepository(session, actor).get(alias_id, Operation.ALIAS_READ)


def list_aliases(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    kind: PhraseKind | None = None,
    lang: str | None = None,
    state: AliasState | None = None,
    shared: bool | None = None,
) -> Page[ConceptAlias]:
    """List the aliases of the actor's partnership and the shared ones, oldest first."""
    return AliasRepository(session, actor).list_page(
        after=after, limit=limit, kind=kind, lang=lang, state=state, shared=shared
    )


def current_alias_versions(session: Session, actor: Actor) -> AliasVersions:
    """Give the alias versions in force for the actor's partnership."""
    return AliasVersionRepository(session, actor).current()


def load_aliases(session: Session, actor: Actor, versions: AliasVersions) -> list[AliasRecord]:
    """Load the aliases of some versions, present or past, the partnership's own first."""
    return [alias_record(alias) for alias in AliasRepository(session, actor).list_in_force(versions)]


def may_share(session: Session, actor: Actor) -> bool:
    """Whether the actor decides on aliases of all partnerships; in a test partnership nobody does."""
    has_role = scope_of(actor, Operation.ALIAS_WRITE_SHARED) is not None
    return has_role and not PartnershipRepository(session).get_own(actor).is_test


def alias_record(alias: ConceptAlias) -> AliasRecord:
    """Give an alias as it was proposed."""
    return AliasRecord(alias.phrase, alias.lang, alias.kind, alias.concept_uri, alias.note)


def _get_to_change(
    session: Session, actor: Actor, alias_id: UUID, expected_version: int | None
) -> ConceptAlias:
    alias = AliasRepository(session, actor).get(alias_id, Operation.ALIAS_WRITE, for_update=True)
    if alias.partnership_id is None:
        _require_shared(session, actor)
    require_version(alias, expected_version)
    return alias


def _require_shared(session: Session, actor: Actor) -> None:
    require(actor, Operation.ALIAS_WRITE_SHARED)
    if not may_share(session, actor):
        raise NotPermitted("A test partnership has no part in the aliases that all partnerships share.")


def _require_concept(session: Session, kind: PhraseKind, uri: str | None) -> None:
    if uri is not None and not known_concepts(session, kind, [uri]):
        raise NotFound(f"No imported taxonomy release has this {kind}. Look its URI up under /v1/{kind}s.")


def _end(
    session: Session,
    actor: Actor,
    alias: ConceptAlias,
    state: AliasState,
    until_version: int | None,
    now: datetime,
) -> None:
    require_transition(alias.state, state)
    alias.state = state
    alias.until_version = until_version
    alias.ended_by_key_id = actor.key_id
    alias.ended_by_account_id = actor.account_id
    alias.ended_at = now
    touch(alias, now)
    _record(session, actor, alias, now)


def _record(session: Session, actor: Actor, alias: ConceptAlias, now: datetime) -> None:
    record_event(
        session,
        actor,
        f"alias.{alias.state}",
        "alias",
        alias.id,
        now=now,
        kind=str(alias.kind),
        lang=alias.lang,
        shared=alias.partnership_id is None,
        names_concept=alias.concept_uri is not None,
    )

"""What phrases mean: the queue, one phrase, what deciding would change, and the aliases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.runtime import Runtime
from app.domain.enums import ConceptKind
from app.domain.permissions import Operation
from app.domain.records import AliasRecord
from app.domain.transitions import AliasState
from app.errors import AppError, Conflict, InvalidInput, NotFound
from app.intake.codes import language_code
from app.models import QueuedPhrase
from app.services.alias_preview import preview_alias
from app.services.aliases import approve_alias, list_aliases, may_share, propose_alias, withdraw_alias
from app.services.concept_pages import ConceptPage, get_concept_page
from app.services.doers import name_doers
from app.services.phrase_uses import Side
from app.services.queue import (
    dismiss_phrase,
    get_queued_phrase,
    list_queue,
    reopen_phrase,
    request_renewal,
)
from app.services.queue_overview import (
    QueueFilters,
    find_next_entry,
    phrase_places,
    queue_figures,
    vacancy_titles,
)
from app.services.taxonomy import find_default_release, get_release, labels_of, search_in_languages
from app.web.addresses import known
from app.web.deps import ActorDep, NowDep, RuntimeDep, SessionDep, ViewerDep, allow
from app.web.options import PREFIX
from app.web.paging import around
from app.web.rendering import Notice, redirect, render
from app.web.sentences import sentence_of
from app.web.viewer import Viewer
from app.web.views.normalisation import (
    HERE,
    KIND_NAMES,
    AliasesView,
    Choice,
    EntryView,
    PreviewView,
    Suggestion,
    alias_row,
    changed_links,
    choice,
    hit_suggestions,
    language_name,
    query_of,
    queue_view,
    read_filters,
    suggestions_of,
    with_query,
)

router = APIRouter(dependencies=[Depends(allow(Operation.ALIAS_READ))])

_ROWS = 30
_HITS = 8
_EXAMPLES = 20

_MAY_READ_QUEUE = [Depends(allow(Operation.QUEUE_READ))]

Narrow = Annotated[str, Query(max_length=36)]
_Typed = Annotated[str, Query(max_length=200)]


def filters_of(kind: Narrow = "", lang: Narrow = "", reason: Narrow = "", state: Narrow = "") -> QueueFilters:
    """What the address narrows the queue to."""
    return read_filters(kind, lang, reason, state)


FiltersDep = Annotated[QueueFilters, Depends(filters_of)]


@router.get("/normalisation", dependencies=_MAY_READ_QUEUE)
def queue_page(
    request: Request,
    viewer: ViewerDep,
    session: SessionDep,
    runtime: RuntimeDep,
    filters: FiltersDep,
    after: Narrow = "",
) -> Response:
    page = list_queue(
        session,
        viewer.actor,
        after=_id(after),
        limit=_ROWS,
        kind=filters.kind,
        lang=filters.lang,
        state=filters.state,
        reason=filters.reason,
    )
    uris = [each["concept_uri"] for row in page.items for each in row.suggestions]
    view = queue_view(
        viewer.words,
        page.items,
        _labels(session, runtime, uris, viewer),
        filters,
        queue_figures(session, viewer.actor),
        next_after=page.next_after,
        is_later=bool(after),
    )
    return render(request, viewer, "normalisation_list.html", view)


@router.post("/normalisation/refresh", dependencies=[Depends(allow(Operation.QUEUE_WRITE))])
def post_refresh(actor: ActorDep, session: SessionDep, now: NowDep) -> Response:
    job = request_renewal(session, actor, now=now)
    return redirect(f"{PREFIX}/jobs/{job.id}")


@router.get("/normalisation/aliases")
def aliases_page(
    request: Request,
    viewer: ViewerDep,
    session: SessionDep,
    runtime: RuntimeDep,
    state: Narrow = "",
    after: Narrow = "",
) -> Response:
    wanted = known(AliasState, state)
    page = list_aliases(session, viewer.actor, after=_id(after), limit=_ROWS, state=wanted)
    labels = _labels(session, runtime, [each.concept_uri for each in page.items if each.concept_uri], viewer)
    own = [each for each in page.items if each.partnership_id is not None]
    doers = name_doers(
        session,
        viewer.actor,
        accounts=[each.approved_by_account_id or each.proposed_by_account_id for each in own],
        keys=[each.approved_by_key_id or each.proposed_by_key_id for each in own],
    )
    shares = may_share(session, viewer.actor)
    rows = []
    for alias in page.items:
        account_id = alias.approved_by_account_id or alias.proposed_by_account_id
        key_id = alias.approved_by_key_id or alias.proposed_by_key_id
        by = (doers.accounts.get(account_id) if account_id else None) or ""
        by = by or (doers.keys.get(key_id) if key_id else None) or ""
        may_change = shares if alias.partnership_id is None else viewer.may(Operation.ALIAS_WRITE)
        rows.append(alias_row(viewer.words, alias, labels, by, may_change=may_change))
    first_page, next_page = around(f"{HERE}/aliases", {"state": wanted}, _id(after), page.next_after)
    view = AliasesView(
        rows=rows,
        state=wanted,
        states=tuple(AliasState),
        first_page=first_page,
        next_page=next_page,
    )
    return render(request, viewer, "normalisation_aliases.html", view)


@router.post("/normalisation/aliases/{alias_id}/withdraw")
def post_withdraw(
    viewer: ViewerDep, actor: ActorDep, session: SessionDep, now: NowDep, alias_id: UUID
) -> Response:
    withdraw_alias(session, actor, alias_id, now=now)
    text = viewer.words.gettext("The alias is withdrawn. Its phrase waits in the queue again.")
    return redirect(f"{HERE}/aliases", Notice(text))


@router.post("/normalisation/aliases/{alias_id}/approve")
def post_approve(
    viewer: ViewerDep, actor: ActorDep, session: SessionDep, now: NowDep, alias_id: UUID
) -> Response:
    approve_alias(session, actor, alias_id, now=now)
    text = viewer.words.gettext("The alias holds from the next ranking on.")
    return redirect(f"{HERE}/aliases", Notice(text, undo=f"{HERE}/aliases/{alias_id}/withdraw"))


@router.get("/normalisation/{entry_id}", dependencies=_MAY_READ_QUEUE)
def entry_page(
    request: Request,
    viewer: ViewerDep,
    session: SessionDep,
    runtime: RuntimeDep,
    filters: FiltersDep,
    entry_id: UUID,
    q: _Typed = "",
) -> Response:
    actor, lang = viewer.actor, viewer.words.locale
    entry = get_queued_phrase(session, actor, entry_id)
    release = _release(session, runtime)
    base, query = f"{HERE}/{entry_id}", query_of(filters)
    labels = _labels(session, runtime, [each["concept_uri"] for each in entry.suggestions], viewer)
    langs = [lang, *filter(None, [entry.lang]), "en"]
    kind = ConceptKind(entry.kind.value)
    hits = search_in_languages(session, release, kind, q, langs, _HITS) if q else []

    def choices(suggestions: Sequence[Suggestion]) -> list[Choice]:
        return [choice(base, query, each, _concept(session, release, each.uri, lang)) for each in suggestions]

    places = phrase_places(session, actor, entry)
    following = find_next_entry(session, actor, entry_id, filters)
    view = EntryView(
        entry=entry,
        kind=viewer.words.gettext(KIND_NAMES[entry.kind]),
        base=base,
        query=query,
        choices=choices(suggestions_of(entry, labels)),
        vacancies=[(f"{PREFIX}/vacancies/{key}", title) for key, title in places.vacancies],
        candidates=[(f"{PREFIX}/candidates/{key}", name) for key, name in places.candidates],
        typed=q,
        hits=choices(hit_suggestions(hits)),
        nothing=with_query(f"{base}/preview", query),
        next_href=with_query(f"{HERE}/{following.id}", query) if following else "",
        list_href=with_query(HERE, query),
    )
    return render(request, viewer, "normalisation_entry.html", view)


@router.get("/normalisation/{entry_id}/preview", dependencies=_MAY_READ_QUEUE)
def preview_page(
    request: Request,
    viewer: ViewerDep,
    session: SessionDep,
    runtime: RuntimeDep,
    filters: FiltersDep,
    entry_id: UUID,
    concept_uri: Annotated[str, Query(max_length=1_000)] = "",
    alias_lang: Narrow = "",
) -> Response:
    entry = get_queued_phrase(session, viewer.actor, entry_id)
    view = _preview(viewer, session, runtime, filters, entry, concept_uri, alias_lang)
    return render(request, viewer, "normalisation_preview.html", view)


@router.post("/normalisation/{entry_id}/alias")
def post_alias(
    request: Request,
    viewer: ViewerDep,
    runtime: RuntimeDep,
    now: NowDep,
    filters: FiltersDep,
    entry_id: UUID,
    concept_uri: Annotated[str, Form(max_length=1_000)] = "",
    alias_lang: Annotated[str, Form(max_length=16)] = "",
    note: Annotated[str, Form(max_length=2_000)] = "",
    decision: Annotated[str, Form(max_length=16)] = "approve",
    shared: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    actor, words = viewer.actor, viewer.words
    try:
        with runtime.transaction() as session:
            entry = get_queued_phrase(session, actor, entry_id)
            lang = language_code(alias_lang or entry.lang)
            if lang is None:
                raise InvalidInput(words.gettext("Choose the language that the alias holds for."))
            record = AliasRecord(entry.wording, lang, entry.kind, concept_uri or None, note.strip()[:1_000])
            alias = propose_alias(session, actor, record, shared=bool(shared), now=now)
            if decision == "approve":
                approve_alias(session, actor, alias.id, now=now)
            following = find_next_entry(session, actor, entry_id, filters)
    except (InvalidInput, Conflict) as error:
        with runtime.transaction(write=False) as session:
            entry = get_queued_phrase(session, actor, entry_id)
            view = _preview(
                viewer, session, runtime, filters, entry, concept_uri, alias_lang, note=note, error=error
            )
            return render(request, viewer, "normalisation_preview.html", view, status=422)
    text = words.gettext("The alias holds from the next ranking on.")
    if decision != "approve":
        text = words.gettext("The alias is proposed. Somebody approves it in the list of aliases.")
    notice = Notice(text, undo=f"{HERE}/aliases/{alias.id}/withdraw")
    return redirect(_after(following, filters), notice)


@router.post("/normalisation/{entry_id}/dismiss")
def post_dismiss(
    viewer: ViewerDep,
    actor: ActorDep,
    session: SessionDep,
    now: NowDep,
    filters: FiltersDep,
    entry_id: UUID,
) -> Response:
    dismiss_phrase(session, actor, entry_id, now=now)
    following = find_next_entry(session, actor, entry_id, filters)
    text = viewer.words.gettext("The phrase needs no alias, and does not come back by itself.")
    return redirect(_after(following, filters), Notice(text, undo=f"{HERE}/{entry_id}/reopen"))


@router.post("/normalisation/{entry_id}/reopen")
def post_reopen(
    viewer: ViewerDep, actor: ActorDep, session: SessionDep, now: NowDep, entry_id: UUID
) -> Response:
    reopen_phrase(session, actor, entry_id, now=now)
    return redirect(
        f"{HERE}/{entry_id}", Notice(viewer.words.gettext("The phrase waits in the queue again."))
    )


def _preview(
    viewer: Viewer,
    session: Session,
    runtime: Runtime,
    filters: QueueFilters,
    entry: QueuedPhrase,
    concept_uri: str,
    alias_lang: str,
    *,
    note: str = "",
    error: AppError | None = None,
) -> PreviewView:
    words, release = viewer.words, _release(session, runtime)
    concept = _concept(session, release, concept_uri, words.locale) if concept_uri else None
    if concept_uri and (concept is None or concept.kind.value != entry.kind.value):
        raise NotFound("The taxonomy in use has no such concept.")
    langs = sorted({*get_release(session, release).n_labels, *filter(None, [entry.lang])})
    lang = language_code(alias_lang or entry.lang) or ""
    record = AliasRecord(entry.wording, lang or "en", entry.kind, concept_uri or None)
    found = preview_alias(session, viewer.actor, runtime.indexes, record, n_examples=_EXAMPLES)
    vacancies = [each.record_id for each in found.examples if each.side is Side.VACANCY]
    titles = vacancy_titles(session, viewer.actor, vacancies)
    return PreviewView(
        entry=entry,
        kind=words.gettext(KIND_NAMES[entry.kind]),
        base=f"{HERE}/{entry.id}",
        query=query_of(filters),
        concept_uri=concept_uri,
        page=concept,
        n_vacancies=found.n_records[Side.VACANCY],
        n_candidates=found.n_records[Side.CANDIDATE],
        n_links=sum(found.n_links.values()),
        examples=changed_links(words, found, titles, words.locale),
        langs=[(each, language_name(words, each)) for each in langs],
        lang=lang,
        may_share=may_share(session, viewer.actor),
        note=note,
        issues=[("alias_lang" if not lang else "", sentence_of(error, words))] if error else (),
    )


def _after(following: QueuedPhrase | None, filters: QueueFilters) -> str:
    query = query_of(filters)
    return with_query(f"{HERE}/{following.id}" if following else HERE, query)


def _release(session: Session, runtime: Runtime) -> str:
    if runtime.taxonomy_release is not None:
        return runtime.taxonomy_release
    default = find_default_release(session)
    if default is None:
        raise NotFound("No taxonomy release has been imported yet.")
    return default.name


def _labels(session: Session, runtime: Runtime, uris: Sequence[str], viewer: Viewer) -> dict[str, str]:
    return labels_of(session, _release(session, runtime), uris, viewer.words.locale) if uris else {}


def _concept(session: Session, release: str, uri: str, lang: str) -> ConceptPage | None:
    try:
        return get_concept_page(session, release, uri, lang)
    except NotFound:
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None

"""What the pages of the normalisation queue show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from app.domain.enums import PhraseKind, QueueReason
from app.domain.ids import pseudonym_of
from app.domain.transitions import AliasState, QueueState
from app.models import ConceptAlias, QueuedPhrase
from app.services.alias_preview import AliasPreview, LinkChange, Place
from app.services.concept_pages import ConceptPage
from app.services.phrase_uses import FoundConcept, Side
from app.services.queue_overview import QueueFigures, QueueFilters
from app.services.taxonomy import ConceptHit
from app.web.addresses import known
from app.web.options import PREFIX
from app.web.wording import N_, Words

HERE = f"{PREFIX}/normalisation"
NO_LANGUAGE = "-"
"""What an address has for phrases that declare no language."""

_LEAST_SHOWN = 0.05
"""Concepts that are less likely are not worth a look."""

Issues = Sequence[tuple[str, str]]

KIND_NAMES: Mapping[PhraseKind, str] = {
    PhraseKind.SKILL: N_("Skill"),
    PhraseKind.OCCUPATION: N_("Occupation"),
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A concept that a phrase may mean; ``score`` is the probability that it does, None where unknown."""

    uri: str
    label: str
    score: float | None
    matched: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An entry of the queue."""

    href: str
    wording: str
    lang: str
    kind: str
    reason: QueueReason
    state: QueueState
    n_vacancies: int
    n_candidates: int
    suggestions: Sequence[Suggestion]


@dataclass(frozen=True, slots=True)
class QueueView:
    """The list of the queue."""

    rows: Sequence[QueueRow]
    filters: QueueFilters
    figures: QueueFigures
    tabs: Sequence[tuple[str, QueueState, int, bool]]
    kinds: Sequence[tuple[str, str]]
    langs: Sequence[tuple[str, str]]
    reasons: Sequence[QueueReason]
    first_page: str
    next_page: str
    is_narrowed: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A concept with what helps to decide: what it means, and where it stands."""

    suggestion: Suggestion
    href: str
    page: ConceptPage | None

    @property
    def path(self) -> str:
        """The broader concepts, from the broadest down."""
        if self.page is None or not self.page.paths:
            return ""
        return " › ".join(concept.label for concept in self.page.paths[0])


@dataclass(frozen=True, slots=True)
class EntryView:
    """One phrase, and what it may mean."""

    entry: QueuedPhrase
    kind: str
    base: str
    query: str
    choices: Sequence[Choice]
    vacancies: Sequence[tuple[str, str]]
    candidates: Sequence[tuple[str, str]]
    typed: str
    hits: Sequence[Choice]
    nothing: str
    next_href: str
    list_href: str


@dataclass(frozen=True, slots=True)
class ChangedLink:
    """A link of one record, before and after."""

    href: str
    record: str
    is_vacancy: bool
    in_text: bool
    phrase: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What an alias would change."""

    entry: QueuedPhrase
    kind: str
    base: str
    query: str
    concept_uri: str
    page: ConceptPage | None
    n_vacancies: int
    n_candidates: int
    n_links: int
    examples: Sequence[ChangedLink]
    langs: Sequence[tuple[str, str]]
    lang: str
    may_share: bool
    note: str = ""
    issues: Issues = ()


@dataclass(frozen=True, slots=True)
class AliasRow:
    """An alias in the list."""

    alias: ConceptAlias
    kind: str
    label: str
    tag: str
    is_shared: bool
    may_approve: bool
    may_withdraw: bool
    by: str


@dataclass(frozen=True, slots=True)
class AliasesView:
    """The list of aliases."""

    rows: Sequence[AliasRow]
    state: AliasState | None
    states: Sequence[AliasState]
    first_page: str
    next_page: str


def read_filters(kind: str, lang: str, reason: str, state: str) -> QueueFilters:
    """Read what an address narrows the queue to; what is not known narrows nothing."""
    return QueueFilters(
        kind=known(PhraseKind, kind),
        lang=None if not lang else "" if lang == NO_LANGUAGE else lang,
        reason=known(QueueReason, reason),
        state=known(QueueState, state) or QueueState.OPEN,
    )


def query_of(filters: QueueFilters, **more: str) -> str:
    """Filters as the query of an address."""
    given = {
        "kind": filters.kind or "",
        "lang": NO_LANGUAGE if filters.lang == "" else filters.lang or "",
        "reason": filters.reason or "",
        "state": "" if filters.state in (None, QueueState.OPEN) else filters.state,
        **more,
    }
    return urlencode({key: value for key, value in given.items() if value})


def with_query(address: str, query: str) -> str:
    """An address with a query, if there is one."""
    return f"{address}?{query}" if query else address


def queue_view(
    words: Words,
    rows: Sequence[QueuedPhrase],
    labels: Mapping[str, str],
    filters: QueueFilters,
    figures: QueueFigures,
    *,
    next_after: UUID | None,
    is_later: bool,
) -> QueueView:
    """Put the list together."""
    query = query_of(filters)
    tabs = []
    for state in QueueState:
        narrowed = QueueFilters(filters.kind, filters.lang, filters.reason, state)
        address = with_query(HERE, query_of(narrowed))
        tabs.append((address, state, figures.n_by_state.get(state, 0), state is filters.state))
    return QueueView(
        rows=[_row(words, row, labels, query) for row in rows],
        filters=filters,
        figures=figures,
        tabs=tabs,
        kinds=[(kind.value, words.gettext(KIND_NAMES[kind])) for kind in PhraseKind],
        langs=[(lang or NO_LANGUAGE, language_name(words, lang)) for lang in figures.langs],
        reasons=tuple(QueueReason),
        first_page=with_query(HERE, query) if is_later else "",
        next_page=with_query(HERE, query_of(filters, after=str(next_after))) if next_after else "",
        is_narrowed=any(each is not None for each in (filters.kind, filters.lang, filters.reason)),
    )


def language_name(words: Words, lang: str) -> str:
    """What a language is called, or that none is declared."""
    return words.language(lang) if lang else words.gettext("Not declared")


def suggestions_of(row: QueuedPhrase, labels: Mapping[str, str]) -> list[Suggestion]:
    """What was found for a phrase, by the labels of the reader's language."""
    return [
        Suggestion(
            each["concept_uri"], labels.get(each["concept_uri"], each["label"]), round(each["score"], 2)
        )
        for each in row.suggestions
        if each["score"] >= _LEAST_SHOWN
    ]


def choice(base: str, query: str, suggestion: Suggestion, page: ConceptPage | None) -> Choice:
    """A concept with the address of what choosing it would change."""
    more = urlencode({"concept_uri": suggestion.uri})
    return Choice(suggestion, f"{base}/preview?{'&'.join(filter(None, [query, more]))}", page)


def hit_suggestions(hits: Sequence[ConceptHit]) -> list[Suggestion]:
    """Concepts that were searched for."""
    return [Suggestion(hit.uri, hit.label, None, hit.matched_label) for hit in hits]


def changed_links(
    words: Words, preview: AliasPreview, titles: Mapping[UUID, str], lang: str
) -> list[ChangedLink]:
    """The examples of a preview, each with the record it stands in."""
    return [_changed(words, each, titles, preview, lang) for each in preview.examples]


def alias_row(
    words: Words, alias: ConceptAlias, labels: Mapping[str, str], by: str, *, may_change: bool
) -> AliasRow:
    kinds = {"proposed": "info", "approved": "good", "superseded": "neutral", "withdrawn": "neutral"}
    label = words.gettext("no concept")
    if alias.concept_uri is not None:
        label = labels.get(alias.concept_uri, alias.concept_uri)
    return AliasRow(
        alias=alias,
        kind=words.gettext(KIND_NAMES[alias.kind]),
        label=label,
        tag=kinds[alias.state],
        is_shared=alias.partnership_id is None,
        may_approve=may_change and alias.state is AliasState.PROPOSED,
        may_withdraw=may_change and alias.state in (AliasState.PROPOSED, AliasState.APPROVED),
        by=by,
    )


def _row(words: Words, row: QueuedPhrase, labels: Mapping[str, str], query: str) -> QueueRow:
    return QueueRow(
        href=with_query(f"{HERE}/{row.id}", query),
        wording=row.wording,
        lang=row.lang,
        kind=words.gettext(KIND_NAMES[row.kind]),
        reason=row.reason,
        state=row.state,
        n_vacancies=row.n_vacancies,
        n_candidates=row.n_candidates,
        suggestions=suggestions_of(row, labels),
    )


def _changed(
    words: Words, change: LinkChange, titles: Mapping[UUID, str], preview: AliasPreview, lang: str
) -> ChangedLink:
    def named(found: FoundConcept | None) -> str:
        return words.gettext("nothing") if found is None else preview.index.label(found.uri, lang)

    is_vacancy = change.side is Side.VACANCY
    return ChangedLink(
        href=f"{PREFIX}/{'vacancies' if is_vacancy else 'candidates'}/{change.record_id}",
        record=titles.get(change.record_id, "") if is_vacancy else pseudonym_of(change.record_id),
        is_vacancy=is_vacancy,
        in_text=change.place is Place.TEXT,
        phrase=change.phrase,
        before=named(change.before),
        after=named(change.after),
    )

"""A vacancy, and the correction of one of its links, as their pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.enums import Importance, LinkMethod, Provenance, Settled, SkillLevel
from app.domain.permissions import Operation
from app.domain.transitions import VacancyStatus, allowed_next
from app.domain.vacancy_events import VacancyEvent
from app.models import SettledRequirement
from app.services.concept_catalogue import ConceptCatalogue, Text
from app.services.preparation import vacancy_text
from app.services.queue import LOW_CONFIDENCE
from app.services.taxonomy_index import TaxonomyIndex
from app.services.vacancy_reading import ReadRequirement, VacancyReading, requirement_id
from app.web.labels import label
from app.web.viewer import Viewer
from app.web.views.conditions import Condition, conditions_of
from app.web.wording import N_, Words

_AROUND = 60
_SURE = 0.9
_LEAST_SHARE = 0.01

LEVEL_NAMES: Mapping[SkillLevel, str] = {
    SkillLevel.BASIC: N_("basic"),
    SkillLevel.INTERMEDIATE: N_("intermediate"),
    SkillLevel.ADVANCED: N_("advanced"),
    SkillLevel.EXPERT: N_("expert"),
}
SETTLED_NAMES: Mapping[Settled, str] = {
    Settled.CONFIRMED: N_("Confirmed"),
    Settled.CORRECTED: N_("Corrected"),
    Settled.DROPPED: N_("Not asked for"),
}
_EVENTS: Mapping[str, str] = {
    "vacancy.created": N_("Sent in by the employer"),
    "vacancy.changed": N_("Changed by the employer"),
    "vacancy.published": N_("Published"),
    "vacancy.paused": N_("Paused"),
    "vacancy.filled": N_("Marked as filled"),
    "vacancy.closed": N_("Closed"),
    "vacancy.expired": N_("Expired"),
    "vacancy.claimed": N_("Claimed"),
    "vacancy.released": N_("Let go"),
    "vacancy.requirements_settled": N_("Requirements decided on"),
}


@dataclass(frozen=True, slots=True)
class Snippet:
    """Words of the vacancy with some before and after."""

    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class RequirementView:
    """One requirement; ``original`` are the words that it was read from, ``snippet`` where they stand.

    ``name`` tells it from others with the same label.
    """

    id: str
    label: str
    name: str
    original: str
    uri: str
    importance: Importance
    level: str
    share: str
    how: str
    provenance: Provenance
    snippet: Snippet | None
    is_unlinked: bool
    settled: str
    is_corrected: bool
    settled_by: str
    settled_at: datetime | None
    can_confirm: bool


@dataclass(frozen=True, slots=True)
class DroppedView:
    """Something that is not asked for."""

    id: str
    name: str
    original: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the original text; ``anchor`` names the requirement that was read from it."""

    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the history."""

    at: datetime
    what: str
    by: str
    version: int | None


@dataclass(frozen=True, slots=True)
class VacancyView:
    """A vacancy's page."""

    id: UUID
    title: str
    lang: str | None
    external_id: str
    employer: str
    country: str | None
    status: VacancyStatus
    openings: int
    version: int
    requirements_version: int
    occupation: str
    occupation_words: str
    requirements: Sequence[RequirementView]
    n_open: int
    dropped: Sequence[DroppedView]
    n_waiting: int
    conditions: Sequence[Condition]
    title_pieces: Sequence[Piece]
    text_pieces: Sequence[Piece]
    history: Sequence[EventView]
    holder: str
    holder_id: UUID | None
    is_mine: bool
    ranked_at: datetime | None
    is_stale: bool
    can_decide: bool
    can_rank: bool
    can_claim: bool


@dataclass(frozen=True, slots=True)
class ConceptChoice:
    """A skill that may be meant."""

    uri: str
    label: Text
    description: Text | None
    broader: Sequence[Text]
    is_present: bool


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """The page on which a link is corrected."""

    vacancy_id: UUID
    vacancy_title: str
    lang: str | None
    version: int
    requirement: RequirementView
    q: str
    found: Sequence[ConceptChoice]
    candidates: Sequence[ConceptChoice]


@dataclass(frozen=True, slots=True)
class TakeoverView:
    """The question before a vacancy is taken from a colleague."""

    id: UUID
    title: str
    lang: str | None
    holder: str
    holder_id: UUID | None


def takeover_view(reading: VacancyReading) -> TakeoverView:
    """Lay the question out."""
    holder_id, holder = reading.holder or (None, "")
    return TakeoverView(reading.vacancy.id, reading.vacancy.title, reading.vacancy.lang, holder, holder_id)


def vacancy_view(reading: VacancyReading, index: TaxonomyIndex, viewer: Viewer) -> VacancyView:
    """Lay a vacancy out."""
    vacancy, words = reading.vacancy, viewer.words
    text = vacancy_text(reading.record)
    requirements = [_requirement(each, reading, index, words, text) for each in reading.requirements]
    break_at = len(vacancy.title)
    words_of_occupation = reading.prepared.occupation_words
    can_change = bool(allowed_next(vacancy.status))
    return VacancyView(
        id=vacancy.id,
        title=vacancy.title,
        lang=vacancy.lang,
        external_id=vacancy.external_id,
        employer=reading.employer.name,
        country=vacancy.country,
        status=vacancy.status,
        openings=vacancy.openings,
        version=vacancy.version,
        requirements_version=vacancy.requirements_version,
        occupation=_occupation(reading, index, words),
        occupation_words="" if reading.prepared.occupation.method is LinkMethod.CODE else words_of_occupation,
        requirements=requirements,
        n_open=reading.n_open,
        dropped=[_dropped(row, reading, index, words) for row in reading.dropped],
        n_waiting=len(reading.waiting),
        conditions=conditions_of(reading.record, reading.needs, words),
        title_pieces=_pieces(text, reading.requirements, 0, break_at),
        text_pieces=_pieces(text, reading.requirements, break_at + 1, len(text)),
        history=[_event(each, words) for each in reading.history],
        holder="" if reading.holder is None else reading.holder[1],
        holder_id=None if reading.holder is None else reading.holder[0],
        is_mine=reading.holder is not None and reading.holder[0] == viewer.account_id,
        ranked_at=None if reading.ranking is None else reading.ranking.finished_at,
        is_stale=reading.ranking is not None
        and reading.ranking.requirements_version != vacancy.requirements_version,
        can_decide=can_change and viewer.may(Operation.REQUIREMENT_CONFIRM),
        can_rank=vacancy.status is VacancyStatus.PUBLISHED and viewer.may(Operation.RANKING_RUN),
        can_claim=viewer.may(Operation.REVIEW_WRITE),
    )


def correction_view(
    reading: VacancyReading,
    found: ReadRequirement,
    catalogue: ConceptCatalogue,
    viewer: Viewer,
    *,
    q: str,
    results: Sequence[str],
    candidates: Sequence[str],
) -> CorrectionView:
    """Lay out what else a requirement may mean; ``results`` and ``candidates`` are URIs."""
    locale = viewer.words.locale
    text = vacancy_text(reading.record)
    return CorrectionView(
        vacancy_id=reading.vacancy.id,
        vacancy_title=reading.vacancy.title,
        lang=reading.vacancy.lang,
        version=reading.vacancy.version,
        requirement=_requirement(found, reading, catalogue.index, viewer.words, text),
        q=q,
        found=[_choice(uri, catalogue, locale, found) for uri in results],
        candidates=[_choice(uri, catalogue, locale, found) for uri in candidates],
    )


def share_in_words(share: float, words: Words) -> str:
    """How much of a score a requirement can give."""
    if not share:
        return words.gettext("counted with another")
    if share < _LEAST_SHARE:
        return words.gettext("less than %(share)s of the score") % {"share": words.percent(_LEAST_SHARE)}
    return words.gettext("up to %(share)s of the score") % {"share": words.percent(share)}


def _choice(uri: str, catalogue: ConceptCatalogue, locale: str, found: ReadRequirement) -> ConceptChoice:
    view = catalogue.view(uri, locale)
    assert view is not None, "searches give concepts of the release"
    return ConceptChoice(
        uri,
        view.label,
        view.description,
        [text for _, text in view.broader],
        uri == found.requirement.concept_uri,
    )


def _requirement(
    read: ReadRequirement, reading: VacancyReading, index: TaxonomyIndex, words: Words, text: str
) -> RequirementView:
    requirement, settled = read.requirement, read.settled
    uri = requirement.concept_uri
    name = index.label(uri, words.locale) if uri else requirement.source_text
    return RequirementView(
        id=read.id,
        label=name,
        name=f"{name} ({read.phrase})" if read.counts_with_another and read.phrase else name,
        original=requirement.label if uri else "",
        uri=uri or "",
        importance=requirement.importance,
        level="" if requirement.level is None else words.gettext(LEVEL_NAMES[requirement.level]),
        share=words.gettext("counted with another")
        if read.counts_with_another
        else share_in_words(read.share, words),
        how=_how(read, reading, words),
        provenance=requirement.provenance,
        snippet=_snippet(read, reading, text),
        is_unlinked=uri is None,
        settled=""
        if settled is None or settled.settled is None
        else words.gettext(SETTLED_NAMES[settled.settled]),
        is_corrected=settled is not None and settled.settled is Settled.CORRECTED,
        settled_by="" if settled is None else _by(settled, reading, words),
        settled_at=None if settled is None else settled.decided_at,
        can_confirm=settled is None,
    )


def _by(settled: SettledRequirement, reading: VacancyReading, words: Words) -> str:
    if settled.decided_by_account_id is not None:
        return reading.names.get(settled.decided_by_account_id, words.gettext("a colleague"))
    return words.gettext("an API key") if settled.decided_by_key_id else words.gettext("an operator")


def _how(read: ReadRequirement, reading: VacancyReading, words: Words) -> str:
    """How the words came to stand for the concept, and how sure that is, without a number to interpret."""
    requirement = read.requirement
    if read.settled is not None and read.settled.settled is Settled.CORRECTED:
        return words.gettext("Decided for this vacancy")
    if requirement.provenance is Provenance.INFERRED or (
        read.settled is not None and not read.settled.phrase
    ):
        return words.gettext("Usual for the occupation; the vacancy does not say it")
    if requirement.link_method is None:
        return words.gettext("No skill of the taxonomy was found; only equal or similar words meet it")
    if requirement.link_method is not LinkMethod.FUZZY:
        return words.gettext("Linked: %(method)s") % {"method": label(words, requirement.link_method)}
    if requirement.link_score >= _SURE:
        return words.gettext("Linked by similar wording: very likely")
    if requirement.link_score >= LOW_CONFIDENCE:
        return words.gettext("Linked by similar wording: likely")
    return words.gettext("Linked by similar wording: please check")


def _snippet(read: ReadRequirement, reading: VacancyReading, text: str) -> Snippet | None:
    requirement = read.requirement
    start, end = requirement.source_start, requirement.source_end
    if start is None or end is None:
        return None if requirement.source_text == requirement.label else _whole(read)
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    before, after = text[first:start].split("\n")[-1], text[end:last].split("\n")[0]
    is_cut_before = first > 0 and before == text[first:start]
    is_cut_after = last < len(text) and after == text[end:last]
    return Snippet(
        ("… " if is_cut_before else "") + before.lstrip(),
        text[start:end],
        after.rstrip() + (" …" if is_cut_after else ""),
    )


def _whole(read: ReadRequirement) -> Snippet | None:
    """A phrase of a field of its own; an occupation's skill has no words in the vacancy."""
    return Snippet("", read.phrase, "") if read.phrase else None


def _dropped(
    row: SettledRequirement, reading: VacancyReading, index: TaxonomyIndex, words: Words
) -> DroppedView:
    return DroppedView(
        requirement_id(row.phrase, row.found_uri),
        index.label(row.found_uri, words.locale) if row.found_uri else row.phrase,
        row.phrase,
        _by(row, reading, words),
        row.decided_at,
    )


def _pieces(text: str, requirements: Sequence[ReadRequirement], first: int, last: int) -> list[Piece]:
    """A stretch of the text in pieces: those that a requirement was read from, and those between."""
    marked = sorted(
        (each.requirement.source_start, each.requirement.source_end, each.id)
        for each in requirements
        if each.requirement.source_start is not None and each.requirement.source_end is not None
    )
    pieces, at = [], first
    for start, end, name in marked:
        if start < at or end > last:
            continue  # outside, or within what is marked already
        pieces += [Piece(text[at:start]), Piece(text[start:end], name)]
        at = end
    return [piece for piece in (*pieces, Piece(text[at:last])) if piece.text]


def _event(event: VacancyEvent, words: Words) -> EventView:
    version = event.details.get("requirements_version")
    name = _EVENTS.get(event.operation)
    what = event.operation if name is None else words.gettext(name)
    counts = [
        f"{words.gettext(SETTLED_NAMES[settled])}: {words.number(n)}"
        for settled in Settled
        if isinstance(n := event.details.get(settled.value), int)
    ]
    return EventView(
        event.at,
        f"{what} ({', '.join(counts)})" if counts else what,
        event.by or label(words, event.role),
        version if isinstance(version, int) else None,
    )


def _occupation(reading: VacancyReading, index: TaxonomyIndex, words: Words) -> str:
    occupation = reading.prepared.occupation
    if occupation.row is not None:
        return index.label(index.occupations.concepts[occupation.row].uri, words.locale)
    return f"ISCO-08 {occupation.isco_code}" if occupation.isco_code else ""

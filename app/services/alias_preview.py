"""What an alias would change, before anybody approves it. Nothing is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import PhraseKind
from app.domain.records import AliasRecord
from app.matching.aliases import AliasLookup, build_alias_table
from app.matching.text import canonical
from app.matching.titles import title_forms
from app.repositories.aliases import AliasVersions
from app.services.aliased_index import with_aliases
from app.services.aliases import check_alias, load_aliases
from app.services.candidate_occupations import opening_lines
from app.services.occupations import guess_occupations
from app.services.phrase_uses import (
    FoundConcept,
    PhraseUse,
    Side,
    StoredCandidates,
    StoredVacancies,
    link_each,
    phrase_uses,
)
from app.services.preparation import profile_text, vacancy_text
from app.services.queue import load_stored
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.taxonomy_index import TaxonomyIndex
from app.services.text_linking import TextLink, find_skills
from app.services.vetting import vetted_record


class Place(StrEnum):
    """Where in a record a link stands."""

    FIELD = "field"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A link of one record, before and after; None where there is none.

    ``phrase`` is the words of the field, or the alias's own where running text changes.
    """

    side: Side
    record_id: UUID
    place: Place
    phrase: str
    before: FoundConcept | None
    after: FoundConcept | None


@dataclass(frozen=True, slots=True)
class AliasPreview:
    """What an alias would change.

    Attributes
    ----------
    n_records, n_links
        Records and links that change, by side.
    examples
        The first changes, by side, record and phrase.
    index
        Names the concepts of the examples.
    """

    n_records: dict[Side, int]
    n_links: dict[Side, int]
    examples: tuple[LinkChange, ...]
    index: TaxonomyIndex


def preview_alias(
    session: Session,
    actor: Actor,
    indexes: TaxonomyIndexCache,
    record: AliasRecord,
    *,
    shared: bool = False,
    n_examples: int,
) -> AliasPreview:
    """Compare the links of the partnership's records as they are and as the alias would make them.

    Looks at published vacancies and at the candidates who are ranked: their skills,
    occupations and running text. A link counts as changed when its concept does. A
    shared alias is compared in the actor's own partnership only.

    Raises
    ------
    NotPermitted, InvalidInput, NotFound
        As ``propose_alias``.
    """
    check_alias(session, actor, record, shared=shared)
    before, versions = indexes.get_for(session, actor)
    own = load_aliases(session, actor, AliasVersions(own=versions.own))
    others = load_aliases(session, actor, AliasVersions(shared=versions.shared))
    proposed = [*own, record, *others] if shared else [record, *own, *others]
    after = with_aliases(indexes.get(session), proposed)
    vacancies, candidates = load_stored(session, actor)
    changes = list(_field_changes(before, after, record, vacancies, candidates))
    if record.kind is PhraseKind.SKILL:
        changes += _text_changes(before, after, record, vacancies, candidates)
    else:
        changes += _opening_changes(before, after, candidates)
    changes.sort(key=_order)
    return AliasPreview(
        n_records={side: len({c.record_id for c in changes if c.side is side}) for side in Side},
        n_links={side: sum(c.side is side for c in changes) for side in Side},
        examples=tuple(changes[:n_examples]),
        index=before,
    )


def _field_changes(
    before: TaxonomyIndex,
    after: TaxonomyIndex,
    record: AliasRecord,
    vacancies: StoredVacancies,
    candidates: StoredCandidates,
) -> Iterator[LinkChange]:
    uses: dict[tuple[str, str | None], list[PhraseUse]] = defaultdict(list)
    for use in phrase_uses(vacancies, candidates):
        if use.kind is record.kind:
            uses[use.phrase, use.lang].append(use)
    # Only what may be meant is linked again: a partnership has far more phrases.
    lookup = AliasLookup(build_alias_table([record.phrase], [record.lang], [0]))
    touched = [key for key in sorted(uses, key=str) if _is_touched(lookup, record.kind, *key)]
    phrases, langs = [phrase for phrase, _ in touched], [lang for _, lang in touched]
    old, new = (link_each(index, record.kind, phrases, langs) for index in (before, after))
    for key, was, becomes in zip(touched, old, new, strict=True):
        if _uri(was) != _uri(becomes):
            for use in uses[key]:
                yield LinkChange(use.side, use.record_id, Place.FIELD, use.phrase, was, becomes)


def _is_touched(lookup: AliasLookup, kind: PhraseKind, phrase: str, lang: str | None) -> bool:
    """Whether the alias is of this phrase, but for typing errors, or of a part of this title."""
    forms = {phrase, *(title_forms(phrase) if kind is PhraseKind.OCCUPATION else ())}
    keys = [(canonical(form), lang) for form in forms]
    return any(lookup.find(*key) is not None for key in keys) or bool(lookup.find_near(keys))


def _text_changes(
    before: TaxonomyIndex,
    after: TaxonomyIndex,
    record: AliasRecord,
    vacancies: StoredVacancies,
    candidates: StoredCandidates,
) -> Iterator[LinkChange]:
    wanted = f" {canonical(record.phrase)} "
    texts = [
        (side, row_id, lang, text)
        for side, row_id, lang, text in _running_texts(vacancies, candidates)
        if lang in (None, record.lang) and wanted in f" {canonical(text)} "
    ]
    if not texts:
        return
    for side, rows in groupby(texts, key=lambda row: row[0]):
        held_rows = list(rows)
        old, new = (
            find_skills(
                index,
                [text for _, _, _, text in held_rows],
                [lang for _, _, lang, _ in held_rows],
                is_profile=side is Side.CANDIDATE,
            )
            for index in (before, after)
        )
        for (_, row_id, _, _), was, becomes in zip(held_rows, old, new, strict=True):
            held, found = _by_uri(before, was), _by_uri(after, becomes)
            for uri in sorted(held.keys() ^ found.keys()):
                yield LinkChange(side, row_id, Place.TEXT, record.phrase, held.get(uri), found.get(uri))


def _opening_changes(
    before: TaxonomyIndex, after: TaxonomyIndex, candidates: StoredCandidates
) -> Iterator[LinkChange]:
    """Occupations that profiles open with: ranking takes a line for one only if it equals a title."""
    for row_id, candidate in candidates:
        for line in opening_lines(vetted_record(candidate)[0]):
            was, becomes = (_exact_title(index, line, candidate.lang) for index in (before, after))
            if _uri(was) != _uri(becomes):
                yield LinkChange(Side.CANDIDATE, row_id, Place.TEXT, line, was, becomes)


def _exact_title(index: TaxonomyIndex, line: str, lang: str | None) -> FoundConcept | None:
    (title,) = guess_occupations(index, [line], [lang])
    if title.row is None or title.method is None:
        return None
    return FoundConcept(index.occupations.concepts[title.row].uri, title.score, title.method)


def _running_texts(
    vacancies: StoredVacancies, candidates: StoredCandidates
) -> Iterator[tuple[Side, UUID, str | None, str]]:
    for row_id, vacancy in vacancies:
        if not vacancy.skills:  # else ranking does not read its text either
            yield Side.VACANCY, row_id, vacancy.lang, vacancy_text(vacancy)
    for row_id, candidate in candidates:
        yield Side.CANDIDATE, row_id, candidate.lang, profile_text(vetted_record(candidate)[0])


def _by_uri(index: TaxonomyIndex, links: Sequence[TextLink]) -> dict[str, FoundConcept]:
    return {
        uri: FoundConcept(uri, link.score, link.method)
        for link in links
        for uri in [index.skills.concepts[link.skill_row].uri]
    }


def _uri(link: FoundConcept | None) -> str | None:
    return None if link is None else link.uri


def _order(change: LinkChange) -> tuple[str, str, str, str, str, str]:
    return (
        change.side,
        str(change.record_id),
        change.place,
        change.phrase,
        _uri(change.before) or "",
        _uri(change.after) or "",
    )

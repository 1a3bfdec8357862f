"""Occupation fields and job titles -> occupations or ISCO-08 codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.domain.enums import LinkMethod
from app.matching.aliases import is_decided
from app.matching.link import Linker
from app.matching.phrases import segments
from app.services.identifiers import is_uri, isco_code
from app.services.taxonomy_index import TaxonomyIndex

_MIN_PART_SCORE = 0.9
_GENDER_MARK = re.compile(
    r"\((?:[a-zà-ÿ]{1,6}\s*/\s*)+[a-zà-ÿ*]{1,6}\)|\b[mwfhdx](?:/[mwfhdx]){1,2}\b", re.IGNORECASE
)


class ResolvedOccupation(NamedTuple):
    """What an occupation field means: an occupation row, or an ISCO-08 code, or neither."""

    row: int | None
    isco_code: str
    score: float
    method: LinkMethod | None


NO_OCCUPATION = ResolvedOccupation(None, "", 0.0, None)


def resolve_occupations(
    index: TaxonomyIndex, phrases: Sequence[str], langs: Sequence[str | None]
) -> list[ResolvedOccupation]:
    """Read occupation fields: a concept URI, an ISCO-08 code or a title in any wording."""
    resolved: list[ResolvedOccupation] = []
    titles: list[str] = []
    title_langs: list[str | None] = []
    pending: list[tuple[int, range]] = []
    for phrase, lang in zip(phrases, langs, strict=True):
        known = _resolve_code(index, phrase)
        if known is None:
            forms = _forms_to_link(index.occupation_linker, phrase, lang)
            pending.append((len(resolved), range(len(titles), len(titles) + len(forms))))
            titles += forms
            title_langs += [lang] * len(forms)
        resolved.append(known or NO_OCCUPATION)
    links = index.occupation_linker.link(titles, langs=title_langs, k=1)
    for position, forms_of in pending:
        candidates = []
        for form in forms_of:
            for row, score, method in links.of(form):
                # A part of a title may be a place or a department: it has to be a title by itself.
                if form == forms_of.start or score >= _MIN_PART_SCORE:
                    candidates.append((row, score, method))
        if candidates:
            # The first form is the fullest; a later one wins only by a better score.
            row, score, method = max(candidates, key=lambda link: link[1])
            isco = index.occupations.concepts[row].isco_group
            resolved[position] = ResolvedOccupation(row, isco, score, method)
    return resolved


def _forms_to_link(linker: Linker, title: str, lang: str | None) -> list[str]:
    """The forms of a title, or the one that staff decided about: its parts then say nothing."""
    forms = title_forms(title)
    decided = (form for form in (title, *forms[:1]) if is_decided(linker, form, lang))
    return list(decided)[:1] or forms


def title_forms(title: str) -> list[str]:
    """A job title and its parts, fullest first, without gender marks.

    Examples
    --------
    >>> title_forms("Elektriker (m/w/d) - Hamburg")
    ['Elektriker - Hamburg', 'Elektriker', 'Hamburg']
    """
    plain = " ".join(_GENDER_MARK.sub(" ", title).split())
    forms = [plain, *(plain[span.start : span.end] for span in segments(plain))]
    return [form for form in dict.fromkeys(forms) if form]


def _resolve_code(index: TaxonomyIndex, phrase: str) -> ResolvedOccupation | None:
    text = phrase.strip()
    row = index.occupations.row_of.get(text)
    if row is not None:
        return ResolvedOccupation(row, index.occupations.concepts[row].isco_group, 1.0, LinkMethod.URI)
    code = isco_code(text)
    if code:
        return ResolvedOccupation(None, code, 1.0, LinkMethod.CODE)
    return NO_OCCUPATION if not text or is_uri(text) else None

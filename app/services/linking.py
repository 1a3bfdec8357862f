"""Words -> concepts: phrases, occupation titles and running text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.enums import LinkMethod
from app.domain.records import PhraseRecord
from app.domain.results import ConceptLink, PhraseLinks
from app.domain.taxonomy import Concept
from app.matching.link import LinkConfig, Linker
from app.matching.phrases import label_spans, segments
from app.matching.text import canonical, tokens
from app.services.taxonomy_index import ConceptTable, TaxonomyIndex

# Running text is mostly not about skills, so a link has to be nearly literal.
TEXT_LINKS = LinkConfig(min_score=0.82, n_retrieved=10, min_cosine=0.55, max_share=0.03)
_FUZZY_WORDS = range(2, 8)
_MIN_PART_SCORE = 0.9

_ISCO_CODE = re.compile(
    r"(?:https?://data\.europa\.eu/esco/isco/C|ISCO[- ]?(?:08)?[ :-]*)?(\d{1,4})", re.IGNORECASE
)
_URI = re.compile(r"(?:https?://|urn:)\S+", re.IGNORECASE)
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


@dataclass(frozen=True, slots=True)
class TextLink:
    """A skill found in running text, ``text[start:end]``; ``score`` in [0, 1]."""

    skill_row: int
    score: float
    method: LinkMethod
    start: int
    end: int


def link_phrases(
    index: TaxonomyIndex, phrases: Sequence[PhraseRecord], *, k: int = 5, lang: str | None = None
) -> list[PhraseLinks]:
    """Link phrases of any kind to at most ``k`` concepts each.

    Parameters
    ----------
    lang
        Language of the returned labels; the phrase's own where None.

    Returns
    -------
    list of PhraseLinks
        In the order of ``phrases``; an empty ``links`` means the linker abstained.

    Raises
    ------
    ValueError
        If ``k < 1`` or a ``kind`` is unknown.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    unknown = {phrase.kind for phrase in phrases} - {"skill", "occupation", "text"}
    if unknown:
        raise ValueError(f"kind must be skill, occupation or text, got {', '.join(sorted(unknown))}")
    found: dict[int, list[tuple[str, float, LinkMethod]]] = {}
    for kind, table in (("skill", index.skills), ("occupation", index.occupations)):
        rows = [row for row, phrase in enumerate(phrases) if phrase.kind == kind]
        if rows:
            linker = index.skill_linker if kind == "skill" else index.occupation_linker
            found.update(
                zip(rows, _link_short(index, table, linker, [phrases[row] for row in rows], k), strict=True)
            )
    rows = [row for row, phrase in enumerate(phrases) if phrase.kind == "text"]
    if rows:
        texts = [phrases[row].text for row in rows]
        langs = [phrases[row].lang for row in rows]
        for row, links in zip(rows, find_skills(index, texts, langs), strict=True):
            ranked = sorted(links, key=lambda link: (-link.score, link.skill_row))[:k]
            found[row] = [
                (index.skills.concepts[link.skill_row].uri, link.score, link.method) for link in ranked
            ]
    return [
        PhraseLinks(
            id=phrase.id,
            links=tuple(
                ConceptLink(uri, index.label(uri, lang or phrase.lang), score, method)
                for uri, score, method in found[row]
            ),
        )
        for row, phrase in enumerate(phrases)
    ]


def link_skills(
    index: TaxonomyIndex, phrases: Sequence[str], langs: Sequence[str | None]
) -> list[tuple[int, float, LinkMethod] | None]:
    """Best skill row, score and method of each phrase or skill URI; None where the linker abstains."""
    row_of = index.skills.row_of
    by_text = [None if phrase.strip() in row_of else phrase for phrase in phrases]
    links = index.skill_linker.link([text or "" for text in by_text], langs=langs, k=1)
    best: list[tuple[int, float, LinkMethod] | None] = []
    for position, phrase in enumerate(phrases):
        if by_text[position] is None:
            best.append((row_of[phrase.strip()], 1.0, LinkMethod.URI))
        elif is_uri(phrase):
            best.append(None)  # a concept of another taxonomy: its address says nothing as text
        else:
            best.append(next(iter(links.of(position)), None))
    return best


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
            forms = title_forms(phrase)
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


def find_skills(
    index: TaxonomyIndex, texts: Sequence[str], langs: Sequence[str | None]
) -> list[list[TextLink]]:
    """Find the skills that running texts name, each once per text, in text order.

    Labels are looked for wherever they stand; a short list item or clause
    without a known label is also linked as a whole, if it nearly equals one.
    """
    linker = index.skill_linker
    found: list[dict[int, TextLink]] = []
    loose: list[tuple[int, str, int, int]] = []
    for position, (text, lang) in enumerate(zip(texts, langs, strict=True)):
        links: dict[int, TextLink] = {}
        lexicon = linker.lexicon(lang)
        for span in segments(text):
            segment = text[span.start : span.end]
            words = tokens(segment)
            labels = label_spans(segment, words, lexicon.texts, lexicon.single_words)
            for label in labels:
                concept, score, method = linker.exact(label.label, lang)[0]
                start = span.start + words[label.first].start
                end = span.start + words[label.last - 1].end
                links.setdefault(concept, TextLink(concept, score, method, start, end))
            if not labels and len(words) in _FUZZY_WORDS and lexicon.knows_most(words):
                loose.append((position, segment, span.start, span.end))
        found.append(links)
    fuzzy = linker.link(
        [item[1] for item in loose], langs=[langs[item[0]] for item in loose], k=1, config=TEXT_LINKS
    )
    for entry, (position, _, start, end) in enumerate(loose):
        for concept, score, method in fuzzy.of(entry):
            found[position].setdefault(concept, TextLink(concept, score, method, start, end))
    return [sorted(links.values(), key=lambda link: (link.start, link.skill_row)) for links in found]


def is_uri(text: str) -> bool:
    """Whether a field holds a concept's address rather than words."""
    return bool(_URI.fullmatch(text.strip()))


def _link_short(
    index: TaxonomyIndex, table: ConceptTable, linker: Linker, phrases: Sequence[PhraseRecord], k: int
) -> Iterable[list[tuple[str, float, LinkMethod]]]:
    by_words = linker.link(
        [phrase.text for phrase in phrases], langs=[phrase.lang for phrase in phrases], k=k
    )
    for position, phrase in enumerate(phrases):
        text = phrase.text.strip()
        if text in table.row_of:
            yield [(text, 1.0, LinkMethod.URI)]
        elif table is index.occupations and (code := _isco_code(text)):
            yield [(concept.uri, 1.0, LinkMethod.CODE) for concept in _under_code(index, code)[:k]]
        elif is_uri(text):
            yield []
        else:
            yield [(table.concepts[row].uri, score, method) for row, score, method in by_words.of(position)]


def _resolve_code(index: TaxonomyIndex, phrase: str) -> ResolvedOccupation | None:
    text = phrase.strip()
    row = index.occupations.row_of.get(text)
    if row is not None:
        return ResolvedOccupation(row, index.occupations.concepts[row].isco_group, 1.0, LinkMethod.URI)
    code = _isco_code(text)
    if code:
        return ResolvedOccupation(None, code, 1.0, LinkMethod.CODE)
    return NO_OCCUPATION if not text or is_uri(text) else None


def _isco_code(text: str) -> str:
    """The ISCO-08 code that a field holds, in ASCII digits; empty when it holds something else."""
    code = _ISCO_CODE.fullmatch(text)
    return canonical(code[1]) if code else ""


def _under_code(index: TaxonomyIndex, code: str) -> list[Concept]:
    return [index.occupations.concepts[row] for row in index.occupations_under(code)]

"""Phrases of any kind -> concepts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.domain.enums import ConceptKind, LinkMethod
from app.domain.records import PhraseRecord
from app.domain.results import ConceptLink, PhraseLinks
from app.domain.taxonomy import Concept
from app.matching.link import Linker
from app.matching.titles import title_forms
from app.services.identifiers import is_uri, isco_code
from app.services.taxonomy_index import ConceptTable, TaxonomyIndex
from app.services.text_linking import find_skills

_UriLink = tuple[str, float, LinkMethod]


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
        In the order of ``phrases``; where the linker abstains, ``links`` are candidates.

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
    found: dict[int, list[_UriLink]] = {}
    # What is found in a text was sure enough already.
    least = {"text": 0.0}
    for kind, table in (("skill", index.skills), ("occupation", index.occupations)):
        rows = [row for row, phrase in enumerate(phrases) if phrase.kind == kind]
        if rows:
            linker = index.skill_linker if kind == "skill" else index.occupation_linker
            least[kind] = linker.config.min_score
            found.update(
                zip(rows, _link_short(index, table, linker, [phrases[row] for row in rows], k), strict=True)
            )
    rows = [row for row, phrase in enumerate(phrases) if phrase.kind == "text"]
    if rows:
        texts = [phrases[row].text for row in rows]
        langs = [phrases[row].lang for row in rows]
        for row, links in zip(rows, find_skills(index, texts, langs), strict=True):
            # Labels first: what is like one may be likelier, and yet is not what stands there.
            ranked = sorted(
                links, key=lambda link: (link.method is LinkMethod.FUZZY, -link.score, link.skill_row)
            )[:k]
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
            abstained=not found[row] or found[row][0][1] < least[phrase.kind],
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


def _link_short(
    index: TaxonomyIndex, table: ConceptTable, linker: Linker, phrases: Sequence[PhraseRecord], k: int
) -> Iterable[list[_UriLink]]:
    by_words = linker.candidates(
        [_plain(table, phrase.text) for phrase in phrases], langs=[phrase.lang for phrase in phrases], k=k
    )
    for position, phrase in enumerate(phrases):
        text = phrase.text.strip()
        if text in table.row_of:
            yield [(text, 1.0, LinkMethod.URI)]
        elif table is index.occupations and (code := isco_code(text)):
            yield [(concept.uri, 1.0, LinkMethod.CODE) for concept in _under_code(index, code)[:k]]
        elif is_uri(text):
            yield []
        else:
            yield [(table.concepts[row].uri, score, method) for row, score, method in by_words.of(position)]


def _plain(table: ConceptTable, text: str) -> str:
    """A phrase without what says nothing of its concept: the gender marks of a job title."""
    if table.kind is not ConceptKind.OCCUPATION:
        return text
    return next(iter(title_forms(text)), "")


def _under_code(index: TaxonomyIndex, code: str) -> list[Concept]:
    return [index.occupations.concepts[row] for row in index.occupations_under(code)]

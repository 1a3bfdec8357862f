"""Running text -> the skills it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.enums import LinkMethod
from app.matching.link import LinkConfig
from app.matching.phrases import label_spans, segments
from app.matching.text import tokens
from app.services.taxonomy_index import TaxonomyIndex

# Running text is mostly not about skills, so a link has to be nearly literal.
TEXT_LINKS = LinkConfig(min_score=0.82, n_retrieved=10, min_cosine=0.55, max_share=0.03)
_FUZZY_WORDS = range(2, 8)


@dataclass(frozen=True, slots=True)
class TextLink:
    """A skill found in running text, ``text[start:end]``; ``score`` in [0, 1]."""

    skill_row: int
    score: float
    method: LinkMethod
    start: int
    end: int


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
                start = span.start + words[label.first].start
                end = span.start + words[label.last - 1].end
                # None where staff said that the phrase names no concept.
                for concept, score, method in linker.exact(label.label, lang)[:1]:
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

"""Running text -> the skills it names, and what it says of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.domain.enums import Importance, LinkMethod, SkillLevel
from app.matching.cues import Section
from app.matching.languages import text_language
from app.matching.link import LinkConfig, Linker
from app.matching.reading import ReadClause, Remark, TextReading, read_text
from app.matching.text_lexicon import TextLexicon
from app.matching.windows import LabelSpan, Window, WindowConfig, label_spans, windows_of
from app.services.taxonomy_index import TaxonomyIndex


@dataclass(frozen=True, slots=True)
class TextLinkConfig:
    """Settings of the text linker, in one place.

    Attributes
    ----------
    min_score
        Below this a window that is no label names no skill; running text is mostly not about
        skills, so a link has to be surer than that of a phrase.
    min_single_score
        The same for a list item of one word that is no label.
    skip_factor
        Applied to the score of a window that leaves a word of the text out.
    fuzzy
        Settings of the linker for windows.
    windows
        Bounds of the search for windows.
    """

    min_score: float
    min_single_score: float
    skip_factor: float
    fuzzy: LinkConfig
    windows: WindowConfig


TEXT_LINKS = TextLinkConfig(
    min_score=0.6,
    min_single_score=0.7,
    skip_factor=0.85,
    fuzzy=LinkConfig(min_score=0.6),
    windows=WindowConfig(),
)


@dataclass(frozen=True, slots=True)
class TextLink:
    """A skill found in running text, and what the text says of it.

    Attributes
    ----------
    skill_row
        Row of the skill.
    score, method
        How sure the link is, in [0, 1], and which evidence made it.
    start, end
        The words that name it: ``text[start:end]``.
    lang
        Language the words were read in; None where nothing told.
    section
        Under which heading they stand.
    importance
        What the text or the section says; None where neither tells.
    cue_start, cue_end
        The words that say so, ``text[cue_start:cue_end]``; None where the section does.
    level, months
        Command of the skill and time of experience, where stated.
    is_wished
        Whether the text says that the skill is yet to be learned.
    """

    skill_row: int
    score: float
    method: LinkMethod
    start: int
    end: int
    lang: str | None = None
    section: Section = Section.BODY
    importance: Importance | None = None
    cue_start: int | None = None
    cue_end: int | None = None
    level: SkillLevel | None = None
    months: int | None = None
    is_wished: bool = False


class _Passage(NamedTuple):
    """A part of a text in one language: ``text[start:end]`` as it was read."""

    text_row: int
    start: int
    lang: str | None
    text: str
    reading: TextReading


class _Found(NamedTuple):
    """A label or a window in a clause, before the linker has seen it."""

    passage: _Passage
    clause: ReadClause
    clause_row: int
    window: Window
    label: str | None


def find_skills(
    index: TaxonomyIndex,
    texts: Sequence[str],
    langs: Sequence[str | None],
    *,
    is_profile: bool = False,
    config: TextLinkConfig = TEXT_LINKS,
) -> list[list[TextLink]]:
    """Find the skills that running texts name, each once per text, in text order.

    Labels are looked for wherever they stand; what is worded otherwise is linked where
    it nearly equals a label. Where readings overlap the one that explains most words
    best is kept. What a text denies, and in vacancies what is about the employer, the
    offer, applying, equality or data protection, names no skill. No more than so many
    different windows of a text are looked at; saying one again takes no other's place.

    Parameters
    ----------
    texts, langs
        Texts and their declared languages, ISO 639-1; a language is detected where None.
    is_profile : bool
        Whether the texts are about people: then nothing is boilerplate of an employer,
        and a skill that is only wished for is left out.
    config : TextLinkConfig
        Thresholds and bounds.
    """
    linker = index.skill_linker
    found: list[_Found] = []
    for text_row, (text, lang) in enumerate(zip(texts, langs, strict=True)):
        looked_at: set[tuple[str, str | None]] = set()
        for passage in _passages(text_row, text, lang, is_profile):
            lexicon = index.text_lexicon(passage.lang)
            for entry in _candidates(passage, lexicon, config.windows):
                window = entry.window.phrase, passage.lang
                if entry.label is None and window not in looked_at:
                    if len(looked_at) == config.windows.max_windows:
                        continue
                    looked_at.add(window)
                found.append(entry)
    links: list[dict[int, TextLink]] = [{} for _ in texts]
    for chosen in _choose(found, linker, config):
        if not chosen.remark.is_denied and not (is_profile and chosen.remark.is_wished):
            _keep(links[chosen.entry.passage.text_row], _text_link(chosen))
    return [sorted(of.values(), key=lambda link: (link.start, link.skill_row)) for of in links]


def _passages(text_row: int, text: str, lang: str | None, is_profile: bool) -> Iterator[_Passage]:
    for start, end, own in text_language(text, lang):
        part = text[start:end]
        yield _Passage(text_row, start, own, part, read_text(part, own, is_profile=is_profile))


def _candidates(passage: _Passage, lexicon: TextLexicon, config: WindowConfig) -> Iterator[_Found]:
    for row, clause in enumerate(passage.reading.clauses):
        labels = label_spans(passage.text, passage.reading, clause, lexicon)
        for span in labels:
            yield _Found(passage, clause, row, _label_window(span, passage, lexicon), span.label)
        for window in windows_of(passage.reading, clause, labels, lexicon, config):
            yield _Found(passage, clause, row, window, None)


def _label_window(span: LabelSpan, passage: _Passage, lexicon: TextLexicon) -> Window:
    positions = tuple(range(span.first, span.last))
    n_content = sum(passage.reading.words[i].text not in lexicon.function for i in positions)
    return Window(span.label, span.first, span.last, positions, max(n_content, 1))


class _Chosen(NamedTuple):
    entry: _Found
    concept: int
    score: float
    method: LinkMethod
    remark: Remark


def _choose(found: Sequence[_Found], linker: Linker, config: TextLinkConfig) -> list[_Chosen]:
    """Link all windows in one batch and keep, clause by clause, the best that do not overlap."""
    windows = ((entry.window.phrase, entry.passage.lang) for entry in found if entry.label is None)
    row_of = {window: row for row, window in enumerate(dict.fromkeys(windows))}
    links = linker.link(
        [phrase for phrase, _ in row_of], langs=[lang for _, lang in row_of], k=1, config=config.fuzzy
    )
    ranked: list[tuple[float, int, _Chosen]] = []
    for position, entry in enumerate(found):
        if entry.label is not None:
            best = linker.exact(entry.label, entry.passage.lang)[:1]
        else:
            best = links.of(row_of[entry.window.phrase, entry.passage.lang])
        single = entry.label is None and entry.window.n_content == 1
        for concept, found_score, method in best:
            is_label = method is not LinkMethod.FUZZY
            score, weight = found_score, 1.0 if is_label else found_score
            if entry.window.n_skipped:
                weight *= config.skip_factor
                score, method = round(weight, 6), LinkMethod.FUZZY
            if weight < (config.min_single_score if single else config.min_score):
                continue
            remark = entry.clause.remark(entry.window.first, entry.window.last)
            chosen = _Chosen(entry, concept, score, method, remark)
            # A longer reading explains more of the text; equal ones fall by their place.
            ranked.append((-weight * entry.window.n_content, position, chosen))
    ranked.sort(key=lambda item: item[:2])
    taken: set[tuple[int, int, int]] = set()
    kept = []
    for _, position, chosen in ranked:
        entry = chosen.entry
        own = {(entry.passage.text_row, entry.passage.start, i) for i in entry.window.own}
        if not own & taken:
            taken |= own
            kept.append((position, chosen))
    return [chosen for _, chosen in sorted(kept, key=lambda item: item[0])]


def _text_link(chosen: _Chosen) -> TextLink:
    entry, remark = chosen.entry, chosen.remark
    words, start = entry.passage.reading.words, entry.passage.start
    cue = remark.cue
    return TextLink(
        skill_row=chosen.concept,
        score=chosen.score,
        method=chosen.method,
        start=start + words[entry.window.first].start,
        end=start + words[entry.window.last - 1].end,
        lang=entry.passage.lang,
        section=remark.section,
        importance=remark.importance,
        cue_start=None if cue is None else start + words[cue.first].start,
        cue_end=None if cue is None else start + words[cue.last - 1].end,
        level=remark.level,
        months=remark.months,
        is_wished=remark.is_wished,
    )


def _keep(links: dict[int, TextLink], link: TextLink) -> None:
    """One link for a skill named twice: the stricter one, at the highest level and longest time."""
    held = links.get(link.skill_row)
    if held is None:
        links[link.skill_row] = link
        return
    best = link if _strictness(link) > _strictness(held) else held
    levels = [each.level for each in (held, link) if each.level is not None]
    months = [each.months for each in (held, link) if each.months is not None]
    links[link.skill_row] = replace(
        best,
        level=max(levels, default=None),
        months=max(months, default=None),
        is_wished=held.is_wished and link.is_wished,
    )


def _strictness(link: TextLink) -> int:
    return {Importance.ESSENTIAL: 2, Importance.OPTIONAL: 0, None: 1}[link.importance]

"""The stretches of a clause that may name a skill.

Known labels are found wherever they stand. Around what is left, windows are chosen
by cheap signs, so that few of them go to the linker; parts of an enumeration are
offered both joined and split, and with the head or the tail that they share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import NamedTuple

from app.matching.cues import Signal
from app.matching.reading import ReadClause, TextReading, read_text
from app.matching.segmentation import Cut
from app.matching.text import Token
from app.matching.text_lexicon import TextLexicon

_MAX_LABEL_WORDS = 8
# Where every noun has a capital letter, one says nothing.
_CAPITALISED_NOUNS = frozenset({"de"})


@dataclass(frozen=True, slots=True)
class WindowConfig:
    """Bounds of the search for windows.

    Attributes
    ----------
    max_words
        Words of the longest window.
    max_content
        Words of it that are no small words.
    max_windows
        Different windows of one text; what comes later in the text is found by exact labels only.
    min_single
        Letters of a single word that is offered as a list item.
    """

    max_words: int = 9
    max_content: int = 6
    max_windows: int = 400
    min_single: int = 6


class Window(NamedTuple):
    """A phrase for the linker.

    Attributes
    ----------
    phrase
        The words to link, canonical; not always contiguous in the text.
    first, last
        The stretch of the text it comes from, as a range of words.
    own
        Positions that no other chosen window may use.
    n_content
        Words that are no small words.
    n_skipped
        Words put in between that were left out.
    """

    phrase: str
    first: int
    last: int
    own: tuple[int, ...]
    n_content: int
    n_skipped: int = 0


class LabelSpan(NamedTuple):
    """A known label in a text: ``words[first:last]`` reads ``label``."""

    first: int
    last: int
    label: str


def phrases_of(text: str, lang: str | None, lexicon: TextLexicon, config: WindowConfig) -> list[str]:
    """Every label and window of a text, canonical, each once, in text order.

    Nothing is left out as boilerplate or for what is said of it: this is for texts
    that are known to be about skills.
    """
    reading = read_text(text, lang, is_profile=True)
    found: list[str] = []
    for clause in reading.clauses:
        spans = label_spans(text, reading, clause, lexicon)
        found += [span.label for span in spans]
        windows = islice(windows_of(reading, clause, spans, lexicon, config), config.max_windows)
        found += [window.phrase for window in windows]
    return list(dict.fromkeys(found))


def label_spans(text: str, reading: TextReading, clause: ReadClause, lexicon: TextLexicon) -> list[LabelSpan]:
    """Find the longest known labels in a clause, left to right, without overlap.

    A label of one word is too often an ordinary word ("standard", "go") to count
    inside running text, unless it always names its skill or is written as a name
    ("Java") or an abbreviation ("SQL"); as an item or part of an enumeration it counts.
    """
    words = reading.words
    first, end = clause.clause.first, clause.clause.last
    singles: set[int] | None = None
    found = []
    while first < end:
        word = words[first].text
        longest = lexicon.longest.get(f"{word} {words[first + 1].text}", 0) if first + 1 < end else 0
        last = first + min(longest, end - first, _MAX_LABEL_WORDS)
        while last > first + 1:
            label = " ".join(token.text for token in words[first:last])
            if (
                label in lexicon.texts
                and not _is_cue_only(clause, first, last)
                and not _is_torn(words[first].text, words[last - 1].text, lexicon)
            ):
                break
            last -= 1
        else:
            last = first + 1
            label = word
            if word not in lexicon.texts or clause.cues.covers(first):
                first += 1
                continue
            if word not in lexicon.single_words:
                if singles is None:
                    singles = _names(text, reading, clause) | _stand_alone(reading, clause)
                if first not in singles or not lexicon.is_name(word):
                    first += 1
                    continue
        found.append(LabelSpan(first, last, label))
        first = last
    return found


def _is_torn(first_word: str, last_word: str, lexicon: TextLexicon) -> bool:
    """Whether a label begins or ends with a function word: "and procedures" is a piece of running text."""
    return first_word in lexicon.function or last_word in lexicon.function


def windows_of(
    reading: TextReading,
    clause: ReadClause,
    labels: Sequence[LabelSpan],
    lexicon: TextLexicon,
    config: WindowConfig,
) -> Iterator[Window]:
    """Give the windows of a clause around the labels found in it, without order or bound."""
    words = reading.words
    labelled = {position for span in labels for position in range(span.first, span.last)}
    for first, last in _runs(reading, clause):
        content = [i for i in range(first, last) if words[i].text not in lexicon.function]
        stems = [lexicon.stem(words[i].text) for i in content]
        chains = list(_chains(stems, lexicon))
        for low, high in chains:
            if any(content[i] not in labelled for i in range(low, high)):
                yield from _chain_windows(reading, content[low:high], stems[low:high], lexicon, config)
        yield from _skipping(words, content, stems, lexicon, config)
        if len(content) == 1 and content[0] not in labelled and _is_item(clause, first, last):
            word = words[content[0]].text
            is_clear = len(word) >= config.min_single and not lexicon.is_vague(word)
            if is_clear and lexicon.is_wording(stems):
                yield Window(word, content[0], content[0] + 1, (content[0],), 1)
        yield from _enumerated(reading, first, last, lexicon, config)


def _runs(reading: TextReading, clause: ReadClause) -> Iterator[tuple[int, int]]:
    """Stretches of a clause between its cues, without small words at their edges."""
    function = reading.table.function
    words = reading.words
    position = clause.clause.first
    for first, last in [(mark.first, mark.last) for mark in clause.cues.marks] + [
        (clause.clause.last, clause.clause.last)
    ]:
        low, high = position, first
        while low < high and (words[low].text in function or words[low].text.isdigit()):
            low += 1
        while high > low and words[high - 1].text in function:
            high -= 1
        if high > low:
            yield low, high
        position = max(position, last)


def _chains(stems: Sequence[int], lexicon: TextLexicon) -> Iterator[tuple[int, int]]:
    """Ranges of at least two content words of which neighbours stand together in labels."""
    first = 0
    for i in range(1, len(stems) + 1):
        if i == len(stems) or not lexicon.stand_together(stems[i - 1], stems[i]):
            if i - first >= 2:
                yield first, i
            first = i


def _chain_windows(
    reading: TextReading,
    content: Sequence[int],
    stems: Sequence[int],
    lexicon: TextLexicon,
    config: WindowConfig,
) -> Iterator[Window]:
    """The rewordings of labels in a chain, longest first; else the chain itself.

    A label is not reworded across a conjunction: "architecture and design" is no architectural design.
    """
    words = reading.words
    joints = [_is_joint(reading, before, after) for before, after in pairwise(content)]
    taken = 0
    start = 0
    while start < len(content):
        for length in range(min(config.max_content, len(content) - start), 1, -1):
            if any(joints[start : start + length - 1]):
                continue
            if lexicon.is_wording(stems[start : start + length]):
                yield _window(words, content[start : start + length])
                taken += length
                start += length
                break
        else:
            start += 1
    if taken < len(content):
        whole = content[: config.max_content]
        if whole[-1] - whole[0] < config.max_words:
            yield _window(words, whole)


def _is_joint(reading: TextReading, before: int, after: int) -> bool:
    """Whether a conjunction or a slash stands between two words."""
    table = reading.table
    return any(reading.gaps[i].cut is Cut.JOIN for i in range(before + 1, after + 1)) or any(
        reading.words[i].text in table.joining or reading.words[i].text in table.alternative
        for i in range(before + 1, after)
    )


def _skipping(
    words: Sequence[Token],
    content: Sequence[int],
    stems: Sequence[int],
    lexicon: TextLexicon,
    config: WindowConfig,
) -> Iterator[Window]:
    """Rewordings with one word put in: "operating several forklifts"."""
    for i, stem in enumerate(stems):
        if stem < 0:
            continue
        start = i + 2
        if start >= len(stems) or not lexicon.stand_together(stem, stems[start]):
            continue
        # "modern programming languages" are no modern languages
        skipped = stems[i + 1]
        if lexicon.stand_together(stem, skipped) or lexicon.stand_together(skipped, stems[start]):
            continue
        for length in (3, 2, 1):
            positions = [content[i], *content[start : start + length]]
            if (
                len(positions) == length + 1
                and positions[-1] - positions[0] < config.max_words
                and lexicon.is_wording([stem, *stems[start : start + length]])
            ):
                phrase = " ".join(words[position].text for position in positions)
                last = positions[-1] + 1
                yield Window(phrase, positions[0], last, tuple(positions), len(positions), 1)
                break


def _enumerated(
    reading: TextReading, first: int, last: int, lexicon: TextLexicon, config: WindowConfig
) -> Iterator[Window]:
    """Parts of "planning and supervising work", each with the head or tail it shares."""
    parts = _parts(reading, first, last)
    if not 2 <= len(parts) <= 4 or last - first > config.max_words:
        return
    words = reading.words
    contents = [[i for i in range(low, high) if words[i].text not in lexicon.function] for low, high in parts]
    if not all(contents):
        return
    *heads, final = contents
    for content in heads:
        # "planning | supervising work": the words after the last part's first are everyone's.
        if len(content) <= 2 and len(final) >= 2:
            yield from _if_known(words, [*content, *final[1:]], content, lexicon)
    opening, *tails = contents
    for content in tails:
        # "operating cranes | forklifts": the words before the first part's last are everyone's.
        if len(content) <= 2 and len(opening) >= 2:
            yield from _if_known(words, [*opening[:-1], *content], content, lexicon)


def _if_known(
    words: Sequence[Token], positions: Sequence[int], own: Sequence[int], lexicon: TextLexicon
) -> Iterator[Window]:
    stems = [lexicon.stem(words[i].text) for i in positions]
    if lexicon.is_wording(stems):
        yield Window(
            " ".join(words[i].text for i in positions),
            min(positions),
            max(positions) + 1,
            tuple(own),
            len(positions),
        )


def _parts(reading: TextReading, first: int, last: int) -> list[tuple[int, int]]:
    """The parts of a run between conjunctions and slashes."""
    table = reading.table
    parts = []
    start = first
    for i in range(first, last):
        is_joint = reading.words[i].text in table.joining or reading.words[i].text in table.alternative
        if is_joint:
            parts.append((start, i))
            start = i + 1
        elif i > start and reading.gaps[i].cut is Cut.JOIN:
            parts.append((start, i))
            start = i
    parts.append((start, last))
    return [(low, high) for low, high in parts if high > low]


def _names(text: str, reading: TextReading, clause: ReadClause) -> set[int]:
    """Positions of words written as names or abbreviations, in a clause where that says something."""
    own = range(clause.clause.first, clause.clause.last)
    written = [text[reading.words[i].start : reading.words[i].end] for i in own]
    n_lower = sum(word[:1].islower() for word in written)
    if not n_lower:
        return set()
    found = {i for i, word in zip(own, written, strict=True) if sum(map(str.isupper, word)) > 1}
    if reading.lang not in _CAPITALISED_NOUNS and 2 * n_lower >= len(written):
        found.update(i for i, word in zip(own[1:], written[1:], strict=True) if word[0].isupper())
    return found


def _stand_alone(reading: TextReading, clause: ReadClause) -> set[int]:
    """Positions of single words that are an item, or a part of an enumeration, by themselves."""
    found: set[int] = set()
    for first, last in _runs(reading, clause):
        parts = _parts(reading, first, last)
        if _is_item(clause, first, last) or (len(parts) > 1 and _follows_qualifier(clause, first)):
            found.update(low for low, high in parts if high == low + 1)
    return found


def _is_item(clause: ReadClause, first: int, last: int) -> bool:
    """Whether a run is a list item, a part of an enumeration, or what a qualifier is about."""
    own = clause.clause
    is_listed = clause.is_enumerated or own.in_brackets or own.before >= Cut.ITEM or own.before is Cut.COLON
    is_whole = all(
        any(mark.first <= i < mark.last for mark in clause.cues.marks)
        for i in (own.first, own.last - 1)
        if not first <= i < last
    )
    return (is_listed and is_whole) or _follows_qualifier(clause, first)


def _follows_qualifier(clause: ReadClause, first: int) -> bool:
    return any(
        mark.value.signal in (Signal.QUALIFIER, Signal.LEVEL) and 0 <= first - mark.last <= 1
        for mark in clause.cues.marks
    )


def _is_cue_only(clause: ReadClause, first: int, last: int) -> bool:
    return all(clause.cues.covers(i) for i in range(first, last))


def _window(words: Sequence[Token], content: Sequence[int]) -> Window:
    first, last = content[0], content[-1] + 1
    return Window(
        " ".join(word.text for word in words[first:last]), first, last, tuple(content), len(content)
    )

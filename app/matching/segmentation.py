"""Running text -> words, and the clauses that writers cut it into.

One pass over the words: what stands in the gap between two of them says whether
and how strongly the text is cut there. So no word is ever cut, and the time is
linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from app.matching.text import Token, tokens


class Cut(IntEnum):
    """How strongly a text is cut between two words; from ``COMMA`` on it is a new clause."""

    NONE = 0
    JOIN = 1  # a slash or an ampersand: parts of one enumeration
    COMMA = 2
    OPEN = 3  # into brackets
    CLOSE = 4  # out of brackets
    DASH = 5
    COLON = 6
    SEMICOLON = 7
    SENTENCE = 8
    ITEM = 9  # a bullet
    LINE = 10
    BLANK = 11  # an empty line


class Gap(NamedTuple):
    """What stands between two words.

    ``colon`` and ``stop`` tell of punctuation before a stronger cut, ``depth`` of the
    brackets it opens (1) or closes (-1).
    """

    cut: Cut
    colon: bool = False
    stop: bool = False
    depth: int = 0


class Clause(NamedTuple):
    """A clause of a text: ``words[first:last]``.

    Attributes
    ----------
    first, last
        Range of words.
    before, after
        The cuts on both sides; the edges of the text count as ``BLANK``.
    colon
        Whether a colon ends it.
    in_brackets
        Whether it stands in brackets.
    """

    first: int
    last: int
    before: Cut
    after: Cut
    colon: bool
    in_brackets: bool

    @property
    def n_words(self) -> int:
        return self.last - self.first


_BULLETS = "•·●▪◦‣∙■□➢➤✓✔►▶»→⚫○★☑–—-*+~¦"
_SURE_BULLETS = "•●▪◦‣∙■□➢➤✓✔►▶⚫○☑"
_STOPS = ".!?…؟۔।॥"
_COMMAS = ",،、"
_SEMICOLONS = ";؛|¦"
_NEWLINES = "\n\r\v\f\x85\u2028\u2029"
# Invisible characters and quotation marks: no cuts.
_UNSEEN = re.compile("[\"“”„«»‘’'`\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_MARKUP = re.compile(r"<[^<>\n]{1,300}>|&[a-zA-Z]{2,8};|&#\d{1,6};|https?://\S{1,2000}|www\.\S{1,2000}")
_BLOCK_TAG = re.compile(r"</?(?:li|p|br|div|ul|ol|tr|td|h[1-6])\b", re.IGNORECASE)
_GLUED_STOP = re.compile(r"\.(?=[^\W\d_]{3})")
# A second ending or a plural in brackets: "expérimenté(e)", "skill(s)".
_GLUED_ENDING = re.compile(r"(?<=[^\W\d_])\(-?[^\W\d_]{1,4}\)")
_FILLER = '"'  # neither a word nor a cut
# A line that was wrapped by a program is at least so long (characters).
_WRAPPED = 45
_LONGEST_GAP = 64
# What nobody writes as one clause is cut by force (words): what is done for each clause then stays small.
_LONGEST_CLAUSE = 120


def without_markup(text: str) -> str:
    """Blank out tags, entities and web addresses, and part glued sentences; every length stays."""
    if "<" in text or "&" in text or "http" in text or "www." in text:
        text = _MARKUP.sub(_blank, text)
    if "(" in text:
        text = _GLUED_ENDING.sub(lambda match: "\u200b" * len(match[0]), text)
    pieces = []
    done = 0
    for match in _GLUED_STOP.finditer(text):
        at = match.start()
        if (
            at > 1
            and text[at - 2 : at].isalpha()
            and text[at - 2 : at].islower()
            and text[at + 1].isupper()
            and text[at + 2 : at + 4].islower()
        ):
            pieces += [text[done:at], "\n"]
            done = at + 1
    return "".join([*pieces, text[done:]]) if pieces else text


def gaps_between(text: str, words: Sequence[Token], abbreviations: Collection[str]) -> list[Gap]:
    """What stands between the words of a text.

    Parameters
    ----------
    text : str
        The text, as ``without_markup`` gives it.
    words : sequence of Token
        Its canonical words.
    abbreviations : collection of str
        Canonical words whose full stop does not end a sentence.

    Returns
    -------
    list of Gap
        One before each word.
    """
    gaps = []
    line_start = 0
    for i, word in enumerate(words):
        if i == 0:
            gaps.append(Gap(Cut.BLANK))
            continue
        before = words[i - 1]
        if word.start <= before.start:
            gaps.append(Gap(Cut.NONE))  # two canonical words of one written word
            continue
        between = text[before.end : word.start]
        if between == " ":
            gaps.append(_PLAIN)
            continue
        if len(between) > _LONGEST_GAP:
            between = between[: _LONGEST_GAP // 2] + between[-_LONGEST_GAP // 2 :]
        gap = _gap(between)
        if gap.cut is Cut.SENTENCE:
            is_numbering = before.text.isdigit() and gaps[-1].cut >= Cut.ITEM
            if not is_numbering:
                gap = _softened(gap, between, before, word, text, abbreviations)
        elif gap.cut is Cut.COLON and between == ":" and not text[word.start].isupper():
            gap = Gap(Cut.JOIN)  # a time of day, or a gender mark ("Schüler:innen")
        elif gap.cut is Cut.LINE:
            if _is_wrapped(gap, text, line_start, before, word):
                gap = Gap(Cut.COMMA) if any(mark in between for mark in _COMMAS) else _PLAIN
            line_start = word.start
        elif gap.cut > Cut.LINE:
            line_start = word.start
        gaps.append(gap)
    return gaps


def clauses_of(gaps: Sequence[Gap]) -> Iterator[Clause]:
    """Cut a text into its clauses, in text order."""
    first = 0
    before = Cut.BLANK
    depth = 0
    n_words = len(gaps)
    for i in range(1, n_words + 1):
        gap = gaps[i] if i < n_words else Gap(Cut.BLANK)
        if gap.cut < Cut.COMMA:
            if i - first < _LONGEST_CLAUSE:
                continue
            gap = Gap(Cut.SENTENCE)
        yield Clause(first, i, before, gap.cut, gap.colon, depth > 0)
        before = gap.cut
        first = i
        if gap.cut >= Cut.SEMICOLON:
            depth = 0
        elif gap.depth:
            depth = max(gap.depth, 0)


def clause_texts(text: str, abbreviations: Collection[str] = frozenset()) -> Iterator[str]:
    """The clauses of a short text as written.

    Examples
    --------
    >>> list(clause_texts("Skills: welding and handling, C++; use of a lathe."))
    ['Skills', 'welding and handling', 'C++', 'use of a lathe']
    """
    plain = without_markup(text)
    words = tokens(plain)
    for clause in clauses_of(gaps_between(plain, words, abbreviations)):
        yield text[words[clause.first].start : words[clause.last - 1].end]


_PLAIN = Gap(Cut.NONE)


@lru_cache(maxsize=4096)
def _gap(between: str) -> Gap:
    """Classify the characters between two words by the strongest cut in them."""
    marks = _UNSEEN.sub("", between)
    if not marks:
        return _PLAIN
    n_lines = marks.replace("\r\n", "\n")
    n_newlines = sum(n_lines.count(mark) for mark in _NEWLINES)
    colon = ":" in marks or "：" in marks
    stop = any(mark in marks for mark in _STOPS)
    depth = 1 if _last(marks, "([{") > _last(marks, ")]}") else -1 if _last(marks, ")]}") >= 0 else 0
    stripped = marks.strip()
    if n_newlines:
        tail = marks[_last(marks, _NEWLINES) + 1 :].strip()
        if tail and tail[0] in _BULLETS:
            return Gap(Cut.ITEM, colon, stop, depth)
        return Gap(Cut.BLANK if n_newlines > 1 else Cut.LINE, colon, stop, depth)
    if any(mark in _SURE_BULLETS for mark in stripped):
        return Gap(Cut.ITEM, colon, stop, depth)
    if stop and (marks[-1].isspace() or any(mark in marks for mark in "؟۔।॥…")):
        return Gap(Cut.SENTENCE, colon, stop, depth)
    if any(mark in _SEMICOLONS for mark in stripped) or "\t" in marks or len(marks) - len(stripped) >= 4:
        return Gap(Cut.SEMICOLON, colon, stop, depth)
    if colon:
        return Gap(Cut.COLON, colon, stop, depth)
    if any(mark in "–—-*·" for mark in stripped) and marks[-1].isspace() and marks[0].isspace():
        return Gap(Cut.DASH, colon, stop, depth)
    if "—" in stripped or (stripped[-1:] in ("–", "-") and marks[-1].isspace() and not depth):
        # "Ein- und Ausbau": a hyphen that waits for the second half is no cut.
        return Gap(Cut.DASH if "—" in stripped or stripped[-1:] == "–" else Cut.NONE)
    if depth:
        return Gap(Cut.OPEN if depth > 0 else Cut.CLOSE, depth=depth)
    if any(mark in _COMMAS for mark in stripped) and marks != ",":
        return Gap(Cut.COMMA)
    if "/" in stripped or "&" in stripped or stripped in (",", "+"):
        return Gap(Cut.COMMA if marks != marks.strip() and "/" in stripped else Cut.JOIN)
    return _PLAIN


def _last(text: str, marks: str) -> int:
    return max(text.rfind(mark) for mark in marks)


def _softened(
    gap: Gap, between: str, before: Token, word: Token, text: str, abbreviations: Collection[str]
) -> Gap:
    """A full stop that ends no sentence: after an abbreviation, a number or a single letter."""
    if not between.lstrip().startswith(".") or any(mark in between for mark in "!?…") or ".." in between:
        return gap
    is_short = before.text in abbreviations or (len(before.text) == 1 and before.text.isalpha())
    follows_lower = text[word.start].islower()
    if between.strip() == "." and (is_short or (before.text.isdigit() and follows_lower)):
        return _PLAIN
    if follows_lower:
        return Gap(Cut.SEMICOLON, gap.colon, False, gap.depth)
    return gap


def _is_wrapped(gap: Gap, text: str, line_start: int, before: Token, word: Token) -> bool:
    """Whether a line end only wraps a long line that goes on in the next."""
    return (
        not gap.colon and not gap.stop and text[word.start].islower() and before.end - line_start >= _WRAPPED
    )


def _blank(match: re.Match[str]) -> str:
    mark = match[0]
    if mark == "&amp;":
        return "&" + _FILLER * (len(mark) - 1)
    return ("\n" if _BLOCK_TAG.match(mark) else " ") + _FILLER * (len(mark) - 1)

"""What staff decided that phrases mean, put before what their labels say.

The order of evidence: an alias of exactly this phrase, then exact labels, then an
alias that a typing error away is this phrase, then everything fuzzy. A person who
saw the phrase knows better than a label that happens to read the same; a label that
reads the same knows better than a slip that might not be one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import LinkMethod
from app.matching.link import METHODS, Lexicon, LinkConfig, Linker, Links, pack_links
from app.matching.text import canonical, canonical_phrase
from app.matching.themes import Themes

NO_CONCEPT = -1
"""Concept row of an alias that says: this phrase names no concept."""

_APPROVED_SCORE = 1.0
_ERROR_COST = 0.03

# One error in phrases of eight characters or more, two from sixteen on: in shorter ones
# a changed letter as often makes another word. The same goes for the word it stands in.
_CHARS_PER_ERROR = 8
_MAX_ERRORS = 2
_MIN_WORD_CHARS = 5

# Shorter words name something else too often to be looked for inside running text.
_MIN_STANDING_CHARS = 4

# Bounds the memory of a large batch; no result depends on it.
_PHRASES_PER_BLOCK = 2048

_EXACT = [METHODS.index(method) for method in (LinkMethod.EXACT_PREFERRED, LinkMethod.EXACT_ALTERNATIVE)]

_Link: TypeAlias = tuple[int, float, LinkMethod]
_Key: TypeAlias = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class AliasTable:
    """Canonical phrases and the concepts that staff gave them, by language.

    Rows are sorted by text, then language, and each pair occurs once, so that equal
    input gives equal arrays.

    Attributes
    ----------
    texts : tuple of str
        Distinct canonical phrases, sorted.
    text_row : ndarray of shape (n_aliases,), int32
        Row in ``texts`` of each alias, ascending.
    lang_row : ndarray of shape (n_aliases,), int16
        Row in ``langs``.
    concept_row : ndarray of shape (n_aliases,), int32
        ``NO_CONCEPT`` where the phrase names none.
    langs : tuple of str
        ISO 639-1 codes, sorted.
    """

    texts: tuple[str, ...]
    text_row: NDArray[np.int32]
    lang_row: NDArray[np.int16]
    concept_row: NDArray[np.int32]
    langs: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.text_row)

    def rows(self) -> Iterator[tuple[str, str, int]]:
        """(canonical phrase, language, concept row) of every alias, in row order."""
        for text_row, lang_row, concept in zip(
            self.text_row.tolist(), self.lang_row.tolist(), self.concept_row.tolist(), strict=True
        ):
            yield self.texts[text_row], self.langs[lang_row], concept


def build_alias_table(phrases: Sequence[str], langs: Sequence[str], concept_row: Sequence[int]) -> AliasTable:
    """Fold phrases to canonical form and sort.

    Parameters
    ----------
    phrases, langs, concept_row
        Parallel sequences. Of equal (canonical phrase, language) pairs the first
        counts, so that callers put the narrower scope first. Phrases that hold
        nothing but punctuation are left out.

    Raises
    ------
    ValueError
        If the sequences differ in length.
    """
    if not len(phrases) == len(langs) == len(concept_row):
        raise ValueError("phrases, langs and concept_row must have equal length")
    first: dict[tuple[str, str], int] = {}
    for phrase, lang, concept in zip(phrases, langs, concept_row, strict=True):
        text = canonical(phrase)
        if text:
            first.setdefault((text, lang), int(concept))
    texts = tuple(sorted({text for text, _ in first}))
    codes = tuple(sorted({lang for _, lang in first}))
    text_position = {text: row for row, text in enumerate(texts)}
    lang_position = {lang: row for row, lang in enumerate(codes)}
    keys = sorted(first)
    return AliasTable(
        texts=texts,
        text_row=np.array([text_position[text] for text, _ in keys], dtype=np.int32),
        lang_row=np.array([lang_position[lang] for _, lang in keys], dtype=np.int16),
        concept_row=np.array([first[key] for key in keys], dtype=np.int32),
        langs=codes,
    )


class AliasLookup:
    """Finds the alias of a phrase. Immutable and thread-safe.

    An answer is a tuple of concept rows: empty where staff said "no concept". A
    phrase of undeclared language may have aliases in several; they are all given, by
    concept row, and "no concept" then only counts where no language names one.
    """

    def __init__(self, aliases: AliasTable) -> None:
        by_key: dict[_Key, set[int]] = defaultdict(set)
        for text, lang, concept in aliases.rows():
            by_key[text, lang].add(concept)
            by_key[text, None].add(concept)
        self._concepts: Mapping[_Key, tuple[int, ...]] = {
            key: tuple(sorted(concepts - {NO_CONCEPT})) for key, concepts in by_key.items()
        }
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for text in aliases.texts:
            self._by_length[len(text)].append(text)

    def find(self, phrase: str, lang: str | None) -> tuple[int, ...] | None:
        """Concepts of exactly this canonical phrase; None without an alias."""
        return self._concepts.get((phrase, lang))

    def find_near(self, keys: Iterable[_Key]) -> dict[_Key, tuple[tuple[int, ...], int]]:
        """Aliases that only typing errors keep from being these phrases.

        Parameters
        ----------
        keys
            (canonical phrase, declared language or None) pairs.

        Returns
        -------
        dict
            Concepts and number of errors, for the phrases that have such an alias:
            the one with fewest errors, and of equal ones the first by text.
        """
        langs_of: dict[str, list[str | None]] = defaultdict(list)
        by_length: dict[int, list[str]] = defaultdict(list)
        for text, lang in dict.fromkeys(keys):
            if text not in langs_of:
                by_length[len(text)].append(text)
            langs_of[text].append(lang)
        found: dict[_Key, tuple[tuple[int, ...], int]] = {}
        for length in sorted(by_length):
            for text, meant, n_errors in self._slips(length, sorted(by_length[length])):
                for lang in langs_of[text]:
                    concepts = self.find(meant, lang)
                    if concepts is not None and n_errors < found.get((text, lang), ((), _MAX_ERRORS + 1))[1]:
                        found[text, lang] = concepts, n_errors
        return found

    def _slips(self, length: int, phrases: Sequence[str]) -> Iterator[tuple[str, str, int]]:
        """(phrase, alias, errors) of every pair that may be one, by phrase and then alias.

        Each error changes the length by one at most, so few aliases are compared with
        ``phrases``, which all have the same ``length``.
        """
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cdist

        lengths = range(max(_CHARS_PER_ERROR, length - _MAX_ERRORS), length + _MAX_ERRORS + 1)
        near = sorted(text for each in lengths for text in self._by_length.get(each, ()))
        if not near:
            return
        for start in range(0, len(phrases), _PHRASES_PER_BLOCK):
            block = phrases[start : start + _PHRASES_PER_BLOCK]
            distance = cdist(
                block, near, scorer=OSA.distance, score_cutoff=_MAX_ERRORS, dtype=np.uint8, workers=1
            )
            for row, column in np.argwhere(distance <= _MAX_ERRORS).tolist():
                written, meant, n_errors = block[row], near[column], int(distance[row, column])
                if _may_be_slips(written, meant, n_errors):
                    yield written, meant, n_errors

    def texts(self, lang: str | None) -> frozenset[str]:
        """Canonical phrases that have an alias in this language, in any where it is not declared."""
        return frozenset(text for text, code in self._concepts if code == lang)


class AliasedLinker(Linker):
    """A linker whose staff aliases come first; to callers it is a ``Linker``.

    An alias of exactly the phrase decides, whatever labels say, also when it says
    that there is no concept. Only a concept URI stands before it, and URIs never
    reach a linker. A phrase that a typing error keeps from its alias is looked up
    after the exact labels and before anything fuzzy. Both carry ``LinkMethod.ALIAS``.

    Nothing of the wrapped linker is copied: one serves the aliases of many partnerships.
    """

    def __init__(self, linker: Linker, aliases: AliasTable) -> None:
        self.labels = linker.labels
        self.config = linker.config
        self.lookup = AliasLookup(aliases)
        self._linker = linker
        self._own_lexicons: dict[str | None, Lexicon] = {}

    def lexicon(self, lang: str | None) -> Lexicon:
        """Labels and aliases to look for in running text of a language.

        Aliases to no concept are among them: they keep shorter labels inside them
        from being found.
        """
        known = self._own_lexicons.get(lang)
        if known is None:
            labels = self._linker.lexicon(lang)
            own = self.lookup.texts(lang)
            known = labels._replace(
                texts=labels.texts | own,
                single_words=labels.single_words
                | {text for text in own if " " not in text and len(text) >= _MIN_STANDING_CHARS},
                words=labels.words | {word for text in own for word in text.split()},
            )
            # Two threads may both build it; the two are equal.
            self._own_lexicons[lang] = known
        return known

    @property
    def themes(self) -> Themes | None:
        """As the labels have them: an alias moves no word; see ``Linker.themes``."""
        return self._linker.themes

    def exact(self, phrase: str, lang: str | None = None) -> list[_Link]:
        """Concepts of ``phrase`` (in canonical form) by alias, else by label, best first."""
        concepts = self.lookup.find(phrase, lang)
        return self._linker.exact(phrase, lang) if concepts is None else _links(concepts)

    def link(
        self,
        phrases: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        k: int = 5,
        config: LinkConfig | None = None,
    ) -> Links:
        """Link every phrase to at most ``k`` concepts; see ``Linker.link``.

        A phrase with an alias links to what the alias names and to nothing else.
        """

        def by_label(rest: list[str], rest_langs: list[str | None]) -> Links:
            return self._linker.link(rest, langs=rest_langs, k=k, config=config)

        return self._aliases_first(phrases, langs, k, by_label)

    def candidates(
        self, phrases: Sequence[str], *, langs: Sequence[str | None] | None = None, k: int = 5
    ) -> Links:
        """Find the concepts each phrase most likely means; see ``Linker.candidates``.

        Of a phrase with an alias, what the alias names and nothing else.
        """

        def by_label(rest: list[str], rest_langs: list[str | None]) -> Links:
            return self._linker.candidates(rest, langs=rest_langs, k=k)

        return self._aliases_first(phrases, langs, k, by_label)

    def _aliases_first(
        self,
        phrases: Sequence[str],
        langs: Sequence[str | None] | None,
        k: int,
        by_label: Callable[[list[str], list[str | None]], Links],
    ) -> Links:
        declared = list(langs) if langs is not None else [None] * len(phrases)
        if len(declared) != len(phrases):
            raise ValueError("langs must be as long as phrases")
        keys = [(canonical_phrase(phrase), lang) for phrase, lang in zip(phrases, declared, strict=True)]
        decided: dict[int, list[_Link]] = {}
        for position, key in enumerate(keys):
            concepts = self.lookup.find(*key)
            if concepts is not None:
                decided[position] = _links(concepts)
        rest = [position for position in range(len(keys)) if position not in decided]
        labelled = by_label([phrases[i] for i in rest], [declared[i] for i in rest])
        exact = _exact_ones(labelled).tolist()
        fuzzy = [(entry, keys[position]) for entry, position in enumerate(rest) if not exact[entry]]
        near = self.lookup.find_near(key for _, key in fuzzy)
        slips = {entry: near[key] for entry, key in fuzzy if key in near}
        if not decided and not slips:
            return labelled
        for entry, position in enumerate(rest):
            decided[position] = _links(*slips[entry]) if entry in slips else labelled.of(entry)
        return pack_links([decided[position][:k] for position in range(len(keys))])


def is_decided(linker: Linker, phrase: str, lang: str | None) -> bool:
    """Whether staff decided what exactly this phrase, as written, means."""
    return (
        isinstance(linker, AliasedLinker) and linker.lookup.find(canonical_phrase(phrase), lang) is not None
    )


def _links(concepts: tuple[int, ...], n_errors: int = 0) -> list[_Link]:
    score = round(_APPROVED_SCORE - n_errors * _ERROR_COST, 6)
    return [(concept, score, LinkMethod.ALIAS) for concept in concepts]


def _exact_ones(links: Links) -> NDArray[np.bool_]:
    """Whether the best link of each phrase is by an exact label, shape (n_phrases,), bool."""
    start, end = links.indptr[:-1], links.indptr[1:]
    exact = np.zeros(len(start), dtype=np.bool_)
    linked = end > start
    exact[linked] = np.isin(links.method[start[linked]], _EXACT)
    return exact


def _may_be_slips(written: str, meant: str, n_errors: int) -> bool:
    """Whether differences look like typing errors: in long words, and not in figures."""
    if n_errors > len(meant) // _CHARS_PER_ERROR:
        return False
    if written.replace(" ", "") == meant.replace(" ", ""):
        return True
    left, right = written.split(), meant.split()
    return len(left) == len(right) and all(
        a == b or (min(len(a), len(b)) >= _MIN_WORD_CHARS and not _has_figure(a + b))
        for a, b in zip(left, right, strict=True)
    )


def _has_figure(word: str) -> bool:
    return any(char.isdigit() or char in "+#" for char in word)

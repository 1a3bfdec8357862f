"""The labels that phrases are compared with, as parallel arrays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.matching.text import canonical

# Label kinds as stored in ``LabelTable.kind``; smaller is stronger.
PREFERRED, ALTERNATIVE, HIDDEN, DERIVED = range(4)

_TRAILING_BRACKET = re.compile(r"^(?P<head>[^()]+?)\s*\([^()]*\)\s*$")
_GERMAN_PAIR = re.compile(r"(?P<stem>\w{3,})[/:*_]-?(?P<suffix>in|innen)")


@dataclass(frozen=True, slots=True)
class LabelTable:
    """Distinct canonical labels and the concepts they name.

    A row is one (canonical text, concept) pair; rows are sorted by text, then
    kind, then concept row, so that equal input gives equal arrays.

    Attributes
    ----------
    texts : tuple of str
        Distinct canonical texts, sorted.
    text_row : ndarray of shape (n_labels,), int32
        Row in ``texts`` of each label, ascending.
    concept_row : ndarray of shape (n_labels,), int32
    kind : ndarray of shape (n_labels,), int8
        ``PREFERRED``, ``ALTERNATIVE``, ``HIDDEN`` or ``DERIVED``.
    lang_row : ndarray of shape (n_labels,), int16
        Row in ``langs``.
    langs : tuple of str
        ISO 639-1 codes, sorted.
    """

    texts: tuple[str, ...]
    text_row: NDArray[np.int32]
    concept_row: NDArray[np.int32]
    kind: NDArray[np.int8]
    lang_row: NDArray[np.int16]
    langs: tuple[str, ...]

    def label_slices(self) -> NDArray[np.int64]:
        """First label row of each text, shape (n_texts + 1,), int64."""
        return np.searchsorted(self.text_row, np.arange(len(self.texts) + 1)).astype(np.int64)

    def rows(self) -> Iterator[tuple[str, int, str]]:
        """(canonical text, concept row, language) of every label, in row order."""
        for text_row, concept, lang_row in zip(
            self.text_row.tolist(), self.concept_row.tolist(), self.lang_row.tolist(), strict=True
        ):
            yield self.texts[text_row], concept, self.langs[lang_row]


def build_label_table(
    texts: Sequence[str], concept_row: Sequence[int], kind: Sequence[int], lang: Sequence[str]
) -> LabelTable:
    """Fold labels to canonical form, add derived forms and sort.

    Parameters
    ----------
    texts, concept_row, kind, lang
        Parallel sequences, one entry a label; ``kind`` as the constants above.

    Raises
    ------
    ValueError
        If the sequences differ in length.
    """
    if not len(texts) == len(concept_row) == len(kind) == len(lang):
        raise ValueError("texts, concept_row, kind and lang must have equal length")
    strongest: dict[tuple[str, int, str], int] = {}
    for text, concept, rank, code in zip(texts, concept_row, kind, lang, strict=True):
        _keep_strongest(strongest, canonical(text), concept, code, rank)
        for form in derived_forms(text):
            _keep_strongest(strongest, canonical(form), concept, code, DERIVED)
    distinct = tuple(sorted({key[0] for key in strongest}))
    position = {text: row for row, text in enumerate(distinct)}
    langs = tuple(sorted({key[2] for key in strongest}))
    lang_position = {code: row for row, code in enumerate(langs)}
    rows = sorted(
        (position[text], rank, concept, lang_position[code])
        for (text, concept, code), rank in strongest.items()
    )
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return LabelTable(
        texts=distinct,
        text_row=columns[:, 0].astype(np.int32),
        concept_row=columns[:, 2].astype(np.int32),
        kind=columns[:, 1].astype(np.int8),
        lang_row=columns[:, 3].astype(np.int16),
        langs=langs,
    )


def derived_forms(label: str) -> Iterator[str]:
    """Give the forms a label stands for without spelling them out.

    ``Java (computer programming)`` also stands for ``Java``;
    ``technicien/technicienne`` for either form; ``Schweißer/in`` for ``Schweißerin``.

    Examples
    --------
    >>> list(derived_forms("soudeur/soudeuse"))
    ['soudeur', 'soudeuse']
    >>> list(derived_forms("Schweißer/in"))
    ['Schweißer', 'Schweißerin']
    >>> list(derived_forms("welding"))
    []
    """
    # Nearly all labels have none, and finding a character takes less than trying the pattern.
    bracket = _TRAILING_BRACKET.match(label) if "(" in label else None
    if bracket:
        yield bracket["head"]
    pair = _GERMAN_PAIR.fullmatch(label)
    if pair:
        yield pair["stem"]
        yield pair["stem"] + pair["suffix"]
    elif label.count("/") == 1:
        left, right = (half.strip() for half in label.split("/"))
        # Two forms of one title begin alike; "MIG/MAG" names two things.
        if left[:3].casefold() == right[:3].casefold():
            yield left
            yield right


def _keep_strongest(
    strongest: dict[tuple[str, int, str], int], text: str, concept: int, lang: str, rank: int
) -> None:
    if not text:
        return
    key = (text, int(concept), lang)
    if rank < strongest.get(key, DERIVED + 1):
        strongest[key] = rank

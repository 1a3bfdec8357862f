"""Text made to hurt: linking takes bounded work, gives an answer, and raises nothing."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Literal

import pytest

from app.domain.enums import ConceptKind, PhraseKind
from app.domain.records import AliasRecord, PhraseRecord
from app.matching import compiled
from app.matching.candidates import Candidates, EncodedPhrases
from app.matching.link import MAX_PHRASE_WORDS
from app.matching.text import MAX_PHRASE_CHARS, canonical, tokens
from app.services.aliased_index import with_aliases
from app.services.concept_catalogue import ConceptCatalogue
from app.services.linking import link_phrases, link_skills
from app.services.reconciliation import ReconciliationQuery, reconcile
from app.services.taxonomy_index import build_taxonomy_index
from tests.unit.services.small_taxonomy import small_taxonomy

HOSTILE = {
    "one long word": "a" * 200_000,
    "many words": "welding steel " * 50_000,
    "distinct words": " ".join(f"w{number}x" for number in range(50_000)),
    "one letter that folds to eighteen": "\ufdfa" * 200_000,
    "such letters apart": "\ufdfa " * 100_000,
    "zero-width spaces": "\u200b" * 100_000 + "welding" + "\u200b" * 100_000,
    "zero-width spaces within": "\u200b".join("welding" * 20_000),
    "direction marks": "\u202e\u200f" * 100_000 + "welding",
    "look-alikes": "с++ " * 50_000,
    "a flood of marks": "a" + "\u0301\u0316" * 100_000,
    "floods of marks": ("a" + "\u0323\u0301" * 14) * 7_000,
    "half characters": "\ud800 welding \udfff" * 1_000,
    "nul": "weld\0ing\0" * 10_000,
    "pictures": "👩‍🏭🔥" * 40_000,
    "punctuation": "!?.,;:-/()[]{}" * 14_000,
    "nested brackets": "(" * 100_000 + ")" * 100_000,
    "open brackets": "[(" * 100_000,
    "spaces": "welder" + " " * 199_000 + "x",
    "slashes": "a/" * 100_000,
    "broken gender marks": "(m/w/d" * 33_000,
    "gender marks": "Welder " + "(m/w/d) " * 25_000,
    "tags": "<a " * 66_000,
    "addresses": "http://" * 28_000,
    "digits": "1234567890" * 20_000,
    "negations": "not " * 20_000,
    "lines": "ab\n" * 20_000,
    "nothing": "",
    "blanks": " \t\n",
}
# A letter folds to eighteen, in passes of three steps, and titles have several forms. Without a
# bound it is fourteen million characters for the worst of the above.
MOST_FOLDED = 1_000 * MAX_PHRASE_CHARS

INDEX = with_aliases(
    build_taxonomy_index(small_taxonomy()),
    [AliasRecord("torch work", "en", PhraseKind.SKILL, None)],
)


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many characters were normalised since the last time somebody asked."""
    n_chars = 0

    def normalize(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
        nonlocal n_chars
        n_chars += len(text)
        return original(form, text)

    def count() -> int:
        nonlocal n_chars
        counted, n_chars = n_chars, 0
        return counted

    original = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", normalize)
    return count


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_phrase_of_any_length_takes_the_work_of_a_short_one(text: str, folded: Callable[[], int]) -> None:
    for kind in PhraseKind:
        (found,) = link_phrases(INDEX, [PhraseRecord(id="1", text=text, kind=kind.value)])
        assert all(0 <= link.score <= 1 for link in found.links)
        assert folded() <= MOST_FOLDED
    link_skills(INDEX, [text], [None])
    assert folded() <= MOST_FOLDED
    reconcile(ConceptCatalogue(INDEX), [ReconciliationQuery(text, kinds=(ConceptKind.OCCUPATION,))])
    assert folded() <= MOST_FOLDED


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_running_text_is_folded_a_few_times_at_most(text: str, folded: Callable[[], int]) -> None:
    (found,) = link_phrases(INDEX, [PhraseRecord(id="1", text=text, kind="text")])
    assert all(0 <= link.score <= 1 for link in found.links)
    assert folded() <= MOST_FOLDED + 20 * len(text)


def test_a_word_longer_than_any_is_read_by_its_beginning() -> None:
    (word,) = tokens("a" * 500)
    assert (word.text, word.start, word.end) == ("a" * 200, 0, 500)


def test_a_long_phrase_is_linked_by_its_beginning() -> None:
    short = " ".join(["welding steel"] * (MAX_PHRASE_WORDS // 2))
    phrases = [PhraseRecord(id=str(row), text=text) for row, text in enumerate((short, short + " x" * 5_000))]
    first, second = link_phrases(INDEX, phrases)
    assert [link.concept_uri for link in first.links] == [link.concept_uri for link in second.links]
    assert len(canonical(phrases[1].text)) > MAX_PHRASE_CHARS


def test_hostile_phrases_change_nothing_for_their_neighbours() -> None:
    texts = ["mig weldng", *HOSTILE.values(), "mig weldng"]
    phrases = [PhraseRecord(id=str(row), text=text) for row, text in enumerate(texts)]
    found = link_phrases(INDEX, phrases)
    (alone,) = link_phrases(INDEX, phrases[:1])
    assert found[0].links == found[-1].links == alone.links


def test_equal_phrases_are_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    linker = build_taxonomy_index(small_taxonomy()).skill_linker
    searched: list[int] = []
    original = compiled.Search.__call__

    def search(
        of: compiled.Search, phrases: Sequence[str], lang_bits: Sequence[int]
    ) -> tuple[EncodedPhrases, Candidates]:
        searched.append(len(phrases))
        return original(of, phrases, lang_bits)

    monkeypatch.setattr(compiled.Search, "__call__", search)
    links = linker.link(["mig weldng", " MIG  Weldng! "] * 50_000, k=1)
    assert searched == [1]
    assert len(links.indptr) == 100_001

"""The linker on a handful of labels: exact first, then fuzzy, else nothing."""

import pytest

from app.domain.enums import LinkMethod
from app.matching.labels import ALTERNATIVE, PREFERRED, build_label_table
from app.matching.link import LinkConfig, Linker

LABELS = [
    ("weld with MIG/MAG equipment", 0, PREFERRED, "en"),
    ("MIG welding", 0, ALTERNATIVE, "en"),
    ("souder au procédé MIG/MAG", 0, PREFERRED, "fr"),
    ("C++", 1, PREFERRED, "en"),
    ("C#", 2, PREFERRED, "en"),
    ("Java (computer programming)", 3, PREFERRED, "en"),
    ("coffee preparation", 4, PREFERRED, "en"),
    ("site inspection", 5, ALTERNATIVE, "en"),
    ("site inspection", 6, PREFERRED, "en"),
    ("pain", 7, PREFERRED, "fr"),
    ("pain", 8, PREFERRED, "en"),
]


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(build_label_table(*map(list, zip(*LABELS, strict=True))))


def links(linker: Linker, phrase: str, lang: str | None = None) -> list[tuple[int, float, LinkMethod]]:
    return linker.link([phrase], langs=[lang]).of(0)


def test_preferred_label_in_any_spelling_is_exact(linker: Linker) -> None:
    assert links(linker, " Weld with MIG / MAG equipment") == [(0, 1.0, LinkMethod.EXACT_PREFERRED)]


def test_alternative_label_is_exact_and_a_little_less(linker: Linker) -> None:
    assert links(linker, "mig welding") == [(0, 0.99, LinkMethod.EXACT_ALTERNATIVE)]


def test_bracketed_sense_may_be_left_out(linker: Linker) -> None:
    assert [link[0] for link in links(linker, "JAVA")] == [3]


def test_c_plus_plus_is_not_c_sharp(linker: Linker) -> None:
    assert links(linker, "c++")[0][0] == 1
    assert links(linker, "c#")[0][0] == 2


def test_typing_errors_link_fuzzily_below_every_exact_link(linker: Linker) -> None:
    (concept, score, method), *_ = links(linker, "cofee preperation")
    assert (concept, method) == (4, LinkMethod.FUZZY)
    assert LinkConfig().min_score <= score < 0.97


def test_qualifiers_around_a_label_leave_it_found(linker: Linker) -> None:
    for phrase in (
        "2 years of coffee preparation",
        "coffee preparation (mandatory)",
        "excellent coffee preparation skills",
    ):
        assert links(linker, phrase, "en")[0] == (4, 0.9, LinkMethod.FUZZY), phrase
    concept, score, method = links(linker, "bonnes connaissances : MIG welding", "fr")[0]
    assert (concept, method) == (0, LinkMethod.FUZZY)
    assert score == pytest.approx(0.9 * 0.95 * 0.99)


def test_rivals_of_a_qualified_label_are_not_likelier(linker: Linker) -> None:
    found = linker.candidates(["good knowledge of site inspection"], langs=["en"], k=10).of(0)
    assert [link[0] for link in found[:2]] == [6, 5]
    scores = [score for _, score, _ in found]
    assert scores == sorted(scores, reverse=True)


def test_unknown_phrase_gets_nothing(linker: Linker) -> None:
    assert links(linker, "nuclear physics") == []
    assert links(linker, "…") == []


def test_ambiguous_label_names_all_its_concepts_preferred_first(linker: Linker) -> None:
    assert [link[0] for link in links(linker, "site inspection")] == [6, 5]


def test_declared_language_breaks_the_tie_between_false_friends(linker: Linker) -> None:
    assert links(linker, "pain", "fr")[0][0] == 7
    assert links(linker, "pain", "en")[0][0] == 8


def test_batch_equals_one_by_one(linker: Linker) -> None:
    phrases = ["mig weldin", "", "C#", "site inspections", "mig weldin", "souder MIG"]
    batch = linker.link(phrases)
    assert [batch.of(row) for row in range(len(phrases))] == [links(linker, phrase) for phrase in phrases]


def test_k_cuts_the_list(linker: Linker) -> None:
    assert len(linker.link(["site inspection"], k=1).of(0)) == 1


def test_stricter_settings_abstain_more(linker: Linker) -> None:
    assert linker.link(["cofee preperation"], config=LinkConfig(min_score=0.95)).of(0) == []


def test_empty_label_table_links_nothing() -> None:
    assert Linker(build_label_table([], [], [], [])).link(["anything"]).of(0) == []


def test_bad_arguments_are_refused(linker: Linker) -> None:
    with pytest.raises(ValueError, match="k must"):
        linker.link(["x"], k=0)
    with pytest.raises(ValueError, match="as long as"):
        linker.link(["x"], langs=[])


def test_lexicon_holds_the_language_and_english(linker: Linker) -> None:
    french, polish, any_language = linker.lexicon("fr"), linker.lexicon("pl"), linker.lexicon(None)
    assert "souder au procede mig mag" in french.texts
    assert "mig welding" in french.texts
    assert "souder au procede mig mag" not in polish.texts
    assert any_language.texts >= french.texts | polish.texts


def test_lexicon_trusts_only_preferred_single_words(linker: Linker) -> None:
    lexicon = linker.lexicon("en")
    assert "c++" in lexicon.single_words
    assert "java" in lexicon.texts  # left when the bracketed sense is dropped
    assert "java" not in lexicon.single_words

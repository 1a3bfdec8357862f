"""The linker on a handful of labels: exact first, then fuzzy, else nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import ConceptKind, LinkMethod
from app.matching.fusion_models import exact_model_for
from app.matching.labels import ALTERNATIVE, PREFERRED, build_label_table
from app.matching.link import LinkConfig, Linker

SURE = exact_model_for(ConceptKind.SKILL)
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
    assert links(linker, " Weld with MIG / MAG equipment") == [
        (0, SURE.preferred, LinkMethod.EXACT_PREFERRED)
    ]


def test_alternative_label_is_exact_and_means_its_concept_less_often(linker: Linker) -> None:
    assert links(linker, "mig welding") == [(0, SURE.alternative, LinkMethod.EXACT_ALTERNATIVE)]
    assert SURE.alternative < SURE.preferred


def test_concepts_with_equal_claim_to_a_label_share_its_score() -> None:
    names = build_label_table(["bend", "bend", "fold"], [0, 1, 2], [ALTERNATIVE] * 3, ["en"] * 3)
    linker = Linker(names, LinkConfig(min_score=0.0))
    assert [link[:2] for link in linker.exact("bend", "en")] == [
        (0, SURE.alternative / 2),
        (1, SURE.alternative / 2),
    ]
    assert linker.exact("fold", "en")[0][1] == SURE.alternative


def test_an_english_label_is_trusted_in_any_language(linker: Linker) -> None:
    ((concept, score, method),) = links(linker, "Coffee preparation", "fr")
    assert (concept, score, method) == (4, SURE.alternative, LinkMethod.EXACT_PREFERRED)


def test_a_label_of_another_language_is_trusted_least_but_a_link(linker: Linker) -> None:
    ((concept, score, method),) = links(linker, "souder au procédé MIG/MAG", "en")
    assert (concept, method) == (0, LinkMethod.EXACT_PREFERRED)
    assert score == max(SURE.foreign, LinkConfig().min_score)


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.integers(0, 4),
            st.integers(0, 3),
            st.sampled_from(["en", "fr", "es"]),
        ),
        min_size=1,
    ),
    lang=st.sampled_from(["en", "fr", "de", None]),
)
def test_exact_links_are_ordered_by_claim_and_never_below_the_threshold(
    rows: list[tuple[str, int, int, str]], lang: str | None
) -> None:
    linker = Linker(build_label_table(*map(list, zip(*rows, strict=True))))
    for phrase in ("a", "b"):
        found = linker.exact(phrase, lang)
        scores = [score for _, score, _ in found]
        assert scores == sorted(scores, reverse=True)
        assert all(LinkConfig().min_score <= score <= SURE.preferred for score in scores)
        claims = {
            concept: min(
                (
                    0 if lang in (own, None) or lang not in linker.labels.langs else 1 if own == "en" else 2,
                    kind,
                )
                for text, named, kind, own in rows
                if (text, named) == (phrase, concept)
            )
            for concept, _, _ in found
        }
        assert [concept for concept, _, _ in found] == sorted(claims, key=lambda each: (claims[each], each))


def test_bracketed_sense_may_be_left_out(linker: Linker) -> None:
    assert [link[0] for link in links(linker, "JAVA")] == [3]


def test_c_plus_plus_is_not_c_sharp(linker: Linker) -> None:
    assert links(linker, "c++")[0][0] == 1
    assert links(linker, "c#")[0][0] == 2


def test_typing_errors_link_fuzzily_and_no_surer_than_a_preferred_label(linker: Linker) -> None:
    (concept, score, method), *_ = links(linker, "cofee preperation")
    assert (concept, method) == (4, LinkMethod.FUZZY)
    assert LinkConfig().min_score <= score <= SURE.preferred


def test_qualifiers_around_a_label_leave_it_found(linker: Linker) -> None:
    for phrase in (
        "2 years of coffee preparation",
        "coffee preparation (mandatory)",
        "excellent coffee preparation skills",
    ):
        concept, score, method = links(linker, phrase, "en")[0]
        assert (concept, method) == (4, LinkMethod.EXACT_PREFERRED), phrase
        assert score == pytest.approx(0.9 * SURE.preferred)
    concept, score, method = links(linker, "bonnes connaissances : MIG welding", "fr")[0]
    assert (concept, method) == (0, LinkMethod.EXACT_ALTERNATIVE)
    assert score == pytest.approx(0.9 * SURE.alternative)


@pytest.mark.parametrize(
    ("label", "lang", "concept"), [("souder au procédé MIG/MAG", "en", 0), ("site inspection", "de", 6)]
)
def test_qualifiers_around_a_label_of_little_trust_leave_it_a_link(
    linker: Linker, label: str, lang: str, concept: int
) -> None:
    for phrase in (label, f"{label} (mandatory)"):
        found = linker.candidates([phrase], langs=[lang], k=5).of(0)
        assert found[0][0] == links(linker, phrase, lang)[0][0] == concept
        assert found[0][1] >= LinkConfig().min_score


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

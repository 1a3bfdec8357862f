"""Staff aliases before labels: what wins, what is a slip, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import LinkMethod
from app.matching.aliases import NO_CONCEPT, AliasedLinker, AliasLookup, build_alias_table, is_decided
from app.matching.labels import ALTERNATIVE, PREFERRED, build_label_table
from app.matching.link import Linker
from app.matching.text import canonical

LABELS = [
    ("weld with MIG/MAG equipment", 0, PREFERRED, "en"),
    ("MIG welding", 0, ALTERNATIVE, "en"),
    ("install electrical wiring", 1, PREFERRED, "en"),
    ("coffee preparation", 2, PREFERRED, "en"),
    ("cable laying", 3, PREFERRED, "en"),
]
ALIASES = [
    ("ویلڈنگ کا کام", "ur", 0),
    ("বৈদ্যুতিক তারের কাজ", "bn", 1),
    ("cable laying", "en", 1),
    ("team player attitude", "en", NO_CONCEPT),
    ("coffee preparation machine sales", "en", NO_CONCEPT),
    ("mag welding", "en", 3),
    ("gebouw", "nl", 2),
    ("gebouw", "af", 3),
]


@pytest.fixture(scope="module")
def plain() -> Linker:
    return Linker(build_label_table(*map(list, zip(*LABELS, strict=True))))


@pytest.fixture(scope="module")
def linker(plain: Linker) -> AliasedLinker:
    return AliasedLinker(plain, build_alias_table(*map(list, zip(*ALIASES, strict=True))))


def links(linker: Linker, phrase: str, lang: str | None = None) -> list[tuple[int, float, LinkMethod]]:
    return linker.link([phrase], langs=[lang]).of(0)


@pytest.mark.parametrize(("phrase", "lang", "concept"), [(ALIASES[0][0], "ur", 0), (ALIASES[1][0], "bn", 1)])
def test_a_language_without_labels_links_by_alias_and_abstains_without(
    plain: Linker, linker: Linker, phrase: str, lang: str, concept: int
) -> None:
    assert links(plain, phrase, lang) == []
    assert links(linker, phrase, lang) == [(concept, 1.0, LinkMethod.ALIAS)]


def test_an_alias_overrules_an_exact_label(plain: Linker, linker: Linker) -> None:
    assert links(plain, "Cable laying", "en")[0][2] is LinkMethod.EXACT_PREFERRED
    assert links(linker, "Cable laying", "en") == [(1, 1.0, LinkMethod.ALIAS)]
    assert linker.exact("cable laying", "en") == [(1, 1.0, LinkMethod.ALIAS)]


def test_an_alias_to_no_concept_makes_the_linker_abstain(linker: Linker) -> None:
    assert links(linker, "Team player attitude!", "en") == []
    assert is_decided(linker, "Team player attitude!", "en")


def test_an_alias_holds_for_its_language_and_for_none_declared(linker: Linker) -> None:
    phrase = ALIASES[0][0]
    assert links(linker, phrase, None) == [(0, 1.0, LinkMethod.ALIAS)]
    assert links(linker, phrase, "bn") == []
    assert not is_decided(linker, phrase, "bn")


def test_an_undeclared_phrase_gets_the_aliases_of_every_language(linker: Linker) -> None:
    assert links(linker, "gebouw", None) == [(2, 1.0, LinkMethod.ALIAS), (3, 1.0, LinkMethod.ALIAS)]
    assert links(linker, "gebouw", "nl") == [(2, 1.0, LinkMethod.ALIAS)]


@pytest.mark.parametrize(
    ("phrase", "lang", "score"),
    [
        ("ویلڈنگگ کا کام", "ur", 0.97),  # a letter twice
        ("ویڈلنگ کا کام", "ur", 0.97),  # two letters exchanged
        ("ویلڈنگ کاکام", "ur", 0.97),  # a space forgotten
        ("বৈদ্যুতক তারের কাজ", "bn", 0.97),  # a vowel sign forgotten
        ("বৈদ্যুতক তারেরর কাজ", "bn", 0.94),  # and a letter twice
    ],
)
def test_typing_errors_in_long_words_are_forgiven(
    linker: Linker, phrase: str, lang: str, score: float
) -> None:
    ((_, found, method),) = links(linker, phrase, lang)
    assert (found, method) == (score, LinkMethod.ALIAS)


def test_a_slip_never_beats_an_exact_label(linker: Linker) -> None:
    # One letter from the alias "mag welding", but a label by itself.
    concept, _, method = links(linker, "MIG welding", "en")[0]
    assert (concept, method) == (0, LinkMethod.EXACT_ALTERNATIVE)


@pytest.mark.parametrize(
    ("alias", "phrase"),
    [
        ("mag welding", "mig welding"),  # a short word is another word
        ("welding class 31112", "welding class 31113"),  # figures mean something
        ("gebouw", "gebauw"),  # the phrase is short
        ("plumbing", "plunbimg"),  # two errors in eight characters
        ("plumbing", "climbing walls"),
    ],
)
def test_other_words_are_not_slips(alias: str, phrase: str) -> None:
    lookup = AliasLookup(build_alias_table([alias], ["en"], [0]))
    assert lookup.find_near([(canonical(phrase), "en")]) == {}


def test_a_phrase_without_end_is_compared_with_nothing(linker: AliasedLinker) -> None:
    # Measured as 12 s before aliases were chosen by length.
    assert linker.lookup.find_near([("a" * 1_000_000, None), ("б" * 1_000_000, "ur")]) == {}


def test_the_nearest_alias_wins(plain: Linker) -> None:
    table = build_alias_table(["pipeline weldings", "pipeline welding"], ["en", "en"], [2, 0])
    assert links(AliasedLinker(plain, table), "pipelinee welding", "en") == [(0, 0.97, LinkMethod.ALIAS)]


def test_a_batch_keeps_its_order_and_equals_single_calls(linker: Linker) -> None:
    phrases = [
        "MIG welding",
        ALIASES[0][0],
        "",
        "team player attitude",
        "coffee preparations",
        "ویلڈنگگ کا کام",
        "zzz",
    ]
    langs = ["en", "ur", None, "en", "en", None, "en"]
    together = linker.link(phrases, langs=langs, k=2)
    assert together.indptr.tolist()[0] == 0
    for row, (phrase, lang) in enumerate(zip(phrases, langs, strict=True)):
        assert together.of(row) == linker.link([phrase], langs=[lang], k=2).of(0)


def test_phrases_without_alias_link_as_before(plain: Linker, linker: Linker) -> None:
    phrases = ["MIG welding", "coffee preparations", "nothing like it"]
    before, after = plain.link(phrases), linker.link(phrases)
    assert [before.of(row) for row in range(3)] == [after.of(row) for row in range(3)]


def test_the_lexicon_knows_aliases_of_the_language(linker: Linker) -> None:
    urdu, bengali, undeclared = linker.lexicon("ur"), linker.lexicon("bn"), linker.lexicon(None)
    assert canonical(ALIASES[0][0]) in urdu.texts
    assert canonical(ALIASES[0][0]) not in bengali.texts
    assert undeclared.texts >= {canonical(phrase) for phrase, _, _ in ALIASES}
    assert "mig welding" in urdu.texts
    assert "gebouw" in linker.lexicon("nl").single_words


def test_arguments_are_checked(linker: Linker) -> None:
    with pytest.raises(ValueError, match="langs"):
        linker.link(["a", "b"], langs=["en"])
    with pytest.raises(ValueError, match="k must"):
        linker.link([ALIASES[0][0]], langs=["ur"], k=0)
    with pytest.raises(ValueError, match="equal length"):
        build_alias_table(["a"], [], [])


def test_the_first_of_equal_phrases_counts_and_empty_ones_are_left_out() -> None:
    table = build_alias_table(["Weld!", "weld", "!!!"], ["en", "en", "en"], [1, 2, 3])
    assert list(table.rows()) == [("weld", "en", 1)]


def test_every_public_part_of_a_linker_is_answered_by_the_aliased_one() -> None:
    public = {name for name in vars(Linker) if not name.startswith("_")}
    assert public <= set(vars(AliasedLinker))


@given(
    st.lists(
        st.tuples(st.text("abcdeßé ওী", max_size=9), st.sampled_from(["en", "ur"]), st.integers(-1, 4)),
        max_size=8,
    ),
    st.text("abcdeßé ওী", max_size=9),
)
def test_equal_aliases_in_any_order_give_equal_tables(rows: list[tuple[str, str, int]], phrase: str) -> None:
    distinct = list({(canonical(text), lang): (text, lang, concept) for text, lang, concept in rows}.values())
    tables = [
        build_alias_table([r[0] for r in order], [r[1] for r in order], [r[2] for r in order])
        for order in (distinct, distinct[::-1])
    ]
    assert list(tables[0].rows()) == list(tables[1].rows())
    lookups = [AliasLookup(table) for table in tables]
    key = canonical(phrase), None
    assert lookups[0].find(*key) == lookups[1].find(*key)
    assert lookups[0].find_near([key]) == lookups[1].find_near([key])

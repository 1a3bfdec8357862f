"""Stretches of a clause that may name a skill: few, bounded, and with the readings a writer means."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from app.matching.cues import function_words
from app.matching.reading import read_text
from app.matching.text_lexicon import TextLexicon
from app.matching.windows import WindowConfig, label_spans, phrases_of, windows_of

LABELS = (
    "weld pipes",
    "welding",
    "grinding",
    "tig welding",
    "tig welding of pipes",
    "operate forklifts",
    "plan work",
    "supervise work",
    "cutting of steel",
    "java computer programming",
    "java",
    "sql",
    "go",
    "c#",
    "basic life support",
    "load and unload trucks",
    "computer programming languages",
    "modern languages",
)


def lexicon(single_words: Iterable[str] = ("welding", "c#")) -> TextLexicon:
    return TextLexicon(frozenset(LABELS), frozenset(single_words), function_words("en"))


def labels(text: str, lang: str = "en") -> list[str]:
    reading = read_text(text, lang)
    return [
        span.label for clause in reading.clauses for span in label_spans(text, reading, clause, lexicon())
    ]


def windows(text: str, lang: str = "en") -> list[str]:
    reading = read_text(text, lang)
    words = lexicon()
    return [
        window.phrase
        for clause in reading.clauses
        for window in windows_of(
            reading, clause, label_spans(text, reading, clause, words), words, WindowConfig()
        )
    ]


def test_the_longest_label_wins_and_labels_do_not_overlap() -> None:
    assert labels("experience in TIG welding of pipes and welding") == ["tig welding of pipes", "welding"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("you go to the office", []),
        ("Skills: Go, SQL, Java", ["go", "sql", "java"]),
        ("Experience with Java/Go", ["java", "go"]),
        ("our SQL runs here", ["sql"]),
        ("our sql runs here", []),
        ("WE ALL GO HOME", []),
        ("we write Java here", ["java"]),
        ("fluent in C# now", ["c#"]),
        ("Basic life support", ["basic life support"]),
        ("handling of material", []),
    ],
)
def test_one_word_counts_where_it_is_written_as_a_name_or_an_item(text: str, found: list[str]) -> None:
    assert labels(text) == found


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("You operated all forklifts", "operated all forklifts"),
        ("Operating several forklifts", "operating forklifts"),
        ("forklift operation in a warehouse", "forklift operation"),
        ("planning and supervising work", "planning work"),
        ("planning and supervising work", "supervising work"),
        ("operating cranes and forklifts", "operating forklifts"),
    ],
)
def test_labels_are_found_reworded(text: str, phrase: str) -> None:
    assert phrase in windows(text)


def test_a_word_put_in_between_may_change_the_meaning() -> None:
    assert "modern languages" not in windows("modern programming languages")


def test_no_window_comes_of_words_that_no_label_joins() -> None:
    assert windows("our friendly team in the heart of the city likes long walks") == []


def test_windows_are_few_for_any_text() -> None:
    text = "operating forklifts and weld pipes, " * 2_000
    reading = read_text(text, "en")
    words = lexicon()
    n_windows = sum(
        1
        for clause in reading.clauses
        for _ in windows_of(reading, clause, label_spans(text, reading, clause, words), words, WindowConfig())
    )
    assert n_windows <= len(reading.words)


@pytest.mark.parametrize("joiner", [" ", " and ", "/", " of the "])
def test_a_clause_without_end_has_windows_in_proportion_to_its_length(joiner: str) -> None:
    counts = []
    for n in (200, 400):
        text = joiner.join(["operate forklifts plan work"] * n)
        reading = read_text(text, "en")
        words = lexicon()
        counts.append(
            sum(
                1
                for clause in reading.clauses
                for _ in windows_of(
                    reading, clause, label_spans(text, reading, clause, words), words, WindowConfig()
                )
            )
        )
    assert counts[1] <= 2 * counts[0] + 10
    assert counts[1] <= 4 * 400


def test_a_word_of_many_labels_is_too_vague_by_itself() -> None:
    many = [f"{name} engineering" for name in ("abcdefghijklmnopqrstuvwxyz" * 3)]
    texts = {"engineering", *(f"{text} {row}" for row, text in enumerate(many))}
    words = TextLexicon(frozenset(texts), frozenset(), frozenset())
    assert not words.is_name("engineering")
    assert lexicon().is_name("java")


def test_arabic_articles_do_not_hide_a_word() -> None:
    words = TextLexicon(frozenset({"لحام الانابيب"}), frozenset(), function_words("ar"))
    assert words.is_wording([words.stem("اللحام"), words.stem("انابيب")])


def test_all_phrases_of_a_text_come_once_in_its_order() -> None:
    text = "Go, SQL, TIG welding and grinding; operating forklifts, TIG welding"
    assert phrases_of(text, "en", lexicon(), WindowConfig()) == [
        "go",
        "sql",
        "tig welding",
        "grinding",
        "operating forklifts",
    ]

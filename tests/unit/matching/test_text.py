"""The canonical form on the cases that text cleaners get wrong."""

import unicodedata
from typing import Literal

import pytest

from app.matching.text import canonical, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C", "c"),
        ("C++", "c++"),
        ("C#", "c#"),
        (".NET", ".net"),
        ("ASP.NET, Node.js", "asp.net node.js"),
        ("R&D", "r&d"),
        ("Java (computer programming)", "java computer programming"),
        ("l'équipement électrique", "l equipement electrique"),
        ("Schweißen", "schweissen"),
        ("اللِّحَام", "اللحام"),
        ("أعمال الكهربـاء", "اعمال الكهرباء"),
        ("١٢ سنة", "12 سنه"),
        ("বাংলা কাজ", "বাংলা কাজ"),
        ("Йод", "йод"),
        ("zero\u200bwidth", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u202bright-to-left\u202c", "right to left"),
        ("…", ""),
        ("snake_case", "snake case"),
        ("end of line. Next", "end of line next"),
    ],
)
def test_canonical(text: str, expected: str) -> None:
    assert canonical(text) == expected


def test_spans_point_into_the_original() -> None:
    text = "Soudage\u200b MIG/MAG et C++."
    assert [text[token.start : token.end] for token in tokens(text)] == [
        "Soudage\u200b",
        "MIG",
        "MAG",
        "et",
        "C++",
    ]
    assert [token.text for token in tokens(text)] == ["soudage", "mig", "mag", "et", "c++"]


@pytest.mark.parametrize("text", ["a" + "\u0300\u0316" * 1_000, "a" + "\u1ab0\u200b\u1ab5\u200b" * 1_000])
def test_normalisation_never_sees_a_long_run_of_marks(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Putting n marks in order takes n * n steps: 200,000 characters would take a minute.
    longest = 0

    def normalize(form: Literal["NFC", "NFD", "NFKC"], given: str) -> str:
        nonlocal longest
        run = 0
        for char in given:
            run = run + 1 if unicodedata.combining(char) else 0
            longest = max(longest, run)
        return original(form, given)

    original = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", normalize)
    assert canonical(text).startswith("a")
    assert 0 < longest <= 30

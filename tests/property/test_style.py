"""How a profile is typed does not change what it earns."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.preparation import prepare_candidates
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from app.taxonomy.starter import starter_taxonomy
from tests.factories import make_candidate_record

LINES = (
    "Welder",
    "MIG welding and TIG welding for three years, also reading of technical drawings.",
    "Served customers; kept the accounts of the café.",
    "No experience with forklifts, but with warehouse management.",
    "I want to learn Python (advanced: Excel, SQL).",
    "Teamwork, problem solving, customer service",
    "Cleaned rooms (hotel), prepared food and handled cash.",
    "2019–2021: Nurse, first aid and care of older people",
)
WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(ord("a"), ord("z") + 1)})


def with_soft_hyphens(text: str) -> str:
    return "".join(
        f"{char}\u00ad" if char.isalpha() and text[at + 1 : at + 2].isalpha() and at % 5 == 0 else char
        for at, char in enumerate(text)
    )


STYLES: dict[str, Callable[[str], str]] = {
    "line ends of another system": lambda text: text.replace("\n", "\r\n"),
    "indented": lambda text: text.replace("\n", "\n    "),
    "tabs": lambda text: text.replace("\n", "\n\t"),
    "spaces at line ends": lambda text: text.replace("\n", "   \n"),
    "accents apart": lambda text: unicodedata.normalize("NFD", text),
    "spaces that do not break": lambda text: text.replace(" ", "\u00a0"),
    "soft hyphens": with_soft_hyphens,
    "wide letters": lambda text: text.translate(WIDE),
    "empty lines at the end": lambda text: f"{text}\n\n\n",
}


@lru_cache(maxsize=1)
def index() -> TaxonomyIndex:
    return build_taxonomy_index(starter_taxonomy())


def earned(text: str) -> tuple[object, ...]:
    (candidate,) = prepare_candidates(index(), [make_candidate_record(id="a", text=text)])
    claims = sorted((str(claim.skill_key), claim.level or 0) for claim in candidate.claims)
    return claims, candidate.terms, {occupation for occupation, _ in candidate.occupations}, candidate.vetting


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=10)
@given(st.permutations(LINES), st.integers(1, len(LINES)))
def test_style_changes_nothing(style: str, lines: list[str], n: int) -> None:
    text = "\n".join(lines[:n])
    assert earned(STYLES[style](text)) == earned(text)


@settings(max_examples=10)
@given(st.permutations(LINES), st.integers(1, 4))
def test_saying_it_again_changes_nothing(lines: list[str], n: int) -> None:
    text = "\n".join(lines[:n])
    claims, terms, *_ = earned(text)
    again, repeated, *_ = earned("\n\n".join([text] * 5))
    assert (again, repeated) == (claims, terms)


@settings(max_examples=10)
@given(st.permutations(LINES), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_changes_no_word(lines: list[str], change: Callable[[str], str]) -> None:
    text = "\n".join(lines)
    assert earned(change(text))[1] == earned(text)[1]

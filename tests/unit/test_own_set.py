"""The project's own labelled phrases keep the form that their page promises."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from app.domain.enums import ConceptKind
from app.intake.evaluation_sets import read_evaluation_set

ROOT = Path(__file__).parents[2]
OWN = ROOT / "tests/golden/linking/own_300.jsonl"
ESCO = ROOT.parent / "shared" / "esco" / "v1.1.1"


@pytest.fixture(scope="module")
def queries():
    return read_evaluation_set(OWN).queries


def test_every_language_has_sixty_phrases_of_which_a_fifth_names_nothing(queries):
    assert Counter(query.lang for query in queries) == dict.fromkeys(("en", "fr", "de", "es", "pl"), 60)
    assert Counter(query.lang for query in queries if not query.gold) == dict.fromkeys(
        ("en", "fr", "de", "es", "pl"), 12
    )


def test_phrases_are_short_and_named_once(queries):
    assert len({query.text for query in queries}) == len(queries)
    assert max(len(query.text.split()) for query in queries) <= 10


def test_concepts_are_one_to_three_of_the_phrases_kind(queries):
    for query in queries:
        part = "skill" if query.kind is ConceptKind.SKILL else "occupation"
        assert len(query.gold) <= 3
        assert all(uri.startswith(f"http://data.europa.eu/esco/{part}/") for uri in query.gold)


@pytest.mark.skipif(not ESCO.is_dir(), reason="the ESCO files are not beside the checkout (../shared/esco)")
def test_every_concept_is_one_of_esco(queries):
    tables = [
        gzip.decompress((ESCO / f"{name}_en.csv.gz").read_bytes()).decode()
        for name in ("skills", "occupations")
    ]
    for query in queries:
        for uri in query.gold:
            assert any(f",{uri}," in table for table in tables), uri

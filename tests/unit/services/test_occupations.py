"""Job titles -> occupations, or the ISCO-08 group that the likely ones share."""

from dataclasses import replace

import pytest

from app.domain.enums import ConceptKind, LabelKind, LinkMethod
from app.domain.taxonomy import Concept, Label, Taxonomy
from app.matching.link import Linker
from app.services.occupations import (
    MOST_WORKED,
    NO_OCCUPATION,
    TITLE_LINKS,
    guess_occupations,
    resolve_occupations,
    worked_occupations,
)
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.unit.services.small_taxonomy import small_taxonomy

_WAITING = {
    "hotel receptionist": "4224",
    "hotel receptionist night": "4224",
    "hotel front desk receptionist": "4224",
    "hotel porter": "9621",
}


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


@pytest.fixture(scope="module")
def hotel() -> TaxonomyIndex:
    uris = {title: f"urn:test:{row}" for row, title in enumerate(sorted(_WAITING))}
    concepts = [
        Concept(uris[title], ConceptKind.OCCUPATION, isco_group=isco) for title, isco in _WAITING.items()
    ]
    labels = [Label(uris[title], "en", LabelKind.PREFERRED, title) for title in _WAITING]
    base = small_taxonomy()
    return build_taxonomy_index(
        Taxonomy(
            name=base.name,
            concepts=tuple(sorted(concepts, key=lambda concept: concept.uri)),
            labels=tuple(sorted(labels, key=lambda label: label.uri)),
            relations=(),
            descriptions=(),
            languages=("en",),
            checksum=base.checksum,
        )
    )


@pytest.mark.parametrize(
    ("title", "isco"),
    [
        ("Welder (m/w/d) - Hamburg", "7212"),
        ("Senior Welder, full time", "7212"),
        ("MIG WELDER ref 1234", "7212"),
        ("Plumber for a site in Lyon", "7126"),
    ],
)
def test_conditions_and_places_do_not_hide_an_occupation(index: TaxonomyIndex, title: str, isco: str) -> None:
    (occupation,) = resolve_occupations(index, [title], ["en"])
    assert occupation.isco_code == isco
    assert occupation.row is not None


def test_a_pair_of_titles_is_read_as_either(index: TaxonomyIndex) -> None:
    (occupation,) = resolve_occupations(index, ["Soudeur / Soudeuse H/F"], ["fr"])
    assert occupation.isco_code == "7212"


def test_the_group_of_likely_occupations_is_the_answer_where_none_is_sure(
    hotel: TaxonomyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = hotel.occupation_linker
    strict = Linker(held.labels, replace(held.config, min_score=0.98), kind=ConceptKind.OCCUPATION)
    monkeypatch.setattr(TaxonomyIndex, "occupation_linker", property(lambda index: strict))
    title = "receptionists in seaside hotels"
    (occupation,) = resolve_occupations(hotel, [title], ["en"], replace(TITLE_LINKS, min_voter_score=0.0))
    assert (occupation.row, occupation.isco_code, occupation.method) == (None, "4224", LinkMethod.ISCO_GROUP)
    assert 0 < occupation.score < 1


def test_no_group_is_answered_without_likely_occupations(hotel: TaxonomyIndex) -> None:
    assert resolve_occupations(hotel, ["astronaut"], ["en"]) == [NO_OCCUPATION]


def test_a_line_of_a_profile_is_an_occupation_only_if_it_equals_one(index: TaxonomyIndex) -> None:
    lines = ["Senior welder", "I like welders", "soudeuse"]
    guessed = guess_occupations(index, lines, ["en", "en", "fr"])
    assert [occupation.isco_code for occupation in guessed] == ["7212", "", "7212"]


def test_what_stands_later_in_a_line_is_no_title(index: TaxonomyIndex) -> None:
    lines = ["Welder, Lahore, 7 yrs", "Backend engineer, Lahore. Node, Kafka, plumber", "Nurse, plumber"]
    guessed = guess_occupations(index, [*lines, "1. Sr. Welder, Lahore"], ["en"] * 4)
    assert [occupation.isco_code for occupation in guessed] == ["7212", "", "", "7212"]


def test_one_clause_after_a_heading_may_be_a_title(index: TaxonomyIndex) -> None:
    lines = ["Occupation: welder", "Tools: plumber, welder", "Occupation: ", "Skills: tools: welder"]
    guessed = guess_occupations(index, lines, ["en"] * 4)
    assert [occupation.isco_code for occupation in guessed] == ["7212", "", "", ""]


def test_a_title_beside_a_period_of_work_may_have_the_firm_after_it(index: TaxonomyIndex) -> None:
    periods = [["MIG welder Company Name"], ["Steel works", "plumber"], ["Pipe work"]]
    found = worked_occupations(index, periods, "en")
    assert [(occupation.isco_code, words) for occupation, words in found] == [
        ("7212", "MIG welder"),
        ("7126", "plumber"),
    ]


def test_periods_without_an_occupation_do_not_use_up_their_number(index: TaxonomyIndex) -> None:
    periods = [["Chess club"]] * 20 + [["plumber"]] * (MOST_WORKED + 1)
    assert [words for _, words in worked_occupations(index, periods, "en")] == ["plumber"] * MOST_WORKED


def test_one_word_of_several_beside_a_period_may_be_a_firm(index: TaxonomyIndex) -> None:
    assert worked_occupations(index, [["Plumber Holding"]], "en") == []

"""What a pair is worth beyond what the engine found: copies earn nothing, near-duplicates are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.records import CandidateRecord, ClaimRecord, RequirementRecord, VacancyRecord
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.factories import TODAY
from tests.unit.services.small_taxonomy import SKILL, small_taxonomy

DESCRIPTION = (
    "We build frames for horticultural trailers in Odrzyca and look for somebody who sets out, clamps and "
    "joins galvanised profiles with patience, checks each seam against the drawing and signs the travel card"
)
VACANCY = VacancyRecord(
    id="v", title="Frame joiner", description=DESCRIPTION, lang="en", skills=(RequirementRecord(f"{SKILL}1"),)
)
OWN = "Three years at a workshop for garden tools; drawings read daily."
CLEAN = CandidateRecord(id="a", lang="en", text=OWN, skills=(ClaimRecord(f"{SKILL}1"),))
FILLER = [
    CandidateRecord(id=f"f{at:02}", lang="en", text=f"Seams and profiles, year {at}.") for at in range(40)
]


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def ranked(index, *people, k=10):
    (ranking,) = rank_records(index, [VACANCY], people, k=k, today=TODAY, explain=True)
    return ranking


def test_a_copied_passage_earns_nothing_and_is_flagged(index: TaxonomyIndex) -> None:
    copied = replace(CLEAN, id="b", text=f"{OWN}\n{DESCRIPTION}")
    clean, pasted = ranked(index, CLEAN, copied).matches
    assert (clean.candidate_id, pasted.candidate_id) == ("a", "b")
    assert pasted.score == clean.score
    assert pasted.parts == clean.parts
    assert "copied_from_vacancy" in pasted.flags
    assert clean.flags == ("thin_profile", "confidence_low")
    assert sum(share.value for share in pasted.contributions) == pasted.score


def test_honest_people_move_up_past_those_who_copied(index: TaxonomyIndex) -> None:
    cheats = [CandidateRecord(id=f"c{at:02}", lang="en", text=DESCRIPTION) for at in range(30)]
    ranking = ranked(index, *cheats, *FILLER, k=5)
    assert {match.candidate_id[0] for match in ranking.matches} == {"f"}
    assert ranking.matches == ranked(index, *FILLER, k=5).matches


def test_structured_skills_stay_whatever_is_copied(index: TaxonomyIndex) -> None:
    only_copied = CandidateRecord(id="c", lang="en", text=DESCRIPTION, skills=(ClaimRecord(f"{SKILL}1"),))
    (match,) = ranked(index, only_copied).matches
    assert match.parts["skills"] > 0
    assert match.parts["text"] == 0


def test_nearly_the_same_profiles_name_each_other(index: TaxonomyIndex) -> None:
    text = f"{OWN} I have kept the tools of four benches in order and trained two apprentices from Sousse."
    twins = [replace(CLEAN, id="t1", text=text), replace(CLEAN, id="t2", text=text.replace("four", "five"))]
    found = {match.candidate_id: match for match in ranked(index, *twins, *FILLER[:3]).matches}
    assert found["t1"].near_duplicates == ("t2",)
    assert found["t2"].near_duplicates == ("t1",)
    assert found["f00"].near_duplicates == ()


ASKED = ("arc welding", "sourdough", "pipe fitting", "blueprint reading", "MIG welding", "site safety")
DEMANDING = VacancyRecord(
    id="v", title="—", lang="en", skills=tuple(RequirementRecord(each) for each in ASKED)
)


def scores(index, *people):
    (ranking,) = rank_records(index, [DEMANDING], people, k=len(people), today=TODAY)
    return {match.candidate_id: (match.score, "keyword_list" in match.flags) for match in ranking.matches}


def test_a_line_of_all_that_is_asked_earns_nothing_and_one_of_some_of_it_does(index: TaxonomyIndex) -> None:
    lines = {"none": "", "five": ", ".join(ASKED[:5]), "all": ", ".join(ASKED)}
    people = [replace(CLEAN, id=name, text=f"{OWN}\n{line}") for name, line in lines.items()]
    found = scores(index, *people)
    assert found["five"][0] > found["none"][0] == found["all"][0]
    assert [name for name, (_, is_flagged) in found.items() if is_flagged] == ["all"]


def test_what_is_said_in_sentences_or_as_skills_earns_its_worth_beside_such_a_line(
    index: TaxonomyIndex,
) -> None:
    line = f"{OWN}\n{', '.join(ASKED)}"
    told = f"For two winters I did the pipe fitting of the greenhouses of Odrzyca.\n{line}"
    people = [
        replace(CLEAN, id="line", text=line),
        replace(CLEAN, id="told", text=told),
        replace(CLEAN, id="held", text=OWN, skills=tuple(map(ClaimRecord, ASKED))),
        replace(CLEAN, id="both", text=line, skills=tuple(map(ClaimRecord, ASKED))),
    ]
    found = scores(index, *people)
    assert found["line"][0] < found["told"][0] < found["held"][0] == found["both"][0]
    assert found["told"][1]

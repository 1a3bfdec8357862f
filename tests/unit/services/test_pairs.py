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

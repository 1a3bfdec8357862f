from __future__ import annotations

import random
from dataclasses import replace

import pytest

from app.domain.enums import ConceptKind, LinkMethod, PhraseKind, Provenance
from app.domain.record_changes import AliasLoss, ClaimChange, Reason, RequirementChange, Side
from app.domain.records import AliasRecord
from app.services.record_comparison import compare_records, with_candidate_names
from app.services.taxonomy_index import TaxonomyIndex
from tests.factories import TODAY, make_candidate_record, make_vacancy_record
from tests.unit.services.changed_taxonomy import GONE, NEW, changed_taxonomy
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL, small_taxonomy

OLD, LATER = TaxonomyIndex(small_taxonomy()), TaxonomyIndex(changed_taxonomy())

VACANCIES = [
    make_vacancy_record(id="v-silent", title="Welder", occupation="welder"),
    make_vacancy_record(
        id="v-stated", title="Welder", occupation="welder", skills=["weld grinding", "arc welding"]
    ),
    make_vacancy_record(id="v-other", title="Baker", skills=["sourdough"]),
]
CANDIDATES = [
    make_candidate_record(id="c-grinder", skills=["weld grinding", "site safety"]),
    make_candidate_record(id="c-laser", skills=["cut with a laser", "site safety"]),
    make_candidate_record(id="c-safe", skills=["site safety"]),
]


def compared(**options):
    return compare_records(OLD, LATER, VACANCIES, CANDIDATES, **options, today=TODAY)


def test_a_phrase_tells_its_links_before_and_after_and_who_uses_it():
    by_phrase = {change.phrase: change for change in compared().links}
    assert set(by_phrase) == {"weld grinding", "cut with a laser"}
    grinding = by_phrase["weld grinding"]
    assert grinding.kind is ConceptKind.SKILL
    assert grinding.before is not None
    assert (grinding.before.uri, grinding.before.label) == (GONE, "grind welds")
    assert grinding.before.method is LinkMethod.EXACT_ALTERNATIVE
    assert grinding.after is None or grinding.after.uri != GONE
    assert (grinding.n_vacancies, grinding.n_candidates) == (1, 1)
    laser = by_phrase["cut with a laser"]
    assert laser.after is not None
    assert (laser.after.uri, laser.after.method) == (NEW, LinkMethod.EXACT_PREFERRED)
    assert (laser.n_vacancies, laser.n_candidates) == (0, 1)


def test_inferred_requirements_come_and_go_with_the_list_of_the_occupation():
    of_silent = [change for change in compared().requirements if change.vacancy_id == "v-silent"]
    assert of_silent == [
        RequirementChange(
            "v-silent", Side.DISAPPEARS, Provenance.INFERRED, GONE, "grind welds", Reason.CONCEPT_GONE
        ),
        RequirementChange(
            "v-silent", Side.APPEARS, Provenance.INFERRED, NEW, "cut with a laser", Reason.CONCEPT_NEW
        ),
    ]
    # What a vacancy states is a matter of links.
    assert {change.vacancy_id for change in compared().requirements} == {"v-silent"}


def test_a_list_that_lost_a_kept_skill_is_named_as_the_reason():
    taxonomy = small_taxonomy()
    without = [each for each in taxonomy.relations if each.target_uri != SKILL + "safety"]
    later = TaxonomyIndex(replace(taxonomy, relations=tuple(without)))
    [change] = compare_records(OLD, later, VACANCIES[:1], CANDIDATES, today=TODAY).requirements
    assert (change.uri, change.reason) == (SKILL + "safety", Reason.OCCUPATION_SKILLS)


def test_claims_come_and_go_with_their_words():
    claims = compared().claims
    assert (
        ClaimChange("c-grinder", Side.DISAPPEARS, "weld grinding", GONE, "grind welds", Reason.CONCEPT_GONE)
        in claims
    )
    assert (
        ClaimChange("c-laser", Side.APPEARS, "cut with a laser", NEW, "cut with a laser", Reason.CONCEPT_NEW)
        in claims
    )
    assert not [claim for claim in claims if claim.candidate_id == "c-safe"]


def test_ranks_move_and_say_why():
    rankings = {ranking.vacancy_id: ranking for ranking in compared().rankings}
    silent = rankings["v-silent"]
    assert silent.overlap == 1.0
    assert silent.reasons == (Reason.CONCEPT_GONE, Reason.CONCEPT_NEW)
    moves = {move.candidate_id: move for move in silent.moves}
    assert (moves["c-grinder"].rank_before, moves["c-laser"].rank_after) == (1, 1)
    assert Reason.LINK in moves["c-laser"].reasons
    assert moves["c-laser"].phrases == ("cut with a laser",)
    assert moves["c-laser"].score_after is not None
    assert "v-other" not in rankings


def test_a_candidate_beyond_the_first_k_has_no_rank():
    [silent] = [each for each in compared(k=1).rankings if each.vacancy_id == "v-silent"]
    assert silent.overlap == 0.0
    assert [(move.candidate_id, move.rank_before, move.rank_after) for move in silent.moves] == [
        ("c-laser", None, 1),
        ("c-grinder", 1, None),
    ]


def test_the_order_of_the_records_changes_nothing():
    shuffled = random.Random(5)
    vacancies, candidates = VACANCIES.copy(), CANDIDATES.copy()
    shuffled.shuffle(vacancies)
    shuffled.shuffle(candidates)
    assert compare_records(OLD, LATER, vacancies, candidates, today=TODAY) == compared()


def test_the_same_release_changes_nothing():
    same = compare_records(OLD, TaxonomyIndex(small_taxonomy()), VACANCIES, CANDIDATES, today=TODAY)
    assert not any(same.counts.values())
    assert same.mean_overlap == 1.0


def test_no_records_are_no_changes():
    empty = compare_records(OLD, LATER, [], [], today=TODAY)
    assert (empty.n_vacancies, empty.links, empty.rankings, empty.mean_overlap) == (0, (), (), 1.0)


def test_candidates_are_shown_under_other_names_in_the_same_order():
    plain = compared()
    names = {"c-grinder": "Z", "c-laser": "A", "c-safe": "M"}
    named = with_candidate_names(plain, names)
    assert [claim.candidate_id for claim in named.claims] == [
        names[claim.candidate_id] for claim in plain.claims
    ]
    assert [move.candidate_id for each in named.rankings for move in each.moves] == [
        names[move.candidate_id] for each in plain.rankings for move in each.moves
    ]


def test_aliases_hold_on_both_releases_and_those_without_their_concept_are_told():
    vacancy = make_vacancy_record(id="v", skills=["Schleifen", "Vorsicht"], lang="de")
    aliases = [
        AliasRecord("Vorsicht", "de", PhraseKind.SKILL, SKILL + "safety"),
        AliasRecord("Schleifen", "de", PhraseKind.SKILL, GONE),
        AliasRecord("Pause", "de", PhraseKind.SKILL, None),
        AliasRecord("Zauberei", "de", PhraseKind.SKILL, "urn:nowhere"),
    ]
    result = compare_records(OLD, LATER, [vacancy], CANDIDATES, aliases=aliases, today=TODAY)
    assert result.aliases_lost == (AliasLoss(PhraseKind.SKILL, "Schleifen", "de", GONE, "grind welds"),)
    assert result.counts["aliases_lost"] == 1
    of_vacancy = [change for change in result.links if change.n_vacancies]
    assert [(change.phrase, change.before and change.before.method) for change in of_vacancy] == [
        ("Schleifen", LinkMethod.ALIAS)
    ]


def test_a_ranking_of_nobody_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        compared(k=0)


def test_another_occupation_is_told_for_the_title_too():
    taxonomy = small_taxonomy()
    welder = OCCUPATION + "welder"
    later = replace(
        taxonomy,
        concepts=tuple(concept for concept in taxonomy.concepts if concept.uri != welder),
        labels=tuple(label for label in taxonomy.labels if label.uri != welder),
        relations=tuple(each for each in taxonomy.relations if each.source_uri != welder),
    )
    vacancy = make_vacancy_record(id="v", title="MIG welder", occupation="")
    result = compare_records(OLD, TaxonomyIndex(later), [vacancy], CANDIDATES, today=TODAY)
    assert [(change.kind, change.phrase) for change in result.links] == [
        (ConceptKind.OCCUPATION, "MIG welder")
    ]
    assert {change.reason for change in result.requirements} == {Reason.OCCUPATION_LINK}

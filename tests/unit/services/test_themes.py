"""Themes: what brings texts of two languages together, and what does not move them."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.enums import ConceptKind, LabelKind, PhraseKind, RelationKind
from app.domain.records import AliasRecord, CandidateRecord, ClaimRecord, VacancyRecord
from app.domain.taxonomy import Concept, Label, Relation, Taxonomy
from app.matching.weights import DEFAULT_WEIGHTS, WeightProfile
from app.services.aliased_index import with_aliases
from app.services.latent_spaces import LEAST_TEXTS, LatentSpaces
from app.services.preparation import prepare_candidates, prepare_vacancies
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from app.services.themes import N_ASKED, N_OFFERED, theme_row
from app.services.vetting import lessened
from tests.unit.services.small_taxonomy import small_taxonomy

VERBS = {"weld": "souder", "paint": "peindre", "repair": "réparer", "drive": "conduire", "bake": "cuire"}
SYLLABLES_EN = (
    "bor",
    "cal",
    "dun",
    "fel",
    "gam",
    "hob",
    "jin",
    "kel",
    "lom",
    "mur",
    "nad",
    "pex",
    "rig",
    "sop",
)
SYLLABLES_FR = (
    "vou",
    "zai",
    "qué",
    "plé",
    "tri",
    "eau",
    "chu",
    "oix",
    "gna",
    "frè",
    "ssi",
    "oul",
    "ien",
    "cau",
)
THINGS = [
    (left + right + "t", fr_left + fr_right + "e")
    for left, fr_left in zip(SYLLABLES_EN, SYLLABLES_FR, strict=True)
    for right, fr_right in zip(SYLLABLES_EN, SYLLABLES_FR, strict=True)
]
DAY = date(2026, 1, 1)


def two_languages() -> Taxonomy:
    """Made-up occupations, each with a name in English and one in French that share no word."""
    concepts, labels = [], []
    for verb, (english, french) in enumerate(VERBS.items()):
        for thing, (made, faite) in enumerate(THINGS):
            uri = f"urn:test:occupation:{verb}-{thing:03}"
            concepts.append(Concept(uri, ConceptKind.OCCUPATION, isco_group=f"{verb + 1}111"))
            labels.append(Label(uri, "en", LabelKind.PREFERRED, f"{english} {made}"))
            labels.append(Label(uri, "fr", LabelKind.PREFERRED, f"{french} {faite}"))
            labels.append(Label(uri, "en", LabelKind.ALTERNATIVE, f"{made} to {english}"))
    return replace(
        small_taxonomy(),
        concepts=tuple(sorted(concepts, key=lambda each: each.uri)),
        labels=tuple(sorted(labels, key=lambda each: (each.uri, each.lang, each.kind, each.text))),
        relations=(),
        descriptions=(),
    )


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    taxonomy = two_languages()
    assert len(taxonomy.labels) >= LEAST_TEXTS
    return build_taxonomy_index(taxonomy, LatentSpaces(learns=True))


def vacancy() -> VacancyRecord:
    things = " ".join(made for made, _ in THINGS[:3])
    return VacancyRecord(
        id="v", title="Wanted", description=f"You weld {things} and weld them well.", lang="en"
    )


def profile(name: str, verb: str, first: int) -> CandidateRecord:
    things = " ".join(faite for _, faite in THINGS[first : first + 3])
    return CandidateRecord(id=name, text=f"Je sais {verb} : {things}, aussi longtemps qu'il faut.", lang="fr")


PEOPLE = [profile("fits", "souder", 0), profile("other", "cuire", 100)]


def themes_of(index: TaxonomyIndex, person: CandidateRecord) -> set[str]:
    (prepared,) = prepare_candidates(index, [person])
    return {word for word in prepared.terms if theme_row(word) is not None}


def test_who_does_the_work_in_another_language_comes_first(index: TaxonomyIndex) -> None:
    (found,) = rank_records(index, [vacancy()], PEOPLE, k=2, today=DAY, explain=True)
    assert [match.candidate_id for match in found.matches] == ["fits", "other"]
    best, last = found.matches
    assert best.score > 2 * last.score
    about = [share for share in best.contributions if share.relation == "themes"]
    assert len(about) == 1
    assert about[0].part == "text"
    assert "weld" in about[0].requirement
    assert "weld" in about[0].claim
    assert about[0].requirement_uri is not None
    # By themes alone, whatever else words of another language tell.
    themes_only = replace(DEFAULT_WEIGHTS, theme=1.0)
    (alone,) = rank_records(index, [vacancy()], PEOPLE, k=2, today=DAY, weights=themes_only)
    assert [match.candidate_id for match in alone.matches] == ["fits", "other"]
    assert alone.matches[0].score > 2 * alone.matches[1].score


def test_contributions_sum_to_the_score_exactly(index: TaxonomyIndex) -> None:
    weights = replace(DEFAULT_WEIGHTS, theme=0.37)
    (found,) = rank_records(index, [vacancy()], PEOPLE, k=2, today=DAY, explain=True, weights=weights)
    for match in found.matches:
        assert sum(share.value for share in match.contributions) == match.score
        assert sum(share.weight for share in match.contributions) == 1.0


def test_neither_repetition_nor_a_stated_skill_moves_what_a_text_is_about(index: TaxonomyIndex) -> None:
    person = PEOPLE[0]
    found = themes_of(index, person)
    assert 0 < len(found) <= N_OFFERED
    assert themes_of(index, replace(person, text="\n".join([person.text] * 3))) == found
    more = replace(person, skills=(ClaimRecord(skill="cuire zaivoue"),))
    assert themes_of(index, more) == found


def test_who_writes_nothing_and_a_release_without_a_space_have_no_themes(index: TaxonomyIndex) -> None:
    assert themes_of(index, CandidateRecord(id="c", occupations=("souder vouvoue",))) == set()
    assert themes_of(index, profile("c", "et", 0)) <= {f"~{row}" for row in range(len(index.occupations))}
    small = build_taxonomy_index(small_taxonomy())
    assert small.themes is None
    assert themes_of(small, PEOPLE[0]) == set()
    assert prepare_vacancies(small, [vacancy()])[0].themes == ()


def test_a_vacancy_asks_for_its_nearest_themes(index: TaxonomyIndex) -> None:
    (prepared,) = prepare_vacancies(index, [vacancy()])
    closeness = [close for _, close in prepared.themes]
    assert 0 < len(closeness) <= N_ASKED
    assert closeness == sorted(closeness, reverse=True)


def test_nobody_can_write_a_theme(index: TaxonomyIndex) -> None:
    person = CandidateRecord(id="c", text="~1 ~2 ~3\n~4", lang="fr")
    assert themes_of(index, person) == set()


def test_weights_approved_before_there_were_themes_give_them_nothing() -> None:
    values = DEFAULT_WEIGHTS.as_dict()
    del values["theme"]
    assert WeightProfile.from_dict(values).theme == 0.0


def test_a_text_out_of_which_something_was_taken_has_no_themes(index: TaxonomyIndex) -> None:
    hidden = replace(PEOPLE[0], text=f"{PEOPLE[0].text} <span style='display:none'>weld weld weld</span>")
    (prepared,) = prepare_candidates(index, [hidden])
    assert prepared.vetting
    assert themes_of(index, hidden) == set()
    whole, left = prepare_candidates(index, [PEOPLE[0], replace(PEOPLE[0], text=PEOPLE[0].text[:40])])
    assert not any(theme_row(word) is not None for word in lessened(whole, left).terms)
    assert "souder" in lessened(whole, left).terms


def test_staff_aliases_leave_what_texts_are_about_as_it_is(index: TaxonomyIndex) -> None:
    aliased = with_aliases(index, [AliasRecord("a word of staff", "en", PhraseKind.OCCUPATION, None)])
    assert aliased is not index
    assert aliased.themes is index.themes
    assert index.themes is not None


SKILL_VERBS = (("blim", "zuder"), ("krat", "zaper"), ("snov", "ziler"), ("dwap", "zorer"), ("tyrg", "zeker"))


def with_skills() -> Taxonomy:
    """The same occupations, each in need of one skill whose names share no word with its own."""
    release = two_languages()
    concepts, labels, relations = [], [], []
    for verb, (english, french) in enumerate(SKILL_VERBS):
        for thing, (made, faite) in enumerate(THINGS):
            uri = f"urn:test:skill:{verb}-{thing:03}"
            concepts.append(Concept(uri, ConceptKind.SKILL))
            names = (("en", f"{english} {made[::-1]}"), ("fr", f"{french} {faite[::-1]}"))
            labels += [Label(uri, lang, LabelKind.PREFERRED, text) for lang, text in names]
            labels.append(Label(uri, "fr", LabelKind.ALTERNATIVE, f"{faite[::-1]} à {french}"))
            relations.append(Relation(f"urn:test:occupation:{verb}-{thing:03}", RelationKind.ESSENTIAL, uri))
    return replace(
        release,
        concepts=tuple(sorted((*release.concepts, *concepts), key=lambda each: each.uri)),
        labels=tuple(
            sorted((*release.labels, *labels), key=lambda each: (each.uri, each.lang, each.kind, each.text))
        ),
        relations=tuple(relations),
    )


@pytest.fixture(scope="module")
def skilled() -> TaxonomyIndex:
    return build_taxonomy_index(with_skills(), LatentSpaces(learns=True))


def of_skills(lang: str) -> CandidateRecord:
    """Somebody who names what occupation 0-000 to 0-002 need, and none of the occupations."""
    things = ", ".join(f"zuder {faite[::-1]}" for _, faite in THINGS[:3])
    return CandidateRecord(id="skilled", text=f"{things}, aussi longtemps.", lang=lang)


def n_needing(index: TaxonomyIndex, themes: set[str]) -> int:
    rows = {index.occupations.row_of[f"urn:test:occupation:0-{thing:03}"] for thing in range(3)}
    return len(rows & {theme_row(word) for word in themes})


def test_what_occupations_need_tells_what_a_text_is_about(skilled: TaxonomyIndex) -> None:
    assert skilled.skill_themes is not None
    assert skilled.skill_themes.langs == {"en", "fr"}
    themes = themes_of(skilled, of_skills("fr"))
    assert 0 < len(themes) <= N_OFFERED
    assert n_needing(skilled, themes) == 3


def test_in_a_language_without_labels_of_skills_names_alone_decide(
    skilled: TaxonomyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    french, polish = (themes_of(skilled, of_skills(lang)) for lang in ("fr", "pl"))
    monkeypatch.setattr(TaxonomyIndex, "skill_themes", None)
    assert themes_of(skilled, of_skills("pl")) == polish
    assert n_needing(skilled, themes_of(skilled, of_skills("fr"))) < n_needing(skilled, french) == 3


def test_without_a_space_of_skills_names_alone_decide(index: TaxonomyIndex) -> None:
    assert index.themes is not None
    assert index.skill_themes is None


def test_a_skill_more_moves_no_theme_read_from_skills(skilled: TaxonomyIndex) -> None:
    person = of_skills("fr")
    more = replace(person, skills=(ClaimRecord(skill="zaper euoviaz"),))
    assert themes_of(skilled, more) == themes_of(skilled, person)
    again = replace(person, text="\n".join([person.text] * 3))
    assert themes_of(skilled, again) == themes_of(skilled, person)


def test_staff_aliases_leave_the_places_of_occupations_as_they_are(skilled: TaxonomyIndex) -> None:
    aliased = with_aliases(skilled, [AliasRecord("a word of staff", "lv", PhraseKind.SKILL, None)])
    assert aliased.skill_themes is skilled.skill_themes


def test_an_undeclared_vacancy_is_read_in_the_language_it_is_in(
    skilled: TaxonomyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "Nous cherchons quelqu'un pour notre atelier, avec de l'expérience dans ces tâches : zuder euovuov."
    )
    undeclared = VacancyRecord(id="v", title="Poste", description=text)
    (found,) = prepare_vacancies(skilled, [undeclared])
    monkeypatch.setattr(TaxonomyIndex, "skill_themes", None)
    (by_name,) = prepare_vacancies(skilled, [undeclared])
    assert found.themes
    assert found.themes != by_name.themes

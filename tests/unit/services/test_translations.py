"""Dictionaries of a release, and what they do to a ranking."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from app.domain.enums import EvidenceGrade, PhraseKind
from app.domain.records import AliasRecord, CandidateRecord, ClaimRecord, VacancyRecord
from app.matching.weights import DEFAULT_WEIGHTS
from app.services.aliased_index import with_aliases
from app.services.preparation import prepare_candidates, prepare_vacancies
from app.services.prepared_profiles import dump_profile, load_profile
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from app.services.translations import Translations
from app.services.vetting import lessened
from app.taxonomy.starter import starter_taxonomy

DAY = date(2026, 1, 1)
WORDS_ONLY = replace(DEFAULT_WEIGHTS, theme=0.0)


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    """The starter taxonomy without anything learned, so that there are no themes."""
    return build_taxonomy_index(starter_taxonomy())


GERMAN = VacancyRecord(
    id="de",
    lang="de",
    title="Helfer gesucht",
    description="Sie montieren Photovoltaikanlagen und verlegen die Verkabelung der Module.",
)
PLUMBER = CandidateRecord(
    id="a-plumber", lang="fr", text="Pendant trois ans : raccords, éviers, robinets, puis dépannage."
)
ROOFTOPS = CandidateRecord(
    id="rooftops", lang="fr", text="Pendant trois ans : modules photovoltaïques, câblage, puis dépannage."
)


def test_words_of_two_languages_meet_in_english(index: TaxonomyIndex) -> None:
    (found,) = rank_records(
        index, [GERMAN], [PLUMBER, ROOFTOPS], k=2, today=DAY, explain=True, weights=WORDS_ONLY
    )
    assert found.matches[0].candidate_id == "rooftops"
    (words,) = [each for each in found.matches[0].contributions if each.relation == "words"]
    assert "photovoltaiques (photovoltaic)" in words.claim
    assert words.requirement == "7 words of the vacancy"
    assert sum(each.value for each in found.matches[0].contributions) == found.matches[0].score


def test_an_english_profile_and_an_english_vacancy_are_as_they_were(index: TaxonomyIndex) -> None:
    vacancy = VacancyRecord(id="en", lang="en", title="Helper", description="You install solar modules.")
    person = CandidateRecord(id="p", lang="en", text="Solar modules on roofs.")
    assert prepare_vacancies(index, [vacancy])[0].translations == {}
    assert prepare_candidates(index, [person])[0].translated == {}


def test_the_vacancys_own_words_are_shown_as_they_are(index: TaxonomyIndex) -> None:
    person = CandidateRecord(id="p", lang="de", text="Photovoltaikanlagen seit drei Jahren.")
    (found,) = rank_records(index, [GERMAN], [person], k=1, today=DAY, explain=True, weights=WORDS_ONLY)
    (words,) = [each for each in found.matches[0].contributions if each.relation == "words"]
    assert words.claim == "photovoltaikanlagen"


def test_languages_without_labels_and_english_have_no_dictionary(index: TaxonomyIndex) -> None:
    for lang in ("en", "xx", None):
        assert index.translations.for_vacancies(lang) == {}
    assert index.translations.for_vacancies("fr")["soudage"][0].word == "welding"


def test_a_word_that_is_english_too_stands_for_itself_unless_the_profile_is_in_its_language(
    index: TaxonomyIndex,
) -> None:
    # "structures" stands in French and in English labels, and in French ones beside other English words.
    translations = index.translations
    assert "structures" not in translations.for_vacancies("fr")
    assert "structures" in translations.for_profiles("fr")
    assert all("structures" not in translations.for_profiles(lang) for lang in ("en", "de", "xx", None))


def test_a_profile_in_whatever_language_stands_for_all_that_a_vacancys_words_do(index: TaxonomyIndex) -> None:
    for asked in index.taxonomy.languages:
        for word, handed in index.translations.for_vacancies(asked).items():
            for said in ("en", "ar", "de", "fr", "xx", None):
                held = index.translations.for_profiles(said)[word]
                assert {each.word for each in handed} <= {each.word for each in held}


def test_a_dictionary_is_learned_once_whoever_asks_first(index: TaxonomyIndex) -> None:
    tables = [index.skill_linker.labels, index.occupation_linker.labels]
    fresh = Translations(tables)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: fresh.for_profiles("fr"), range(8)))
    assert all(each is found[0] for each in found)
    assert found[0] == index.translations.for_profiles("fr")


def test_equal_releases_share_what_is_learned_and_others_do_not(index: TaxonomyIndex) -> None:
    assert build_taxonomy_index(starter_taxonomy()).translations is index.translations
    whole = starter_taxonomy()
    fewer = replace(whole, labels=tuple(each for each in whole.labels if each.lang != "de"))
    assert build_taxonomy_index(fewer).translations is not index.translations


def test_aliases_change_no_dictionary(index: TaxonomyIndex) -> None:
    alias = AliasRecord(
        phrase="bidouille", lang="fr", kind=PhraseKind.SKILL, concept_uri=index.skills.concepts[0].uri
    )
    assert with_aliases(index, [alias]).translations is index.translations


def test_translations_are_kept_with_a_linked_profile(index: TaxonomyIndex) -> None:
    (prepared,) = prepare_candidates(index, [ROOFTOPS])
    assert prepared.translated["photovoltaic"] == "photovoltaiques"
    kept = load_profile(ROOFTOPS.id, dump_profile(prepared))
    assert kept.translated == prepared.translated
    assert kept.terms == prepared.terms


def test_what_is_taken_out_of_a_profile_takes_its_translations_along(index: TaxonomyIndex) -> None:
    whole, left = prepare_candidates(
        index, [ROOFTOPS, replace(ROOFTOPS, text="Pendant trois ans : câblage.")]
    )
    assert "photovoltaic" in whole.terms
    assert "photovoltaic" not in lessened(whole, left).terms


def test_a_word_that_only_a_passage_stood_for_is_not_left_by_another_of_its_spelling(
    index: TaxonomyIndex,
) -> None:
    welding = CandidateRecord(id="p", lang="fr", text="Je fais du soudage.")
    whole, left = prepare_candidates(index, [welding, replace(welding, text="Je fais du 'welding'.")])
    assert "welding" in whole.translated
    assert "welding" in left.terms
    found = lessened(whole, left)
    assert "welding" not in found.terms
    assert found.terms <= whole.terms
    assert lessened(whole, whole).terms == whole.terms
    assert lessened(whole, whole).translated == whole.translated


FRENCH = VacancyRecord(
    id="fr", lang="fr", title="Soudeur", description="Soudage et câblage de structures métalliques."
)


@pytest.mark.parametrize("lang", ["fr", "en", "de", "ar", None])
def test_who_writes_the_vacancys_words_earns_them_in_whatever_language(
    index: TaxonomyIndex, lang: str | None
) -> None:
    person = CandidateRecord(id="p", lang=lang, text="soudage\ncâblage\nmétalliques\nstructures\nsoudeur")
    (found,) = rank_records(index, [FRENCH], [person], k=1, today=DAY, explain=True, weights=WORDS_ONLY)
    (words,) = [each for each in found.matches[0].contributions if each.relation == "words"]
    assert words.credit == 1.0


@pytest.mark.parametrize("lang", ["fr", "en", None])
def test_what_if_tells_what_a_stated_skill_would_bring(index: TaxonomyIndex, lang: str | None) -> None:
    person = CandidateRecord(id="p", lang=lang, text="Soudeur, un poste en atelier depuis un an.")
    (found,) = rank_records(index, [FRENCH], [person], k=1, today=DAY, with_what_if=True)
    told = found.matches[0].what_if
    assert told
    for each in told:
        claim = ClaimRecord(skill=each.requirement, evidence=EvidenceGrade.ASSESSED)
        (real,) = rank_records(index, [FRENCH], [replace(person, skills=(claim,))], k=1, today=DAY)
        assert real.matches[0].score == each.score

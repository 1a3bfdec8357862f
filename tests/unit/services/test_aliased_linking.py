"""Urdu and Bengali, which ESCO has no labels in, live from staff aliases, on both sides."""

import pytest

from app.domain.enums import LinkMethod, PhraseKind
from app.domain.records import AliasRecord
from app.services.aliased_index import with_aliases
from app.services.linking import link_skills
from app.services.occupations import NO_OCCUPATION, resolve_occupations
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from app.services.text_linking import find_skills
from app.taxonomy import starter_taxonomy
from tests.factories import TODAY, make_candidate_record, make_vacancy_record

SKILL = "urn:talentbridge:starter:skill:"
WELDER = "urn:talentbridge:starter:occupation:mig-welder"
WELDING = AliasRecord("ویلڈنگ کا کام", "ur", PhraseKind.SKILL, SKILL + "mig-mag-welding")
WIRING = AliasRecord("বৈদ্যুতিক তারের কাজ", "bn", PhraseKind.SKILL, SKILL + "wire-distribution-boards")
ALIASES = [
    WELDING,
    WIRING,
    AliasRecord("ویلڈر", "ur", PhraseKind.OCCUPATION, WELDER),
    AliasRecord("team player", "en", PhraseKind.SKILL, None),
    AliasRecord("MIG welder - night shift sales", "en", PhraseKind.OCCUPATION, None),
    AliasRecord("of another release", "en", PhraseKind.SKILL, "http://data.europa.eu/esco/skill/none"),
]


@pytest.fixture(scope="module")
def plain() -> TaxonomyIndex:
    return build_taxonomy_index(starter_taxonomy())


@pytest.fixture(scope="module")
def aliased(plain: TaxonomyIndex) -> TaxonomyIndex:
    return with_aliases(plain, ALIASES)


def found(index: TaxonomyIndex, phrase: str, lang: str | None) -> tuple[str, LinkMethod] | None:
    (link,) = link_skills(index, [phrase], [lang])
    return None if link is None else (index.skills.concepts[link[0]].uri, link[2])


@pytest.mark.parametrize("alias", [WELDING, WIRING])
def test_a_phrase_in_a_language_without_labels_abstains_until_it_has_an_alias(
    plain: TaxonomyIndex, aliased: TaxonomyIndex, alias: AliasRecord
) -> None:
    assert found(plain, alias.phrase, alias.lang) is None
    assert found(aliased, alias.phrase, alias.lang) == (alias.concept_uri, LinkMethod.ALIAS)


def test_aliases_of_both_sides_meet_and_change_the_ranking(
    plain: TaxonomyIndex, aliased: TaxonomyIndex
) -> None:
    welders = make_vacancy_record(id="v-1", lang="ur", title="—", skills=[WELDING.phrase, "team player"])
    electricians = make_vacancy_record(
        id="v-2", lang="en", title="—", skills=["wire distribution boards", "team player"]
    )
    candidates = [
        make_candidate_record(id="a", lang="en", skills=["sourdough"]),
        make_candidate_record(id="b", lang="bn", skills=[WIRING.phrase]),
        make_candidate_record(id="c", lang="en", skills=["MIG/MAG welding"]),
    ]

    def best(index: TaxonomyIndex) -> list[tuple[str, bool]]:
        rankings = rank_records(index, [welders, electricians], candidates, k=3, today=TODAY)
        return [(ranking.matches[0].candidate_id, ranking.matches[0].score > 0) for ranking in rankings]

    assert best(plain) == [("a", False), ("a", False)]
    assert best(aliased) == [("c", True), ("b", True)]


def test_running_text_is_searched_for_aliases(plain: TaxonomyIndex, aliased: TaxonomyIndex) -> None:
    texts = [f"میں نے {WELDING.phrase} کیا ہے، اور بہت کچھ", f"আমি {WIRING.phrase} জানি"]
    langs = ["ur", "bn"]
    assert find_skills(plain, texts, langs) == [[], []]
    for text, alias, links in zip(texts, [WELDING, WIRING], find_skills(aliased, texts, langs), strict=True):
        (link,) = links
        assert text[link.start : link.end] == alias.phrase
        assert aliased.skills.concepts[link.skill_row].uri == alias.concept_uri
        assert link.method is LinkMethod.ALIAS


def test_a_phrase_without_concept_names_none_in_running_text(plain: TaxonomyIndex) -> None:
    label = "wire distribution boards"
    refused = with_aliases(plain, [AliasRecord(label + " for show", "en", PhraseKind.SKILL, None)])
    text = f"Tasks: {label} for show"
    assert [link.method for link in find_skills(plain, [text], ["en"])[0]] == [LinkMethod.EXACT_PREFERRED]
    assert find_skills(refused, [text], ["en"]) == [[]]


def test_titles_link_by_alias(plain: TaxonomyIndex, aliased: TaxonomyIndex) -> None:
    (before,) = resolve_occupations(plain, ["ویلڈر"], ["ur"])
    (after,) = resolve_occupations(aliased, ["ویلڈر"], ["ur"])
    assert before == NO_OCCUPATION
    assert after.row == aliased.occupations.row_of[WELDER]
    assert after.method is LinkMethod.ALIAS


def test_a_decided_title_is_not_taken_apart(plain: TaxonomyIndex, aliased: TaxonomyIndex) -> None:
    title = "MIG welder (m/f/d) - night shift sales"
    (before,) = resolve_occupations(plain, [title], ["en"])
    (after,) = resolve_occupations(aliased, [title], ["en"])
    assert before != NO_OCCUPATION
    assert after == NO_OCCUPATION


def test_an_alias_to_a_concept_of_another_release_changes_nothing(aliased: TaxonomyIndex) -> None:
    assert found(aliased, "of another release", "en") is None


def test_no_alias_is_no_other_index(plain: TaxonomyIndex) -> None:
    assert with_aliases(plain, []) is plain
    assert plain.alias_digest == ""


def test_the_digest_says_what_the_aliases_say(plain: TaxonomyIndex) -> None:
    one, same, other = (
        with_aliases(plain, aliases).alias_digest
        for aliases in ([WELDING, WIRING], [WIRING, WELDING], [WELDING])
    )
    assert one == same != other


def test_tables_of_the_release_are_built_once_for_all(plain: TaxonomyIndex, aliased: TaxonomyIndex) -> None:
    for name in ("skill_relations", "essential_skills", "skill_rarity", "term_rarity"):
        assert getattr(aliased, name) is getattr(plain, name)
    assert aliased.label(WELDER, "fr") == plain.label(WELDER, "fr")


def test_the_narrower_scope_counts(plain: TaxonomyIndex) -> None:
    own = AliasRecord(WELDING.phrase, "ur", PhraseKind.SKILL, SKILL + "tig-welding")
    index = with_aliases(plain, [own, WELDING])
    assert found(index, WELDING.phrase, "ur") == (SKILL + "tig-welding", LinkMethod.ALIAS)

"""Running texts -> skills with their place, importance, level and language, on the small taxonomy."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.enums import Importance, LabelKind, LinkMethod, SkillLevel
from app.domain.taxonomy import Label
from app.matching.cues import Section
from app.matching.link import Linker
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from app.services.text_linking import TEXT_LINKS, TextLink, find_skills
from tests.unit.services.small_taxonomy import SKILL, small_taxonomy

# A handful of labels makes every n-gram a common one.
LENIENT = replace(TEXT_LINKS, min_score=0.3, fuzzy=replace(TEXT_LINKS.fuzzy, min_score=0.3))


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def links(
    index: TaxonomyIndex, text: str, lang: str | None = "en", *, is_profile: bool = False
) -> dict[str, TextLink]:
    (found,) = find_skills(index, [text], [lang], is_profile=is_profile)
    return {index.skills.concepts[link.skill_row].uri.removeprefix(SKILL): link for link in found}


def test_each_skill_comes_once_with_its_place(index: TaxonomyIndex) -> None:
    text = "Tasks: MIG welding, weld grinding.\nMIG welding again; read technical drawings"
    found = links(index, text)
    assert {name: text[link.start : link.end] for name, link in found.items()} == {
        "mig-welding": "MIG welding",
        "grinding": "weld grinding",
        "plans": "read technical drawings",
    }
    starts = [link.start for link in found.values()]
    assert starts == sorted(starts)
    assert found["plans"].method is LinkMethod.EXACT_PREFERRED


def test_a_label_is_found_in_other_words_of_the_same_stems(index: TaxonomyIndex) -> None:
    text = "Tasks: reading technical drawings; cutting and grinding welds"
    (found,) = find_skills(index, [text], ["en"], config=LENIENT)
    assert {text[link.start : link.end]: link.method for link in found} == {
        "reading technical drawings": LinkMethod.FUZZY,
        "grinding welds": LinkMethod.FUZZY,
    }


def test_saying_it_again_takes_no_window_from_what_comes_later(index: TaxonomyIndex) -> None:
    narrow = replace(LENIENT, windows=replace(LENIENT.windows, max_windows=40))
    first, later = "Tasks: cutting and grinding welds", "Tasks: reading technical drawings"
    once, again = find_skills(
        index, [f"{first}\n{later}", "\n".join([*[first] * 200, later])], ["en", "en"], config=narrow
    )
    assert len(once) == 2
    assert {link.skill_row for link in again} == {link.skill_row for link in once}


def test_texts_in_an_unloaded_language_are_read_with_english_labels(index: TaxonomyIndex) -> None:
    assert list(links(index, "Wymagania: MIG welding, meulage", "pl")) == ["mig-welding"]


def test_a_cue_gives_the_importance_and_its_words(index: TaxonomyIndex) -> None:
    text = "MIG welding required, weld grinding would be an advantage. We do arc welding."
    found = links(index, text)
    welding, grinding = found["mig-welding"], found["grinding"]
    assert (welding.importance, grinding.importance) == (Importance.ESSENTIAL, Importance.OPTIONAL)
    assert text[welding.cue_start : welding.cue_end] == "required"
    assert text[grinding.cue_start : grinding.cue_end] == "an advantage"
    assert found["arc-welding"].importance is None


def test_a_heading_gives_the_importance_without_words(index: TaxonomyIndex) -> None:
    found = links(index, "Requirements:\n- MIG welding\nNice to have:\n- pipe fitting")
    assert (found["mig-welding"].importance, found["mig-welding"].section) == (
        Importance.ESSENTIAL,
        Section.REQUIREMENTS,
    )
    assert found["mig-welding"].cue_start is None
    assert found["pipe-fitting"].importance is Importance.OPTIONAL


def test_level_and_months_come_with_the_skill(index: TaxonomyIndex) -> None:
    found = links(index, "Basic blueprint reading.\n3 years of MIG welding.\nPipe fitting (advanced)")
    assert found["plans"].level is SkillLevel.BASIC
    assert found["mig-welding"].months == 36
    assert found["pipe-fitting"].level is SkillLevel.ADVANCED


def test_what_is_denied_names_no_skill(index: TaxonomyIndex) -> None:
    assert list(links(index, "No MIG welding experience needed. Pipe fitting is required.")) == [
        "pipe-fitting"
    ]
    assert list(links(index, "Keine Erfahrung in MIG welding nötig", "de")) == []


def test_a_skill_denied_once_and_asked_for_once_is_asked_for(index: TaxonomyIndex) -> None:
    assert "mig-welding" in links(index, "MIG welding.\nMIG welding not required at night.")


def test_the_stricter_mention_counts(index: TaxonomyIndex) -> None:
    text = "MIG welding is an advantage.\nRequirements:\nMIG welding (expert)\n"
    link = links(index, text)["mig-welding"]
    assert (link.importance, link.level) == (Importance.ESSENTIAL, SkillLevel.EXPERT)


def test_boilerplate_names_no_skill(index: TaxonomyIndex) -> None:
    text = "Welder wanted.\nTasks:\nMIG welding\nWhat we offer:\nblueprint reading courses\n"
    assert list(links(index, text)) == ["mig-welding"]


def test_a_wish_is_no_claim_but_may_be_asked_for(index: TaxonomyIndex) -> None:
    text = "I am looking to learn MIG welding. Pipe fitting."
    assert list(links(index, text, is_profile=True)) == ["pipe-fitting"]
    assert links(index, text)["mig-welding"].is_wished


def test_the_language_that_won_is_told(index: TaxonomyIndex) -> None:
    text = (
        "Nous cherchons une personne pour le soudage MIG dans notre atelier de la région.\n"
        "You will be responsible for the pipe fitting in all of our plants and on the sites.\n"
    )
    found = links(index, text, None)
    assert (found["mig-welding"].lang, found["pipe-fitting"].lang) == ("fr", "en")
    assert text[found["pipe-fitting"].start : found["pipe-fitting"].end] == "pipe fitting"


def test_markup_moves_no_place(index: TaxonomyIndex) -> None:
    text = "<ul><li><b>MIG</b> welding</li>\n<li>pipe&nbsp;fitting</li></ul>"
    found = links(index, text)
    assert text[found["pipe-fitting"].start : found["pipe-fitting"].end] == "pipe&nbsp;fitting"


@pytest.mark.parametrize(
    "hostile",
    [
        "MIG welding " * 20_000,
        "a" * 1_000_000,
        "(" * 300_000 + "MIG",
        "\u200b\u202e" * 200_000 + "MIG welding",
        "no not without must have good " * 4_000,
        "</li><li>- " * 50_000,
        "e\u0301\u0323" * 40_000,
    ],
)
def test_a_huge_text_gives_a_bounded_batch(
    index: TaxonomyIndex, hostile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = []
    link = Linker.link

    def counting(self: Linker, phrases, **options):
        batches.append(len(phrases))
        return link(self, phrases, **options)

    monkeypatch.setattr(Linker, "link", counting)
    find_skills(index, [hostile], ["en"])
    assert sum(batches) <= TEXT_LINKS.windows.max_windows


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["MIG welding", "not required", ",", "\n", "pipe fitting", "(", "a plus", ")", ":", "x"]
        )
    )
)
def test_places_always_lie_in_the_text(index: TaxonomyIndex, parts: list[str]) -> None:
    text = " ".join(parts)
    for link in find_skills(index, [text], [None])[0]:
        assert 0 <= link.start < link.end <= len(text)
        assert text[link.start : link.end].strip() == text[link.start : link.end]


def test_english_words_do_not_stand_for_skills_in_the_prose_of_another_language() -> None:
    base = small_taxonomy()
    uri = SKILL + "grinding"
    labels = (
        *base.labels,
        Label(uri, "de", LabelKind.PREFERRED, "Stempel"),
        Label(uri, "en", LabelKind.PREFERRED, "dies"),
    )
    index = build_taxonomy_index(replace(base, labels=tuple(sorted(labels, key=lambda label: label.uri))))
    assert "stempel" in index.text_lexicon("de").single_words
    assert "dies" not in index.text_lexicon("de").single_words
    assert "dies" in index.text_lexicon("en").single_words
    (links,) = find_skills(index, ["Wir machen dies mit einem Stempel."], ["de"])
    assert len(links) == 1

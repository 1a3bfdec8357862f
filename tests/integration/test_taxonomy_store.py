from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import SessionFactory, make_engine, make_session_factory, session_scope
from app.domain.enums import ConceptKind, LabelKind
from app.errors import NotFound, ReleaseConflict
from app.models.taxonomy import ConceptLabel, TaxonomyRelease
from app.services.taxonomy import (
    ConceptHit,
    ImportOutcome,
    ImportReceipt,
    find_default_release,
    get_release,
    import_release,
    list_releases,
    load_taxonomy,
    search_concepts,
)
from app.taxonomy import ReadResult, read_starter, read_taxonomy
from tests.unit.taxonomy.package import (
    Rows,
    goes_with,
    needs,
    occupation,
    skill,
    small_release,
    uri,
    write_folder,
)

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)
ESCO = Path(__file__).parents[3] / "shared" / "esco"

FRENCH = {
    "skills_fr": [
        {"conceptUri": uri("weld"), "preferredLabel": "souder", "altLabels": "assembler"},
        {"conceptUri": uri("grind"), "preferredLabel": "meuler", "altLabels": ""},
    ]
}
FRENCH_OCCUPATIONS = {
    "occupations_fr": [{"conceptUri": uri("welder"), "preferredLabel": "soudeur", "altLabels": ""}]
}


def read(*packages: Mapping[str, Rows], name: str = "made-up") -> ReadResult:
    """Read packages together, each as a folder of its own."""
    with TemporaryDirectory() as folder:
        paths = [write_folder(Path(folder, str(n)), tables) for n, tables in enumerate(packages)]
        return read_taxonomy(paths, name=name)


def store(session: Session, *packages: Mapping[str, Rows], name: str = "made-up", **options) -> ImportReceipt:
    return import_release(session, read(*packages, name=name), **{"now": NOW, **options})


def changed(table: str, rows: Rows) -> dict[str, Rows]:
    return small_release() | {table: rows}


# Import


def test_a_release_is_loaded_as_it_was_read(session: Session):
    receipt = store(session, small_release())
    assert receipt.outcome is ImportOutcome.IMPORTED
    assert receipt.n_new_labels == {"en": 8}
    assert receipt.issues == ()

    loaded = load_taxonomy(session, "made-up")
    assert loaded == read(small_release()).taxonomy
    assert receipt.checksum == loaded.checksum


def test_the_starter_taxonomy_is_loaded_as_it_was_read(session: Session):
    import_release(session, read_starter(), now=NOW)
    assert load_taxonomy(session, "starter-1") == read_starter().taxonomy


def test_importing_again_changes_nothing(session: Session):
    first = store(session, small_release())
    again = store(session, small_release(), now=LATER)
    assert again.outcome is ImportOutcome.NO_CHANGE
    assert again.checksum == first.checksum
    assert again.n_new_labels == {}
    assert get_release(session, "made-up").imported_at == NOW
    assert session.scalar(select(func.count()).select_from(ConceptLabel)) == 8


def test_a_part_of_a_release_changes_nothing(session: Session):
    store(session, small_release())
    part = {"skills_en": small_release()["skills_en"]}
    assert store(session, part).outcome is ImportOutcome.NO_CHANGE
    assert load_taxonomy(session, "made-up") == read(small_release()).taxonomy


def test_two_releases_live_side_by_side(session: Session):
    other = changed("skills_en", [skill("weld", "join metal"), skill("grind", "grind welds")])
    store(session, small_release(), name="esco-1.1")
    store(session, other, name="esco-1.2")
    assert load_taxonomy(session, "esco-1.1") == read(small_release(), name="esco-1.1").taxonomy
    assert load_taxonomy(session, "esco-1.2") == read(other, name="esco-1.2").taxonomy


def test_progress_reaches_the_end_of_every_stage(session: Session):
    ends: dict[str, tuple[int, int]] = {}

    def progress(stage: str, done: int, total: int) -> None:
        ends[stage] = (done, total)

    store(session, small_release(), progress=progress)
    assert ends == {
        "concepts": (5, 5),
        "relations": (5, 5),
        "labels en": (8, 8),
        "descriptions en": (1, 1),
    }


# Further languages


def test_a_language_is_added_as_if_read_together(session: Session):
    store(session, small_release())
    receipt = store(session, FRENCH, now=LATER)
    assert receipt.outcome is ImportOutcome.LABELS_ADDED
    assert receipt.n_new_labels == {"fr": 3}
    loaded = load_taxonomy(session, "made-up")
    assert loaded == read(small_release(), FRENCH).taxonomy
    assert receipt.checksum == loaded.checksum
    assert store(session, FRENCH).outcome is ImportOutcome.NO_CHANGE


def test_a_language_may_come_in_parts(session: Session):
    store(session, small_release())
    store(session, FRENCH)
    receipt = store(session, FRENCH_OCCUPATIONS)
    assert receipt.n_new_labels == {"fr": 1}
    loaded = load_taxonomy(session, "made-up")
    assert loaded == read(small_release(), FRENCH, FRENCH_OCCUPATIONS).taxonomy
    assert get_release(session, "made-up").n_labels == {"en": 8, "fr": 4}


def test_a_whole_package_in_another_language_adds_it(session: Session):
    french = {
        "skills_fr": [skill("weld", "souder", description="Assembler."), skill("grind", "meuler")],
        "occupations_fr": [occupation("welder", "soudeur")],
        **{name: rows for name, rows in small_release().items() if not name.endswith("_en")},
    }
    del french["broaderRelationsSkillPillar"], french["broaderRelationsOccPillar"]
    store(session, small_release())
    assert store(session, french).outcome is ImportOutcome.LABELS_ADDED
    assert load_taxonomy(session, "made-up") == read(small_release(), french).taxonomy


def test_labels_of_unknown_concepts_are_left_out_and_reported(session: Session):
    more = {
        "skills_fr": [
            *FRENCH["skills_fr"],
            {"conceptUri": uri("gone"), "preferredLabel": "parti", "altLabels": ""},
        ]
    }
    store(session, small_release())
    receipt = store(session, more)
    assert receipt.n_new_labels == {"fr": 3}
    (issue,) = receipt.issues
    assert (issue.code, issue.row, issue.column) == ("concept-unknown", 4, "conceptUri")
    assert issue.message.startswith("skills_fr.csv: made-up has no concept")
    assert load_taxonomy(session, "made-up") == read(small_release(), more).taxonomy
    again = store(session, more)
    assert again.outcome is ImportOutcome.NO_CHANGE
    assert len(again.issues) == 1


def test_labels_need_their_release_first(session: Session):
    with pytest.raises(ReleaseConflict, match="not imported yet, and these files hold only labels"):
        store(session, FRENCH)


def test_labels_of_another_release_altogether_are_refused(session: Session):
    store(session, small_release())
    foreign = {"skills_fr": [{"conceptUri": uri("other"), "preferredLabel": "autre"}]}
    with pytest.raises(ReleaseConflict, match="made-up has none of the 1 concepts"):
        store(session, foreign)


# Conflicts


def test_another_label_under_the_same_name_is_refused(session: Session):
    store(session, small_release())
    with pytest.raises(
        ReleaseConflict, match=r"other texts in 'en' for 1 of these concepts.*weld.*another name"
    ):
        store(session, {"skills_en": [skill("weld", "join metal")]})
    assert load_taxonomy(session, "made-up") == read(small_release()).taxonomy


def test_another_description_under_the_same_name_is_refused(session: Session):
    store(session, small_release())
    described = skill("weld", "weld metal", "join metal", description="Something else.")
    with pytest.raises(ReleaseConflict, match="other texts in 'en'"):
        store(session, {"skills_en": [described]})


@pytest.mark.parametrize(
    ("table", "rows", "extra", "lacking"),
    [
        ("occupationSkillRelations", [needs("welder", "weld")], 0, 1),
        ("skillSkillRelations", [goes_with("weld", "grind"), goes_with("grind", "weld")], 1, 0),
        ("occupations_en", [occupation("welder", "welder", "metal joiner", iscoGroup="7213")], 1, 1),
    ],
)
def test_other_concepts_or_relations_under_the_same_name_are_refused(
    session: Session, table: str, rows: Rows, extra: int, lacking: int
):
    store(session, small_release())
    with pytest.raises(
        ReleaseConflict, match=f"have {extra} that it has not, and lack {lacking} .*--release"
    ):
        store(session, changed(table, rows))
    assert load_taxonomy(session, "made-up") == read(small_release()).taxonomy


def test_a_package_in_another_language_with_more_relations_is_refused(session: Session):
    store(session, small_release())
    french = {
        "skills_fr": [skill("weld", "souder"), skill("grind", "meuler")],
        "skillSkillRelations": [goes_with("grind", "weld")],
    }
    with pytest.raises(ReleaseConflict, match="have 1 that it has not"):
        store(session, french)


def test_the_database_allows_one_default(session: Session):
    store(session, small_release(), name="a")
    store(session, small_release(), name="b")
    for release in session.scalars(select(TaxonomyRelease)):
        release.is_default = True
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_database_allows_one_preferred_label_in_a_language(session: Session):
    store(session, small_release())
    for label in session.scalars(select(ConceptLabel)):
        label.kind = LabelKind.PREFERRED
    with pytest.raises(IntegrityError):
        session.flush()


def test_two_imports_at_the_same_time_store_one_release(session_factory: SessionFactory):
    """The second waits for the first, and then finds its release or is told to try again."""

    def import_it() -> ImportOutcome | None:
        try:
            with session_scope(session_factory) as session:
                return store(session, small_release()).outcome
        except ReleaseConflict:
            return None

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda _: import_it(), range(2)))

    assert outcomes.count(ImportOutcome.IMPORTED) == 1
    assert set(outcomes) <= {ImportOutcome.IMPORTED, ImportOutcome.NO_CHANGE, None}
    with session_factory() as session:
        assert load_taxonomy(session, "made-up") == read(small_release()).taxonomy


# Listing


def default_name(session: Session) -> str | None:
    release = find_default_release(session)
    return None if release is None else release.name


def test_the_first_release_is_the_default_until_another_is_made_so(session: Session):
    assert default_name(session) is None
    assert store(session, small_release(), name="first").is_default
    assert not store(session, small_release(), name="second").is_default
    assert default_name(session) == "first"

    assert store(session, small_release(), name="second", make_default=True).is_default
    assert default_name(session) == "second"
    assert [(r.name, r.is_default) for r in list_releases(session)] == [("first", False), ("second", True)]


def test_a_release_is_summed_up(session: Session):
    store(session, small_release(), name="esco-9")
    summary = get_release(session, "esco-9")
    assert (summary.n_skills, summary.n_occupations, summary.n_groups, summary.n_relations) == (2, 1, 2, 5)
    assert summary.n_labels == {"en": 8}
    assert summary.imported_at == NOW
    assert "ESCO classification of the European Commission" in summary.source_note


@pytest.mark.parametrize("function", [load_taxonomy, get_release])
def test_an_unknown_release_is_not_found(session: Session, function):
    store(session, small_release())
    with pytest.raises(NotFound, match=r"No taxonomy release 'other'\. Imported: made-up"):
        function(session, "other")


# Search


@pytest.fixture
def searchable(session: Session) -> Session:
    tables = {
        "skills_en": [
            skill("weld", "weld", "join metal"),
            skill("weld-under", "weld underwater"),
            skill("inspect", "inspect welds"),
            skill("braze", "braze", "welding with filler metal"),
            skill("unweld", "unwelding"),
            skill("percent", "100% cotton"),
            skill("cpp", "C++"),
            skill("csharp", "C#"),
        ],
        "occupations_en": [occupation("welder", "welder")],
        "skills_fr": [skill("weld", "souder"), skill("percent", "weldom")],
    }
    store(session, tables)
    return session


def labels(
    session: Session, q: str, lang: str = "en", limit: int = 10, kind: ConceptKind = ConceptKind.SKILL
):
    return [hit.label for hit in search_concepts(session, "made-up", kind, q, lang, limit)]


def test_equal_beginning_word_and_inner_matches_come_in_this_order(searchable: Session):
    assert labels(searchable, "weld") == [
        "weld",
        "weld underwater",
        "braze",
        "inspect welds",
        "unwelding",
        "100% cotton",
    ]


def test_the_limit_keeps_the_best(searchable: Session):
    assert labels(searchable, "weld", limit=2) == ["weld", "weld underwater"]
    assert labels(searchable, "weld", limit=4) == ["weld", "weld underwater", "braze", "inspect welds"]


def test_a_hit_names_the_label_it_met(searchable: Session):
    (hit,) = search_concepts(searchable, "made-up", ConceptKind.SKILL, "  JOIN Metal ", "en", 1)
    assert hit == ConceptHit(uri("weld"), "weld", "join metal")


def test_labels_are_in_the_language_of_the_reader_where_there_are_any(searchable: Session):
    assert labels(searchable, "soud", lang="fr") == ["souder"]
    assert labels(searchable, "inspect", lang="fr") == ["inspect welds"]
    assert labels(searchable, "join metal", lang="fr") == ["souder"]
    assert labels(searchable, "inspect", lang="de") == ["inspect welds"]


def test_own_language_comes_before_the_others(searchable: Session):
    assert labels(searchable, "weld", lang="fr")[:2] == ["weldom", "souder"]


def test_kinds_are_searched_apart(searchable: Session):
    assert labels(searchable, "weld", kind=ConceptKind.OCCUPATION) == ["welder"]


@pytest.mark.parametrize(("q", "found"), [("c++", ["C++"]), ("c#", ["C#"]), ("100", ["100% cotton"])])
def test_signs_are_searched_as_they_are_written(searchable: Session, q: str, found: list[str]):
    assert labels(searchable, q) == found


@pytest.mark.parametrize("q", ["", "   ", "%", "_", "%%", "'; --", "x" * 5_000])
def test_what_nobody_labelled_finds_nothing(searchable: Session, q: str):
    assert labels(searchable, q) == []


def test_a_search_needs_a_release_and_a_limit(searchable: Session):
    with pytest.raises(NotFound):
        search_concepts(searchable, "other", ConceptKind.SKILL, "weld", "en")
    with pytest.raises(ValueError, match="at least 1"):
        search_concepts(searchable, "made-up", ConceptKind.SKILL, "weld", "en", 0)


# Properties

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).map(
    str.strip
)


@settings(max_examples=25)
@given(
    names=st.lists(words.filter(bool), min_size=1, max_size=6, unique=True),
    alternatives=st.lists(words.filter(bool), max_size=4),
)
def test_any_labels_are_loaded_as_read_and_imported_once(
    sqlite_factory: SessionFactory, names: list[str], alternatives: list[str]
):
    tables = {"skills_en": [skill(f"s{n}", name, *alternatives) for n, name in enumerate(names)]}
    with sqlite_factory() as session:
        assert store(session, tables).outcome is ImportOutcome.IMPORTED
        assert load_taxonomy(session, "made-up") == read(tables).taxonomy
        assert store(session, tables).outcome is ImportOutcome.NO_CHANGE
        session.rollback()


@pytest.fixture(scope="module")
def sqlite_factory(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path):
    engine = make_engine(f"sqlite:///{_sqlite_template}")
    yield make_session_factory(engine)
    engine.dispose()


# The official files


@pytest.fixture(scope="module")
def esco() -> ReadResult:
    if not ESCO.is_dir():
        pytest.skip("the ESCO files are not beside the checkout (../shared/esco)")
    return read_taxonomy(ESCO / "v1.1.1")


@pytest.fixture(scope="module")
def esco_with_french(esco: ReadResult) -> ReadResult:
    return read_taxonomy([ESCO / "v1.1.1", ESCO / "labels" / "skills_fr.csv.gz"], name=esco.taxonomy.name)


def test_esco_is_stored_whole_with_an_added_language(
    session: Session, esco: ReadResult, esco_with_french: ReadResult
):
    french = read_taxonomy(ESCO / "labels" / "skills_fr.csv.gz", name="esco-1.1.1")

    assert import_release(session, esco, now=NOW).outcome is ImportOutcome.IMPORTED
    assert import_release(session, esco, now=LATER).outcome is ImportOutcome.NO_CHANGE
    added = import_release(session, french, now=LATER)

    assert len(added.issues) == 13_925 - 13_692
    assert load_taxonomy(session, "esco-1.1.1") == esco_with_french.taxonomy
    (best, *_) = search_concepts(session, "esco-1.1.1", ConceptKind.OCCUPATION, "welder", "en", 3)
    assert best.label == "welder"

"""The project's own judged rankings keep the form that their page promises."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from app.intake.read import read_candidates
from benchmarks.own_ranking_set import HALVES, SET, assemble, judged_pairs, main, own_profiles, profile_text

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FILES = {"README.md", "meta.json", "passes.tsv", "profiles.jsonl", "qrels.tsv", "vacancies.txt"}
KEYS = {"id", "lang", "text", "occupations", "skills", "languages", "education", "experience"}
N_WORDS_SHARED = 6

with_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus is not beside the checkout (../shared/corpus)"
)


@pytest.fixture(scope="module")
def meta():
    return json.loads((SET / "meta.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pairs():
    return judged_pairs()


@pytest.fixture(scope="module")
def passes():
    rows = [line.split("\t") for line in (SET / "passes.tsv").read_text(encoding="utf-8").splitlines()]
    return {(vacancy, profile): (int(first), int(second)) for vacancy, profile, first, second in rows}


@pytest.fixture(scope="module")
def vacancies():
    return (SET / "vacancies.txt").read_text(encoding="utf-8").split()


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[at : at + N_WORDS_SHARED]) for at in range(len(found) - N_WORDS_SHARED + 1)}


def write_corpus(folder: Path, n_resumes: int | None = None) -> None:
    """All ids that were graded, or the first resumes only, with texts that were not."""
    ids = sorted({pair[1] for pair in judged_pairs() if not pair[1].startswith("own-")})[:n_resumes]
    resumes = [{"id": id_, "lang": "en", "text": "Text."} for id_ in ids]
    vacancies = [
        {"id": id_, "lang": "en", "title": "Title", "description": "Text."}
        for id_ in (SET / "vacancies.txt").read_text(encoding="utf-8").split()
    ]
    for name, rows in (("vacancies.jsonl", vacancies), ("resumes.jsonl", resumes)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_forty_vacancies_have_fifteen_profiles_each(pairs, vacancies):
    assert len(vacancies) == len(set(vacancies)) == 40
    assert Counter(pair[0] for pair in pairs) == dict.fromkeys(vacancies, 15)
    assert len({pair[:2] for pair in pairs}) == 600


def test_every_vacancy_has_good_matches_and_misfits(pairs):
    grades = defaultdict(list)
    for vacancy, _, grade in pairs:
        grades[vacancy].append(grade)
    assert {grade for each in grades.values() for grade in each} == {0, 1, 2, 3}
    assert all(each.count(3) >= 2 and each.count(0) >= 2 for each in grades.values())


def test_settled_grades_are_those_of_a_pass_or_declared(pairs, passes, meta):
    declared = {tuple(pair) for pair in meta["changed_on_full_reading"]}
    assert {pair[:2] for pair in pairs} == set(passes)
    changed = {pair[:2] for pair in pairs if pair[2] not in passes[pair[:2]]}
    assert changed == declared


def test_agreement_is_what_the_page_says(passes, meta):
    table = np.zeros((4, 4))
    for first, second in passes.values():
        table[first, second] += 1
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    distance = np.subtract.outer(np.arange(4), np.arange(4)) ** 2
    kappa = 1 - (distance * table).sum() / (distance * expected).sum()
    exact = np.trace(table) / table.sum()
    assert meta["agreement"] == {"exact": round(exact, 3), "quadratic_weighted_kappa": round(kappa, 3)}
    page = (SET / "README.md").read_text(encoding="utf-8")
    assert f"{np.trace(table):.0f} of 600 ({exact:.1%})".replace("%", " %") in page
    assert f"kappa {kappa:.3f}" in page


def test_meta_counts_what_is_there(pairs, meta, vacancies):
    assert meta["gain_counts"] == {
        str(grade): n for grade, n in sorted(Counter(pair[2] for pair in pairs).items())
    }
    assert meta["docs"] == len({pair[1] for pair in pairs})
    assert meta["own_docs"] == len(own_profiles())
    assert sorted(meta["development"] + meta["held_out"]) == sorted(vacancies) == sorted(meta["sectors"])
    assert {len(meta[half]) for half in HALVES} == {20}


def test_only_ids_of_the_corpus_are_kept(pairs, vacancies):
    assert {path.name for path in SET.iterdir()} == FILES
    own = {row["id"] for row in own_profiles()}
    others = {pair[1] for pair in pairs} - own
    assert all(re.fullmatch(r"own-\d{3}", id_) for id_ in own)
    assert all(re.fullmatch(r"(lc|kg|ro)-\d+", id_) for id_ in others)
    assert all(re.fullmatch(r"[A-Za-z0-9-]{4,40}", id_) for id_ in vacancies)
    for name in ("qrels.tsv", "passes.tsv"):
        lines = (SET / name).read_text(encoding="utf-8").splitlines()
        assert all(re.fullmatch(r"[A-Za-z0-9-]+\t[a-z]+-\d+(\t[0-3]){1,2}", line) for line in lines)


def test_our_profiles_are_records_without_fault_or_repeat(pairs):
    outcome = read_candidates(SET / "profiles.jsonl")
    assert list(outcome.issues) == []
    assert len(outcome.records) == len({profile_text(row) for row in own_profiles()})
    assert {record.id for record in outcome.records} <= {pair[1] for pair in pairs}
    assert all(set(row) <= KEYS for row in own_profiles())


def test_a_text_holds_all_that_a_profile_states():
    for row in own_profiles():
        text = profile_text(row)
        stated = [row.get("text", ""), *row.get("education", ()), *row.get("occupations", ())]
        stated += [each["skill"] for each in row.get("skills", ())]
        assert all(part in text for part in stated), row["id"]


def test_another_text_under_an_id_is_refused(tmp_path):
    write_corpus(tmp_path)
    with pytest.raises(ValueError, match="other texts than those that were graded"):
        assemble(tmp_path, tmp_path / "out")


def test_missing_texts_are_counted_and_one_is_named(tmp_path):
    write_corpus(tmp_path, n_resumes=0)
    with pytest.raises(SystemExit, match=r"lacks 113 of the graded texts, among them kg-140\."):
        main([str(tmp_path), str(tmp_path / "out")])


@with_corpus
@pytest.mark.parametrize("half", [None, *HALVES])
def test_the_set_is_put_together_with_the_corpus(tmp_path, half):
    assert assemble(CORPUS, tmp_path, half) == (600 if half is None else 300)
    assert {path.name for path in tmp_path.iterdir()} == {
        "docs.jsonl.gz",
        "meta.json",
        "qrels.tsv",
        "queries.jsonl.gz",
    }


@with_corpus
def test_our_profiles_share_no_run_of_words_with_the_corpus():
    own = set().union(*(runs(profile_text(row)) for row in own_profiles()))
    for name, keys in (("vacancies.jsonl", ("title", "description")), ("resumes.jsonl", ("text",))):
        with (CORPUS / name).open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                assert not own & runs(" ".join(row[key] for key in keys)), row["id"]

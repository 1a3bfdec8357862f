"""Put our own judged rankings together: ``python -m benchmarks.own_ranking_set CORPUS OUT``.

The repository keeps ids, grades and profiles of ours; the vacancies and the other profiles stand in a corpus
that is not part of it (``vacancies.jsonl`` and ``resumes.jsonl``). Both together make a folder that
``talentbridge evaluate rank`` reads.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from app.intake.write import open_target, write_lines

SET = Path(__file__).parents[1] / "tests/golden/ranking/own_40x15"
HALVES = ("development", "held_out")

Row = dict[str, Any]

_MONTHS = {"ar": "شهرا", "de": "Monate", "es": "meses", "fr": "mois", "ro": "luni"}


def judged_pairs(folder: Path = SET) -> list[tuple[str, str, int]]:
    """Vacancy, profile and settled grade of each pair, as they stand in the file."""
    lines = (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return [(vacancy, profile, int(grade)) for vacancy, profile, grade in rows]


def own_profiles(folder: Path = SET) -> list[Row]:
    """The profiles that we wrote, as records of candidates."""
    return _rows(folder / "profiles.jsonl")


def vacancy_text(vacancy: Mapping[str, Any]) -> str:
    """Title on the first line, then the description, then the skills if the source lists them."""
    title = vacancy["title"].replace("\n", " ")
    skills = "; ".join(vacancy.get("skills") or ())
    return "\n".join(part for part in (title, vacancy["description"], skills) if part)


def profile_text(profile: Mapping[str, Any]) -> str:
    """One text of all that a profile states, so that systems that read texts only see it, too.

    Grades of evidence and levels of skill are left out: a text has no agreed words for them.
    """
    months = _MONTHS.get(profile["lang"], "months")
    parts = [
        ", ".join(profile.get("occupations", ())),
        profile.get("text", ""),
        *(_experience(each, months) for each in profile.get("experience", ())),
        *profile.get("education", ()),
        ", ".join(each["skill"] for each in profile.get("skills", ())),
        ", ".join(f"{each['lang']} {each['cefr']}" for each in profile.get("languages", ())),
    ]
    return "\n".join(part for part in parts if part)


def corpus_digest(vacancies: Iterable[Row], resumes: Iterable[Row]) -> str:
    """Digest of the texts that were graded; rows in the order of their ids."""
    digest = hashlib.sha256()
    for row in vacancies:
        digest.update("\0".join((row["id"], row["title"], row["description"])).encode() + b"\1")
    for row in resumes:
        digest.update("\0".join((row["id"], row["text"])).encode() + b"\1")
    return digest.hexdigest()


def assemble(corpus: Path, out: Path, half: str | None = None, folder: Path = SET) -> int:
    """Write queries, docs, qrels and meta to ``out``; give the number of pairs.

    Raises
    ------
    ValueError
        The corpus lacks a text that was graded, or holds another text under its id.
    """
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    pairs = judged_pairs(folder)
    own = {row["id"]: row for row in own_profiles(folder)}
    vacancies = _chosen(corpus / "vacancies.jsonl", {pair[0] for pair in pairs})
    resumes = _chosen(corpus / "resumes.jsonl", {pair[1] for pair in pairs} - set(own))
    if corpus_digest(vacancies.values(), resumes.values()) != meta["corpus_sha256"]:
        raise ValueError(f"{corpus} holds other texts than those that were graded.")
    if half is not None:
        pairs = [pair for pair in pairs if pair[0] in meta[half]]
        meta["name"] = f"{meta['name']}_{half}"
    asked, offered = ({pair[at] for pair in pairs} for at in (0, 1))
    queries = [_query(row, meta["sectors"][id_]) for id_, row in vacancies.items() if id_ in asked]
    docs = [_own_doc(row) for id_, row in own.items() if id_ in offered]
    docs += [_doc(row) for id_, row in resumes.items() if id_ in offered]
    grades = [grade for _, _, grade in pairs]
    counts = {
        "queries": len(queries),
        "docs": len(docs),
        "own_docs": len(offered & set(own)),
        "judged_pairs": len(pairs),
        "gain_counts": {str(grade): grades.count(grade) for grade in range(4)},
    }
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "queries.jsonl.gz", queries)
    _write(out / "docs.jsonl.gz", docs)
    (out / "qrels.tsv").write_text("".join(f"{v}\t{p}\t{g}\n" for v, p, g in pairs), encoding="utf-8")
    (out / "meta.json").write_text(json.dumps(meta | counts, indent=1) + "\n", encoding="utf-8")
    return len(pairs)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.own_ranking_set", description=__doc__)
    parser.add_argument("corpus", type=Path, help="folder with vacancies.jsonl and resumes.jsonl")
    parser.add_argument("out", type=Path, help="folder to write the set to")
    parser.add_argument("--half", choices=HALVES, help="only these twenty vacancies; default: all")
    given = parser.parse_args(arguments)
    try:
        n_pairs = assemble(given.corpus, given.out, given.half)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from error
    print(f"{n_pairs} judged pairs in {given.out}")


def _chosen(path: Path, wanted: set[str]) -> dict[str, Row]:
    found = {row["id"]: row for row in _rows(path) if row["id"] in wanted}
    if missing := sorted(wanted - set(found)):
        raise ValueError(f"{path} lacks {len(missing)} of the graded texts, among them {missing[0]}.")
    return dict(sorted(found.items()))


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _query(row: Row, sector: str) -> Row:
    return {"id": row["id"], "lang": row["lang"], "category": sector, "text": vacancy_text(row)}


def _doc(row: Row) -> Row:
    return {"id": row["id"], "lang": row["lang"], "text": row["text"]}


def _own_doc(row: Row) -> Row:
    fields = {key: value for key, value in row.items() if key not in ("id", "lang")}
    return {"id": row["id"], "lang": row["lang"], "text": profile_text(row), "fields": fields}


def _experience(row: Mapping[str, Any], months: str) -> str:
    length = f"{row['months']} {months}" if "months" in row else ""
    return ", ".join(part for part in (row.get("occupation", ""), row.get("text", ""), length) if part)


def _write(path: Path, rows: list[Row]) -> None:
    with open_target(path) as stream:
        write_lines(stream, rows)


if __name__ == "__main__":
    main()

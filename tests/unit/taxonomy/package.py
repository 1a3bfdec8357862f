"""A made-up release in ESCO's layout, small enough to read at a glance."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

BASE = "http://example.org/"

Rows = Sequence[Mapping[str, str]]


def uri(name: str) -> str:
    return BASE + name


def skill(name: str, label: str, *alternatives: str, **cells: str) -> dict[str, str]:
    return {
        "conceptType": "KnowledgeSkillCompetence",
        "conceptUri": uri(name),
        "skillType": "skill/competence",
        "reuseLevel": "sector-specific",
        "preferredLabel": label,
        "altLabels": "\n".join(alternatives),
        "hiddenLabels": "",
        "status": "released",
        "description": "",
    } | cells


def occupation(name: str, label: str, *alternatives: str, **cells: str) -> dict[str, str]:
    return {
        "conceptType": "Occupation",
        "conceptUri": uri(name),
        "iscoGroup": "7212",
        "preferredLabel": label,
        "altLabels": "\n".join(alternatives),
        "status": "released",
        "description": "",
        "code": "7212.1",
        "regulatedProfessionNote": uri("unregulated"),
    } | cells


def group(name: str, label: str, **cells: str) -> dict[str, str]:
    return {
        "conceptType": "SkillGroup",
        "conceptUri": uri(name),
        "preferredLabel": label,
        "altLabels": "",
        "status": "released",
        "description": "",
        "code": "S1",
    } | cells


def needs(occupation_name: str, skill_name: str, kind: str = "essential") -> dict[str, str]:
    return {
        "occupationUri": uri(occupation_name),
        "relationType": kind,
        "skillType": "skill/competence",
        "skillUri": uri(skill_name),
    }


def goes_with(skill_name: str, other: str, kind: str = "optional") -> dict[str, str]:
    return {
        "originalSkillUri": uri(skill_name),
        "originalSkillType": "skill/competence",
        "relationType": kind,
        "relatedSkillType": "skill/competence",
        "relatedSkillUri": uri(other),
    }


def below(name: str, kind: str, broader: str, broader_kind: str) -> dict[str, str]:
    return {
        "conceptType": kind,
        "conceptUri": uri(name),
        "broaderType": broader_kind,
        "broaderUri": uri(broader),
    }


def small_release() -> dict[str, Rows]:
    """Two skills, one occupation, a group of each kind, and one relation of each kind."""
    return {
        "skills_en": [
            skill("weld", "weld metal", "join metal", description="Join pieces of metal by melting them."),
            skill("grind", "grind welds", "smooth welds"),
        ],
        "occupations_en": [occupation("welder", "welder", "metal joiner")],
        "skillGroups_en": [group("metal", "working with metal")],
        "ISCOGroups_en": [
            {
                "conceptType": "ISCOGroup",
                "conceptUri": uri("C7212"),
                "code": "7212",
                "preferredLabel": "Welders",
                "status": "released",
                "altLabels": "",
                "inScheme": "",
                "description": "",
            }
        ],
        "occupationSkillRelations": [needs("welder", "weld"), needs("welder", "grind", "optional")],
        "skillSkillRelations": [goes_with("weld", "grind")],
        "broaderRelationsSkillPillar": [below("weld", "KnowledgeSkillCompetence", "metal", "SkillGroup")],
        "broaderRelationsOccPillar": [below("welder", "Occupation", "C7212", "ISCOGroup")],
    }


def csv_text(rows: Rows, *, end: str = "\n", delimiter: str = ",") -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator=end, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def write_folder(folder: Path, tables: Mapping[str, Rows]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(csv_text(rows), encoding="utf-8", newline="")
    return folder


def write_gzipped(folder: Path, tables: Mapping[str, Rows]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(csv_text(rows).encode()))
    return folder


def write_zip(path: Path, tables: Mapping[str, Rows], *, inside: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            archive.writestr(f"{inside}{name}.csv", csv_text(rows))
    return path

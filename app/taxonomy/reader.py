"""Read an ESCO release, or anything in its CSV layout, into a ``Taxonomy``."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath

from app.domain.enums import ConceptKind, RelationKind
from app.domain.taxonomy import Description, Label, Relation, Taxonomy
from app.errors import FieldIssue, TaxonomyError
from app.taxonomy.checksum import base_checksum, language_checksum, taxonomy_checksum
from app.taxonomy.concepts import (
    CONCEPT_KINDS,
    ConceptTable,
    collect_texts,
    merge_concepts,
    read_concept_table,
)
from app.taxonomy.relations import RELATION_TABLES, read_relation_table
from app.taxonomy.sources import Source, fault, find_sources, quirk
from app.taxonomy.tables import TableName, open_table, parse_table_name

PathLike = str | os.PathLike[str]

_VERSION = re.compile(r"(?:(?<![a-z0-9])v|esco[ _-]*v?)(\d+(?:\.\d+)+)", re.IGNORECASE)
_RELEASE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_LANG = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What reading gave.

    Attributes
    ----------
    taxonomy
        The content, sorted and free of repeats.
    issues
        Every quirk that was mended or left out; ``message`` begins with the file.
    counts
        ``skills``, ``occupations`` and so on; ``relations.essential`` and so on;
        ``labels.en``, ``descriptions.en`` and so on; ``rows.FILE`` for the rows of a relation
        table as they stand in the file.
    base_checksum
        Of concepts and relations alone.
    language_checksums
        Of labels and descriptions, by language.
    labels_only
        No table said anything of its concepts but their labels, so this adds a language
        to a release and makes none.
    places
        File and row where each concept comes first, for later messages about it.
    """

    taxonomy: Taxonomy
    issues: tuple[FieldIssue, ...]
    counts: dict[str, int]
    base_checksum: str
    language_checksums: dict[str, str]
    labels_only: bool
    places: dict[str, tuple[str, int]]


def read_taxonomy(
    paths: PathLike | Iterable[PathLike],
    *,
    name: str | None = None,
    default_name: str | None = None,
    lang: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> ReadResult:
    """Read the official ESCO CSV download, of any release and in any languages.

    Parameters
    ----------
    paths
        A folder, a zip archive, a (gzipped) CSV file, or several of these, read together.
    name
        Release name such as ``esco-1.1.1``; found from the paths when not given.
    default_name
        Release name for paths that tell none; without it that is an error.
    lang
        Language (ISO 639-1) of tables whose file name does not end in one, such as ``skills.csv``.
    progress
        Called with a stage, how many tables are read, and how many there are.

    Raises
    ------
    TaxonomyError
        The files cannot be used; it names file, row and column and says how to mend them.
    """
    listed = [Path(paths)] if isinstance(paths, str | os.PathLike) else [Path(path) for path in paths]
    if lang is not None and not _LANG.fullmatch(lang):
        raise TaxonomyError(f"{lang!r} is no language code. Give two lower-case letters, for example fr.")
    sources = find_sources(listed)
    issues: list[FieldIssue] = []
    named = _name_tables(sources, issues)
    if not any(table.kind in CONCEPT_KINDS for _, table in named):
        raise TaxonomyError(
            f"{_shown(listed)}: there is no table of skills, occupations or groups. Name the folder or zip "
            "of the ESCO CSV download, or files called like skills_fr.csv or occupations_fr.csv."
        )
    release = _release_name(name, listed, sources, default_name)
    tell = _teller(progress, len(named))
    concept_tables, relation_sources = _read_concept_tables(named, lang, issues, tell)
    concepts = merge_concepts(concept_tables, issues)
    labels, descriptions = collect_texts(concept_tables, concepts, issues)
    labels_only = not any(table.has_attributes for table in concept_tables)
    places = {
        row.concept.uri: (table.name, row.number)
        for table in reversed(concept_tables)
        for row in reversed(table.rows)
    }
    del concept_tables  # a third of the memory, which the checksums need next
    relations: set[Relation] = set()
    counts: dict[str, int] = {}
    for source, table_name in relation_sources:
        assert table_name.kind is not None
        found, n_rows = read_relation_table(open_table(source), table_name.kind, concepts, issues)
        relations |= found
        counts[f"rows.{source.name}"] = n_rows
        tell()
    if not concepts:
        raise TaxonomyError(f"{_shown(listed)}: the tables hold no concept. Check that they have data rows.")
    checksums = _language_checksums(labels, descriptions, counts)
    sorted_concepts, sorted_relations = sorted(concepts.values()), sorted(relations)
    base = base_checksum(sorted_concepts, sorted_relations)
    taxonomy = Taxonomy(
        name=release,
        checksum=taxonomy_checksum(base, checksums),
        languages=tuple(checksums),
        concepts=tuple(sorted_concepts),
        labels=tuple(labels),
        descriptions=tuple(descriptions),
        relations=tuple(sorted_relations),
    )
    return ReadResult(
        taxonomy,
        tuple(issues),
        _counts_by_kind(taxonomy) | counts,
        base,
        checksums,
        labels_only,
        places,
    )


def _name_tables(sources: Sequence[Source], issues: list[FieldIssue]) -> list[tuple[Source, TableName]]:
    """Pair each source with what its name says; leave out what the model does not use."""
    named = []
    for source in sources:
        table_name = parse_table_name(source.stem)
        if table_name is None:
            hint = "official names are for example skills_en.csv and occupationSkillRelations_en.csv"
            message = "the name is that of no ESCO table; the file is ignored"
            issues.append(quirk(source.name, None, None, "file-ignored", message, hint))
        elif table_name.kind is not None:
            named.append((source, table_name))
    return named


def _teller(progress: Callable[[str, int, int], None] | None, n_tables: int) -> Callable[[], None]:
    """Give a function that reports one more table as read."""
    done = count(1)

    def tell() -> None:
        if progress is not None:
            progress("reading tables", next(done), n_tables)

    return tell


def _read_concept_tables(
    named: Sequence[tuple[Source, TableName]],
    lang: str | None,
    issues: list[FieldIssue],
    tell: Callable[[], None],
) -> tuple[list[ConceptTable], list[tuple[Source, TableName]]]:
    """Read the tables of concepts and hand the relation tables back unread."""
    tables: list[ConceptTable] = []
    rest: list[tuple[Source, TableName]] = []
    langs = {table.lang for _, table in named if table.lang}
    for source, table_name in named:
        if table_name.kind in RELATION_TABLES:
            rest.append((source, table_name))
        elif table_name.kind is not None:
            kind = CONCEPT_KINDS[table_name.kind]
            language = _language(source, table_name.lang, lang, langs)
            tables.append(read_concept_table(open_table(source), kind, language, issues))
            tell()
    return tables, rest


def _language(source: Source, own: str | None, given: str | None, others: set[str]) -> str:
    """Settle a table's language: its own name's, else the given, else its folder's, else the others'."""
    if own is not None:
        if given is not None and given != own:
            raise fault(
                source.name,
                f"the file name says language {own!r}, but {given!r} was given",
                "rename the file, or give no language",
            )
        return own
    if given is not None:
        return given
    folder = PurePosixPath(source.name).parent.name.lower()
    if _LANG.fullmatch(folder):
        return folder
    if len(others) == 1:
        return next(iter(others))
    raise fault(
        source.name,
        "the language of its labels is not known",
        "name the file like skills_fr.csv, or give the language (--lang fr)",
    )


def _release_name(
    given: str | None, paths: Sequence[Path], sources: Sequence[Source], default: str | None
) -> str:
    if given is not None:
        if not _RELEASE_NAME.fullmatch(given):
            raise TaxonomyError(
                f"{given!r} is no release name. Use lower-case letters, digits, dots and hyphens, "
                "for example esco-1.2.1."
            )
        return given
    places = [part for path in paths for part in path.resolve().parts[-2:]]
    places += [source.name for source in sources]
    versions = {version for place in places for version in _VERSION.findall(place)}
    if len(versions) == 1:
        return f"esco-{versions.pop()}"
    if default is not None:
        return default
    found = f"the paths name several: {', '.join(sorted(versions))}" if versions else "no path names one"
    raise TaxonomyError(
        f"{_shown(paths)}: the ESCO release is not known ({found}). "
        "Pass --release, for example --release esco-1.2.1."
    )


def _shown(paths: Sequence[Path]) -> str:
    return ", ".join(str(path) for path in paths) or "no path"


def _language_checksums(
    labels: Sequence[Label], descriptions: Sequence[Description], counts: dict[str, int]
) -> dict[str, str]:
    """Give the checksum of each language, sorted, and count its texts."""
    checksums = {}
    for lang in sorted({label.lang for label in labels} | {text.lang for text in descriptions}):
        own_labels = [label for label in labels if label.lang == lang]
        own_descriptions = [text for text in descriptions if text.lang == lang]
        counts[f"labels.{lang}"] = len(own_labels)
        counts[f"descriptions.{lang}"] = len(own_descriptions)
        checksums[lang] = language_checksum(own_labels, own_descriptions)
    return checksums


def _counts_by_kind(taxonomy: Taxonomy) -> dict[str, int]:
    kinds = Counter(concept.kind for concept in taxonomy.concepts)
    links = Counter(relation.kind for relation in taxonomy.relations)
    counts = {f"{kind}s": kinds[kind] for kind in ConceptKind}
    return counts | {f"relations.{kind}": links[kind] for kind in RelationKind}

"""A taxonomy release as it reads with staff aliases before its labels."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from app.domain.enums import PhraseKind
from app.domain.records import AliasRecord
from app.matching.aliases import NO_CONCEPT, AliasedLinker, AliasTable, build_alias_table
from app.matching.link import Linker
from app.matching.text_lexicon import TextLexicon
from app.matching.themes import Themes
from app.services.taxonomy_index import ConceptTable, TaxonomyIndex


class AliasedIndex(TaxonomyIndex):
    """A release with aliases; everything but the two linkers is the release's own.

    The tables that the release builds when they are first asked for are built once,
    however many partnerships put their aliases before it.
    """

    def __init__(self, release: TaxonomyIndex, aliases: Sequence[AliasRecord]) -> None:
        """Put aliases before the labels of a release, those of the narrower scope first.

        Aliases to concepts that the release does not have are left out.
        """
        self.taxonomy = release.taxonomy
        self.skills = release.skills
        self.occupations = release.occupations
        self._building = release._building
        self._release = release
        self._skill_aliases = alias_table(release.skills, PhraseKind.SKILL, aliases)
        self._occupation_aliases = alias_table(release.occupations, PhraseKind.OCCUPATION, aliases)
        self._text_lexicons = {}
        self.alias_digest = _digest(self)
        self.latent_digest = release.latent_digest

    def _lexicon_key(self, lang: str | None) -> str | None:
        return lang  # aliases may be in a language that the release does not have

    def _build_text_lexicon(self, lang: str | None) -> TextLexicon:
        held = self._release.text_lexicon(lang)
        labels = self.skill_linker.lexicon(lang)
        plain = self._release.skill_linker.lexicon(lang)
        single_words = labels.single_words - plain.single_words
        if len(labels.texts) == len(held.texts) and not single_words:
            return held
        return held.extended(labels.texts, {*held.single_words, *single_words})

    @cached_property
    def _themes(self) -> Themes | None:
        return self._release.themes

    @cached_property
    def _skill_linker(self) -> Linker:
        return AliasedLinker(self._release.skill_linker, self._skill_aliases)

    @cached_property
    def _occupation_linker(self) -> Linker:
        return AliasedLinker(self._release.occupation_linker, self._occupation_aliases)

    def alias_rows(self) -> list[tuple[str, str, str, str | None]]:
        """(kind, canonical phrase, language, concept URI or None) of every alias in use, sorted."""
        return [
            (kind.value, text, lang, None if row == NO_CONCEPT else table.concepts[row].uri)
            for kind, table, aliases in (
                (PhraseKind.OCCUPATION, self.occupations, self._occupation_aliases),
                (PhraseKind.SKILL, self.skills, self._skill_aliases),
            )
            for text, lang, row in aliases.rows()
        ]


def _of_release(name: str) -> property:
    return property(lambda self: getattr(self._release, name))


for _name, _value in list(vars(TaxonomyIndex).items()):
    if isinstance(_value, cached_property) and _name not in vars(AliasedIndex):
        setattr(AliasedIndex, _name, _of_release(_name))


def with_aliases(index: TaxonomyIndex, aliases: Sequence[AliasRecord]) -> TaxonomyIndex:
    """Put aliases before the labels of a release, or give the release itself if there are none."""
    return AliasedIndex(index, aliases) if aliases else index


def alias_table(table: ConceptTable, kind: PhraseKind, aliases: Sequence[AliasRecord]) -> AliasTable:
    """Lay out the aliases of one kind, leaving out those to concepts that the table does not hold."""
    known = [
        alias
        for alias in aliases
        if alias.kind is kind and (alias.concept_uri is None or alias.concept_uri in table.row_of)
    ]
    return build_alias_table(
        [alias.phrase for alias in known],
        [alias.lang for alias in known],
        [NO_CONCEPT if alias.concept_uri is None else table.row_of[alias.concept_uri] for alias in known],
    )


def _digest(index: AliasedIndex) -> str:
    rows: list[Any] = index.alias_rows()
    if not rows:
        return ""
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()

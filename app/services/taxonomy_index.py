"""One taxonomy release, arranged for linking and ranking."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import ConceptKind, LabelKind, RelationKind
from app.domain.taxonomy import Concept, Taxonomy
from app.matching.cues import function_words
from app.matching.labels import ALTERNATIVE, HIDDEN, PREFERRED, LabelTable, build_label_table
from app.matching.link import Linker
from app.matching.priors import N_PRIOR_FEATURES, PRIOR_FEATURES, group_log_ratio
from app.matching.terms import is_term
from app.matching.text import canonical
from app.matching.text_lexicon import TextLexicon
from app.matching.themes import Themes
from app.services.translations import Translations, translations_of

if TYPE_CHECKING:
    from app.services.latent_spaces import LatentSpaces
    from app.services.linker_snapshots import LinkerSnapshots
    from app.services.semantic_spaces import SemanticRelease

_LABEL_KIND = {
    LabelKind.PREFERRED: PREFERRED,
    LabelKind.ALTERNATIVE: ALTERNATIVE,
    LabelKind.HIDDEN: HIDDEN,
}


_RARITY_UNITS = 64
_TRANSVERSAL = "transversal"
# Relations whose targets are counted, and the column that the count belongs to.
_COUNTED = {
    RelationKind.BROADER: PRIOR_FEATURES.index("narrower"),
    RelationKind.ESSENTIAL: PRIOR_FEATURES.index("needed"),
    RelationKind.OPTIONAL: PRIOR_FEATURES.index("needed"),
}


class SkillThemes(NamedTuple):
    """Occupations placed amid the skills that they need, and the languages that skills have labels in."""

    themes: Themes
    langs: frozenset[str]


class ConceptTable:
    """The concepts of one kind; a row is a position in ascending URI order."""

    def __init__(self, taxonomy: Taxonomy, kind: ConceptKind) -> None:
        self.kind = kind
        self.concepts: tuple[Concept, ...] = tuple(c for c in taxonomy.concepts if c.kind == kind)
        self.row_of: Mapping[str, int] = {c.uri: row for row, c in enumerate(self.concepts)}
        self._taxonomy = taxonomy

    def __len__(self) -> int:
        return len(self.concepts)

    def label_table(self) -> LabelTable:
        """Every label of these concepts, in every language."""
        labels = [label for label in self._taxonomy.labels if label.uri in self.row_of]
        return build_label_table(
            texts=[label.text for label in labels],
            concept_row=[self.row_of[label.uri] for label in labels],
            kind=[_LABEL_KIND[label.kind] for label in labels],
            lang=[label.lang for label in labels],
        )

    def contexts(self) -> list[str]:
        """What the release says of each concept beside its labels, in canonical form.

        Descriptions in every language, and for occupations the English names of the
        skills they need. For skills neither their groups, nor related skills, nor
        occupations that need them brought anything (tried on development phrases).
        """
        texts: list[list[str]] = [[] for _ in self.concepts]
        for description in self._taxonomy.descriptions:
            if description.uri in self.row_of:
                texts[self.row_of[description.uri]].append(canonical(description.text))
        if self.kind is ConceptKind.OCCUPATION:
            names = {
                label.uri: canonical(label.text)
                for label in self._taxonomy.labels
                if label.kind == LabelKind.PREFERRED and label.lang == "en"
            }
            for relation in self._taxonomy.relations:
                row = self.row_of.get(relation.source_uri)
                if relation.kind == RelationKind.ESSENTIAL and row is not None:
                    texts[row].append(names.get(relation.target_uri, ""))
        return [" ".join(each) for each in texts]

    def priors(self) -> NDArray[np.float64]:
        """How often each concept is meant before a word is read, by ``PRIOR_FEATURES``.

        Returns
        -------
        ndarray of shape (n_concepts, N_PRIOR_FEATURES), float64
        """
        found = np.zeros((len(self.concepts), N_PRIOR_FEATURES))
        row_of, n_langs = self.row_of, max(1, len(self._taxonomy.languages))
        labels = np.array([row_of.get(label.uri, -1) for label in self._taxonomy.labels], dtype=np.int64)
        found[:, 0] = np.bincount(labels[labels >= 0], minlength=len(found)) / n_langs
        for relation in self._taxonomy.relations:
            column = _COUNTED.get(relation.kind)
            row = -1 if column is None else row_of.get(relation.target_uri, -1)
            if row >= 0:
                found[row, column] += 1.0
        for row, concept in enumerate(self.concepts):
            found[row, 3:] = concept.reuse_level == _TRANSVERSAL, group_log_ratio(concept.isco_group)
        found[:, :3] = np.log1p(found[:, :3])
        return found

    def descriptions(self, lang: str) -> Mapping[int, str]:
        """Description of each concept in a language, by concept row, ascending."""
        found = {
            self.row_of[description.uri]: description.text
            for description in self._taxonomy.descriptions
            if description.lang == lang and description.uri in self.row_of
        }
        return dict(sorted(found.items()))

    def build_linker(
        self, spaces: LatentSpaces | None = None, snapshots: LinkerSnapshots | None = None
    ) -> Linker:
        """A linker over every label of these concepts, with what was learned for them.

        Parameters
        ----------
        snapshots
            Where its tables may lie ready, and are kept once they are built. For releases
            with stored spaces only: nothing else that was learned is in a snapshot's name.
        """
        source = None if spaces is None else partial(spaces.find, self)
        semantic = (
            None if spaces is None or spaces.semantic is None else partial(spaces.semantic.channel, self.kind)
        )
        build = partial(Linker, kind=self.kind, semantic_source=semantic, prior_source=self.priors)
        if snapshots is None:
            return build(self.label_table(), latent_source=source)
        digest = "" if spaces is None else spaces.stored_digest
        name = snapshots.name(self._taxonomy.checksum, self.kind, digest)
        opened = snapshots.find(name)
        if opened is not None:
            return build(opened[0], index=opened[1])
        keep = partial(snapshots.keep, name)
        return build(self.label_table(), latent_source=source, keep=keep)


class TaxonomyIndex:
    """Everything that linking and ranking need from one release.

    Immutable and thread-safe. Each part is built when it is first asked for, so
    that structured data never waits for text tables.

    Attributes
    ----------
    alias_digest
        What pins the staff aliases beside the release; empty where there are none.
    latent_digest
        What pins the latent spaces stored with the release; empty where there are none.
    """

    alias_digest: str = ""
    latent_digest: str = ""

    def __init__(
        self,
        taxonomy: Taxonomy,
        spaces: LatentSpaces | None = None,
        snapshots: LinkerSnapshots | None = None,
    ) -> None:
        self.taxonomy = taxonomy
        self._spaces = spaces
        self._snapshots = snapshots
        self.latent_digest = "" if spaces is None else spaces.digest
        self.skills = ConceptTable(taxonomy, ConceptKind.SKILL)
        self.occupations = ConceptTable(taxonomy, ConceptKind.OCCUPATION)
        self._building = RLock()
        self._text_lexicons: dict[str | None, TextLexicon] = {}

    def with_semantic(self, semantic: SemanticRelease) -> TaxonomyIndex:
        """The same release, linked with embeddings too."""
        from app.services.latent_spaces import LatentSpaces

        return TaxonomyIndex(self.taxonomy, (self._spaces or LatentSpaces()).with_semantic(semantic))

    @property
    def skill_linker(self) -> Linker:
        with self._building:
            return self._skill_linker

    @cached_property
    def _skill_linker(self) -> Linker:
        return self.skills.build_linker(self._spaces, self._snapshots)

    @property
    def occupation_linker(self) -> Linker:
        with self._building:
            return self._occupation_linker

    @cached_property
    def _occupation_linker(self) -> Linker:
        return self.occupations.build_linker(self._spaces, self._snapshots)

    @property
    def themes(self) -> Themes | None:
        """Finds the occupations that texts are about; None where no latent space was learned."""
        with self._building:
            return self._themes

    @cached_property
    def _themes(self) -> Themes | None:
        return self.occupation_linker.themes

    @property
    def skill_themes(self) -> SkillThemes | None:
        """Finds the occupations whose skills texts are about; None where either kind has no latent space."""
        with self._building:
            return self._skill_themes

    @cached_property
    def _skill_themes(self) -> SkillThemes | None:
        skills = None if self._themes is None else self.skill_linker.themes
        if skills is None:
            return None
        # Rarity as a whole number, so that every machine adds up the same.
        rarity = np.rint(_RARITY_UNITS * self.skill_rarity).astype(np.int64)
        return SkillThemes(
            skills.amid(self.essential_skills, rarity), frozenset(self.skill_linker.labels.langs)
        )

    @property
    def translations(self) -> Translations:
        """English words for those of the release's other languages."""
        with self._building:
            return self._translations

    @cached_property
    def _translations(self) -> Translations:
        return translations_of([self.skill_linker.labels, self.occupation_linker.labels])

    def text_lexicon(self, lang: str | None) -> TextLexicon:
        """What running text of a language is searched for; that of English where it has no labels."""
        with self._building:
            key = self._lexicon_key(lang)
            if key not in self._text_lexicons:
                self._text_lexicons[key] = self._build_text_lexicon(key)
            return self._text_lexicons[key]

    def _lexicon_key(self, lang: str | None) -> str | None:
        return lang if lang is None or lang in self.skill_linker.labels.langs else "en"

    def _build_text_lexicon(self, lang: str | None) -> TextLexicon:
        linker = self.skill_linker
        labels = linker.lexicon(lang)
        single_words = labels.single_words
        if lang not in (None, "en"):
            # English words count everywhere, but "dies" and "plan" are words of other languages too.
            own = {text for text, _, code in linker.labels.rows() if code == lang and " " not in text}
            single_words = single_words & own
        function = function_words("en") | function_words(lang or "en")
        return TextLexicon(labels.texts, single_words, function)

    def label(self, uri: str, lang: str | None = None) -> str:
        """Preferred label in ``lang``, else in English, else in any language, else the URI."""
        with self._building:
            labels = self._preferred.get(uri, {})
        return labels.get(lang or "en") or labels.get("en") or next(iter(labels.values()), uri)

    @cached_property
    def _preferred(self) -> Mapping[str, Mapping[str, str]]:
        preferred: dict[str, dict[str, str]] = defaultdict(dict)
        for label in self.taxonomy.labels:
            if label.kind == LabelKind.PREFERRED:
                preferred[label.uri].setdefault(label.lang, label.text)
        return dict(preferred)

    @cached_property
    def skill_relations(self) -> Sequence[tuple[int, int, str]]:
        """(asked row, claimed row, relation name) of different skills, sorted.

        A claim on a narrower skill nearly shows the broader one; a claim on a
        broader or related skill shows a part of it.
        """
        row_of = self.skills.row_of
        found: set[tuple[int, int, str]] = set()
        for relation in self.taxonomy.relations:
            source, target = row_of.get(relation.source_uri), row_of.get(relation.target_uri)
            if source is None or target is None or source == target:
                continue
            if relation.kind == RelationKind.BROADER:
                found |= {(target, source, "narrower"), (source, target, "broader")}
            else:
                found |= {(source, target, "related"), (target, source, "related")}
        return sorted(found)

    def relations_of(self, skill: int) -> Sequence[tuple[int, str]]:
        """(claimed row, relation name) of the skills that stand near one that is asked for, sorted."""
        return self._relations_by_skill.get(skill, ())

    @cached_property
    def _relations_by_skill(self) -> Mapping[int, Sequence[tuple[int, str]]]:
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for asked, claimed, name in self.skill_relations:
            found[asked].append((claimed, name))
        return dict(found)

    @cached_property
    def essential_skills(self) -> Sequence[Sequence[int]]:
        """Skill rows that each occupation row needs, ascending."""
        rows: list[list[int]] = [[] for _ in range(len(self.occupations))]
        for relation in self.taxonomy.relations:
            if relation.kind == RelationKind.ESSENTIAL:
                occupation = self.occupations.row_of.get(relation.source_uri)
                skill = self.skills.row_of.get(relation.target_uri)
                if occupation is not None and skill is not None:
                    rows[occupation].append(skill)
        return [sorted(set(skills)) for skills in rows]

    def usual_skills(self, isco_code: str) -> list[int]:
        """Skills essential to at least half of the occupations under an ISCO-08 code, ascending."""
        rows = self.occupations_under(isco_code)
        needed = Counter(skill for row in rows for skill in self.essential_skills[row])
        return sorted(skill for skill, n_occupations in needed.items() if 2 * n_occupations >= len(rows))

    def occupations_under(self, isco_code: str) -> Sequence[int]:
        """Occupation rows whose ISCO-08 unit group starts with ``isco_code``, ascending."""
        return self._occupations_by_prefix.get(isco_code, ())

    @cached_property
    def _occupations_by_prefix(self) -> Mapping[str, Sequence[int]]:
        rows: dict[str, list[int]] = defaultdict(list)
        for row, concept in enumerate(self.occupations.concepts):
            for n_digits in range(1, len(concept.isco_group) + 1):
                rows[concept.isco_group[:n_digits]].append(row)
        return dict(rows)

    @cached_property
    def skill_rarity(self) -> NDArray[np.float64]:
        """Inverse document frequency of each skill over the occupations that use it, float64.

        ``ln((1 + N) / (1 + n)) + 1`` (the smoothed form of Spärck Jones 1972 that
        scikit-learn uses). It comes from the release, not from the candidates at
        hand: adding a candidate then never changes another's score.
        """
        n_uses = np.zeros(len(self.skills), dtype=np.int64)
        for relation in self.taxonomy.relations:
            if relation.kind in (RelationKind.ESSENTIAL, RelationKind.OPTIONAL):
                row = self.skills.row_of.get(relation.target_uri)
                if row is not None:
                    n_uses[row] += 1
        return _rarity(n_uses, len(self.occupations)) + 1.0

    @property
    def term_rarity(self) -> Mapping[str, float]:
        """Inverse document frequency of each word over the release's own texts.

        A document is what one concept says of itself in one language: labels and description.
        """
        with self._building:
            return self._term_rarity

    @cached_property
    def _term_rarity(self) -> Mapping[str, float]:
        documents: dict[tuple[str, str], set[str]] = defaultdict(set)
        for table, linker in ((self.skills, self.skill_linker), (self.occupations, self.occupation_linker)):
            # The linkers hold the labels in canonical form already.
            for text, concept, lang in linker.labels.rows():
                documents[table.concepts[concept].uri, lang].update(text.split())
        for description in self.taxonomy.descriptions:
            documents[description.uri, description.lang].update(canonical(description.text).split())
        n_documents = Counter(word for words in documents.values() for word in words)
        terms = sorted(word for word in n_documents if is_term(word))
        rarity = _rarity(np.array([n_documents[term] for term in terms]), len(documents))
        return dict(zip(terms, rarity.tolist(), strict=True))

    @cached_property
    def unknown_term_rarity(self) -> float:
        """Rarity given to a word the release never uses: neither a stop word nor a rarity."""
        n_documents = max(1, len(self.taxonomy.concepts) * len(self.taxonomy.languages))
        return float(_rarity(np.array([round(n_documents**0.5)]), n_documents)[0])


def build_taxonomy_index(
    taxonomy: Taxonomy, spaces: LatentSpaces | None = None, snapshots: LinkerSnapshots | None = None
) -> TaxonomyIndex:
    """Arrange a release for linking and ranking; the tables are built on first use, or opened.

    Without ``spaces`` linking goes by words and spelling alone.
    """
    return TaxonomyIndex(taxonomy, spaces, snapshots)


def _rarity(n_uses: NDArray[np.int64], n_documents: int) -> NDArray[np.float64]:
    # Rounded, since the last bit of a logarithm may differ between machines.
    return np.asarray(np.round(np.log((1.0 + n_documents) / (1.0 + n_uses)), 9), dtype=np.float64)

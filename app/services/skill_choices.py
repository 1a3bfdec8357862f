"""Skills that a phrase may mean, for a person to choose from."""

from __future__ import annotations

from app.domain.enums import ConceptKind
from app.services.concept_catalogue import ConceptCatalogue
from app.services.identifiers import is_uri

_N_FOUND, _N_ALIKE = 15, 6


def search_skills(catalogue: ConceptCatalogue, typed: str, lang: str) -> list[str]:
    """Find skills by what somebody typed: labels that it begins, then those in similar words."""
    found = catalogue.search(typed, [ConceptKind.SKILL], lang, limit=_N_FOUND)
    alike = alike_skills(catalogue, typed, lang)
    return list(dict.fromkeys([*found, *alike]))[:_N_FOUND]


def alike_skills(catalogue: ConceptCatalogue, phrase: str, lang: str | None) -> list[str]:
    """The skills in the most similar words, however unsure; none for an address or for nothing."""
    if not phrase.strip() or is_uri(phrase):
        return []
    index = catalogue.index
    links = index.skill_linker.candidates([phrase], langs=[lang], k=_N_ALIKE)
    return [index.skills.concepts[row].uri for row, _, _ in links.of(0)]

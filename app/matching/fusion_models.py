"""The fitted numbers of the fusion, as ``benchmarks/fit_linker.py`` printed them."""

from __future__ import annotations

from app.domain.enums import ConceptKind
from app.matching.fusion import FusionModel

_LATENT = {
    "words": 1.59,
    "same_words": 2.29,
    "spelling": 2.72,
    "closeness": 0.58,
    "is_preferred": 0.65,
    "is_foreign": -0.05,
    "latent_concept": 6.31,
    "latent_label": 2.88,
}
_LEXICAL = {
    "words": 5.74,
    "same_words": 3.36,
    "spelling": 1.91,
    "is_preferred": 1.01,
    "is_foreign": -0.14,
    "phrase_covered": 0.99,
    "sorted_spelling": 2.68,
}

_MODELS = {
    (ConceptKind.SKILL, True): FusionModel(_LATENT, intercept=-4.542, slope=0.3474, unseen_slope=-1.91),
    (ConceptKind.SKILL, False): FusionModel(_LEXICAL, intercept=-3.733, slope=0.2797, unseen_slope=-5.511),
    (ConceptKind.OCCUPATION, True): FusionModel(_LATENT, intercept=-6.211, slope=0.516, unseen_slope=0.0),
    (ConceptKind.OCCUPATION, False): FusionModel(_LEXICAL, intercept=-5.737, slope=0.493, unseen_slope=0.0),
}


def model_for(kind: ConceptKind, *, has_latent: bool) -> FusionModel:
    """The model of a kind of concept, with or without a latent space."""
    return _MODELS[kind, has_latent]

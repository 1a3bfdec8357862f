"""The fitted numbers of the fusion, as ``benchmarks/fit_linker.py`` printed them."""

from __future__ import annotations

from app.domain.enums import ConceptKind
from app.matching.fusion import FusionModel

_LATENT = {
    "words": 2.64,
    "same_words": 0.79,
    "spelling": 3.14,
    "closeness": 1.07,
    "is_preferred": 0.56,
    "is_foreign": -0.04,
    "latent_concept": 6.75,
    "latent_label": 3.45,
}
_LEXICAL = {
    "words": 7.87,
    "same_words": 0.32,
    "spelling": 2.37,
    "closeness": 0.67,
    "is_preferred": 0.92,
    "is_foreign": -0.11,
    "phrase_covered": 2.17,
    "sorted_spelling": 3.07,
}

_MODELS = {
    (ConceptKind.SKILL, True): FusionModel(_LATENT, intercept=-5.146, slope=0.3762, unseen_slope=-1.745),
    (ConceptKind.SKILL, False): FusionModel(_LEXICAL, intercept=-3.505, slope=0.2291, unseen_slope=-5.145),
    (ConceptKind.OCCUPATION, True): FusionModel(_LATENT, intercept=-6.595, slope=0.511, unseen_slope=0.0),
    (ConceptKind.OCCUPATION, False): FusionModel(_LEXICAL, intercept=-6.13, slope=0.4683, unseen_slope=0.0),
}


def model_for(kind: ConceptKind, *, has_latent: bool) -> FusionModel:
    """The model of a kind of concept, with or without a latent space."""
    return _MODELS[kind, has_latent]

"""The fitted numbers of the fusion, as ``benchmarks/fit_linker.py`` printed them."""

from __future__ import annotations

from app.domain.enums import ConceptKind
from app.matching.fusion import FusionModel

_LATENT = {
    "words": 3.82,
    "latent_concept": 6.48,
    "latent_label": 5.26,
    "spelling": 3.51,
    "is_preferred": 0.04,
    "is_foreign": -0.95,
}
_LEXICAL = {
    "words": 7.2,
    "phrase_covered": 5.02,
    "spelling": 2.86,
    "sorted_spelling": 3.14,
    "is_preferred": 0.36,
    "is_foreign": -0.94,
}

_MODELS = {
    (ConceptKind.SKILL, True): FusionModel(_LATENT, intercept=-5.688, slope=0.3702, unseen_slope=-2.589),
    (ConceptKind.SKILL, False): FusionModel(_LEXICAL, intercept=-4.623, slope=0.2843, unseen_slope=-6.026),
    (ConceptKind.OCCUPATION, True): FusionModel(_LATENT, intercept=-6.26, slope=0.4271, unseen_slope=0.0),
    (ConceptKind.OCCUPATION, False): FusionModel(_LEXICAL, intercept=-5.021, slope=0.3382, unseen_slope=0.0),
}


def model_for(kind: ConceptKind, *, has_latent: bool) -> FusionModel:
    """The model of a kind of concept, with or without a latent space."""
    return _MODELS[kind, has_latent]

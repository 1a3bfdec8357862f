"""The fitted numbers of the fusion, as ``benchmarks/fit_linker.py`` printed them."""

from __future__ import annotations

from app.domain.enums import ConceptKind
from app.matching.fusion import FusionModel

_LATENT = {
    "words": 2.89,
    "latent_concept": 6.24,
    "latent_label": 3.38,
    "spelling": 3.47,
    "is_preferred": 0.61,
    "is_foreign": -0.06,
}
_LEXICAL = {
    "words": 7.65,
    "phrase_covered": 1.9,
    "spelling": 2.2,
    "sorted_spelling": 3.23,
    "is_preferred": 0.98,
    "is_foreign": -0.2,
}

_MODELS = {
    (ConceptKind.SKILL, True): FusionModel(_LATENT, intercept=-5.928, slope=0.456, unseen_slope=-1.833),
    (ConceptKind.SKILL, False): FusionModel(_LEXICAL, intercept=-4.739, slope=0.3631, unseen_slope=-4.882),
    (ConceptKind.OCCUPATION, True): FusionModel(_LATENT, intercept=-6.542, slope=0.5176, unseen_slope=0.0),
    (ConceptKind.OCCUPATION, False): FusionModel(_LEXICAL, intercept=-5.744, slope=0.4542, unseen_slope=0.0),
}


def model_for(kind: ConceptKind, *, has_latent: bool) -> FusionModel:
    """The model of a kind of concept, with or without a latent space."""
    return _MODELS[kind, has_latent]

"""The fitted numbers of the fusion, as ``benchmarks/fit_linker.py`` printed them."""

from __future__ import annotations

from app.domain.enums import ConceptKind
from app.matching.fusion import FusionModel

_SKILL_LATENT = {
    "words": 1.4,
    "phrase_covered": 1.45,
    "label_covered": 0.63,
    "spelling": 2.47,
    "sorted_spelling": 2.17,
    "latent_concept": 3.8,
    "latent_label": 3.08,
    "is_preferred": 0.94,
    "is_foreign": -0.17,
    "closeness": 1.61,
    "latent_nearness": 3.98,
    "narrower": 0.27,
    "needed": 0.23,
    "is_transversal": 1.04,
}
_SKILL_LEXICAL = {
    "words": 5.59,
    "phrase_covered": 3.36,
    "label_covered": 1.73,
    "spelling": 2.53,
    "sorted_spelling": 3.06,
    "is_preferred": 1.38,
    "is_foreign": -0.02,
    "closeness": 1.92,
    "narrower": 0.21,
    "needed": 0.18,
    "is_transversal": 1.23,
}
_OCCUPATION_LATENT = {
    "words": 0.31,
    "phrase_covered": 0.84,
    "label_covered": 1.16,
    "spelling": 1.52,
    "sorted_spelling": 0.99,
    "same_words": 1.28,
    "latent_concept": 3.89,
    "latent_label": 2.47,
    "is_preferred": 0.5,
    "is_foreign": -0.11,
    "latent_nearness": 2.67,
    "labels": 0.75,
    "narrower": -0.11,
    "advertised": 0.42,
}
_OCCUPATION_LEXICAL = {
    "words": 4.76,
    "phrase_covered": 3.45,
    "label_covered": 2.68,
    "spelling": 1.56,
    "sorted_spelling": 1.65,
    "same_words": 0.73,
    "is_preferred": 0.7,
    "is_foreign": -0.15,
    "labels": 0.55,
    "narrower": -0.09,
    "advertised": 0.48,
}

_MODELS = {
    (ConceptKind.SKILL, True): FusionModel(
        _SKILL_LATENT, intercept=-4.406, slope=0.2721, unseen_slope=-1.711, transversal_slope=0.533
    ),
    (ConceptKind.SKILL, False): FusionModel(
        _SKILL_LEXICAL, intercept=-3.762, slope=0.2262, unseen_slope=-5.66, transversal_slope=0.053
    ),
    (ConceptKind.OCCUPATION, True): FusionModel(
        _OCCUPATION_LATENT, intercept=-5.967, slope=0.5115, unseen_slope=0.0
    ),
    (ConceptKind.OCCUPATION, False): FusionModel(
        _OCCUPATION_LEXICAL, intercept=-5.832, slope=0.4558, unseen_slope=0.0
    ),
}


def model_for(kind: ConceptKind, *, has_latent: bool) -> FusionModel:
    """The model of a kind of concept, with or without a latent space."""
    return _MODELS[kind, has_latent]

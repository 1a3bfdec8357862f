"""The fitted numbers of the fusion with the semantic channel: ``benchmarks/fit_semantic.py`` printed them."""

from __future__ import annotations

from app.domain.enums import ConceptKind
from app.matching.fusion import FusionModel

_SKILL_LATENT = {
    "words": 0.33,
    "phrase_covered": 1.06,
    "label_covered": 0.44,
    "spelling": 1.78,
    "sorted_spelling": 1.7,
    "same_words": 0.3,
    "latent_concept": 1.93,
    "latent_label": 1.95,
    "is_preferred": 0.76,
    "closeness": 1.92,
    "latent_nearness": 2.65,
    "semantic_label": 4.72,
    "semantic_concept": 5.78,
    "narrower": 0.17,
    "needed": 0.16,
    "is_transversal": 1.17,
}
_SKILL_LEXICAL = {
    "words": 2.2,
    "phrase_covered": 1.44,
    "label_covered": 0.8,
    "spelling": 1.84,
    "sorted_spelling": 2.24,
    "same_words": 0.73,
    "is_preferred": 0.85,
    "closeness": 2.04,
    "semantic_label": 5.26,
    "semantic_concept": 7.42,
    "narrower": 0.14,
    "needed": 0.13,
    "is_transversal": 1.28,
}
_OCCUPATION_LATENT = {
    "words": 0.08,
    "phrase_covered": 1.78,
    "label_covered": 0.99,
    "spelling": 1.12,
    "sorted_spelling": 0.39,
    "same_words": 1.13,
    "latent_concept": 2.39,
    "latent_label": 1.58,
    "is_preferred": 0.21,
    "closeness": 1.07,
    "latent_nearness": 2.75,
    "semantic_label": 2.16,
    "semantic_concept": 3.86,
    "labels": 0.77,
    "narrower": -0.48,
    "advertised": 0.52,
}
_OCCUPATION_LEXICAL = {
    "words": 2.72,
    "phrase_covered": 2.08,
    "label_covered": 1.11,
    "spelling": 1.08,
    "sorted_spelling": 0.52,
    "same_words": 1.44,
    "is_preferred": 0.38,
    "closeness": 1.16,
    "semantic_label": 3.27,
    "semantic_concept": 6.49,
    "labels": 0.67,
    "narrower": -0.41,
    "advertised": 0.5,
}

_MODELS = {
    (ConceptKind.SKILL, True): FusionModel(
        _SKILL_LATENT, intercept=-5.541, slope=0.3264, unseen_slope=-1.337, transversal_slope=0.5
    ),
    (ConceptKind.SKILL, False): FusionModel(
        _SKILL_LEXICAL, intercept=-6.996, slope=0.4179, unseen_slope=-0.151, transversal_slope=0.127
    ),
    (ConceptKind.OCCUPATION, True): FusionModel(
        _OCCUPATION_LATENT, intercept=-5.602, slope=0.4117, unseen_slope=0.0
    ),
    (ConceptKind.OCCUPATION, False): FusionModel(
        _OCCUPATION_LEXICAL, intercept=-5.659, slope=0.3864, unseen_slope=0.0
    ),
}


def semantic_model_for(kind: ConceptKind, *, has_latent: bool) -> FusionModel:
    """The model of a kind of concept for the wider signals, with or without a latent space."""
    return _MODELS[kind, has_latent]

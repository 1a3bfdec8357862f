"""The fitted numbers of the fusion with the semantic channel: ``benchmarks/fit_semantic.py`` printed them."""

from __future__ import annotations

from app.domain.enums import ConceptKind
from app.matching.fusion import FusionModel
from app.matching.fusion_models import N_CONCEPTS

_SKILL_LATENT = {
    "words": 0.29,
    "phrase_covered": 1.09,
    "label_covered": 0.46,
    "spelling": 1.78,
    "sorted_spelling": 1.61,
    "same_words": 0.27,
    "latent_concept": 1.89,
    "latent_label": 1.94,
    "is_preferred": 0.77,
    "is_foreign": -0.07,
    "closeness": 1.92,
    "latent_nearness": 2.7,
    "semantic_label": 4.74,
    "semantic_concept": 5.77,
    "narrower": 0.17,
    "needed": 0.15,
    "is_transversal": 1.16,
}
_SKILL_LEXICAL = {
    "words": 2.18,
    "phrase_covered": 1.49,
    "label_covered": 0.85,
    "spelling": 1.82,
    "sorted_spelling": 2.15,
    "same_words": 0.73,
    "is_preferred": 0.85,
    "closeness": 2.06,
    "semantic_label": 5.23,
    "semantic_concept": 7.41,
    "narrower": 0.14,
    "needed": 0.13,
    "is_transversal": 1.28,
}
_OCCUPATION_LATENT = {
    "words": 0.03,
    "phrase_covered": 1.75,
    "label_covered": 1.01,
    "spelling": 1.12,
    "sorted_spelling": 0.35,
    "same_words": 1.11,
    "latent_concept": 2.39,
    "latent_label": 1.66,
    "is_preferred": 0.21,
    "closeness": 1.07,
    "latent_nearness": 2.75,
    "semantic_label": 2.15,
    "semantic_concept": 3.84,
    "labels": 0.77,
    "narrower": -0.48,
    "advertised": 0.52,
}
_OCCUPATION_LEXICAL = {
    "words": 2.7,
    "phrase_covered": 2.08,
    "label_covered": 1.12,
    "spelling": 1.09,
    "sorted_spelling": 0.5,
    "same_words": 1.47,
    "is_preferred": 0.38,
    "closeness": 1.15,
    "semantic_label": 3.25,
    "semantic_concept": 6.48,
    "labels": 0.67,
    "narrower": -0.41,
    "advertised": 0.49,
}

_MODELS = {
    (ConceptKind.SKILL, True): FusionModel(
        _SKILL_LATENT,
        intercept=-5.567,
        slope=0.3289,
        unseen_slope=-1.512,
        transversal_slope=0.556,
        n_concepts=N_CONCEPTS[ConceptKind.SKILL],
        size_slope=0.28,
    ),
    (ConceptKind.SKILL, False): FusionModel(
        _SKILL_LEXICAL,
        intercept=-6.905,
        slope=0.4136,
        unseen_slope=-0.424,
        transversal_slope=0.137,
        n_concepts=N_CONCEPTS[ConceptKind.SKILL],
        size_slope=0.41,
    ),
    (ConceptKind.OCCUPATION, True): FusionModel(
        _OCCUPATION_LATENT,
        intercept=-5.72,
        slope=0.4206,
        unseen_slope=0.0,
        n_concepts=N_CONCEPTS[ConceptKind.OCCUPATION],
        size_slope=0.31,
    ),
    (ConceptKind.OCCUPATION, False): FusionModel(
        _OCCUPATION_LEXICAL,
        intercept=-5.911,
        slope=0.4037,
        unseen_slope=0.0,
        n_concepts=N_CONCEPTS[ConceptKind.OCCUPATION],
        size_slope=0.46,
    ),
}


def semantic_model_for(kind: ConceptKind, *, has_latent: bool) -> FusionModel:
    """The model of a kind of concept for the wider signals, with or without a latent space."""
    return _MODELS[kind, has_latent]

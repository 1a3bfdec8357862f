"""The fitted numbers of the fusion, as ``benchmarks/fit_linker.py`` printed them."""

from __future__ import annotations

from app.domain.enums import ConceptKind
from app.matching.fusion import ExactModel, FusionModel

_SKILL_LATENT = {
    "words": 1.41,
    "phrase_covered": 1.46,
    "label_covered": 0.61,
    "spelling": 2.43,
    "sorted_spelling": 2.13,
    "latent_concept": 3.78,
    "latent_label": 3.11,
    "is_preferred": 0.95,
    "is_foreign": -0.26,
    "closeness": 1.63,
    "latent_nearness": 3.98,
    "narrower": 0.27,
    "needed": 0.23,
    "is_transversal": 1.03,
}
_SKILL_LEXICAL = {
    "words": 5.62,
    "phrase_covered": 3.39,
    "label_covered": 1.73,
    "spelling": 2.49,
    "sorted_spelling": 2.95,
    "is_preferred": 1.39,
    "is_foreign": -0.03,
    "closeness": 1.98,
    "narrower": 0.22,
    "needed": 0.17,
    "is_transversal": 1.22,
}
_OCCUPATION_LATENT = {
    "words": 0.32,
    "phrase_covered": 0.86,
    "label_covered": 1.17,
    "spelling": 1.38,
    "sorted_spelling": 1.0,
    "same_words": 1.29,
    "latent_concept": 3.89,
    "latent_label": 2.53,
    "is_preferred": 0.51,
    "is_foreign": -0.06,
    "latent_nearness": 2.65,
    "labels": 0.76,
    "narrower": -0.1,
    "advertised": 0.41,
}
_OCCUPATION_LEXICAL = {
    "words": 4.84,
    "phrase_covered": 3.49,
    "label_covered": 2.72,
    "spelling": 1.48,
    "sorted_spelling": 1.54,
    "same_words": 0.72,
    "is_preferred": 0.7,
    "is_foreign": -0.07,
    "closeness": 0.04,
    "labels": 0.55,
    "narrower": -0.08,
    "advertised": 0.46,
}

N_CONCEPTS = {ConceptKind.SKILL: 13_896, ConceptKind.OCCUPATION: 3_007}
"""Of ESCO 1.1.1, on which all of this is fitted."""

_MODELS = {
    (ConceptKind.SKILL, True): FusionModel(
        _SKILL_LATENT,
        intercept=-4.352,
        slope=0.2692,
        unseen_slope=-1.932,
        transversal_slope=0.578,
        n_concepts=N_CONCEPTS[ConceptKind.SKILL],
        size_slope=0.28,
    ),
    (ConceptKind.SKILL, False): FusionModel(
        _SKILL_LEXICAL,
        intercept=-3.461,
        slope=0.205,
        unseen_slope=-6.994,
        transversal_slope=0.04,
        n_concepts=N_CONCEPTS[ConceptKind.SKILL],
        size_slope=0.41,
    ),
    (ConceptKind.OCCUPATION, True): FusionModel(
        _OCCUPATION_LATENT,
        intercept=-6.091,
        slope=0.5217,
        unseen_slope=0.0,
        n_concepts=N_CONCEPTS[ConceptKind.OCCUPATION],
        size_slope=0.31,
    ),
    (ConceptKind.OCCUPATION, False): FusionModel(
        _OCCUPATION_LEXICAL,
        intercept=-6.01,
        slope=0.4697,
        unseen_slope=0.0,
        n_concepts=N_CONCEPTS[ConceptKind.OCCUPATION],
        size_slope=0.46,
    ),
}


_EXACT = {
    ConceptKind.SKILL: ExactModel(preferred=0.97, alternative=0.5, foreign=0.22),
    ConceptKind.OCCUPATION: ExactModel(preferred=0.82, alternative=0.62, foreign=0.12),
}


def exact_model_for(kind: ConceptKind) -> ExactModel:
    """How often labels of a kind of concept mean what they name."""
    return _EXACT[kind]


def model_for(kind: ConceptKind, *, has_latent: bool) -> FusionModel:
    """The model of a kind of concept, with or without a latent space."""
    return _MODELS[kind, has_latent]

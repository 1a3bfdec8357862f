"""The fitted numbers of the fusion with the semantic channel: ``benchmarks/fit_semantic.py`` printed them."""

from __future__ import annotations

from app.domain.enums import ConceptKind
from app.matching.fusion import FusionModel

_LATENT = {
    "words": 1.69,
    "same_words": 1.16,
    "spelling": 2.21,
    "closeness": 1.73,
    "is_preferred": 0.43,
    "latent_concept": 3.76,
    "latent_label": 2.24,
    "semantic_label": 4.34,
    "semantic_concept": 6.05,
}
_LEXICAL = {
    "words": 3.67,
    "same_words": 1.16,
    "spelling": 1.69,
    "closeness": 1.4,
    "is_preferred": 0.56,
    "phrase_covered": 1.0,
    "sorted_spelling": 1.49,
    "semantic_label": 4.76,
    "semantic_concept": 7.89,
}

_MODELS = {
    (ConceptKind.SKILL, True): FusionModel(_LATENT, intercept=-6.182, slope=0.4002, unseen_slope=-1.2),
    (ConceptKind.SKILL, False): FusionModel(_LEXICAL, intercept=-6.327, slope=0.4056, unseen_slope=-0.362),
    (ConceptKind.OCCUPATION, True): FusionModel(_LATENT, intercept=-6.339, slope=0.3971, unseen_slope=0.0),
    (ConceptKind.OCCUPATION, False): FusionModel(_LEXICAL, intercept=-6.34, slope=0.3948, unseen_slope=0.0),
}


def semantic_model_for(kind: ConceptKind, *, has_latent: bool) -> FusionModel:
    """The model of a kind of concept for the wider signals, with or without a latent space."""
    return _MODELS[kind, has_latent]

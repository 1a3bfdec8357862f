"""Weights fitted to a partnership's own decisions: measured, shown, and never more than proposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.errors import Conflict
from app.matching.metrics import Interval
from app.matching.version import ENGINE_VERSION
from app.services.preparation import Progress
from app.services.review_decisions import Learnable, learnable, load_pairs, reviewed_pairs
from app.services.taxonomy_index import TaxonomyIndex
from app.services.weight_effects import DEPTH, TOP, VacancyEffect, effects_of
from app.services.weight_fitting import FittedWeights, fit_weights
from app.services.weight_profiles import label_of, weights_in_force

_PLACES = 4


@dataclass(frozen=True, slots=True)
class FittedProposal:
    """Values to propose, and the evidence that goes with them, as ``propose_weights`` takes both."""

    values: Mapping[str, Any]
    evidence: Mapping[str, Any]


def fit_proposal(
    session: Session,
    actor: Actor,
    index: TaxonomyIndex,
    *,
    now: datetime,
    seed: int = 0,
    progress: Progress | None = None,
) -> FittedProposal:
    """Fit weights to the partnership's decisions, and find out what they would move. Stores nothing.

    Raises
    ------
    NotPermitted
        The actor is no administrator.
    Conflict
        There are too few decisions, or the fit does not agree better with decisions it has not seen.
    """
    require(actor, Operation.WEIGHTS_WRITE)
    held = weights_in_force(session, actor)
    usable = learnable(reviewed_pairs(session, actor))
    fitted = fit_weights(load_pairs(session, actor, index, usable.pairs), held, seed=seed)
    if not fitted.gain.difference.value > 0:
        before, after = fitted.held_out
        raise Conflict(
            "Fitted weights would not agree better with decisions they have not seen: "
            f"{before.value:.3f} before, {after.value:.3f} after. Nothing is proposed."
        )
    effects = effects_of(session, actor, index, held, fitted.weights, today=now.date(), progress=progress)
    evidence = {
        "from": label_of(held),
        "engine_version": ENGINE_VERSION,
        "taxonomy_name": index.taxonomy.name,
        "taxonomy_checksum": index.taxonomy.checksum,
        "seed": seed,
        **_rests_on(usable, fitted),
        "would_move": would_move(effects),
    }
    return FittedProposal(fitted.weights.as_dict(), evidence)


def _rests_on(usable: Learnable, fitted: FittedWeights) -> dict[str, Any]:
    return {
        "decisions": {
            "n": fitted.n_decisions,
            "n_vacancies": fitted.n_vacancies,
            "left_out": dict(usable.left_out),
            "last_at": max(pair.decided_at for pair in usable.pairs).isoformat(),
        },
        "moved": {name: list(values) for name, values in fitted.moved.items()},
        "agreement": {
            "fitted_on": _before_after(fitted.fitted_on),
            "held_out": {
                **_before_after(fitted.held_out),
                "gain": _interval(fitted.gain.difference),
                "p_value": round(fitted.gain.p_value, _PLACES),
            },
        },
    }


def would_move(effects: Sequence[VacancyEffect]) -> dict[str, Any]:
    """Effects as they are stored: ids and pseudonyms, numbers to four places."""
    known = [each.kendall_distance for each in effects if each.kendall_distance is not None]
    return {
        "n_vacancies": len(effects),
        "depth": DEPTH,
        "top": TOP,
        "mean_kendall_distance": round(sum(known) / len(known), _PLACES) if known else None,
        "n_enter": sum(len(each.enter) for each in effects),
        "vacancies": [_effect(each) for each in effects],
    }


def _effect(effect: VacancyEffect) -> dict[str, Any]:
    distance = effect.kendall_distance
    return {
        **asdict(effect),
        "kendall_distance": None if distance is None else round(distance, _PLACES),
        "enter": list(effect.enter),
        "leave": list(effect.leave),
    }


def _before_after(pair: tuple[Interval, Interval]) -> Mapping[str, list[float]]:
    return {"before": _interval(pair[0]), "after": _interval(pair[1])}


def _interval(interval: Interval) -> list[float]:
    """Value, low and high end."""
    return [round(each, _PLACES) for each in interval]

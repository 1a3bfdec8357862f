"""Weights as pages show them: what each means, its bounds, and what a proposal would move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.permissions import Operation
from app.domain.transitions import JobStatus, WeightsState
from app.errors import FieldIssue
from app.matching.weights import BOUNDS, DEFAULT_WEIGHTS, WeightProfile
from app.models import Job, StoredWeights
from app.services.doers import Doers
from app.services.weight_previews import is_outdated
from app.web.options import PREFIX
from app.web.viewer import Viewer
from app.web.views.doers import by_whom
from app.web.views.jobs import ProgressView, progress_of
from app.web.views.weight_words import GROUPS, TERMS
from app.web.wording import N_, Words
from app.wording import term


@dataclass(frozen=True, slots=True)
class Field:
    """One weight: where it stands in the form, and what holds now.

    ``value`` is as typed, ``held`` the value in force; ``share`` of its group out of one, for parts.
    """

    id: str
    name: str
    label: str
    value: str
    held: float
    is_moved: bool
    is_faulty: bool
    share: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """Weights of one kind with their bounds."""

    name: str
    meaning: str
    least: float
    greatest: float
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """A weight profile in the list."""

    id: UUID
    label: str
    state: WeightsState
    proposed_at: datetime
    proposed_by: str
    approved_by: str
    reason: str
    is_fitted: bool


@dataclass(frozen=True, slots=True)
class WeightsView:
    """The profile in force, and all that were ever proposed."""

    in_force: str
    in_force_id: UUID | None
    groups: Sequence[Group]
    lines: Sequence[ProfileLine]
    may_write: bool
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class ProposalView:
    """The form for new weights with what was typed; problems are (field id, text)."""

    name: str
    reason: str
    groups: Sequence[Group]
    in_force: str
    problems: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What would move for one vacancy."""

    href: str
    title: str
    lang: str | None
    turned: float | None
    enter: Sequence[str]
    leave: Sequence[str]


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What a proposal would move, by a sample of vacancies.

    ``progress`` while it is worked out or where that failed; ``compared_with`` names the weights
    that were in force then, and ``is_outdated`` that others are now.
    """

    progress: ProgressView | None
    compared_with: str = ""
    is_outdated: bool = False
    n_vacancies: int = 0
    n_enter: int = 0
    mean_turned: float | None = None
    effects: Sequence[EffectLine] = ()


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """One weight profile. ``moved`` are the groups with fields that differ from those in force."""

    line: ProfileLine
    version: int
    groups: Sequence[Group]
    in_force: str
    evidence: Sequence[tuple[str, str]]
    preview: PreviewView | None
    is_own: bool
    can_approve: bool
    can_withdraw: bool
    can_preview: bool
    ended_by: str
    approved_at: datetime | None
    ended_at: datetime | None


def groups_of(
    words: Words,
    shown: WeightProfile,
    held: WeightProfile,
    *,
    typed: Mapping[str, str] | None = None,
    faulty: Sequence[str] = (),
) -> list[Group]:
    """Lay weights out by group; ``typed`` are the values of a form by name, where one was sent."""
    groups = []
    for group, (name, meaning) in GROUPS.items():
        values, held_values = _entries(shown, group), _entries(held, group)
        total = sum(values.values()) if group == "parts" else 0.0
        fields = [
            Field(
                id=field_id(entry),
                name=entry,
                label=_label(words, group, entry),
                value=(typed or {}).get(entry, number_text(value)),
                held=held_values[entry],
                is_moved=value != held_values[entry],
                is_faulty=field_id(entry) in faulty,
                share=value / total if total else None,
            )
            for entry, value in values.items()
        ]
        least, greatest = BOUNDS[group]
        groups.append(Group(words.gettext(name), words.gettext(meaning), least, greatest, fields))
    return groups


def entry_names() -> list[str]:
    """The names of all weights, as the fields of the form have them, such as ``parts.text``."""
    return [entry for group in GROUPS for entry in _entries(DEFAULT_WEIGHTS, group)]


def nested(values: Mapping[str, float]) -> dict[str, Any]:
    """Values by entry -> values as a proposal takes them."""
    made: dict[str, Any] = {}
    for entry, value in values.items():
        group, _, key = entry.partition(".")
        if not key:
            made[group] = value
        elif isinstance(getattr(DEFAULT_WEIGHTS, group), tuple):
            made.setdefault(group, []).append(value)
        else:
            made.setdefault(group, {})[key] = value
    return made


def field_id(entry: str) -> str:
    """The id of a weight's field."""
    return "w-" + entry.replace(".", "-").replace("_", "-")


def number_in(entry: str, text: str) -> float | None:
    """A weight as people write it, with a comma or a point; None where it is none or out of bounds."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    least, greatest = BOUNDS[entry.partition(".")[0]]
    return value if least <= value <= greatest else None


def range_problem(words: Words, entry: str) -> tuple[str, str]:
    """(field id, text) of a weight that is no number within its bounds."""
    group = entry.partition(".")[0]
    least, greatest = BOUNDS[group]
    text = words.gettext("%(group)s, %(weight)s: write a number from %(least)s to %(greatest)s.")
    return field_id(entry), text % {
        "group": words.gettext(GROUPS[group][0]),
        "weight": _label(words, group, entry),
        "least": words.number(least),
        "greatest": words.number(greatest),
    }


def problem_of(words: Words, issue: FieldIssue) -> tuple[str, str]:
    """(field id, text) of what the service finds wrong with a proposal."""
    parts = issue.pointer.strip("/").split("/")
    if parts[:1] != ["values"]:
        return parts[0], _own_words(words, issue)
    entry = ".".join(parts[1:])
    if entry not in entry_names():
        return "w-parts-skills", _own_words(words, issue)
    return range_problem(words, entry)


def profile_line(words: Words, row: StoredWeights, doers: Doers) -> ProfileLine:
    """Make the line of a profile in the list."""
    approved = row.approved_at is not None
    return ProfileLine(
        id=row.id,
        label=f"{row.name}-{row.number}",
        state=row.state,
        proposed_at=row.created_at,
        proposed_by=by_whom(words, doers, row.proposed_by_account_id, row.proposed_by_key_id),
        approved_by=by_whom(words, doers, row.approved_by_account_id, row.approved_by_key_id)
        if approved
        else "",
        reason=row.reason,
        is_fitted=bool(row.evidence),
    )


def profile_page(
    viewer: Viewer,
    row: StoredWeights,
    shown: WeightProfile | None,
    held: WeightProfile | None,
    doers: Doers,
    preview: PreviewView | None,
) -> ProfilePage:
    """Make the page of a profile; ``shown`` and ``held`` are None where this version cannot read them."""
    words, is_proposal = viewer.words, row.state is WeightsState.PROPOSED
    may_write = viewer.may(Operation.WEIGHTS_WRITE)
    is_own = viewer.actor.is_who(row.proposed_by_key_id, row.proposed_by_account_id)
    has_ended = row.ended_at is not None
    return ProfilePage(
        line=profile_line(words, row, doers),
        version=row.version,
        groups=() if shown is None else groups_of(words, shown, held or shown),
        in_force="" if held is None else f"{held.name}-{held.version}",
        evidence=_evidence(words, row.evidence),
        preview=preview,
        is_own=is_own,
        can_approve=is_proposal and may_write and not is_own,
        can_withdraw=row.state in (WeightsState.PROPOSED, WeightsState.APPROVED) and may_write,
        can_preview=is_proposal and may_write,
        ended_by=by_whom(words, doers, row.ended_by_account_id, row.ended_by_key_id) if has_ended else "",
        approved_at=row.approved_at,
        ended_at=row.ended_at,
    )


def preview_view(
    words: Words,
    job: Job,
    in_force: str,
    titles: Mapping[UUID, tuple[str, str | None]],
    *,
    now: datetime,
) -> PreviewView:
    """Make the view of a preview, done or on its way."""
    found = job.result
    if job.status is not JobStatus.SUCCEEDED or found is None:
        return PreviewView(progress_of(words, job, now=now))
    return PreviewView(
        progress=None,
        compared_with=found["from"],
        is_outdated=is_outdated(job, in_force),
        n_vacancies=found["n_vacancies"],
        n_enter=found["n_enter"],
        mean_turned=found["mean_kendall_distance"],
        effects=[_effect_line(each, titles) for each in found["vacancies"]],
    )


def vacancies_of(job: Job | None) -> list[UUID]:
    """The vacancies that a finished preview looked at."""
    found = job.result if job is not None else None
    return [UUID(each["vacancy_id"]) for each in found["vacancies"]] if found else []


def number_text(value: float) -> str:
    """A weight as it stands in a number field, whatever the language."""
    return f"{value:g}"


def _entries(weights: WeightProfile, group: str) -> dict[str, float]:
    value = getattr(weights, group)
    if isinstance(value, Mapping):
        return {f"{group}.{key}": float(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return {f"{group}.{at}": float(each) for at, each in enumerate(value)}
    return {group: float(value)}


def _label(words: Words, group: str, entry: str) -> str:
    key = entry.partition(".")[2]
    if group == "isco":
        n = int(key) + 1
        return words.ngettext("%(n)s digit in common", "%(n)s digits in common", n) % {"n": n}
    return term(TERMS[group], key, words.locale) if key else words.gettext("value")


def _own_words(words: Words, issue: FieldIssue) -> str:
    known = {
        "/name": N_("Give a name of up to 40 small letters a to z, figures and hyphens."),
        "/reason": N_("Say why, in up to 1,000 characters, so that the second person can judge."),
    }
    if issue.code == "rule-between-weights":
        return words.gettext(
            "At least one part has to count, better evidence must not earn less, and neither "
            "must a nearer occupation."
        )
    return words.gettext(known[issue.pointer]) if issue.pointer in known else issue.message


def _effect_line(effect: Mapping[str, Any], titles: Mapping[UUID, tuple[str, str | None]]) -> EffectLine:
    key = UUID(effect["vacancy_id"])
    title, lang = titles.get(key, (str(key), None))
    return EffectLine(
        href=f"{PREFIX}/vacancies/{key}/matches",
        title=title,
        lang=lang,
        turned=effect["kendall_distance"],
        enter=effect["enter"],
        leave=effect["leave"],
    )


def _evidence(words: Words, evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What fitted weights rest on, in words."""
    if "decisions" not in evidence or "agreement" not in evidence:
        return []
    decisions, held_out = evidence["decisions"], evidence["agreement"]["held_out"]
    return [
        (
            words.gettext("Fitted to"),
            words.gettext("%(n)s decisions on %(vacancies)s vacancies")
            % {"n": words.number(decisions["n"]), "vacancies": words.number(decisions["n_vacancies"])},
        ),
        (
            words.gettext("Agreement with decisions it has not seen"),
            words.gettext("%(before)s before, %(after)s after")
            % {"before": words.score(held_out["before"][0]), "after": words.score(held_out["after"][0])},
        ),
    ]

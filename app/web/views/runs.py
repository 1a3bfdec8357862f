"""Match runs as pages show them: what was asked, what pins the result, and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from app.domain.ids import pseudonym_of
from app.domain.permissions import Operation
from app.domain.transitions import MatchRunState, allowed_next
from app.models import MatchRun
from app.services.doers import Doers
from app.services.match_runs import RunDetails
from app.services.rank_changes import RankChange
from app.services.run_comparison import RunComparison, VacancyChange
from app.web.options import PREFIX
from app.web.viewer import Viewer
from app.web.views.doers import by_whom
from app.web.views.jobs import ProgressView, duration, fault_of, progress_of
from app.web.wording import N_, Words

MOST_K = 200
MOST_CHOICES = 200

PIN_NAMES: Mapping[str, str] = {
    "engine_version": N_("Version of the engine"),
    "taxonomy_name": N_("Taxonomy release"),
    "taxonomy_checksum": N_("Checksum of the taxonomy"),
    "weight_profile_name": N_("Weights"),
    "alias_version": N_("Version of the partnership's aliases"),
    "shared_alias_version": N_("Version of the shared aliases"),
    "index_fingerprint": N_("Fingerprint of the candidates and how they are read"),
    "input_digest": N_("Digest of vacancies, candidates and decisions"),
    "k": N_("Length of each list"),
}

# How many people of one vacancy are listed before the rest is only counted.
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in the list."""

    id: UUID
    state: MatchRunState
    created_at: datetime
    what: str
    weights: str
    who: str
    took: str
    n_vacancies: int
    n_matches: int


@dataclass(frozen=True, slots=True)
class RunsView:
    """The list of runs, and the form to compare two; addresses are empty where there is nothing."""

    lines: Sequence[RunLine]
    state: str
    states: Sequence[MatchRunState]
    may_run: bool
    earlier: str
    later: str

    @property
    def can_compare(self) -> bool:
        """Whether there are two complete runs on this page."""
        return sum(line.state is MatchRunState.COMPLETE for line in self.lines) > 1


@dataclass(frozen=True, slots=True)
class Pin:
    """A value that the result depends on; ``name`` is for people, ``value`` whole."""

    name: str
    value: str
    is_digest: bool


@dataclass(frozen=True, slots=True)
class RankedLine:
    """A vacancy that the run ranked."""

    href: str
    title: str
    lang: str | None
    n_matches: int


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run. ``progress`` is None once the run has ended, and where no job carries it out."""

    line: RunLine
    progress: ProgressView | None
    fault: str
    n_candidates: int
    started_at: datetime | None
    finished_at: datetime | None
    pins: Sequence[Pin]
    vacancies: Sequence[RankedLine]
    n_more: int
    earlier_run: str
    can_cancel: bool
    can_repeat: bool
    job_id: UUID | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A published vacancy to choose."""

    id: str
    title: str
    lang: str | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class NewRunView:
    """The form for a new ranking, with what was typed; problems are (field id, text)."""

    k: str
    whole: bool
    choices: Sequence[Choice]
    has_more: bool
    problems: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class PinChange:
    """A pin that differs."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PersonChange:
    """One candidate whose place differs."""

    pseudonym: str
    href: str
    text: str


@dataclass(frozen=True, slots=True)
class VacancyLine:
    """One vacancy whose list differs."""

    href: str
    title: str
    lang: str | None
    note: str
    entered: Sequence[PersonChange]
    left: Sequence[PersonChange]
    moved: Sequence[PersonChange]
    n_entered: int
    n_left: int
    n_moved: int


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """Two runs side by side."""

    before: RunLine
    after: RunLine
    pins: Sequence[PinChange]
    vacancies: Sequence[VacancyLine]
    n_vacancies: int
    n_changed: int
    n_entered: int
    n_left: int
    n_moved: int
    earlier: str
    later: str


def run_line(words: Words, run: MatchRun, doers: Doers) -> RunLine:
    """Make the line of a run in a list."""
    return RunLine(
        id=run.id,
        state=run.state,
        created_at=run.created_at,
        what=_what(words, run),
        weights=run.weight_profile_name,
        who=by_whom(words, doers, run.requested_by_account_id, run.requested_by_key_id),
        took=duration(words, run.started_at, run.finished_at),
        n_vacancies=run.n_vacancies,
        n_matches=run.n_matches,
    )


def run_page(
    viewer: Viewer,
    found: RunDetails,
    doers: Doers,
    titles: Mapping[UUID, tuple[str, str | None]],
    *,
    now: datetime,
) -> RunPage:
    """Make the page of a run."""
    run, job = found.run, found.job
    words, goes_on = viewer.words, bool(allowed_next(run.state))
    is_done = run.state is MatchRunState.COMPLETE
    return RunPage(
        line=run_line(words, run, doers),
        progress=progress_of(words, job, now=now) if job is not None and goes_on else None,
        fault=fault_of(words, run.error_code) if run.state is MatchRunState.FAILED else "",
        n_candidates=run.n_candidates,
        started_at=run.started_at,
        finished_at=run.finished_at,
        pins=_pins(words, run),
        vacancies=[
            RankedLine(
                f"{PREFIX}/vacancies/{row.vacancy_id}/matches?run={run.id}",
                *titles.get(row.vacancy_id, (str(row.vacancy_id), None)),
                row.n_matches,
            )
            for row in found.ranked
        ],
        n_more=max(0, run.n_vacancies - len(found.ranked)),
        earlier_run=""
        if found.earlier is None or not is_done
        else _compare_address(found.earlier.id, run.id),
        can_cancel=goes_on and job is not None and viewer.may(Operation.JOB_CANCEL),
        can_repeat=not goes_on and viewer.may(Operation.RANKING_RUN),
        job_id=None if job is None else job.id,
    )


def comparison_view(
    viewer: Viewer,
    found: RunComparison,
    doers: Doers,
    titles: Mapping[UUID, tuple[str, str | None]],
    *,
    is_first: bool,
) -> ComparisonView:
    """Make the page that compares two runs."""
    words = viewer.words
    address = _compare_address(found.before.id, found.after.id)
    return ComparisonView(
        before=run_line(words, found.before, doers),
        after=run_line(words, found.after, doers),
        pins=[
            PinChange(
                words.gettext(PIN_NAMES[name]),
                _value(getattr(found.before, name)),
                _value(getattr(found.after, name)),
            )
            for name in found.pins
        ],
        vacancies=[_vacancy_line(words, found, each, titles) for each in found.vacancies],
        n_vacancies=found.n_vacancies,
        n_changed=found.n_changed,
        n_entered=found.n_entered,
        n_left=found.n_left,
        n_moved=found.n_moved,
        earlier="" if is_first else address,
        later="" if found.next_after is None else f"{address}&next={found.next_after}",
    )


def _what(words: Words, run: MatchRun) -> str:
    if run.vacancy_ids is None:
        return words.gettext("All published vacancies, the best %(k)s of each") % {"k": words.number(run.k)}
    n = len(run.vacancy_ids)
    text = words.ngettext(
        "%(n)s chosen vacancy, the best %(k)s", "%(n)s chosen vacancies, the best %(k)s of each", n
    )
    return text % {"n": words.number(n), "k": words.number(run.k)}


def _pins(words: Words, run: MatchRun) -> list[Pin]:
    return [
        Pin(
            words.gettext(name),
            _value(getattr(run, column)),
            column.endswith(("checksum", "digest", "print")),
        )
        for column, name in PIN_NAMES.items()
        if getattr(run, column) is not None
    ]


def _value(value: object) -> str:
    return "–" if value is None else str(value)


def _vacancy_line(
    words: Words,
    found: RunComparison,
    change: VacancyChange,
    titles: Mapping[UUID, tuple[str, str | None]],
) -> VacancyLine:
    title, lang = titles.get(change.vacancy_id, (str(change.vacancy_id), None))
    newest = found.after if change.in_after else found.before
    base = f"{PREFIX}/vacancies/{change.vacancy_id}/matches"

    def people(changes: Sequence[RankChange]) -> list[PersonChange]:
        return [
            PersonChange(
                pseudonym_of(each.candidate_id),
                f"{base}/{each.candidate_id}?run={found.before.id if each.after is None else found.after.id}",
                _moved(words, each),
            )
            for each in changes[:_SHOWN]
        ]

    return VacancyLine(
        href=f"{base}?run={newest.id}",
        title=title,
        lang=lang,
        note=_note(words, change),
        entered=people(change.entered),
        left=people(change.left),
        moved=people(change.moved),
        n_entered=len(change.entered),
        n_left=len(change.left),
        n_moved=len(change.moved),
    )


def _note(words: Words, change: VacancyChange) -> str:
    if not change.in_before:
        return words.gettext("Only the later run ranked this vacancy.")
    if not change.in_after:
        return words.gettext("Only the earlier run ranked this vacancy.")
    if change.requirements_changed:
        return words.gettext("Its requirements changed between the runs.")
    return ""


def _moved(words: Words, change: RankChange) -> str:
    if change.before is None:
        return words.gettext("now at %(rank)s") % {"rank": change.after}
    if change.after is None:
        return words.gettext("was at %(rank)s") % {"rank": change.before}
    text = words.gettext("from %(before)s to %(after)s") % {"before": change.before, "after": change.after}
    if change.profile_changed:
        return words.gettext("%(moved)s; the profile changed") % {"moved": text}
    return text


def _compare_address(before: UUID, after: UUID) -> str:
    return f"{PREFIX}/runs/compare?" + urlencode({"before": before, "after": after})

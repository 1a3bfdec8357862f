"""What became of a ranking since the run before, as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.ids import pseudonym_of
from app.services.rank_changes import RankChange
from app.services.ranking_changes import Cause, RankingChanges
from app.web.options import PREFIX
from app.web.viewer import Viewer
from app.web.views.ranked import is_blind
from app.web.wording import N_, Words

_CAUSES: Mapping[Cause, str] = {
    Cause.REQUIREMENTS: N_("The requirements of the vacancy have changed."),
    Cause.WEIGHTS: N_("Other weights are in force."),
    Cause.TAXONOMY: N_("Another release or language of the taxonomy is in use."),
    Cause.ALIASES: N_("Staff have decided what more phrases mean."),
    Cause.ENGINE: N_("The service counts in a new way."),
    Cause.LENGTH: N_("Another number of candidates was asked for."),
}


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One candidate in both rankings; ranks None where they were not listed."""

    pseudonym: str
    href: str
    before: int | None
    after: int | None
    score_before: float | None
    score_after: float | None
    why: str


@dataclass(frozen=True, slots=True)
class ChangesView:
    """The page."""

    id: UUID
    title: str
    lang: str | None
    was_ranked: bool
    ranked_before: datetime | None
    ranked_after: datetime | None
    causes: Sequence[str]
    entered: Sequence[ChangeView]
    left: Sequence[ChangeView]
    moved: Sequence[ChangeView]
    n_same: int
    is_blind: bool


def changes_view(changes: RankingChanges, viewer: Viewer) -> ChangesView:
    """Lay the changes out."""
    words, vacancy = viewer.words, changes.vacancy
    base = f"{PREFIX}/vacancies/{vacancy.id}"

    def lines(some: Sequence[RankChange]) -> list[ChangeView]:
        return [_line(each, base, words) for each in some]

    return ChangesView(
        id=vacancy.id,
        title=vacancy.title,
        lang=vacancy.lang,
        was_ranked=changes.after is not None,
        ranked_before=None if changes.before is None else changes.before.finished_at,
        ranked_after=None if changes.after is None else changes.after.finished_at,
        causes=[words.gettext(_CAUSES[cause]) for cause in changes.causes],
        entered=lines(changes.entered),
        left=lines(changes.left),
        moved=lines(changes.moved),
        n_same=changes.n_same,
        is_blind=is_blind(viewer),
    )


def _line(change: RankChange, base: str, words: Words) -> ChangeView:
    why = {
        True: words.gettext("The profile has changed"),
        False: words.gettext("The profile is the same"),
        None: "",
    }[change.profile_changed]
    return ChangeView(
        pseudonym=pseudonym_of(change.candidate_id),
        href=f"{base}/matches/{change.candidate_id}",
        before=change.before,
        after=change.after,
        score_before=change.score_before,
        score_after=change.score_after,
        why=why,
    )

"""A few candidates beside each other, as their page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from app.domain.eligibility import Message
from app.domain.enums import Importance
from app.domain.explained import support_of
from app.domain.summary import MEETING_RELATIONS
from app.services.pair_comparison import ComparedRequirement, Comparison, Share
from app.services.taxonomy_index import TaxonomyIndex
from app.web.labels import label
from app.web.options import PREFIX
from app.web.viewer import Viewer
from app.web.views.asked_names import asked_name
from app.web.views.ranked import PARTS, Standing, essentials_of, is_blind, rank_of, standing_of
from app.web.views.vacancies import share_in_words
from app.web.wording import Words
from app.wording import term


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One candidate."""

    pseudonym: str
    href: str
    rank: str
    country: str | None
    score: float
    parts: Mapping[str, float]
    essentials: str
    standing: Standing
    asks: Sequence[Message]
    state_name: str


@dataclass(frozen=True, slots=True)
class CellView:
    """What a candidate brings for a requirement; ``support`` says how well it is supported."""

    share: Share
    claim: str
    support: str
    is_met: bool
    is_part: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """One requirement; ``original`` where it is called otherwise in the vacancy's language."""

    part: str
    label: str
    original: str
    importance: Importance | None
    share: str
    cells: Sequence[CellView]


@dataclass(frozen=True, slots=True)
class CompareView:
    """The page."""

    id: UUID
    title: str
    lang: str | None
    back: str
    columns: Sequence[ColumnView]
    lines: Sequence[LineView]
    used_parts: Sequence[str]
    is_blind: bool


def compare_view(
    comparison: Comparison, index: TaxonomyIndex, viewer: Viewer, *, named_run: UUID | None
) -> CompareView:
    """Lay a comparison out; running text is one line of its own."""
    vacancy, words = comparison.vacancy, viewer.words
    base = f"{PREFIX}/vacancies/{vacancy.id}"
    query = "" if named_run is None else "?" + urlencode({"run": str(named_run)})
    columns = []
    for pair in comparison.pairs:
        failed, questions = pair.eligibility.failed, pair.eligibility.open_questions
        asks = [each.fix.message for each in failed if each.fix] + [
            each.ask for each in questions if each.ask
        ]
        columns.append(
            ColumnView(
                pseudonym=pair.row.pseudonym,
                href=f"{base}/matches/{pair.row.candidate_id}{query}",
                rank=rank_of(pair, words),
                country=pair.row.country,
                score=pair.row.score,
                parts=pair.row.parts,
                essentials=essentials_of(pair, words),
                standing=standing_of(pair, words),
                asks=asks[:2],
                state_name=label(words, pair.state),
            )
        )
    return CompareView(
        id=vacancy.id,
        title=vacancy.title,
        lang=vacancy.lang,
        back=f"{base}/matches{query}",
        columns=columns,
        lines=[_line(each, index, words) for each in comparison.requirements if each.part != "text"],
        used_parts=[part for part in PARTS if any(part in column.parts for column in columns)],
        is_blind=is_blind(viewer),
    )


def _line(row: ComparedRequirement, index: TaxonomyIndex, words: Words) -> LineView:
    own = index.label(row.uri, words.locale) if row.uri else asked_name(row.part, row.requirement, words)
    return LineView(
        part=row.part,
        label=own,
        original=row.requirement if row.part in ("skills", "occupation") else "",
        importance=row.importance,
        share=share_in_words(max(share.weight for share in row.shares), words),
        cells=[_cell(share, row, words) for share in row.shares],
    )


def _cell(share: Share, row: ComparedRequirement, words: Words) -> CellView:
    is_met = share.relation in MEETING_RELATIONS or (share.value > 0 and share.value == share.weight)
    claim = share.claim if row.uri else asked_name(row.part, share.claim, words)
    support = support_of(row.part, share.evidence)
    told = term(*support, words.locale) if support else ""
    return CellView(share, claim, told, is_met, not is_met and share.value > 0)

"""Results as text for a terminal: shortlist tables, the waterfall of a score, gaps."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain import explained
from app.domain.enums import Importance
from app.domain.results import Contribution, RankedMatch, VacancyRanking
from app.domain.summary import MEETING_RELATIONS, summarise
from app.wording import say, term

_WORDS_COLUMN = 34
_EVIDENCE_COLUMN = 42
_BAR_WIDTH = 32
_SHOWN_STEPS = 14

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Gap:
    """An essential skill that shortlisted people lack.

    ``n_lacking`` of ``n_asked`` shortlisted matches do not meet it; the vacancies
    that ask for it have ``n_openings`` openings together.
    """

    skill: str
    n_lacking: int
    n_asked: int
    n_vacancies: int
    n_openings: int


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Give the lines of a table whose columns are as wide as their widest cell."""
    every = [tuple(header), *map(tuple, rows)]
    widths = [max(map(display_width, column)) for column in zip(*every, strict=True)]
    for number, row in enumerate(every):
        yield "  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if number == 0:
            yield "  ".join("─" * width for width in widths)


def shortlist(ranking: VacancyRanking, names: Names) -> Iterator[str]:
    """Give the shortlist of one vacancy as a table; ``names`` are the candidates' pseudonyms."""
    header = ("rank", "candidate", "score", "essentials", "strongest evidence", "gap")
    return table(header, (_shortlist_row(match, names) for match in ranking.matches))


def apart(ranking: VacancyRanking, names: Names) -> Iterator[str]:
    """Give those who are listed apart, a line each: the rank that they would have; why; the fixes."""
    for match in ranking.apart:
        name = names.get(match.candidate_id, match.candidate_id)
        fixes = " ".join(say(each.fix.message) for each in match.eligibility.failed if each.fix)
        rules = ", ".join(term("rule", each.rule).lower() for each in match.eligibility.failed)
        reason = f"{rules}: {fixes}" if rules else "somebody has decided."
        yield f"apart: {name} would be number {match.rank} ({match.score:.3f}), but {reason}"


def waterfall(match: RankedMatch) -> Iterator[str]:
    """Give a score as steps from 0 up to it; every step is one requirement's share.

    Steps below the largest ones are drawn together, and so are the words of the text.
    """
    steps = explained.waterfall(match, _SHOWN_STEPS)
    labels = [_label(step) for step in steps]
    width = min(max(map(display_width, ["score", *labels])), _WORDS_COLUMN)
    for step, label in zip(steps, labels, strict=True):
        reason = "" if step.share is None or step.share.part == "text" else _reason(step.share)
        bar = _bar(step.start, step.end)
        yield f"  {_pad(_cut(label, width), width)}  +{step.value:.3f}  {bar}  {reason}".rstrip()
    yield f"  {_pad('score', width)}  ={match.score:.3f}  {_bar(0.0, match.score)}"


def _label(step: explained.Step) -> str:
    if step.share is None:
        return f"{step.n_shares} smaller shares"
    return "shared words of the texts" if step.share.part == "text" else step.share.requirement


def cohort_gaps(
    rankings: Iterable[VacancyRanking], openings: Mapping[str, int], label_of: Callable[[str], str]
) -> list[Gap]:
    """Find the essential skills that shortlisted people lack, the most lacked first.

    ``label_of`` names a concept in the reader's language, whatever the vacancies were written in.
    """
    lacking: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    vacancies: dict[str, set[str]] = {}
    words: dict[str, str] = {}
    for ranking in rankings:
        for match in ranking.matches:
            for share in _essentials(match):
                key = share.requirement_uri or share.requirement
                words[key] = label_of(key) if share.requirement_uri else share.requirement
                asked[key] += 1
                lacking[key] += share.relation not in MEETING_RELATIONS
                vacancies.setdefault(key, set()).add(ranking.vacancy_id)
    gaps = [
        Gap(
            skill=words[key],
            n_lacking=n_lacking,
            n_asked=asked[key],
            n_vacancies=len(vacancies[key]),
            n_openings=sum(openings[vacancy] for vacancy in vacancies[key]),
        )
        for key, n_lacking in lacking.items()
        if n_lacking
    ]
    return sorted(gaps, key=lambda gap: (-gap.n_lacking, -gap.n_openings, gap.skill))


def display_width(text: str) -> int:
    """Count the columns that a text takes on a terminal."""
    return sum(_char_width(char) for char in text)


def _shortlist_row(match: RankedMatch, names: Names) -> tuple[str, ...]:
    summary = summarise(match)
    return (
        f"{match.rank}{'=' if match.tied else ''}",
        names.get(match.candidate_id, match.candidate_id),
        f"{match.score:.3f}",
        f"{summary.essentials_met} of {summary.n_essentials}",
        _evidence(summary.strongest) if summary.strongest else "–",
        _cut(summary.gap.requirement, _WORDS_COLUMN) if summary.gap else "–",
    )


def _reason(share: Contribution) -> str:
    relation = share.relation.replace("_", " ")
    is_graded = share.part in ("skills", "occupation")
    return f"{relation}: {_evidence(share) if is_graded else _cut(share.claim, _WORDS_COLUMN)}"


def _evidence(share: Contribution) -> str:
    support = explained.support_of(share.part, share.evidence)
    grade = f" ({term(*support)})" if support else ""
    return _cut(share.claim or share.requirement, _EVIDENCE_COLUMN - len(grade)) + grade


def _essentials(match: RankedMatch) -> Iterator[Contribution]:
    return (
        share
        for share in match.contributions
        if share.part == "skills" and share.importance is Importance.ESSENTIAL
    )


def _bar(start: float, end: float) -> str:
    first, last = round(start * _BAR_WIDTH), round(end * _BAR_WIDTH)
    return (
        "│" + " " * first + "█" * max(last - first, 1 if end > start else 0) + " " * (_BAR_WIDTH - last) + "│"
    )


def _pad(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))


def _cut(text: str, width: int) -> str:
    line = " ".join(text.split())
    if display_width(line) <= width:
        return line
    while display_width(line) > width - 1:
        line = line[:-1]
    return line.rstrip() + "…"


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1

"""The comparison of two releases as Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from app.domain.enums import ConceptKind
from app.domain.record_changes import LinkRef, RankingChange, RankMove, Reason, RecordComparison, Side
from app.services.release_comparison import ConceptRef, OccupationChange, ReleaseComparison

SHOWN = 20
_TEXT_CHARS = 120

_REASONS = {
    Reason.CONCEPT_GONE: "the concept is gone",
    Reason.CONCEPT_NEW: "the concept is new",
    Reason.OCCUPATION_LINK: "linked to another occupation",
    Reason.OCCUPATION_SKILLS: "the occupation needs other skills",
    Reason.LINK: "linked otherwise",
    Reason.RELEASE: "rarity or relations of skills",
}


def comparison_lines(releases: ReleaseComparison, records: RecordComparison | None) -> Iterator[str]:
    """Write the report, long lists cut."""
    before, after = releases.before, releases.after
    yield f"# From {_text(before.name)} to {_text(after.name)}"
    yield ""
    yield "| | before | after |"
    yield "|---|---|---|"
    yield f"| release | {_text(before.name)} | {_text(after.name)} |"
    for kind, n_before in before.n_concepts.items():
        yield f"| {kind.replace('_', ' ')}s | {n_before:,} | {after.n_concepts[kind]:,} |"
    yield f"| languages | {', '.join(before.languages)} | {', '.join(after.languages)} |"
    yield f"| checksum | {before.checksum[:16]} | {after.checksum[:16]} |"
    yield from _counts("Taxonomy", releases.counts)
    yield from _taxonomy_lists(releases)
    if records is not None:
        yield from _record_lists(records)


def _counts(heading: str, counts: dict[str, int]) -> Iterator[str]:
    yield from ("", f"## {heading}", "")
    shown = {name: count for name, count in counts.items() if count}
    if not shown:
        yield "Nothing changes."
        return
    yield "| what | how many |"
    yield "|---|---:|"
    for name, count in shown.items():
        what, _, which = name.partition(".")
        yield f"| {what.replace('_', ' ')}{f' ({which})' if which else ''} | {count:,} |"


def _taxonomy_lists(releases: ReleaseComparison) -> Iterator[str]:
    for heading, concepts in (("Concepts added", releases.added), ("Concepts gone", releases.gone)):
        for kind in ConceptKind:
            of_kind = [_concept(each) for each in concepts if each.kind is kind]
            yield from _section(f"{heading}: {kind.replace('_', ' ')}", of_kind)
    yield from _section(
        "Relabelled",
        [f"{each.lang}: {_text(each.before)} → {_text(each.after)}" for each in releases.relabelled],
    )
    yield from _section(
        "Other values",
        [
            f"{_text(each.label)}, {each.attribute}: {_text(each.before)} → {_text(each.after)}"
            for each in releases.changed
        ],
    )
    for language in releases.languages:
        for heading, labels in (("added", language.added), ("removed", language.removed)):
            yield from _section(f"Labels {heading}: {language.lang}", [_text(each.text) for each in labels])
    for heading, relations in (("added", releases.relations_added), ("removed", releases.relations_removed)):
        yield from _section(
            f"Relations {heading} between concepts of both",
            [
                f"{_text(each.source.label)} {each.kind.replace('_', ' ')} {_text(each.target.label)}"
                for each in relations
            ],
        )
    yield from _section("Occupations with other skills", [_occupation(each) for each in releases.occupations])


def _record_lists(records: RecordComparison) -> Iterator[str]:
    yield from _counts(
        f"{records.n_vacancies:,} vacancies, {records.n_candidates:,} candidates", records.counts
    )
    yield ""
    yield (
        f"{len(records.links):,} of {records.n_phrases:,} phrases are linked otherwise. On average "
        f"{records.mean_overlap:.1%} of the first {records.k} candidates of a vacancy stay among them."
    )
    yield from _section(
        "Aliases without their concept",
        [
            f"{_text(each.phrase)} ({each.kind}, {each.lang}): {_text(each.label)}"
            for each in records.aliases_lost
        ],
    )
    yield from _section(
        "Links",
        [
            f"{_text(each.phrase)} ({each.kind}{f', {each.lang}' if each.lang else ''}): "
            f"{_link(each.before)} → {_link(each.after)}; "
            f"vacancies {each.n_vacancies:,}, candidates {each.n_candidates:,}"
            for each in records.links
        ],
    )
    for side in Side:
        yield from _section(
            f"Requirements: {side}",
            [
                f"{_text(each.vacancy_id)}: {_text(each.label)} ({each.provenance}); {_REASONS[each.reason]}"
                for each in records.requirements
                if each.side is side
            ],
        )
    for side in Side:
        yield from _section(
            f"Claims: {side}",
            [
                f"{_text(each.candidate_id)}: {_text(each.label)}, from {_text(each.phrase)}; "
                f"{_REASONS[each.reason]}"
                for each in records.claims
                if each.side is side
            ],
        )
    for ranking in records.rankings[:SHOWN]:
        yield from _ranking(ranking)
    if len(records.rankings) > SHOWN:
        yield from ("", f"… and {len(records.rankings) - SHOWN:,} more rankings")


def _ranking(ranking: RankingChange) -> Iterator[str]:
    yield from ("", f"### Ranking of {_text(ranking.vacancy_id)}: {ranking.overlap:.0%} stay", "")
    if ranking.reasons:
        yield f"Of the vacancy: {_reasons(ranking.reasons)}."
        yield ""
    if ranking.phrases:
        yield f"Linked otherwise: {', '.join(_text(phrase) for phrase in ranking.phrases[:SHOWN])}."
        yield ""
    yield "| candidate | before | after | of the candidate |"
    yield "|---|---|---|---|"
    for move in ranking.moves[:SHOWN]:
        yield (
            f"| {_text(move.candidate_id)} | {_place(move.rank_before, move.score_before)} | "
            f"{_place(move.rank_after, move.score_after)} | {_of_candidate(move)} |"
        )
    if len(ranking.moves) > SHOWN:
        yield from ("", f"… and {len(ranking.moves) - SHOWN:,} more")


def _of_candidate(move: RankMove) -> str:
    phrases = ", ".join(map(_text, move.phrases[:3]))
    return f"{_reasons(move.reasons)}: {phrases}" if phrases else _reasons(move.reasons)


def _section(heading: str, items: Sequence[str]) -> Iterator[str]:
    if not items:
        return
    yield from ("", f"### {heading} ({len(items):,})", "")
    yield from (f"- {item}" for item in items[:SHOWN])
    if len(items) > SHOWN:
        yield f"- … and {len(items) - SHOWN:,} more"


def _concept(concept: ConceptRef) -> str:
    return f"{_text(concept.label)} <{concept.uri}>"


def _occupation(change: OccupationChange) -> str:
    parts = (
        ("+", "essential", change.essential_added),
        ("−", "essential", change.essential_removed),
        ("+", "optional", change.optional_added),
        ("−", "optional", change.optional_removed),
    )
    lists = "; ".join(f"{sign} {name} {_labels(skills)}" for sign, name, skills in parts if skills)
    return f"{_text(change.label)}: {lists}"


def _labels(skills: Sequence[ConceptRef]) -> str:
    shown = ", ".join(_text(skill.label) for skill in skills[:3])
    return f"{shown} and {len(skills) - 3:,} more" if len(skills) > 3 else shown


def _link(link: LinkRef | None) -> str:
    return "nothing" if link is None else f"{_text(link.label)} ({link.score:.2f}, {link.method})"


def _place(rank: int | None, score: float | None) -> str:
    return "beyond" if rank is None else f"{rank} ({score:.3f})"


def _reasons(reasons: Iterable[Reason]) -> str:
    return "; ".join(_REASONS[reason] for reason in reasons)


def _text(text: str) -> str:
    """A text of somebody else's as one line that Markdown takes for words."""
    line = textwrap.shorten(text, _TEXT_CHARS, placeholder=" …") or "nothing"
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in line)

"""Matches as a page of Markdown that can be read aloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from app.domain.eligibility import Message, Value
from app.domain.enums import Verdict
from app.domain.explained import Step, in_words, support_of, waterfall, what_if_in_words
from app.domain.records import VacancyRecord
from app.domain.results import Contribution, RankedMatch, VacancyRanking
from app.wording import join, say, say_all, term

_STEPS = 8
_BAR_WIDTH = 24


def page(
    vacancies: Sequence[VacancyRecord],
    rankings: Sequence[VacancyRanking],
    k: int,
    lang: str,
    label_of: Callable[[str], str],
) -> str:
    """Tell the best ``k`` of each ranking, and the first who is listed apart.

    ``label_of`` names a concept in the reader's language.
    """
    lines = [f"# {_word('page_title', lang)}", ""]
    for vacancy, ranking in zip(vacancies, rankings, strict=True):
        lines += [f"## {vacancy.title} ({vacancy.id})", ""]
        for match in ranking.matches[:k]:
            heading = Message("page_ranked", {**_place(match), "count": len(ranking.matches)})
            lines += [f"### {say(heading, lang)}", "", *_told(_relabelled(match, label_of), lang)]
        for match in ranking.apart[:1]:
            heading = Message("page_apart", _place(match))
            lines += [f"### {say(heading, lang)}", "", *_told(_relabelled(match, label_of), lang)]
    return "\n".join(lines).rstrip() + "\n"


def _place(match: RankedMatch) -> dict[str, Value]:
    return {"rank": match.rank, "candidate": match.candidate_id, "score": f"{match.score:.3f}"}


def _word(code: str, lang: str) -> str:
    return say(Message(code), lang)


def _relabelled(match: RankedMatch, label_of: Callable[[str], str]) -> RankedMatch:
    """The match with requirements called what the reader calls them."""

    def label(share: Contribution) -> Contribution:
        return replace(share, requirement=label_of(share.requirement_uri)) if share.requirement_uri else share

    return replace(
        match,
        contributions=tuple(map(label, match.contributions)),
        what_if=tuple(
            replace(each, requirement=label_of(each.requirement_uri)) if each.requirement_uri else each
            for each in match.what_if
        ),
    )


def _told(match: RankedMatch, lang: str) -> Iterator[str]:
    yield say_all(in_words(match), lang)
    yield ""
    yield from _table(waterfall(match, _STEPS), lang)
    yield ""
    rules = [result for result in match.eligibility.results if result.verdict is not Verdict.YES]
    if rules:
        yield _word("page_rules", lang)
        yield ""
        for result in rules:
            said = result.fix.message if result.fix else result.ask
            verdict, need = term("verdict", result.verdict, lang), term("need", result.need, lang)
            source = Message("page_source", {"source": result.source, "since": result.since.isoformat()})
            yield (
                f"- **{term('rule', result.rule, lang)}: {verdict}** ({need}). {say(result.finding, lang)} "
                f"{say(said, lang) if said else ''} *{say(source, lang)}*"
            )
        yield ""
    if match.what_if and match.rank > 1:
        yield _word("page_change", lang)
        yield ""
        yield from (f"- {say(what_if_in_words(each), lang)}" for each in match.what_if)
        yield ""


def _table(steps: Iterable[Step], lang: str) -> Iterator[str]:
    step_name, adds, reaches, why = (
        _word(f"page_{each}", lang) for each in ("step", "adds", "reaches", "why")
    )
    yield f"| {step_name} | {adds} | {reaches} | | {why} |"
    yield "|---|---:|---:|---|---|"
    for step in steps:
        yield (
            f"| {_cell(_label(step, lang))} | {step.value:.3f} | {step.end:.3f} | {_bar(step)} "
            f"| {_cell(_why(step.share, lang))} |"
        )


def _label(step: Step, lang: str) -> str:
    if step.share is None:
        return say(Message("told_smaller_shares", {"count": step.n_shares}), lang)
    share = step.share
    if share.part == "languages":
        code, _, level = share.requirement.partition(" ")
        return say(Message("told_language", {"lang": code, "level": level}), lang).strip()
    if share.part == "text":
        about = share.requirement_uri is not None
        return term("relation", "themes", lang) if about else _word("page_shared_words", lang)
    return share.requirement


def _why(share: Contribution | None, lang: str) -> str:
    if share is None:
        return ""
    if share.part == "text":
        return share.claim
    is_occupation = share.part == "occupation" and share.relation == "same"
    relation = term("relation", "same_occupation" if is_occupation else share.relation, lang)
    told = [relation]
    if share.claim:
        told.append(say(Message("page_quoted", {"claim": share.claim}), lang))
    support = support_of(share.part, share.evidence)
    if support and share.part in ("skills", "occupation"):
        told.append(term(*support, lang))
    return join(told, lang)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _bar(step: Step) -> str:
    first, last = round(step.start * _BAR_WIDTH), round(step.end * _BAR_WIDTH)
    return "`" + "·" * first + "█" * max(1, last - first) + "·" * (_BAR_WIDTH - max(last, first + 1)) + "`"

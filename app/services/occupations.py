"""Occupation fields and job titles -> occupations or ISCO-08 codes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from app.domain.enums import LinkMethod
from app.matching.aliases import is_decided
from app.matching.link import Linker
from app.matching.text import canonical
from app.matching.titles import after_heading, first_part, title_forms
from app.services.identifiers import is_uri, isco_code
from app.services.taxonomy_index import TaxonomyIndex


@dataclass(frozen=True, slots=True)
class TitleLinkConfig:
    """Settings of the reading of job titles; all scores lie in [0, 1].

    Attributes
    ----------
    min_part_score
        A part of a title may be a place or a department: below this it is no occupation.
    n_voters
        Likely occupations that vote on an ISCO-08 group where none is sure.
    min_voter_score
        The best of them has to be this likely.
    min_share
        Share of the votes that a group needs.
    digits
        Digits of the groups tried, finest first.
    n_likely, min_likely_score
        Where no occupation is sure: how many likely ones are kept, and how likely each has to be.
    min_line_score
        A profile's first line that equals no title has to be this sure.
    """

    min_part_score: float = 0.5
    n_voters: int = 5
    min_voter_score: float = 0.2
    min_share: float = 0.6
    digits: tuple[int, ...] = (4, 3)
    n_likely: int = 5
    min_likely_score: float = 0.1
    min_line_score: float = 0.5


TITLE_LINKS = TitleLinkConfig()

MOST_WORKED = 6
"""Occupations read beside periods of work in a profile's running text."""


class ResolvedOccupation(NamedTuple):
    """What an occupation field means: an occupation row, or an ISCO-08 code, or neither."""

    row: int | None
    isco_code: str
    score: float
    method: LinkMethod | None


NO_OCCUPATION = ResolvedOccupation(None, "", 0.0, None)


def resolve_occupations(
    index: TaxonomyIndex,
    phrases: Sequence[str],
    langs: Sequence[str | None],
    config: TitleLinkConfig = TITLE_LINKS,
) -> list[ResolvedOccupation]:
    """Read occupation fields: a concept URI, an ISCO-08 code or a title in any wording.

    Where no occupation is sure, the group that the likely ones share is the answer: its
    ISCO-08 code, with a method of its own.
    """
    resolved: list[ResolvedOccupation] = []
    titles: list[str] = []
    title_langs: list[str | None] = []
    pending: list[tuple[int, range]] = []
    for phrase, lang in zip(phrases, langs, strict=True):
        known = _resolve_code(index, phrase)
        if known is None:
            forms = _forms_to_link(index.occupation_linker, phrase, lang)
            pending.append((len(resolved), range(len(titles), len(titles) + len(forms))))
            titles += forms
            title_langs += [lang] * len(forms)
        resolved.append(known or NO_OCCUPATION)
    links = index.occupation_linker.link(titles, langs=title_langs, k=1)
    unsure: list[tuple[int, str, str | None]] = []
    for position, forms_of in pending:
        candidates = []
        for form in forms_of:
            for row, score, method in links.of(form):
                if form == forms_of.start or _is_sure(score, method, config.min_part_score):
                    candidates.append((row, score, method))
        if candidates:
            # The first form is the fullest; a later one wins only as a label, or by a better score:
            # a part that names one occupation, where the whole is a label of several.
            row, score, method = max(candidates, key=lambda link: (link[2] is not LinkMethod.FUZZY, link[1]))
            isco = index.occupations.concepts[row].isco_group
            resolved[position] = ResolvedOccupation(row, isco, score, method)
        elif forms_of and not is_decided(
            index.occupation_linker, titles[forms_of.start], title_langs[forms_of.start]
        ):
            # The second form is the first part without conditions of work.
            form = forms_of[min(1, len(forms_of) - 1)]
            unsure.append((position, titles[form], title_langs[form]))
    _resolve_groups(index, resolved, unsure, config)
    return resolved


def _forms_to_link(linker: Linker, title: str, lang: str | None) -> list[str]:
    """The forms of a title, or the one that staff decided about: its parts then say nothing."""
    forms = title_forms(title)
    decided = (form for form in (title, *forms[:1]) if is_decided(linker, form, lang))
    return list(decided)[:1] or forms


def _resolve_groups(
    index: TaxonomyIndex,
    resolved: list[ResolvedOccupation],
    unsure: Sequence[tuple[int, str, str | None]],
    config: TitleLinkConfig,
) -> None:
    """Give unsure titles the ISCO-08 group that most of their likely occupations are in."""
    if not unsure:
        return
    linker = index.occupation_linker
    likely = linker.candidates(
        [title for _, title, _ in unsure], langs=[lang for _, _, lang in unsure], k=config.n_voters
    )
    for entry, (position, _, _) in enumerate(unsure):
        voters = [
            (index.occupations.concepts[row].isco_group, score) for row, score, _method in likely.of(entry)
        ]
        if voters and voters[0][1] >= config.min_voter_score:
            resolved[position] = _shared_group(voters, config)


def likely_occupations(
    index: TaxonomyIndex,
    titles: Sequence[str],
    langs: Sequence[str | None],
    config: TitleLinkConfig = TITLE_LINKS,
) -> list[tuple[tuple[int, float], ...]]:
    """What titles may mean where none is sure: (occupation row, probability), likeliest first."""
    linker = index.occupation_linker
    forms = [_forms_to_link(linker, title, lang) for title, lang in zip(titles, langs, strict=True)]
    owner = [position for position, of in enumerate(forms) for _ in of]
    own_langs = [langs[position] for position in owner]
    links = linker.candidates([form for of in forms for form in of], langs=own_langs, k=config.n_likely)
    best: list[dict[int, float]] = [{} for _ in titles]
    for entry, position in enumerate(owner):
        for row, score, _method in links.of(entry):
            if config.min_likely_score <= score:
                best[position][row] = max(score, best[position].get(row, 0.0))
    return [tuple(sorted(of.items(), key=lambda each: (-each[1], each[0]))[: config.n_likely]) for of in best]


def first_line_occupations(
    index: TaxonomyIndex,
    lines: Sequence[str],
    langs: Sequence[str | None],
    config: TitleLinkConfig = TITLE_LINKS,
) -> list[ResolvedOccupation]:
    """Read first lines of profiles: a title as a whole, of which the linker is sure."""
    forms = [title_forms(line)[:1] for line in lines]
    titles = [of[0] if of else "" for of in forms]
    links = index.occupation_linker.link(titles, langs=list(langs), k=1)
    found = []
    for entry in range(len(lines)):
        occupation = NO_OCCUPATION
        for row, score, method in links.of(entry):
            if _is_sure(score, method, config.min_line_score):
                isco = index.occupations.concepts[row].isco_group
                occupation = ResolvedOccupation(row, isco, score, method)
        found.append(occupation)
    return found


def _is_sure(score: float, method: LinkMethod, least: float) -> bool:
    """Whether words that are no whole title name an occupation: a label says so, anything else if likely."""
    return method is not LinkMethod.FUZZY or score >= least


def _shared_group(voters: Sequence[tuple[str, float]], config: TitleLinkConfig) -> ResolvedOccupation:
    total = sum(score for _, score in voters)
    for n_digits in config.digits:
        votes: defaultdict[str, float] = defaultdict(float)
        for code, score in voters:
            votes[code[:n_digits]] += score
        code, share = min(votes.items(), key=lambda vote: (-vote[1], vote[0]))
        if len(code) == n_digits and share >= config.min_share * total:
            score = round(voters[0][1] * share / total, 6)
            return ResolvedOccupation(None, code, score, LinkMethod.ISCO_GROUP)
    return NO_OCCUPATION


def guess_occupations(
    index: TaxonomyIndex, lines: Sequence[str], langs: Sequence[str | None]
) -> list[ResolvedOccupation]:
    """Read lines that may open with an occupation: only a title that equals a label counts.

    What stands later in a line is no title, but for the one clause after a heading: a tool in a list
    may be called like one.
    """
    return [
        _first_exact(index, [*title_forms(first_part(line)), *title_forms(after_heading(line))], lang)
        for line, lang in zip(lines, langs, strict=True)
    ]


def worked_occupations(
    index: TaxonomyIndex, periods: Sequence[Sequence[str]], lang: str | None, most: int = MOST_WORKED
) -> list[tuple[ResolvedOccupation, str]]:
    """Read what stands beside periods of work: the first words that equal a label, and which they are.

    A firm or a place may follow the title, but then one word alone is none: it may as well be
    the firm's name. No more than ``most`` are read: who lists more periods gets no more of them.
    """
    found: list[tuple[ResolvedOccupation, str]] = []
    for titles in periods:
        starts = [start for title in titles for start in _starts(title)]
        read = ((_first_exact(index, [start], lang), start) for start in starts)
        found += islice((each for each in read if each[0] != NO_OCCUPATION), 1)
    return found[:most]


def _starts(title: str) -> list[str]:
    """The whole of a title, and what it begins with, two words at least."""
    words = title.split()
    return [" ".join(words[:n]) for n in range(len(words), 1, -1)] or [title]


def _first_exact(index: TaxonomyIndex, forms: Sequence[str], lang: str | None) -> ResolvedOccupation:
    """The occupation that the first of some forms with one is a label of."""
    for form in forms:
        for row, score, method in index.occupation_linker.exact(canonical(form), lang)[:1]:
            return ResolvedOccupation(row, index.occupations.concepts[row].isco_group, score, method)
    return NO_OCCUPATION


def _resolve_code(index: TaxonomyIndex, phrase: str) -> ResolvedOccupation | None:
    text = phrase.strip()
    row = index.occupations.row_of.get(text)
    if row is not None:
        return ResolvedOccupation(row, index.occupations.concepts[row].isco_group, 1.0, LinkMethod.URI)
    code = isco_code(text)
    if code:
        return ResolvedOccupation(None, code, 1.0, LinkMethod.CODE)
    return NO_OCCUPATION if not text or is_uri(text) else None

"""A score taken apart: what each requirement brought, from the arithmetic that ranked.

Credits are those of the query; so the parts of a pair add up to its score to the last
bit, which ``take_apart`` itself makes sure of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from app.domain.enums import EvidenceGrade
from app.domain.results import Contribution
from app.matching.ranking.query import CREDIT_UNITS, SCORE_UNITS, WEIGHT_UNITS
from app.matching.weights import EXPERIENCE, LANGUAGES, OCCUPATION, PARTS, SKILLS, TEXT
from app.services.candidate_terms import claimed_occupations, language_term, occupation_names, phrase_term
from app.services.occupation_claims import OccupationClaim
from app.services.parts.languages import language_name
from app.services.preparation import PreparedCandidate, PreparedClaim, PreparedVacancy, offered_languages
from app.services.profile_words import plain
from app.services.taxonomy_index import TaxonomyIndex
from app.services.themes import theme_row
from app.services.vacancy_queries import Ask, AskedVacancy, AskedWord, Entry, QueryMaker, groups_of
from app.services.work_terms import ANY_WORK, pay_term, worked_term

_WORDS_SHOWN = 8
_THEMES_SHOWN = 3
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Met:
    """One requirement and the entry that met it best, if any."""

    ask: Ask
    entry: Entry | None
    credit: int

    @property
    def units(self) -> int:
        return self.ask.weight * self.credit


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What a pair's score is made of, in score units.

    Attributes
    ----------
    used
        Words of the vacancy that the candidate uses, too.
    """

    met: Sequence[Met]
    used: Sequence[AskedWord]

    @property
    def units(self) -> int:
        """The score."""
        return sum(self.part_units().values())

    def part_units(self) -> dict[str, int]:
        """What each part brought."""
        units = dict.fromkeys(PARTS, 0)
        for met in self.met:
            units[met.ask.part] += met.units
        units[TEXT] += CREDIT_UNITS * sum(word.weight for word in self.used)
        return units


def take_apart(asked: AskedVacancy, claims: Mapping[int, int], words: AbstractSet[int]) -> Breakdown:
    """Find what met each requirement: the credit, and the entry that alone earns most of it.

    Of entries that earn alike it is the one of the strongest relation.

    Parameters
    ----------
    claims
        Grade of each term claimed.
    words
        Numbers of the words used.
    """
    met = []
    for ask in asked.asks:
        best, _ = _best(ask.entries, claims)
        met.append(Met(ask, best, sum(_best(group, claims)[1] for _, group in groups_of(ask))))
    return Breakdown(met, [word for word in asked.words if word.term is not None and word.term in words])


def _best(entries: Sequence[Entry], claims: Mapping[int, int]) -> tuple[Entry | None, int]:
    """The first of the entries that earn most, and what it earns."""
    best, credit = None, 0
    for entry in entries:
        grade = claims.get(entry.term)
        if grade is not None and entry.credit[grade] > credit:
            best, credit = entry, int(entry.credit[grade])
    return best, credit


class Explainer:
    """Puts breakdowns of one vacancy's matches in words."""

    def __init__(
        self, index: TaxonomyIndex, maker: QueryMaker, vacancy: PreparedVacancy, asked: AskedVacancy
    ) -> None:
        self._index = index
        self._maker = maker
        self._vacancy = vacancy
        self._asked = asked
        self._claims: dict[int | str, list[PreparedClaim]] = {}
        self._occupations: Mapping[str, OccupationClaim] = {}

    def contributions(self, candidate: PreparedCandidate, breakdown: Breakdown) -> tuple[Contribution, ...]:
        """Every requirement's share, by part; the heaviest first within each."""
        self._claims = {}
        for claim in candidate.claims:
            self._claims.setdefault(_term_key(claim.skill_key), []).append(claim)
        self._occupations = claimed_occupations(candidate)
        by_part: dict[str, list[Contribution]] = {name: [] for name in PARTS}
        for met in breakdown.met:
            make = self._skill if met.ask.part == SKILLS else self._plain
            by_part[met.ask.part].append(make(met, candidate))
        if self._asked.words:
            by_part[TEXT] += self._text(breakdown.used, candidate)
        for shares in by_part.values():
            shares.sort(key=lambda share: (-share.weight, -share.value, share.requirement))
        return tuple(share for name in PARTS for share in by_part[name])

    def _skill(self, met: Met, candidate: PreparedCandidate) -> Contribution:
        requirement = self._vacancy.requirements[int(met.ask.what)]
        claim = None if met.entry is None else self._claim(met, met.entry, candidate)
        return Contribution(
            part=SKILLS,
            requirement=requirement.label,
            requirement_uri=requirement.concept_uri,
            importance=requirement.importance,
            provenance=requirement.provenance,
            weight=met.ask.weight / WEIGHT_UNITS,
            credit=met.credit / CREDIT_UNITS,
            value=met.units / SCORE_UNITS,
            relation=met.entry.relation if met.entry else MISSING,
            claim=claim.source_text if claim else "",
            claim_uri=self._claim_uri(claim.skill_key) if claim else None,
            evidence=claim.evidence if claim else None,
            source=requirement.source_text,
        )

    def _claim(self, met: Met, entry: Entry, candidate: PreparedCandidate) -> PreparedClaim:
        """The claim behind an entry's credit: the first of those that are worth most."""
        return max(self._claims[entry.key], key=lambda claim: self._maker.claim_worth(claim, met.ask.level))

    def _claim_uri(self, key: int | str) -> str | None:
        return None if isinstance(key, str) else self._index.skills.concepts[key].uri

    def _plain(self, met: Met, candidate: PreparedCandidate) -> Contribution:
        part = met.ask.part
        claim, evidence = "", None
        if met.entry is not None and part == OCCUPATION:
            held = self._occupations[str(met.entry.key)]
            claim, evidence = held.words, held.evidence
        elif met.entry is not None:
            claim = _source(met.entry, part, candidate)
            evidence = EvidenceGrade.SELF_STATED if part == LANGUAGES else None
        return Contribution(
            part=part,
            requirement=str(met.ask.what),
            requirement_uri=self._occupation_uri() if part == OCCUPATION else None,
            importance=None,
            provenance=None,
            weight=met.ask.weight / WEIGHT_UNITS,
            credit=met.credit / CREDIT_UNITS,
            value=met.units / SCORE_UNITS,
            relation=met.entry.relation if met.entry else MISSING,
            claim=claim,
            evidence=evidence,
            source=self._vacancy.occupation_words if part == OCCUPATION else "",
        )

    def _occupation_uri(self) -> str | None:
        row = self._vacancy.occupation.row
        return None if row is None else self._index.occupations.concepts[row].uri

    def _text(self, used: Sequence[AskedWord], candidate: PreparedCandidate) -> Iterator[Contribution]:
        """The text part: a line for its words, and one for what the texts are about."""
        asked = self._asked.words
        themes = [word for word in asked if theme_row(word.word) is not None]
        words = [word for word in asked if theme_row(word.word) is None]
        heaviest = [word.word for word in _heaviest(used) if theme_row(word.word) is None]
        # Too many to list: the weightiest shared ones are shown.
        shown = ", ".join(self._own_words(heaviest, candidate)[:_WORDS_SHOWN])
        yield _line(f"{self._asked.n_words} words of the vacancy", None, words, used, "words", shown)
        if themes:
            nearest = theme_row(_heaviest(themes)[0].word) or 0
            uri = self._index.occupations.concepts[nearest].uri
            shown = self._theme_names(used)
            yield _line(self._theme_names(themes), uri, themes, used, "themes", shown)

    def _own_words(self, used: Sequence[str], candidate: PreparedCandidate) -> list[str]:
        """The candidate's words behind the vacancy's, with what they stand for where those are others."""
        meanings: dict[str, dict[str, None]] = {}
        for word in used:
            own = candidate.translated.get(word, plain(word))
            held = meanings.setdefault(own, {})
            if own != plain(word) and own not in self._vacancy.terms:
                held[plain(word)] = None
        return [f"{own} ({', '.join(found)})" if found else own for own, found in meanings.items()]

    def _theme_names(self, words: Sequence[AskedWord]) -> str:
        """What the nearest occupations among some themes are called in the vacancy's language."""
        rows = [row for word in _heaviest(words) if (row := theme_row(word.word)) is not None]
        concepts = self._index.occupations.concepts
        lang = self._vacancy.record.lang
        names = (self._index.label(concepts[row].uri, lang) for row in rows)
        return ", ".join(list(dict.fromkeys(names))[:_THEMES_SHOWN])


def _line(
    requirement: str,
    uri: str | None,
    asked: Sequence[AskedWord],
    used: Sequence[AskedWord],
    relation: str,
    shown: str,
) -> Contribution:
    """One line of the text part."""
    weight = sum(word.weight for word in asked)
    terms = {word.word for word in asked}
    held = sum(word.weight for word in used if word.word in terms)
    return Contribution(
        part=TEXT,
        requirement=requirement,
        requirement_uri=uri,
        importance=None,
        provenance=None,
        weight=weight / WEIGHT_UNITS,
        # A part of hardly any weight may be left without a single unit.
        credit=held / weight if weight else 0.0,
        value=held / WEIGHT_UNITS,
        relation=relation if shown else MISSING,
        claim=shown,
    )


def _heaviest(words: Sequence[AskedWord]) -> list[AskedWord]:
    return sorted(words, key=lambda word: -word.weight)


def _term_key(skill_key: int | str) -> int | str:
    return skill_key if isinstance(skill_key, int) else phrase_term(skill_key)


def _source(entry: Entry, part: str, candidate: PreparedCandidate) -> str:
    """The candidate's own words behind an entry that is no skill and no occupation."""
    key = str(entry.key)
    if part == LANGUAGES:
        languages = offered_languages(candidate.record)
        return next(language_name(each) for each in languages if language_term(each.lang) == key)
    if part == EXPERIENCE:
        return _work_behind(key, candidate)
    pay = candidate.record.circumstances.pay
    is_pay = pay is not None and key == pay_term(pay)
    return f"{pay.amount} {pay.currency} a {pay.period.value}" if pay and is_pay else key.split(":")[-1]


def _work_behind(key: str, candidate: PreparedCandidate) -> str:
    """The titles of the periods of work that count."""
    titles = {
        words
        for occupation, words in candidate.occupations
        if key in map(worked_term, occupation_names(occupation))
    }
    worked = dict.fromkeys(period.occupation for period in candidate.record.experience)
    return ", ".join(words for words in worked if words and (key == ANY_WORK or words in titles))

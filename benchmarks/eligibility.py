"""Every answer of every rule over a whole corpus: ``python -m benchmarks.eligibility --corpus FOLDER``.

Real vacancies and resumes state hardly any condition, so each gets some drawn at random (seeded),
each one as often missing as not. All vacancies are ranked for all candidates by the ranking that
serves everybody; then every answer is looked at: a no has rule, source, day and fix, an unknown a
question, and a pair of which nothing is known is neither. Both can be put in words.

FOLDER holds ``vacancies.jsonl`` and ``resumes.jsonl`` in the formats of docs/file-mode.md.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

from app.cli.sources import aliased_index, open_taxonomy
from app.domain.conditions import Circumstances, Conditions, LicenceHeld, LicenceRequirement, Pay
from app.domain.eligibility import RuleResult
from app.domain.enums import Cefr, Contract, LanguageSkill, Need, Rule, Seniority, Shift, Verdict
from app.domain.records import (
    CandidateRecord,
    ExperienceRecord,
    LanguageLevel,
    LanguageRequirement,
    VacancyRecord,
)
from app.domain.results import RankedMatch
from app.intake.read import read_candidates, read_vacancies
from app.matching.version import ENGINE_VERSION
from app.services.preparation import prepare_candidates, prepare_vacancies
from app.services.ranking import rank_prepared
from app.wording import LANGUAGES, say

DAY = date(2026, 1, 1)
_LANGS = ("de", "en", "es", "fr", "pl")
_LICENCES = ("Driving licence B", "Driving licence CE", "Forklift", "EN ISO 9606-1")
_ROLES = ("site work", "workshop", "office", "care")

DrawnT = TypeVar("DrawnT")


class Draw:
    """Conditions and circumstances at random."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def vacancy(self, record: VacancyRecord) -> VacancyRecord:
        """The record with conditions; its country and texts stay."""
        some, maybe = self._some, self._maybe
        return replace(
            record,
            languages=tuple(
                LanguageRequirement(lang, maybe(tuple(Cefr)), **self._own(), need=self._of(tuple(Need)))
                for lang in some(_LANGS)
            ),
            conditions=Conditions(
                starts_on=self._day(),
                region=record.conditions.region,
                eqf_level=maybe(range(1, 9)),
                licences=tuple(LicenceRequirement(each, self._of(tuple(Need))) for each in some(_LICENCES)),
                experience_months=maybe(range(6, 61, 6)),
                roles=some(_ROLES),
                seniorities=some(tuple(Seniority)),
                shifts=some(tuple(Shift)),
                contract=maybe(tuple(Contract)),
                pay=maybe([Pay(amount) for amount in range(20_000, 60_000, 5_000)]),
                needs=tuple((rule, self._of(tuple(Need))) for rule in sorted(some(tuple(Rule)))),
            ),
        )

    def candidate(self, record: CandidateRecord) -> CandidateRecord:
        """The record with circumstances; its texts stay."""
        some, maybe = self._some, self._maybe
        return replace(
            record,
            languages=tuple(LanguageLevel(lang, maybe(tuple(Cefr)), **self._own()) for lang in some(_LANGS)),
            experience=tuple(
                ExperienceRecord(occupation, months=maybe(range(1, 60)))
                for occupation in some(("electrician", "cook", "welder", "bricklayer"))
            ),
            circumstances=Circumstances(
                eqf_level=maybe(range(1, 9)),
                licences=tuple(LicenceHeld(each, self._day()) for each in some(_LICENCES)),
                licences_complete=self._random.random() < 0.3,
                languages_complete=self._random.random() < 0.3,
                recognised_in=some(("DE", "PL", "ES")),
                available_from=self._day(),
                countries=some(("DE", "ES", "FR", "PL", "RO")),
                roles=some(_ROLES),
                seniority=maybe(tuple(Seniority)),
                shifts=some(tuple(Shift)),
                contracts=some(tuple(Contract)),
                pay=maybe([Pay(amount) for amount in range(20_000, 60_000, 5_000)]),
                consent=maybe((True, True, True, False)),
            ),
        )

    def birth_date(self) -> date | None:
        """Of somebody from 16 to 45 years old."""
        return DAY - timedelta(days=self._random.randrange(16 * 365, 45 * 365)) if self._is() else None

    def _is(self) -> bool:
        return self._random.random() < 0.5

    def _of(self, values: Sequence[DrawnT]) -> DrawnT:
        return self._random.choice(values)

    def _maybe(self, values: Sequence[DrawnT]) -> DrawnT | None:
        return self._of(values) if self._is() else None

    def _some(self, values: Sequence[DrawnT]) -> tuple[DrawnT, ...]:
        return tuple(self._random.sample(values, self._random.randrange(1, 4))) if self._is() else ()

    def _day(self) -> date | None:
        return DAY + timedelta(days=self._random.randrange(-100, 400)) if self._is() else None

    def _own(self) -> dict[str, Cefr]:
        return {skill.value: self._of(tuple(Cefr)) for skill in LanguageSkill if self._random.random() < 0.1}


def faults(result: RuleResult) -> list[str]:
    """What an answer lacks."""
    found = []
    if not result.source:
        found.append("source")
    if not isinstance(result.since, date):
        found.append("day")
    if (result.verdict is Verdict.NO) != (result.fix is not None):
        found.append("fix")
    if (result.verdict is Verdict.UNKNOWN) != (result.ask is not None):
        found.append("question")
    messages = [result.finding, result.ask, result.fix.message if result.fix else None]
    for lang in LANGUAGES:
        if any("{" in say(message, lang) for message in messages if message is not None):
            found.append(f"words in {lang}")
    return found


def count(matches: Iterable[RankedMatch], *, apart: bool) -> tuple[Counter[str], Counter[str]]:
    """Answers by rule and verdict, and what is wrong with any of them."""
    answers: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for match in matches:
        if (match.eligibility.verdict is Verdict.NO) != apart:
            wrong["a pair on the wrong list"] += 1
        for result in match.eligibility.results:
            answers[f"{result.rule}: {result.verdict}"] += 1
            wrong.update(f"{result.rule}: no {fault}" for fault in faults(result))
    return answers, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the counts as JSON; 1 if any answer lacks what belongs to it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.eligibility", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--taxonomy", action="append", metavar="PATH_OR_RELEASE")
    options = parser.parse_args(arguments)
    draw = Draw(options.seed)
    vacancies = [draw.vacancy(each) for each in read_vacancies(options.corpus / "vacancies.jsonl").records]
    resumes = sorted(read_candidates(options.corpus / "resumes.jsonl").records, key=lambda each: each.id)
    candidates = [draw.candidate(each) for each in resumes]
    drawn = {each.id: draw.birth_date() for each in candidates}
    index = aliased_index(open_taxonomy(options.taxonomy), None, strict=False, progress=lambda *_: None)
    rankings = rank_prepared(
        index,
        prepare_vacancies(index, vacancies),
        prepare_candidates(index, candidates),
        k=options.k,
        today=DAY,
        birth_dates={each: day for each, day in drawn.items() if day is not None},
    )
    matched, wrong = count((each for ranking in rankings for each in ranking.matches), apart=False)
    apart, wrong_apart = count((each for ranking in rankings for each in ranking.apart), apart=True)
    report = {
        "engine": ENGINE_VERSION,
        "vacancies": len(rankings),
        "matches": sum(len(ranking.matches) for ranking in rankings),
        "listed apart": sum(len(ranking.apart) for ranking in rankings),
        "answers": dict(sorted((matched + apart).items())),
        "wrong": dict(sorted((wrong + wrong_apart).items())),
    }
    print(json.dumps(report, indent=2))
    return 1 if report["wrong"] else 0


if __name__ == "__main__":
    raise SystemExit(main())

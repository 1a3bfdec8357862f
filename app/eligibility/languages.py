"""Languages, skill by skill of the CEFR self-assessment grid."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.eligibility import RuleResult
from app.domain.enums import Cefr, LanguageSkill, Rule, Verdict
from app.domain.records import LanguageLevel, LanguageRequirement
from app.eligibility.answers import Answers
from app.eligibility.facts import Demand, Offer
from app.eligibility.tables import Rulebook


def judge_languages(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """One result for each language asked for, and for each need where one is asked for with both."""
    for asked in _asked_once(demand.record.languages):
        answers = Answers(rulebook, demand, Rule.LANGUAGE, asked.need)
        yield _judge(answers, asked, offer)


def _asked_once(languages: tuple[LanguageRequirement, ...]) -> Iterator[LanguageRequirement]:
    """Each language once for each need: where it is named more than once, with the highest of each level."""
    for lang, need in dict.fromkeys((each.lang, each.need) for each in languages):
        whole = best_of(tuple(each for each in languages if each.need is need), lang)
        if whole is not None:
            yield LanguageRequirement(lang, whole.cefr, **whole.own_levels, need=need)


def stated_of(demand: Demand, offer: Offer) -> tuple[LanguageLevel, ...]:
    """What a candidate states of the languages that are asked for."""
    asked = {each.lang for each in demand.record.languages}
    return tuple(each for each in offer.record.languages if each.lang in asked)


def level_verdict(asked: Cefr | None, held: Cefr | None) -> Verdict:
    """Whether a level is enough for one language skill."""
    if asked is None:
        return Verdict.YES
    if held is None:
        return Verdict.UNKNOWN
    return Verdict.YES if held.rank >= asked.rank else Verdict.NO


def best_of(languages: tuple[LanguageLevel, ...], lang: str) -> LanguageLevel | None:
    """What is stated of one language: where it is named more than once, the highest of each level."""
    stated = [each for each in languages if each.lang == lang]
    if len(stated) < 2:
        return stated[0] if stated else None
    overall = _highest([each.cefr for each in stated])
    own: dict[str, Cefr | None] = {}
    for skill in LanguageSkill:
        level = _highest([each.level(skill) for each in stated])
        # What only overall levels say is not said of the language skill.
        if level != overall or level in [each.own_level(skill) for each in stated]:
            own[skill.value] = level
    return LanguageLevel(lang, overall, **own)


def _highest(levels: list[Cefr | None]) -> Cefr | None:
    return max((level for level in levels if level), key=lambda level: level.rank, default=None)


def _judge(answers: Answers, asked: LanguageRequirement, offer: Offer) -> RuleResult:
    circumstances = offer.record.circumstances
    held = best_of(offer.record.languages, asked.lang)
    top = _highest([asked.level(skill) for skill in LanguageSkill])
    level = top.value if top else ""
    if held is None:
        if not circumstances.languages_complete and top is None:
            return answers.unknown("language_not_stated_any", "ask_language", lang=asked.lang)
        if not circumstances.languages_complete:
            return answers.unknown("language_not_stated", "ask_language", lang=asked.lang, asked=level)
        weeks = _weeks(answers.rulebook, None, top or Cefr.A1)
        if top is None:
            return answers.no("language_absent_any", {"fix_language_any": weeks}, lang=asked.lang)
        return answers.no("language_absent", {"fix_language": weeks}, lang=asked.lang, asked=level)
    verdicts = {skill: level_verdict(asked.level(skill), held.level(skill)) for skill in LanguageSkill}
    if Verdict.NO in verdicts.values():
        return _too_low(answers, asked, held, verdicts)
    if Verdict.UNKNOWN in verdicts.values():
        return answers.unknown("language_level_not_stated", "ask_language", lang=asked.lang, asked=level)
    if top is None:
        return answers.yes("language_spoken", lang=asked.lang)
    is_overall = any(asked.level(skill) and not held.own_level(skill) for skill in LanguageSkill)
    code = "language_enough_overall" if is_overall else "language_enough"
    enough = [got for skill in LanguageSkill if asked.level(skill) and (got := held.level(skill))]
    lowest = min(enough, key=lambda got: got.rank)
    return answers.yes(code, lang=asked.lang, asked=level, held=lowest.value)


def _too_low(
    answers: Answers,
    asked: LanguageRequirement,
    held: LanguageLevel,
    verdicts: dict[LanguageSkill, Verdict],
) -> RuleResult:
    """Name the language skill that is furthest behind; of equal ones the first of the grid."""
    gaps = {
        skill: wanted.rank - got.rank
        for skill, verdict in verdicts.items()
        if verdict is Verdict.NO and (wanted := asked.level(skill)) and (got := held.level(skill))
    }
    worst = max(gaps, key=lambda skill: gaps[skill])
    wanted, got = asked.level(worst), held.level(worst)
    if wanted is None or got is None:
        raise AssertionError("a level that is too low is stated")
    # Where neither side tells language skills apart, naming one would claim more than is known.
    is_overall = asked.own_level(worst) is None and held.own_level(worst) is None
    return answers.no(
        "language_too_low" if is_overall else "language_skill_too_low",
        {"fix_language": _weeks(answers.rulebook, got, wanted)},
        lang=asked.lang,
        asked=wanted.value,
        held=got.value,
        skill=worst.value,
    )


def _weeks(rulebook: Rulebook, held: Cefr | None, wanted: Cefr) -> int:
    """Planning value for all the levels in between."""
    first = 0 if held is None else held.rank
    return sum(rulebook.language_weeks[level] for level in tuple(Cefr)[first : wanted.rank])

"""Every rule answers yes, no or unknown, and each answer brings what belongs to it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.domain.conditions import LicenceHeld, Pay
from app.domain.eligibility import Eligibility
from app.domain.enums import Cefr, Need, Rule, Verdict
from app.domain.records import ExperienceRecord, LanguageLevel, LanguageRequirement
from app.eligibility.facts import Offer, Work, added_months, months_of, name_key
from app.eligibility.judge import JUDGES, LOOKS_AT, JudgeOf, judge
from app.eligibility.tables import default_rulebook
from app.wording import LANGUAGES, say
from tests.unit.eligibility.cases import ALL_MUST, CANDIDATE, DEMAND, MISSING, OFFER, SHORT, VACANCY, offer

BOOK = default_rulebook()


def verdicts(given, demand=DEMAND):
    return {result.rule: result.verdict for result in judge(BOOK, demand, given).results}


def result_of(rule, given, demand=DEMAND):
    return next(result for result in judge(BOOK, demand, given).results if result.rule is rule)


def asking(**changed):
    return replace(DEMAND, record=replace(VACANCY, **changed))


def demanding(**changed):
    return asking(conditions=replace(VACANCY.conditions, **changed))


def speaking(*languages, complete=False):
    circumstances = replace(CANDIDATE.circumstances, languages_complete=complete)
    return replace(OFFER, record=replace(CANDIDATE, languages=languages, circumstances=circumstances))


def test_who_meets_everything_is_eligible():
    assert verdicts(OFFER) == dict.fromkeys(Rule, Verdict.YES)
    assert judge(BOOK, DEMAND, OFFER).verdict is Verdict.YES


@pytest.mark.parametrize("rule", MISSING)
def test_what_is_not_stated_is_unknown_and_nothing_else_changes(rule):
    assert verdicts(MISSING[rule]) == {**dict.fromkeys(Rule, Verdict.YES), rule: Verdict.UNKNOWN}
    assert judge(BOOK, DEMAND, MISSING[rule]).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("rule", SHORT)
def test_what_falls_short_is_a_no_with_source_date_and_fix(rule):
    assert verdicts(SHORT[rule]) == {**dict.fromkeys(Rule, Verdict.YES), rule: Verdict.NO}
    result = result_of(rule, SHORT[rule])
    assert result.source
    assert isinstance(result.since, date)
    assert result.fix.weeks > 0


@pytest.mark.parametrize("rule", SHORT)
def test_a_wish_that_is_not_met_decides_nothing(rule):
    needs = tuple((each, Need.DESIRED if each is rule else need) for each, need in ALL_MUST)
    demand = demanding(needs=needs, licences=())
    demand = replace(
        demand,
        record=replace(demand.record, languages=(LanguageRequirement("de", Cefr.B1, need=Need.DESIRED),)),
    )
    if rule is not Rule.LICENCE:
        assert result_of(rule, SHORT[rule], demand).verdict is Verdict.NO
    assert judge(BOOK, demand, SHORT[rule]).verdict is Verdict.YES


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("given", [OFFER, *MISSING.values(), *SHORT.values()])
def test_every_answer_can_be_said(lang, given):
    for result in judge(BOOK, DEMAND, given).results:
        said = [result.finding, result.ask, result.fix.message if result.fix else None]
        for message in said:
            assert message is None or "{" not in say(message, lang)


@pytest.mark.parametrize("given", [OFFER, *MISSING.values(), *SHORT.values()])
def test_answers_come_back_equal_from_json(given):
    eligibility = judge(BOOK, DEMAND, given)
    assert Eligibility.from_list(eligibility.as_list()) == eligibility


def test_an_overall_level_is_taken_for_every_language_skill_and_marked():
    result = result_of(Rule.LANGUAGE, speaking(LanguageLevel("de", Cefr.B1)))
    assert (result.verdict, result.finding.code) == (Verdict.YES, "language_enough_overall")
    own = LanguageLevel(
        "de", None, *(Cefr.B1 for _ in range(5))
    )  # every language skill has a level of its own
    assert result_of(Rule.LANGUAGE, speaking(own)).finding.code == "language_enough"


def test_the_weakest_language_skill_decides():
    result = result_of(Rule.LANGUAGE, speaking(LanguageLevel("de", Cefr.C1, writing=Cefr.A2)))
    assert result.verdict is Verdict.NO
    assert result.finding.values["skill"] == "writing"
    only_speaking = asking(languages=(LanguageRequirement("de", spoken_interaction=Cefr.B1),))
    assert (
        result_of(
            Rule.LANGUAGE, speaking(LanguageLevel("de", Cefr.C1, writing=Cefr.A2)), only_speaking
        ).verdict
        is Verdict.YES
    )


def test_a_language_that_is_not_on_the_list_is_unknown_unless_the_list_is_complete():
    french = LanguageLevel("fr", Cefr.C1)
    assert result_of(Rule.LANGUAGE, speaking(french)).verdict is Verdict.UNKNOWN
    absent = result_of(Rule.LANGUAGE, speaking(french, complete=True))
    assert absent.verdict is Verdict.NO
    # From nothing to B1: A1, A2 and B1.
    assert absent.fix.weeks == 8 + 10 + 14


def test_a_level_without_number_is_unknown_where_one_is_asked():
    assert result_of(Rule.LANGUAGE, speaking(LanguageLevel("de"))).verdict is Verdict.UNKNOWN
    any_level = asking(languages=(LanguageRequirement("de"),))
    assert result_of(Rule.LANGUAGE, speaking(LanguageLevel("de")), any_level).verdict is Verdict.YES


def test_the_best_statement_of_a_language_counts_whatever_the_order():
    low, high = LanguageLevel("de", Cefr.A1), LanguageLevel("de", Cefr.B2)
    for languages in ((low, high), (high, low)):
        assert result_of(Rule.LANGUAGE, speaking(*languages)).verdict is Verdict.YES


def test_a_licence_has_to_be_valid_when_work_begins():
    until_the_day = offer(licences=(LicenceHeld("driving licence B", date(2027, 3, 1)),))
    assert result_of(Rule.LICENCE, until_the_day).verdict is Verdict.YES
    none_of_all = offer(licences=(LicenceHeld("forklift"),), licences_complete=True)
    assert result_of(Rule.LICENCE, none_of_all).finding.code == "licence_absent"


@pytest.mark.parametrize(
    ("work", "verdict"),
    [
        ((Work("7412", 24),), Verdict.YES),  # the same minor group
        ((Work("7411", None), Work("7411", 24)), Verdict.YES),
        ((Work("7411", None), Work("7411", 23)), Verdict.UNKNOWN),
        ((Work("", 24),), Verdict.UNKNOWN),  # what as is not known, and it would be enough
        ((Work("", 6), Work("7411", 12)), Verdict.NO),  # and here it would not
        ((Work("5120", None), Work("7411", 12)), Verdict.NO),
    ],
)
def test_experience_counts_in_the_field_and_is_open_where_a_period_might_belong_to_it(work, verdict):
    assert result_of(Rule.EXPERIENCE, replace(OFFER, work=work)).verdict is verdict


def test_work_is_never_long_enough_for_an_occupation_that_is_not_surely_known():
    unsure = replace(DEMAND, isco="")
    assert result_of(Rule.EXPERIENCE, OFFER, unsure).verdict is Verdict.UNKNOWN
    short = replace(OFFER, work=(Work("7411", 12), Work("5120", 11)))
    assert result_of(Rule.EXPERIENCE, short, unsure).verdict is Verdict.NO


def test_age_is_that_of_the_day_work_begins():
    born_on_the_day = replace(OFFER, birth_date=date(2009, 3, 1))
    assert result_of(Rule.AGE, born_on_the_day).verdict is Verdict.YES
    result = result_of(Rule.AGE, replace(OFFER, birth_date=date(2009, 3, 2)))
    assert (result.verdict, result.fix.weeks) == (Verdict.NO, 1)
    leap = replace(OFFER, birth_date=date(2008, 2, 29))
    asked = replace(demanding(starts_on=date(2026, 2, 28)), today=date(2026, 2, 1))
    assert result_of(Rule.AGE, leap, asked).verdict is Verdict.NO


def test_no_answer_tells_the_birth_date():
    for born in (date(2009, 6, 1), date(2000, 5, 1)):
        told = str(judge(BOOK, DEMAND, replace(OFFER, birth_date=born)).as_list())
        assert born.isoformat() not in told


def test_pay_has_slack_and_other_currencies_are_not_compared():
    assert result_of(Rule.PAY, offer(pay=Pay(33_000))).verdict is Verdict.YES
    assert result_of(Rule.PAY, offer(pay=Pay(28_000, "MAD"))).verdict is Verdict.UNKNOWN


def test_a_country_outside_the_tables_is_unknown():
    demand = asking(country="MA")
    assert result_of(Rule.AGE, OFFER, demand).verdict is Verdict.UNKNOWN
    assert result_of(Rule.SHORTAGE_LIST, OFFER, demand).verdict is Verdict.UNKNOWN


def test_the_shortage_list_is_that_of_the_day():
    listed = result_of(Rule.SHORTAGE_LIST, OFFER)
    assert listed.verdict is Verdict.YES
    assert listed.since == date(2024, 1, 1)
    before = replace(demanding(starts_on=date(2020, 1, 1)), today=date(2020, 1, 1))
    assert result_of(Rule.SHORTAGE_LIST, OFFER, before).verdict is Verdict.UNKNOWN
    assert result_of(Rule.SHORTAGE_LIST, OFFER, replace(DEMAND, isco="2511")).verdict is Verdict.NO
    assert result_of(Rule.SHORTAGE_LIST, OFFER, replace(DEMAND, isco="74")).verdict is Verdict.UNKNOWN


def test_a_vacancy_that_demands_nothing_asks_for_consent_and_age_only():
    bare = asking(languages=(), conditions=type(VACANCY.conditions)(), country=None)
    rules = {result.rule for result in judge(BOOK, replace(bare, is_regulated=False), OFFER).results}
    assert rules == {Rule.CONSENT, Rule.AGE, Rule.SHORTAGE_LIST}


def test_the_cheapest_failure_comes_first():
    given = replace(SHORT[Rule.EDUCATION], birth_date=date(2009, 3, 2))
    failed = judge(BOOK, DEMAND, given).failed
    assert [each.rule for each in failed] == [Rule.AGE, Rule.EDUCATION]
    assert judge(BOOK, DEMAND, given).weeks_to_mend == 1 + 52


@pytest.mark.parametrize(
    ("asked", "held"),
    [("C++ developer", "C# developer"), ("माली", "मेला"), ("★", "☆"), ("B+", "B"), ("fitter", "")],
)
def test_names_that_differ_by_a_sign_are_different_names(asked, held):
    assert name_key(asked) != name_key(held)


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("Driving licence B+E", "driving-licence b e"),
        ("sécurité", "se\N{COMBINING ACUTE ACCENT}curite\N{COMBINING ACUTE ACCENT}"),
        ("C++-Developer", "c++ developer"),
    ],
)
def test_names_that_differ_by_hyphens_or_composition_are_equal(asked, held):
    assert name_key(asked) == name_key(held)


@pytest.mark.parametrize(
    ("started", "ended", "months"),
    [
        (date(2024, 1, 1), date(2024, 12, 31), 12),
        (date(2024, 1, 15), date(2025, 1, 14), 12),
        (date(2024, 1, 15), date(2025, 1, 13), 11),
        (date(2024, 1, 31), date(2024, 2, 1), 0),
        (date(2024, 1, 1), date(2025, 1, 1), 12),
        (date(2024, 2, 1), date(2024, 2, 29), 1),
        (date(2024, 5, 5), date(2024, 5, 5), 0),
        (date(9999, 12, 1), date.max, 1),
    ],
)
def test_both_ends_of_a_period_are_worked(started, ended, months):
    assert months_of(ExperienceRecord("electrician", started=started, ended=ended)) == months


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("complete", [True, False])
def test_a_language_asked_for_without_a_level_leaves_no_blank(lang, complete):
    demand = asking(languages=(LanguageRequirement("de"),))
    result = result_of(Rule.LANGUAGE, speaking(complete=complete), demand)
    for message in (result.finding, result.ask or result.fix.message):
        said = say(message, lang)
        assert "  " not in said
        assert " ." not in said
        assert "asked" not in message.values


def test_overall_levels_stay_overall_however_often_they_are_stated():
    twice = speaking(LanguageLevel("de", Cefr.B1), LanguageLevel("de", Cefr.B1))
    assert result_of(Rule.LANGUAGE, twice).finding.code == "language_enough_overall"


def test_what_is_worked_at_the_same_time_counts_once():
    spring = ExperienceRecord("fitter", started=date(2024, 1, 1), ended=date(2024, 6, 15))
    rest = ExperienceRecord("electrician", started=date(2024, 5, 1), ended=date(2024, 12, 31))
    later = ExperienceRecord("electrician", started=date(2025, 3, 1), ended=date(2025, 4, 30))
    assert added_months([spring, rest, later]) == [5, 7, 2]
    assert sum(each or 0 for each in added_months([later, rest, spring, rest])) == 14
    assert added_months([replace(rest, months=3), replace(rest, months=3)]) == [3, 0]


def test_periods_without_both_ends_add_their_whole_length():
    open_end = ExperienceRecord("fitter", started=date(2024, 1, 1))
    assert added_months([open_end, open_end]) == [None, None]
    assert added_months([ExperienceRecord("fitter", months=6)] * 2) == [6, 6]


def test_a_language_that_is_named_twice_counts_once_with_the_highest_of_each_level():
    named = (
        LanguageRequirement("de", Cefr.A2, listening=Cefr.C1, need=Need.DESIRED),
        LanguageRequirement("fr", Cefr.A1),
        LanguageRequirement("de", Cefr.B1, need=Need.DESIRED),
        LanguageRequirement("de", Cefr.A1),
    )
    once = LanguageRequirement("de", Cefr.B1, listening=Cefr.C1, need=Need.DESIRED)
    given = speaking(LanguageLevel("de", Cefr.B2), complete=True)
    found = [
        each for each in judge(BOOK, asking(languages=named), given).results if each.rule is Rule.LANGUAGE
    ]
    assert [each.need for each in found] == [Need.DESIRED, Need.MUST, Need.MUST]
    assert found[0] == result_of(Rule.LANGUAGE, given, asking(languages=(once,)))
    assert found[0].verdict is Verdict.NO


def test_a_first_day_that_has_passed_is_today():
    demand = demanding(starts_on=date(2025, 12, 1))
    expired = offer(licences=(LicenceHeld("driving licence B", date(2026, 1, 1)),))
    assert result_of(Rule.LICENCE, expired, demand).verdict is Verdict.NO
    assert result_of(Rule.START_DATE, offer(available_from=date(2026, 1, 1)), demand).verdict is Verdict.YES
    assert result_of(Rule.AGE, OFFER, demand).verdict is Verdict.YES


class Watched:
    """Stands for an object and writes down what is read of it, and of the objects it holds."""

    def __init__(self, held, seen, path=""):
        self._held, self._seen, self._path = held, seen, path

    def __getattr__(self, name):
        value, path = getattr(self._held, name), f"{self._path}.{name}"
        if name in ("record", "circumstances"):
            return Watched(value, self._seen, path)
        self._seen.add(path)
        return value


def watched(given: Offer, seen: set[str]) -> Any:
    return Watched(given, seen)


@pytest.mark.parametrize("rule", Rule)
def test_a_rule_reads_nothing_of_the_candidate_but_what_it_says_it_looks_at(rule):
    named: set[str] = set()
    LOOKS_AT[rule](DEMAND, watched(OFFER, named))
    for given in (OFFER, *MISSING.values(), *SHORT.values()):
        read: set[str] = set()
        list(JUDGES[rule](BOOK, DEMAND, watched(given, read)))
        assert read <= named


def test_answers_that_are_given_again_are_those_of_asking_anew():
    judge_of = JudgeOf(BOOK, DEMAND)
    for given in (OFFER, *MISSING.values(), *SHORT.values(), OFFER):
        assert judge_of(given) == judge(BOOK, DEMAND, given)

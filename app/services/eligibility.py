"""Eligibility of linked records: what rules are asked, and conditions that spare most of the asking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from app.domain.eligibility import Eligibility
from app.domain.enums import Contract, LanguageSkill, LinkMethod, Need, Rule, Seniority, Shift
from app.domain.records import ExperienceRecord, LanguageRequirement
from app.eligibility.facts import SAME_FIELD, Demand, Offer, Work, added_months
from app.eligibility.judge import JudgeOf
from app.eligibility.tables import Rulebook, default_rulebook
from app.matching.ranking.filters import AnyOf, Between, Claimed, Condition, Not, OneOf, all_of
from app.services.candidate_facts import country_term, language_skill_term, licence_term, role_term
from app.services.candidate_terms import Vocabulary, language_term
from app.services.occupations import ResolvedOccupation
from app.services.preparation import PreparedCandidate, PreparedVacancy
from app.services.taxonomy_index import TaxonomyIndex

# A group that only alike words lead to must not decide on a person.
_SURE = frozenset(
    {
        LinkMethod.URI,
        LinkMethod.CODE,
        LinkMethod.EXACT_PREFERRED,
        LinkMethod.EXACT_ALTERNATIVE,
        LinkMethod.ALIAS,
    }
)
_REGULATED = "/regulated"


class EligibilityOf:
    """Eligibility of candidates for one vacancy on one day."""

    def __init__(
        self,
        index: TaxonomyIndex,
        vacancy: PreparedVacancy,
        today: date,
        rulebook: Rulebook | None = None,
    ) -> None:
        self._rulebook = rulebook or default_rulebook()
        self.demand = Demand(
            vacancy.record,
            _sure_code(vacancy.occupation),
            _is_regulated(index, vacancy.occupation),
            today,
        )
        self._judge = JudgeOf(self._rulebook, self.demand)

    def judge(self, candidate: PreparedCandidate, birth_date: date | None = None) -> Eligibility:
        """Ask every rule that applies."""
        return self._judge(offer_of(candidate, birth_date))

    def conditions(self, vocabulary: Vocabulary) -> tuple[Condition, ...]:
        """Conditions that everybody meets to whom no must says no.

        Some to whom one does say no meet them, too: rules on dates of licences, on age and on
        experience in the field are left to ``judge``.
        """
        return tuple(_Conditions(self._rulebook, self.demand, vocabulary).all())


def offer_of(candidate: PreparedCandidate, birth_date: date | None = None) -> Offer:
    """A candidate as rules see them."""
    codes = {words: _sure_code(occupation) for occupation, words in candidate.occupations}
    by_field: defaultdict[str, list[ExperienceRecord]] = defaultdict(list)
    for each in candidate.record.experience:
        by_field[codes.get(each.occupation, "")[:SAME_FIELD]].append(each)
    work = tuple(
        Work(codes.get(each.occupation, ""), months)
        for periods in by_field.values()
        for each, months in zip(periods, added_months(periods), strict=True)
    )
    return Offer(candidate.record, work, birth_date)


def _sure_code(occupation: ResolvedOccupation) -> str:
    return occupation.isco_code if occupation.method in _SURE else ""


def _is_regulated(index: TaxonomyIndex, occupation: ResolvedOccupation) -> bool:
    if occupation.row is None or occupation.method not in _SURE:
        return False
    return index.occupations.concepts[occupation.row].regulated_profession_note.endswith(_REGULATED)


class _Conditions:
    """One demand's musts as conditions on a pool with one vocabulary."""

    def __init__(self, rulebook: Rulebook, demand: Demand, vocabulary: Vocabulary) -> None:
        self._rulebook = rulebook
        self._demand = demand
        self._asked = demand.record.conditions
        self._vocabulary = vocabulary

    def all(self) -> Iterator[Condition]:
        """Each rule's, in no order that matters."""
        asked = self._asked
        if self._is_must(Rule.CONSENT):
            yield OneOf("consent", (1,))
        for language in self._demand.record.languages:
            if language.need is Need.MUST:
                yield from self._language(language)
        if asked.eqf_level is not None and self._is_must(Rule.EDUCATION):
            yield Between("eqf_level", least=asked.eqf_level)
        for licence in asked.licences:
            if licence.need is Need.MUST:
                yield self._listed("licences_complete", licence_term(licence.name))
        if asked.experience_months and self._is_must(Rule.EXPERIENCE):
            yield Between("work_months", least=asked.experience_months)
        if asked.roles and self._is_must(Rule.ROLE):
            yield self._listed("n_roles", *(role_term(role) for role in asked.roles))
        if asked.seniorities and self._is_must(Rule.SENIORITY):
            yield OneOf(
                "seniority", tuple(sorted(tuple(Seniority).index(each) for each in asked.seniorities))
            )
        if asked.starts_on is not None and self._is_must(Rule.START_DATE):
            yield Between("available_from", most=self._demand.starts_on.toordinal())
        yield from self._wishes()

    def _wishes(self) -> Iterator[Condition]:
        """What candidates wish for decides only where the vacancy says so."""
        asked, country = self._asked, self._demand.record.country
        if country is not None and self._is_must(Rule.COUNTRY):
            yield self._listed("n_countries", country_term(country))
        if asked.shifts and self._is_must(Rule.SHIFT):
            worked = sum(1 << tuple(Shift).index(each) for each in set(asked.shifts))
            accepted = [bits for bits in range(1 << len(Shift)) if bits & worked == worked]
            yield OneOf("shifts", tuple(accepted))
        if asked.contract is not None and self._is_must(Rule.CONTRACT):
            bit = 1 << tuple(Contract).index(asked.contract)
            yield OneOf("contracts", tuple(bits for bits in range(1 << len(Contract)) if bits & bit))

    def _is_must(self, rule: Rule) -> bool:
        return dict(self._asked.needs).get(rule, self._rulebook.rules[rule].need) is Need.MUST

    def _listed(self, count: str, *terms: str) -> Condition:
        """One of some terms is claimed, unless the list that would name it is not told of."""
        return AnyOf((Between(count, most=0), self._claimed(*terms)))

    def _claimed(self, *terms: str, grades: tuple[int, ...] | None = None) -> Claimed:
        numbers = [self._vocabulary.find_term(term) for term in terms]
        return Claimed(tuple(number for number in numbers if number is not None), grades)

    def _language(self, asked: LanguageRequirement) -> Iterator[Condition]:
        overall = language_term(asked.lang)
        yield self._listed("languages_complete", overall)
        for skill in LanguageSkill:
            level = asked.level(skill)
            if level is None:
                continue
            own = language_skill_term(asked.lang, skill)
            too_low = self._grades_below(level.rank)
            fails = AnyOf(
                (
                    self._claimed(own, grades=too_low),
                    all_of(self._claimed(overall, grades=too_low), Not(self._claimed(own))),
                )
            )
            yield Not(fails)

    def _grades_below(self, rank: int) -> tuple[int, ...]:
        """Grades of a language whose level is stated and below."""
        return tuple(
            number
            for number, grade in enumerate(self._vocabulary.grades())
            if all(place == 0 and 0 < level < rank for level, place in grade)
        )

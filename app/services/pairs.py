"""One vacancy's pairs, looked at one by one: what each is worth, and whether it is for the list."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from threading import Lock
from typing import TypeVar

from app.domain.confidence import confidence_flags
from app.domain.eligibility import Eligibility
from app.domain.enums import Rule, Verdict
from app.domain.records import CandidateRecord
from app.domain.results import CandidateSide, RankedMatch
from app.domain.reviews import NOT_REVIEWED, PairReview
from app.matching.ranking.query import SCORE_UNITS
from app.matching.vetting.copies import VacancyFingerprint
from app.matching.vetting.duplicates import Sketch, near_duplicates, sketch_of
from app.matching.weights import SKILLS, WeightProfile
from app.services.candidate_terms import EncodedCandidate, Vocabulary
from app.services.choosing import Chosen, PairT
from app.services.eligibility import EligibilityOf
from app.services.explanation import Breakdown, Explainer, take_apart
from app.services.preparation import (
    PreparedCandidate,
    PreparedVacancy,
    prepare_candidates,
    profile_text,
)
from app.services.taxonomy_index import TaxonomyIndex
from app.services.vacancy_queries import AskedVacancy, QueryMaker
from app.services.vetting import ProfileText, fingerprint_of, lessened, vetted_record

_KEPT_TEXTS, _KEPT_SKETCHES, _KEPT_VACANCIES = 2_000, 5_000, 200
_WISHES = (Rule.COUNTRY, Rule.SHIFT, Rule.CONTRACT, Rule.PAY, Rule.ROLE, Rule.START_DATE)


KeptT = TypeVar("KeptT")


class ChangedMeanwhile(RuntimeError):
    """What was ranked is not what is explained: rank again."""


@dataclass(frozen=True, slots=True)
class Person:
    """A candidate who was found.

    Attributes
    ----------
    candidate
        In linked form; of the record at least the running text.
    birth_date
        For the rule on age alone.
    read
        Gives the whole record.
    """

    candidate: PreparedCandidate
    encoded: EncodedCandidate
    read: Callable[[], CandidateRecord]
    birth_date: date | None = None


People = Callable[[Sequence[str]], Mapping[str, Person]]
"""Gives the candidates of some ids; those that are gone are left out."""

Reviews = Callable[[Sequence[str]], Mapping[str, PairReview]]
"""Gives what people decided on one vacancy's pairs with some candidates; the rest is left out."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that was looked at; ``flags`` are those of the candidate and of the pair."""

    row: str
    units: int
    candidate: PreparedCandidate
    breakdown: Breakdown
    eligibility: Eligibility
    flags: tuple[str, ...]
    review: PairReview = NOT_REVIEWED

    @property
    def is_apart(self) -> bool:
        return self.eligibility.verdict is Verdict.NO or self.review.is_ruled_out


class ProfileTexts:
    """Texts of profiles and vacancies in the forms in which copies and near-duplicates are looked for.

    The last ones are kept, as making one takes time; each under all that it is made of, so
    another state of a profile has its own. Threads may share it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, ProfileText] = OrderedDict()
        self._sketches: OrderedDict[Hashable, Sketch] = OrderedDict()
        self._vacancies: OrderedDict[Hashable, VacancyFingerprint] = OrderedDict()

    def fingerprint_of(self, index: TaxonomyIndex, vacancy: PreparedVacancy) -> VacancyFingerprint:
        """What a vacancy is worded in; always give the same index."""
        record = vacancy.record
        asked = tuple(
            (each.source_text, each.label, each.concept_uri, each.provenance) for each in vacancy.requirements
        )
        key = record.lang, record.title, record.description, vacancy.occupation.row, asked
        return self._get(self._vacancies, key, lambda: fingerprint_of(index, vacancy), _KEPT_VACANCIES)

    def sketch_of(self, pair: Pair) -> Sketch:
        """The sketch of a pair's candidate."""
        candidate = pair.candidate
        claims = tuple(sorted({claim.source_text for claim in candidate.claims}))
        text = profile_text(candidate.record)
        return self._get(self._sketches, (text, claims), lambda: sketch_of(text, claims), _KEPT_SKETCHES)

    def of(self, candidate: PreparedCandidate) -> ProfileText:
        """The text of a candidate without what earns nothing anywhere."""
        record = candidate.record
        work = tuple((each.occupation, each.text) for each in record.experience)
        key = record.text, work, record.education

        def make() -> ProfileText:
            # Vetting takes longer than all the rest, and was done when the profile was linked.
            return ProfileText(vetted_record(record)[0] if candidate.vetting else record)

        return self._get(self._kept, key, make, _KEPT_TEXTS)

    def _get(
        self, held: OrderedDict[Hashable, KeptT], key: Hashable, make: Callable[[], KeptT], most: int
    ) -> KeptT:
        with self._lock:
            found = held.get(key)
            if found is not None:
                held.move_to_end(key)
                return found
        made = make()
        with self._lock:
            held[key] = made
            while len(held) > most:
                held.popitem(last=False)
        return made


class PairReader:
    """Looks at the pairs of one vacancy; what was looked at once is kept."""

    def __init__(
        self,
        index: TaxonomyIndex,
        weights: WeightProfile,
        vacancy: PreparedVacancy,
        asked: AskedVacancy,
        eligibility: EligibilityOf,
        people: People,
        texts: ProfileTexts,
        reviews: Reviews,
    ) -> None:
        self._index = index
        self._weights = weights
        self._vacancy = vacancy
        self._asked = asked
        self._eligibility = eligibility
        self._people = people
        self._texts = texts
        self._reviews = reviews
        self._looked: dict[str, Pair] = {}

    def look_at(self, rows: Sequence[str], units: Sequence[int]) -> list[Pair]:
        """Look at pairs; ``units`` is what the engine found them to be worth.

        Raises
        ------
        ChangedMeanwhile
            If a candidate is no longer what was ranked.
        """
        unseen = [row for row in rows if row not in self._looked]
        people = self._people(unseen) if unseen else {}
        reviews = self._reviews(unseen) if unseen else {}
        if any(row not in people for row in unseen):
            raise ChangedMeanwhile("a candidate went between ranking and explaining")
        found = dict(zip(rows, units, strict=True))
        texts = [self._texts.of(people[row].candidate) for row in unseen]
        may_copy = self._fingerprint.may_be_in([text.folded for text in texts])
        for row, text, is_doubtful in zip(unseen, texts, may_copy, strict=True):
            copied = text.without_copies(self._fingerprint)[1] if is_doubtful else ()
            review = reviews.get(row, NOT_REVIEWED)
            self._looked[row] = self._look(row, found[row], people[row], copied, review)
        return [self._looked[row] for row in rows]

    def _look(
        self, row: str, units: int, person: Person, copied: tuple[str, ...], review: PairReview
    ) -> Pair:
        claims = person.encoded.claims
        if max(claims.values(), default=0) >= self._asked.query.entry_credit.shape[1]:
            raise ChangedMeanwhile("a candidate has come to claim in a way that nobody in the pool did")
        candidate = person.candidate
        breakdown = take_apart(self._asked, claims, frozenset(person.encoded.words))
        if breakdown.units != units:
            raise ChangedMeanwhile("a candidate changed between ranking and explaining")
        eligibility = self._eligibility.judge(candidate, person.birth_date)
        if copied:
            candidate, breakdown = self._without_copies(person)
        doubts = confidence_flags([*self._vacancy.flags, *candidate.flags])
        flags = (*candidate.flags, *copied, *doubts)
        return Pair(row, breakdown.units, candidate, breakdown, eligibility, flags, review)

    @cached_property
    def _fingerprint(self) -> VacancyFingerprint:
        return self._texts.fingerprint_of(self._index, self._vacancy)

    def _without_copies(self, person: Person) -> tuple[PreparedCandidate, Breakdown]:
        """What a profile is worth without what was taken from the vacancy."""
        record = person.read()
        left, _ = ProfileText(vetted_record(record)[0]).without_copies(self._fingerprint)
        (read,) = prepare_candidates(self._index, [left])
        candidate = lessened(person.candidate, read)
        # Numbers of its own: the pool's need not know this way of claiming.
        vocabulary = Vocabulary(len(self._index.skills))
        encoded = vocabulary.encode(candidate)
        asked = QueryMaker(self._index, vocabulary, self._weights).make(self._vacancy)
        return candidate, take_apart(asked, encoded.claims, frozenset(encoded.words))


def with_ties(chosen: Chosen[PairT], k: int) -> Iterator[tuple[PairT, bool]]:
    """The best ``k``, and whether a neighbour is worth the same."""
    units = [pair.units for pair in chosen.kept]
    for at, pair in enumerate(chosen.kept[:k]):
        yield pair, pair.units in (*units[max(0, at - 1) : at], *units[at + 1 : at + 2])


def matches_of(
    chosen: Chosen[Pair], k: int, explainer: Explainer | None, texts: ProfileTexts
) -> tuple[RankedMatch, ...]:
    """The best ``k`` as matches; those of nearly the same profile name each other."""
    alike: dict[str, tuple[str, ...]] = {}
    for group in near_duplicates([(pair.row, texts.sketch_of(pair)) for pair in chosen.kept[:k]]):
        alike |= {row: tuple(other for other in group if other != row) for row in group}
    return tuple(
        match_of(pair, at + 1, explainer, tied=tied, near_duplicates=alike.get(pair.row, ()))
        for at, (pair, tied) in enumerate(with_ties(chosen, k))
    )


def apart_of(chosen: Chosen[Pair], explainer: Explainer | None) -> tuple[RankedMatch, ...]:
    """Those who are listed apart as matches; their rank is the one that they would have."""
    return tuple(match_of(placed.pair, placed.place, explainer, tied=False) for placed in chosen.apart)


def match_of(
    pair: Pair,
    rank: int,
    explainer: Explainer | None,
    *,
    tied: bool,
    near_duplicates: tuple[str, ...] = (),
) -> RankedMatch:
    """Write a pair down."""
    return RankedMatch(
        candidate_id=pair.row,
        rank=rank,
        score=pair.units / SCORE_UNITS,
        tied=tied,
        parts={name: brought / SCORE_UNITS for name, brought in pair.breakdown.part_units().items()},
        flags=pair.flags,
        contributions=explainer.contributions(pair.candidate, pair.breakdown) if explainer else (),
        eligibility=pair.eligibility,
        candidate_side=_candidate_side(pair),
        near_duplicates=near_duplicates,
        review=pair.review,
    )


def _candidate_side(pair: Pair) -> CandidateSide:
    wishes = [result.verdict for result in pair.eligibility.results if result.rule in _WISHES]
    used = {met.entry.key for met in pair.breakdown.met if met.entry is not None and met.ask.part == SKILLS}
    return CandidateSide(
        wishes_met=wishes.count(Verdict.YES),
        wishes_unmet=wishes.count(Verdict.NO),
        skills_used=len(used),
        skills_offered=len({claim.skill_key for claim in pair.candidate.claims}),
    )

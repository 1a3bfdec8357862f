"""How occupations are claimed: by titles of learners, by time worked and by when it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import EvidenceGrade, Tenure
from app.domain.records import ExperienceRecord
from app.services.candidate_terms import Vocabulary, evidence_place
from app.services.occupation_claims import OccupationClaim, occupation_claims
from app.services.preparation import prepare_candidates
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.factories import make_candidate_record
from tests.unit.services.small_taxonomy import small_taxonomy

WELDER, FITTER = ("isco:7", "isco:72", "occupation:1"), ("isco:7", "isco:71", "occupation:2")
NAMES = {
    "welder": WELDER,
    "MIG welder": WELDER,
    "apprentice welder": WELDER,
    "fitter": FITTER,
    "trainee fitter": FITTER,
}
ORDER = tuple(Tenure)
Named = list[tuple[Sequence[str], str]]


def claims(*said: str, experience: Sequence[ExperienceRecord] = ()) -> dict[str, OccupationClaim]:
    """Claims of a profile with titles in its text and fields, and with periods of work."""
    titles = [*said, *(each.occupation for each in experience if each.occupation)]
    return occupation_claims([(NAMES[title], title) for title in titles], experience, "en")


def welder(*said: str, experience: Sequence[ExperienceRecord] = ()) -> tuple[Tenure, int]:
    held = claims(*said, experience=experience)["occupation:1"]
    return held.tenure, held.level


def years(title: str, first: int, last: int | None) -> ExperienceRecord:
    ended = None if last is None else date(last, 1, 1)
    return ExperienceRecord(title, started=date(first, 1, 1), ended=ended)


def test_a_learners_title_is_taught_whatever_time_it_took() -> None:
    assert welder("apprentice welder") == (Tenure.TAUGHT, 0)
    learned = ExperienceRecord("apprentice welder", months=36)
    assert welder(experience=[learned]) == (Tenure.TAUGHT, 0)
    # Time of learning is none of work, also beside work.
    work = ExperienceRecord("welder", months=6)
    assert welder(experience=[learned, work]) == (Tenure.WORKED, 1)


def test_a_period_without_dates_does_not_say_that_what_was_left_was_worked_lately() -> None:
    work = [years("welder", 2010, 2014), years("fitter", 2015, 2021)]
    assert welder(experience=work) == (Tenure.LEFT, 0)
    assert welder(experience=[*work, ExperienceRecord("welder")]) == (Tenure.NAMED, 0)
    # Its own months count, and those that were left do not.
    assert welder(experience=[*work, ExperienceRecord("welder", months=7)]) == (Tenure.WORKED, 1)


def test_a_period_that_goes_on_lasts_until_the_latest_date() -> None:
    work = [years("welder", 2012, None), years("fitter", 2008, 2015)]
    tenure, level = welder(experience=work)
    assert (tenure, level) == welder(experience=[years("welder", 2012, 2015), work[1]])
    assert tenure is Tenure.WORKED
    assert level >= 6


def test_dates_of_a_period_without_a_title_count_for_none() -> None:
    work = years("welder", 2010, 2014)
    assert welder(experience=[work, ExperienceRecord(started=date(2031, 1, 1))]) == welder(experience=[work])


def test_the_same_period_twice_is_one() -> None:
    period = ExperienceRecord("welder", months=7)
    assert welder(experience=[period, period]) == welder(experience=[period])


def test_an_occupation_without_time_is_named() -> None:
    assert welder("welder") == (Tenure.NAMED, 0)
    assert welder(experience=[ExperienceRecord("welder")]) == (Tenure.NAMED, 0)


def test_time_of_all_periods_counts_together() -> None:
    periods = [ExperienceRecord("welder", months=12), ExperienceRecord("MIG welder", months=12)]
    assert welder(experience=periods) == (Tenure.WORKED, 4)
    held = claims(experience=[*periods, ExperienceRecord("fitter", months=6)])
    assert (held["isco:7"].level, held["isco:72"].level, held["isco:71"].level) == (5, 4, 1)


def test_work_that_ended_long_before_the_last_date_is_left() -> None:
    long_ago = [years("welder", 2000, 2010), years("fitter", 2010, 2020)]
    assert welder(experience=long_ago) == (Tenure.LEFT, 0)
    assert claims(experience=long_ago)["occupation:2"].tenure is Tenure.WORKED
    # The group around both was worked in until the end.
    assert claims(experience=long_ago)["isco:7"].tenure is Tenure.WORKED


@pytest.mark.parametrize(
    "experience",
    [
        [years("welder", 2000, 2010)],
        [years("welder", 2000, 2015), years("fitter", 2015, 2020)],
        [years("welder", 2000, None), years("fitter", 2015, 2020), ExperienceRecord("welder", months=6)],
        [years("welder", 2000, 2010), years("fitter", 2010, 2020), years("MIG welder", 2019, 2020)],
        [years("welder", 2000, 2010), years("fitter", 2010, 2020), years("apprentice welder", 2019, 2020)],
    ],
    ids=["nothing later", "five years ago", "no end", "again", "learning more of it"],
)
def test_work_that_goes_on_or_ended_later_is_not_left(experience: list[ExperienceRecord]) -> None:
    assert welder(experience=experience)[0] is Tenure.WORKED


def test_what_was_left_and_is_said_elsewhere_is_named() -> None:
    long_ago = [years("welder", 2000, 2010), years("fitter", 2010, 2020)]
    assert welder("welder", experience=long_ago) == (Tenure.NAMED, 0)
    assert welder("MIG welder", experience=long_ago) == (Tenure.NAMED, 0)


def test_the_words_are_those_that_say_the_best() -> None:
    held = claims("apprentice welder", "MIG welder", experience=[ExperienceRecord("welder", months=6)])
    assert held["occupation:1"].words == "welder"


titles = st.sampled_from(sorted(NAMES))
days = st.integers(0, 30).map(lambda n: date(1995 + n, 1 + n % 12, 1))
lasting = st.tuples(days, days).map(lambda both: (min(both), max(both)))
# Months that are stated beside two dates may contradict them, and then count for less beside other work.
times = st.one_of(
    lasting.map(lambda both: (None, *both)),
    st.tuples(st.none() | st.integers(0, 60), st.none() | days, st.none()),
    st.tuples(st.none() | st.integers(0, 60), st.none(), days),
)
periods = st.builds(lambda title, time: ExperienceRecord(title, "", *time), titles, times)


def rank(held: OccupationClaim | None) -> tuple[int, int]:
    return (-1, 0) if held is None else (ORDER.index(held.tenure), held.level)


@given(st.lists(titles, max_size=3), st.lists(periods, max_size=4), titles)
def test_naming_another_occupation_never_lowers_one(
    said: list[str], experience: list[ExperienceRecord], more: str
) -> None:
    before, after = (claims(*each, experience=experience) for each in (said, [*said, more]))
    assert all(rank(after[name]) >= rank(held) for name, held in before.items())


@given(st.lists(titles, max_size=3), st.lists(periods, max_size=4), periods)
def test_more_work_never_lowers_its_own_occupation_and_earlier_work_none(
    said: list[str], experience: list[ExperienceRecord], more: ExperienceRecord
) -> None:
    before, after = (claims(*said, experience=each) for each in (experience, [*experience, more]))
    known = [day for each in experience for day in (each.started, each.ended) if day]
    is_later = any(day > max(known, default=day) for day in (more.started, more.ended) if day)
    for name, held in before.items():
        if name in NAMES[more.occupation] or not is_later:
            assert rank(after[name]) >= rank(held)


@given(st.lists(titles, max_size=3), st.lists(periods, max_size=4))
def test_a_wider_group_is_claimed_no_worse_than_what_lies_in_it(
    said: list[str], experience: list[ExperienceRecord]
) -> None:
    held = claims(*said, experience=experience)
    for names in {WELDER, FITTER}:
        ranks = [rank(held.get(name)) for name in names]
        assert ranks == sorted(ranks, reverse=True)


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def test_a_candidates_occupations_are_encoded_as_they_are_claimed(index: TaxonomyIndex) -> None:
    records = [
        make_candidate_record(occupations=["welder"]),
        make_candidate_record(occupations=["apprentice welder"]),
        make_candidate_record(experience=[ExperienceRecord("welder", months=18)]),
        make_candidate_record(experience=[years("welder", 2000, 2005), years("plumber", 2005, 2020)]),
    ]
    vocabulary = Vocabulary(len(index.skills))
    found = []
    for candidate in prepare_candidates(index, records):
        encoded = vocabulary.encode(candidate)
        term = vocabulary.find_term("isco:7212")
        assert term is not None
        found.append(vocabulary.grades()[encoded.claims[term]])
    taught, proven, said = map(
        evidence_place, (EvidenceGrade.TAUGHT, EvidenceGrade.PROVEN_AT_WORK, EvidenceGrade.SELF_STATED)
    )
    assert found == [((0, 0),), ((0, taught),), ((3, proven),), ((0, said),)]

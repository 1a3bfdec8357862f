"""What stands beside periods of work in the running text of a profile."""

import time

import pytest

from app.matching.cues import cue_languages, words_for_now
from app.matching.work_history import MOST_PERIODS, beside_periods


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("Technology Coordinator Nov 2003 to Current", ["Technology Coordinator"]),
        ("10/2003 to Current\nIT Manager Company Name City", ["IT Manager Company Name City"]),
        ("2021-2025 Maçon, entreprise de bâtiment", ["Maçon"]),
        ("Seit Jahren dabei\n03.2018 – heute: Schweißer, Kairo", ["Schweißer"]),
        ("2019-03 - 2021-07 Welder", ["Welder"]),
        ("March 2013 until today Nurse (m/f)", ["Nurse"]),
        (
            "Inginer constructor\nAtelier, Anvers\nMartie 2019 - prezent",
            ["Atelier", "Inginer constructor"],
        ),
    ],
)
def test_titles_stand_on_the_line_of_the_dates_or_around_it(text: str, titles: list[str]) -> None:
    assert beside_periods(text) == [titles]


@pytest.mark.parametrize(
    "text",
    [
        "Welder since 2019",
        "Welder 2019",
        "Welder 2019 and more",
        "Welder, phone 2019-555",
        "Welder 12019-2020",
    ],
)
def test_one_date_is_no_period(text: str) -> None:
    assert beside_periods(text) == []


def test_only_the_first_periods_are_read() -> None:
    text = "\n".join(f"Welder {year} - {year + 1}" for year in range(1980, 2010))
    assert len(beside_periods(text)) == MOST_PERIODS


def test_every_language_has_a_word_for_now() -> None:
    assert len(words_for_now()) >= len(cue_languages())


@pytest.mark.parametrize("text", ["2019 " * 40, "ab " * 66, "a" * 199, "2019 - " * 28, "12/2019" * 28])
def test_a_hostile_line_takes_no_time(text: str) -> None:
    started = time.perf_counter()
    beside_periods("\n".join([text] * 200))
    assert time.perf_counter() - started < 2.0

"""What stands beside periods of work in the running text of a profile."""

import unicodedata

import pytest

from app.matching.work_history import MOST_PERIODS, beside_periods


@pytest.mark.parametrize(
    ("text", "lang", "titles"),
    [
        ("Welder 2014 - 2015", "en", ["Welder"]),
        (
            "Plumber, 2015-2019\nSales manager was my referee",
            "en",
            ["Plumber", "Sales manager was my referee"],
        ),
        ("Software developer 2015 – 2019", "en", ["Software developer"]),
        ("Technology Coordinator Nov 2003 to Current", "en", ["Technology Coordinator Nov"]),
        ("Welder Nov 2003 to Dec 2005", "en", ["Welder"]),
        ("10/2003 to Current\nIT Manager Company Name City", "en", ["IT Manager Company Name City"]),
        ("2021-2025 Maçon, entreprise de bâtiment", "fr", ["Maçon"]),
        ("Soudeur, de 2015 à 2019", "fr", ["Soudeur"]),
        ("2019 - aujourd'hui\nSoudeur", "fr", ["Soudeur"]),
        ("2019 – aujourd\u2019hui Soudeur", "fr", ["Soudeur"]),
        ("Soudeur 2015 jusqu'à ce jour", "fr", ["Soudeur"]),
        (unicodedata.normalize("NFD", "2019 - présent\nSoudeur"), "fr", ["Soudeur"]),
        ("Seit Jahren dabei\n03.2018 – heute: Schweißer, Kairo", "de", ["Schweißer"]),
        ("Krankenschwester 2015 bis 2019", "de", ["Krankenschwester"]),
        ("01.04.2018 - 30.09.2020 Maurer", "de", ["Maurer"]),
        ("Soldador 2019 a la fecha", "es", ["Soldador"]),
        ("2019-03 - 2021-07 Welder", "en", ["Welder"]),
        ("Clerk 2003 to date", "en", ["Clerk"]),
        ("March 2013 until today Nurse (m/f)", "en", ["March", "Nurse"]),
        ("2019 - বর্তমান\nPlumber", "bn", ["Plumber"]),
        ("٢٠١٥ - ٢٠١٩ سباك", "ar", ["سباك"]),
        ("2019 - \u200fحتى الآن\nسباك", "ar", ["سباك"]),
        (
            "Inginer constructor\nAtelier, Anvers\nMartie 2019 - prezent",
            "ro",
            ["Martie", "Atelier", "Inginer constructor"],
        ),
    ],
)
def test_titles_stand_on_the_line_of_the_dates_or_around_it(text: str, lang: str, titles: list[str]) -> None:
    assert beside_periods(text, lang) == [titles]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Welder since 2019", "en"),
        ("Welder 2019", "en"),
        ("Welder 2019 and more", "en"),
        ("Welder, phone 2019-555", "en"),
        ("Welder 12019-2020", "en"),
        ("Truck driver licence C1, 2018 and 2019", "en"),
        ("Bank 2015 - current account manager", "en"),
        ("Spawacz, 2019 praca na budowie", "pl"),
        ("Truck driver, 01/2019 - nu am lucrat", "ro"),
        ("Administrator IT, 2019 baze de date", "ro"),
        ("Operador, 2019 - fecha de nacimiento", "es"),
        ("Soudeur, de 2015 à 2019", "de"),
    ],
)
def test_what_is_no_period_in_the_language_is_none(text: str, lang: str) -> None:
    assert beside_periods(text, lang) == []


def test_a_text_of_no_known_language_is_read_by_english_words() -> None:
    first, second = (beside_periods("Welder 2019 to now", lang) for lang in (None, "xx"))
    assert first == second == [["Welder"]]


def test_only_the_first_periods_are_read() -> None:
    text = "\n".join(f"Welder {year} - {year + 1}" for year in range(1980, 2025))
    assert beside_periods(text, "en") == [["Welder"]] * MOST_PERIODS


@pytest.mark.parametrize(
    ("text", "n_periods"),
    [("2019 " * 40, 0), ("ab " * 66, 0), ("a" * 199, 0), ("2019 - " * 28, MOST_PERIODS), ("12/2019" * 28, 0)],
)
def test_hostile_lines_are_read_as_any_others(text: str, n_periods: int) -> None:
    assert len(beside_periods("\n".join([text] * 200), "en")) == n_periods

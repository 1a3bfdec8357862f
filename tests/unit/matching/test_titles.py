"""Job titles in many languages: marks of gender, places and conditions come off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.titles import first_part, names_learner, title_forms, without_gender_marks


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Elektriker (m/w/d)", "Elektriker"),
        ("Elektriker m/w/d", "Elektriker"),
        ("Schweißer*in (w/m/d)", "Schweißer"),
        ("Schweißer/-in", "Schweißer"),
        ("SchweißerInnen", "Schweißer"),
        ("Soudeur (H/F)", "Soudeur"),
        ("Soudeur H/F", "Soudeur"),
        ("technicien(ne) qualité", "technicien qualité"),
        ("Technicien/ne", "Technicien"),
        ("Camarero/a", "Camarero"),
        ("ENFERMERO/A", "ENFERMERO"),
        ("Welder (m/f/x)", "Welder"),
        ("Referent M/Ž", "Referent"),
        ("Spawacz (k/m)", "Spawacz"),
        ("Specjalista/ka", "Specjalista"),
        ("mechanikas (-ė)", "mechanikas"),
        ("Lasser (m/v)", "Lasser"),
        ("Cook (all genders)", "Cook"),
        ("MIG/MAG welder", "MIG/MAG welder"),
        ("TIG/MIG", "TIG/MIG"),
        ("Software Developer C++", "Software Developer C++"),
    ],
)
def test_gender_marks_come_off(title: str, plain: str) -> None:
    assert without_gender_marks(title) == plain


@pytest.mark.parametrize(
    ("title", "form"),
    [
        ("Elektriker (m/w/d) - Hamburg", "Elektriker"),
        ("CDI - Maçon H/F ref 1234", "Maçon"),
        ("Soudeur en alternance (H/F)", "Soudeur"),
        ("Senior Welder full time", "Welder"),
        ("Lagerhelfer (m/w/d) Vollzeit ab sofort", "Lagerhelfer"),
        ("Programador Java, Madrid", "Programador Java"),
        ("SOLADORES-ALICATADORES, EN GENERAL", "SOLADORES-ALICATADORES"),
        ("Continuous Improvement Specialist (m/f/d), (80-100%)", "Continuous Improvement Specialist"),
        ("kuhar/kuharica", "kuharica"),
        ("Cook for a hotel in Lyon", "Cook"),
        ("Kucharz w hotelu", "Kucharz"),
    ],
)
def test_a_title_has_the_form_of_its_occupation(title: str, form: str) -> None:
    assert form in title_forms(title)


def test_what_is_only_a_condition_is_no_form() -> None:
    assert "EN GENERAL" not in title_forms("CARPINTEROS, EN GENERAL")
    assert "CDI" not in title_forms("CDI - Maçon")


def test_the_fullest_form_comes_first() -> None:
    assert title_forms("Soudeur (h/f), Lyon") == ["Soudeur , Lyon", "Soudeur", "Lyon"]
    assert title_forms("(m/w/d)") == []


@given(st.text(max_size=400))
def test_any_text_has_few_forms(title: str) -> None:
    forms = title_forms(title)
    assert len(forms) <= 12
    assert all(form.strip() for form in forms)


def test_the_first_part_of_a_line_ends_at_the_first_mark() -> None:
    lines = ["Maler/in (m/w/d) - Kairo", "Soudeur : procédé 111", "welder", " , ", ""]
    assert [first_part(line) for line in lines] == ["Maler", "Soudeur", "welder", "", ""]


@pytest.mark.parametrize(
    ("title", "lang"),
    [
        ("Apprentice welder", "en"),
        ("Student nurse", "en"),
        ("Software engineering intern", None),
        ("Stagiaire électricien", "fr"),
        ("Apprenti(e) boulanger", "fr"),
        ("Étudiant infirmier", "fr"),
        ("Praktikant Instandhaltung", "de"),
        ("Auszubildende/r Elektronik", "de"),
        ("Ausbildung zum Koch", "de"),
        ("Becaria de laboratorio", "es"),
        ("Auxiliar en prácticas", "es"),
        ("Tirocinante elettricista", "it"),
        ("Stażysta w dziale kadr", "pl"),
        ("Uczeń spawacza", "pl"),
        ("Estagiário de engenharia", "pt"),
        ("Ucenic sudor", "ro"),
        ("متدرب كهربائي", "ar"),
        ("طالبة تمريض", "ar"),
        ("زیر تربیت الیکٹریشن", "ur"),
        ("শিক্ষানবিশ ওয়েল্ডার", "bn"),
        # A title is often in another language than the text.
        ("Stagiaire électricien", "ar"),
        ("Apprentice welder", "ur"),
    ],
)
def test_a_title_says_that_one_is_learning(title: str, lang: str | None) -> None:
    assert names_learner(title, lang)


@pytest.mark.parametrize(
    ("title", "lang"),
    [
        ("Welder", "en"),
        ("Student counsellor", "en"),
        ("Teacher of learner drivers", "en"),
        ("Stage manager", "en"),
        ("Internal auditor", "en"),
        ("Auditor intern", "ro"),
        ("Conseiller en formation", "fr"),
        ("Ausbilder", "de"),
        ("كهربائي", "ar"),
        ("طالب عمل", "ar"),
        ("", None),
    ],
)
def test_a_title_that_only_looks_so_does_not(title: str, lang: str | None) -> None:
    assert not names_learner(title, lang)

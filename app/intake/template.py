"""An empty table of candidates to fill in, with headers in the reader's language that reading knows."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO

from app.domain.enums import Contract, EvidenceGrade, Seniority, Shift
from app.intake.columns import MEND_COLUMNS
from app.intake.mapped import FIELDS
from app.intake.source import Format
from app.intake.write import CREATED, write_csv

_ROWS = 1_000
"""Rows of a workbook that have the lists of choices."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "evidence": tuple(EvidenceGrade),
    "seniority": tuple(Seniority),
    "shifts": tuple(Shift),
    "contracts": tuple(Contract),
    "eqf_level": tuple("12345678"),
    "licences_complete": ("yes", "no"),
    "languages_complete": ("yes", "no"),
    "consent": ("yes", "no"),
}
"""Fields with a closed list of values, as they are written in a cell."""

# Several may stand in one cell, so the list only advises.
_LISTS = frozenset({"shifts", "contracts"})

_EN = (
    "Candidate ID", "Profile", "Language", "Occupations", "Skills", "Evidence", "Languages", "Education",
    "Experience", "EQF level", "Licences", "Licences complete", "Languages complete", "Recognised in",
    "Available from", "Preferred countries", "Desired roles", "Seniority", "Shifts", "Contracts",
    "Expected pay", "Consent", "Given name", "Family name", "Email", "Phone", "Birth date", "Sex",
    "Nationality",
)  # fmt: skip
_FR = (
    "Identifiant", "Profil", "Langue", "Métiers", "Compétences", "Niveau de preuve", "Langues",
    "Formations", "Expériences", "Niveau CEC", "Permis", "Permis complets", "Langues complètes",
    "Reconnu en", "Disponible le", "Pays souhaités", "Postes souhaités", "Niveau d’expérience",
    "Rythme de travail", "Types de contrat", "Rémunération souhaitée", "Consentement", "Prénom", "Nom",
    "E-mail", "Téléphone", "Date de naissance", "Sexe", "Nationalité",
)  # fmt: skip
_AR = (
    "المعرف", "نبذة", "اللغة", "المهن", "المهارات", "الإثبات", "اللغات", "التعليم", "الخبرة",
    "مستوى الإطار الأوروبي للمؤهلات", "الرخص", "الرخص كاملة", "اللغات كاملة", "معترف به في", "متاح من",
    "البلدان المرغوبة", "الوظائف المرغوبة", "مستوى الخبرة", "نظام العمل", "أنواع العقود",
    "الأجر المطلوب", "الموافقة", "الاسم الشخصي", "الاسم العائلي", "البريد الإلكتروني", "الهاتف",
    "تاريخ الميلاد", "الجنس", "الجنسية",
)  # fmt: skip

TITLES: Mapping[str, Mapping[str, str]] = {
    lang: dict(zip(FIELDS, titles, strict=True)) for lang, titles in (("en", _EN), ("fr", _FR), ("ar", _AR))
}
"""What each field is called, by language; as headers they are recognised."""

MEND_TITLES: Mapping[str, Mapping[str, str]] = {
    lang: dict(zip(MEND_COLUMNS, titles, strict=True))
    for lang, titles in (
        ("en", ("Row", "What is wrong", "How to mend")),
        ("fr", ("Ligne", "Ce qui ne va pas", "Comment corriger")),
        ("ar", ("السطر", "ما الخطأ", "كيف يصحح")),
    )
}
"""What the columns are called that refused rows have beside their own; they are recognised, too."""


def title_of(field: str, lang: str) -> str:
    """What a field is called in a language, else in English; the field itself if it is not known."""
    return TITLES.get(lang, TITLES["en"]).get(field, field)


def write_template(target: IO[bytes], kind: Format, lang: str, hints: Mapping[str, str]) -> None:
    """Write an empty table as CSV, or as a workbook with lists to choose from.

    Parameters
    ----------
    lang
        Language of the headers: one of ``TITLES``, else English.
    hints
        How to fill a field in, shown beside the cells of the workbook.
    """
    titles = TITLES.get(lang, TITLES["en"])
    if kind is Format.CSV:
        # Without the mark, spreadsheets take the letters of other languages for others still.
        target.write(b"\xef\xbb\xbf")
        write_csv(target, tuple(titles.values()), ())
        return
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": CREATED})
    page = book.add_worksheet("candidates")
    if lang == "ar":
        page.right_to_left()
    bold = book.add_format({"bold": True, "bg_color": "#DCE6F2", "text_wrap": True, "valign": "top"})
    # Dates and numbers stay as they are typed: a spreadsheet would make others of them.
    text = book.add_format({"num_format": "@"})
    for col, (field, title) in enumerate(titles.items()):
        page.set_column(col, col, 22, text)
        page.write_string(0, col, title, bold)
        page.data_validation(1, col, _ROWS, col, _validation(field, title, hints.get(field, "")))
    page.freeze_panes(1, 1)
    book.close()
    target.write(buffer.getbuffer())


def _validation(field: str, title: str, hint: str) -> dict[str, object]:
    # Excel shows at most 32 characters of a title and 255 of a message.
    shown = {"input_title": title[:32], "input_message": hint[:255]} if hint else {}
    choices = CHOICES.get(field)
    if choices is None:
        return {"validate": "any", **shown}
    return {
        "validate": "list",
        "source": [str(choice) for choice in choices],
        "error_type": "information" if field in _LISTS else "stop",
        **shown,
    }

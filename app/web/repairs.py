"""Faults of a file in words: what is wrong, and what its sender can do about it."""

from __future__ import annotations

from collections.abc import Mapping

from app.errors import FieldIssue
from app.intake.template import title_of
from app.services.upload_reports import IssueGroup, field_of_pointer
from app.web.wording import N_, Words

REPAIRS: Mapping[str, tuple[str, str]] = {
    "required": (N_("A value is missing."), N_("Fill it in.")),
    "duplicate-id": (
        N_("Another row has this id already."),
        N_("Give every person an id of their own, or delete the row that is there twice."),
    ),
    "invalid-id": (N_("This is no usable id."), N_("Write the id as plain text or as a whole number.")),
    "bad-id": (
        N_("This is no usable id."),
        N_("Use at most 200 letters and figures."),
    ),
    "invalid-date": (
        N_("This is not a date."),
        N_("Write the date as YYYY-MM-DD, for example 2026-06-30."),
    ),
    "period-backwards": (
        N_("It ended before it started."),
        N_("Exchange the two dates, or mend the one that is wrong."),
    ),
    "invalid-cefr": (
        N_("This is not a level of a language."),
        N_("Write A1, A2, B1, B2, C1 or C2, for example fr:B1."),
    ),
    "invalid-language": (
        N_("This is not a known language."),
        N_("Use the code of two letters, such as ar, en or fr."),
    ),
    "invalid-language-skill": (
        N_("This is not one of the five language skills."),
        N_("Write for example fr:B1 listening=B2."),
    ),
    "invalid-country": (
        N_("This is not a known country."),
        N_("Use the code of two letters, such as MA, TN or DE."),
    ),
    "invalid-level": (
        N_("This is not a level of a skill."),
        N_("Use 1 to 4, or basic, intermediate, advanced, expert."),
    ),
    "invalid-evidence": (
        N_("This is not a kind of evidence."),
        N_("Use self_stated, taught, assessed, certified or proven_at_work."),
    ),
    "invalid-seniority": (
        N_("This is not a level of seniority."),
        N_("Use entry, junior, mid, senior or lead."),
    ),
    "invalid-shift": (
        N_("This is not a kind of shift."),
        N_("Use day, evening, night, weekend or rotating."),
    ),
    "invalid-contract": (
        N_("This is not a kind of contract."),
        N_("Use permanent, fixed_term, seasonal, temporary_agency or apprenticeship."),
    ),
    "invalid-number": (N_("This is not a number that can stand here."), N_("Write a whole number.")),
    "invalid-flag": (N_("This is neither yes nor no."), N_("Write yes or no.")),
    "invalid-pay": (N_("This is not a rate of pay."), N_("Write for example 24000 EUR/year.")),
    "invalid-period": (N_("This is not a rate of pay."), N_("Write for example 24000 EUR/year.")),
    "invalid-currency": (
        N_("This is not a known currency."),
        N_("Use three letters, such as EUR."),
    ),
    "repeated": (N_("The same is given twice."), N_("Keep one of them.")),
    "too-long": (N_("The text is too long."), N_("Shorten it.")),
    "too-many-items": (N_("The list is too long."), N_("Keep at most 1,000 entries.")),
    "invalid-text": (
        N_("The text holds signs that cannot be stored."),
        N_("Type the text anew; copied text can hold hidden signs."),
    ),
    "invalid-encoding": (
        N_("The letters of this row cannot be read."),
        N_("Save the file as UTF-8 (in a spreadsheet: CSV UTF-8), or type the row anew."),
    ),
    "too-many-cells": (
        N_("The row has more cells than the header has columns."),
        N_("Put quotation marks around a cell that holds the separator."),
    ),
    "invalid-quoting": (
        N_("A quotation mark is out of place."),
        N_("Double each quotation mark inside a quoted cell, and close the cell with one."),
    ),
    "line-too-long": (N_("The row is too long."), N_("Shorten its texts.")),
    "invalid-json": (N_("This line is not JSON."), N_("Write one whole JSON object on each line.")),
    "duplicate-key": (N_("A key stands twice in one object."), N_("Keep one of them.")),
    "not-an-object": (N_("This is not a JSON object."), N_("Write each person as an object.")),
    "not-a-list": (N_("This is not a list."), N_("Write the values as a list.")),
    "not-text": (N_("This is not text."), N_("Write it as text.")),
    "too-deep": (N_("The row is nested too deeply."), N_("Write each person as a flat object.")),
    "candidate-withdrawn": (
        N_("This person has withdrawn, and is not brought back by a file."),
        N_("Leave the row out."),
    ),
    "not-listed": (
        N_("The file has too many faults to list those of this row."),
        N_("Mend the faults of the first rows; this one often has the same."),
    ),
}
"""What is wrong and how to mend it, by code."""


def wrong_and_mend(words: Words, code: str, message: str, hint: str) -> tuple[str, str]:
    """Put a fault in words; one without a translation in those it came with."""
    if code not in REPAIRS:
        return message, hint
    wrong, mend = REPAIRS[code]
    return words.gettext(wrong), words.gettext(mend)


def say_issue(words: Words, issue: FieldIssue) -> tuple[str, str]:
    """Put one fault in words, with the field it is about."""
    wrong, mend = wrong_and_mend(words, issue.code, issue.message, issue.hint)
    return with_field(words, field_of_pointer(issue.pointer), wrong), mend


def say_group(words: Words, group: IssueGroup) -> tuple[str, str]:
    """Put faults that are mended alike in words."""
    return wrong_and_mend(words, group.code, group.message, group.hint)


def with_field(words: Words, field: str, sentence: str) -> str:
    """Say which field a sentence is about; nothing for the row as a whole."""
    if not field:
        return sentence
    return words.gettext("%(field)s: %(sentence)s") % {
        "field": title_of(field, words.locale),
        "sentence": sentence,
    }

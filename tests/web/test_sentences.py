"""Sentences of services and sources of rules, in the languages of the console."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import app
from app.eligibility.tables import default_rulebook
from app.errors import Conflict, NotFound, NotPermitted
from app.web.sentences import SENTENCES, sentence_of
from app.web.views.rule_sources import source_name
from app.web.wording import Words

ENGLISH, FRENCH, ARABIC = Words("en"), Words("fr"), Words("ar")


@cache
def texts_of_the_service() -> frozenset[str]:
    """Every text in the code of the service but for this list of sentences."""
    files = [path for path in Path(app.__file__).parent.rglob("*.py") if path.name != "sentences.py"]
    return frozenset(
        node.value
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_translated_sentence_is_one_that_the_service_says(sentence: str):
    assert sentence in texts_of_the_service()


def test_a_fixed_sentence_is_said_in_the_language_of_the_reader():
    error = Conflict("The key is revoked already.")
    assert sentence_of(error, ENGLISH) == "The key is revoked already."
    assert sentence_of(error, FRENCH) == "La clé est déjà révoquée."
    assert sentence_of(error, ARABIC) == "المفتاح مُبطَل من قبل."


def test_what_is_missing_or_not_allowed_is_said_in_general_where_the_words_vary():
    missing, refused = NotFound("There is no vacancy with this id."), NotPermitted("Role auditor may not.")
    assert sentence_of(missing, ENGLISH) == "There is no vacancy with this id."
    assert sentence_of(missing, FRENCH) == "Il n’y a rien à cette adresse."
    assert sentence_of(refused, FRENCH) == "Votre rôle ne le permet pas."


def test_other_sentences_stay_as_the_service_says_them():
    assert sentence_of(Conflict("Row 3 is in the way."), FRENCH) == "Row 3 is in the way."


@pytest.mark.parametrize("words", [FRENCH, ARABIC], ids=["fr", "ar"])
def test_every_source_of_the_own_rules_has_words(words: Words):
    rules = default_rulebook()
    given = {each.source for each in rules.rules.values()}
    given |= {entry.source for table in (rules.majority, rules.shortage) for entry in table.entries}
    assert len(given) > 20
    assert not {each for each in given if source_name(each, words) == each}


def test_the_source_of_a_partnership_stays_as_it_wrote_it():
    assert source_name("Bylaw 7 of the partnership", FRENCH) == "Bylaw 7 of the partnership"
    assert source_name("civil law of Utopia", FRENCH) == "civil law of Utopia"

"""No words of the console go past the translators."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.test_words import WEB, messages

_CALLS = frozenset({"gettext", "ngettext", "N_"})
_NAMES = frozenset({"TalentBridge", "UTC", "XLSX", "CSV"})
"""Words that are the same in every language."""

_TOLD = re.compile(r'\b(aria-label|title|placeholder|alt|label)="([^"]*)"')


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def marked(source: str) -> Iterator[tuple[int, str | tuple[str, ...]]]:
    """Texts that Python code marks or translates, each with its line."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        texts = [_literal(each) for each in node.args[: 2 if name == "ngettext" else 1]]
        if name in _CALLS and all(each is not None for each in texts):
            found = tuple(str(each) for each in texts)
            yield node.lineno, found if name == "ngettext" else found[0]


def unmarked(template: str) -> list[str]:
    """Words of a template that stand outside of every tag and every expression."""
    text = re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL)
    text = re.sub(r"\{%-?\s*trans\b.*?\bendtrans\s*-?%\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "\n", text, flags=re.DOTALL)
    told = [value for _, value in _TOLD.findall(text)]
    # A macro may give attributes, which stand in no tag of its own.
    shown = re.sub(r'<[^>]*>|[a-z-]+="[^"<>]*"', "\n", text).splitlines()
    words = {word for each in (*told, *shown) for word in re.findall(r"[^\W\d_]{2,}", each)}
    return sorted(words - _NAMES)


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.py")), ids=lambda path: str(path.relative_to(WEB)))
def test_the_extraction_finds_every_message_of_the_code(path: Path):
    # It does not look into f-strings, nor into a marked text within a call that translates.
    hidden = [(line, text) for line, text in marked(path.read_text()) if text not in messages()]
    assert not hidden


@pytest.mark.parametrize(
    "path",
    sorted(WEB.rglob("templates/**/*.html")),
    ids=lambda path: str(path.relative_to(WEB / "templates")),
)
def test_a_template_has_no_words_of_its_own(path: Path):
    assert not unmarked(path.read_text())


def test_words_outside_of_messages_are_noticed():
    assert unmarked('<p>{{ _("Seen") }} Rank again</p>') == ["Rank", "again"]
    assert unmarked('<a aria-label="Next" href="/x">{% if ready %}–{% endif %}</a>') == ["Next"]
    assert unmarked('{% macro named() %} aria-label="Next"{% endmacro %}') == ["Next"]
    assert not unmarked('{% macro wrong() %} aria-invalid="true"{% endmacro %}')
    assert not unmarked('{# a comment #}<b class="tb-x">{{ _("Rank") }}</b> · UTC')


def test_messages_inside_of_other_calls_are_noticed():
    source = 'words.gettext(_SAID.get(code, N_("At work")))'
    assert list(marked(source)) == [(1, "At work")]
    assert list(marked("f\"{words.gettext('Next')}\"")) == [(1, "Next")]
    assert list(marked('words.ngettext("%(n)s day", "%(n)s days", n)')) == [(1, ("%(n)s day", "%(n)s days"))]

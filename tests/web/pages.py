"""A page as tests read it: text, headings, links, forms and exact numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_UNSEEN = frozenset({"script", "style", "template"})
_ALONE = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


@dataclass
class Form:
    """A form: where it goes, and what it would send as it stands."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Page:
    """What a page says.

    ``headings`` are (level, text); ``links`` (address, text); ``numbers`` the values of ``data``
    elements, to the last digit; ``tags`` every start tag with its attributes.
    """

    source: str
    title: str = ""
    text: str = ""
    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @classmethod
    def of(cls, source: str) -> Page:
        reader = _Reader(source)
        reader.feed(source)
        reader.close()
        reader.page.text = _plain("".join(reader.texts))
        return reader.page

    @property
    def h1(self) -> str:
        return next(text for level, text in self.headings if level == 1)

    def form(self, action: str) -> Form:
        """The form that posts to an address ending so."""
        found = [each for each in self.forms if each.action.split("?")[0].endswith(action)]
        assert found, (action, [each.action for each in self.forms])
        return found[0]

    def has_link(self, address: str) -> bool:
        return any(href == address for href, _ in self.links)


class _Reader(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page(source)
        self.texts: list[str] = []
        self._open: list[str] = []
        self._marks: dict[str, int] = {}
        self._attributes: dict[str, dict[str, str]] = {}
        self._form: Form | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.page.tags.append((tag, given))
        if tag not in _ALONE:
            self._open.append(tag)
        if re.fullmatch(r"h[1-6]|a|title", tag):
            self._marks[tag] = len(self.texts)
            self._attributes[tag] = given
        elif tag == "data":
            self.page.numbers.append(given["value"])
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.page.forms.append(self._form)
        if self._form is not None:
            self._field(tag, given)
        self.texts.append(" ")

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name = given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select is not None:
            self._form.choices.setdefault(self._select, []).append(given.get("value", ""))
            if "selected" in given:
                self._form.fields.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("radio", "checkbox"):
                self._form.choices.setdefault(name, []).append(given.get("value", "on"))
                if "checked" not in given:
                    return
            self._form.fields.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea" and name:
            self._form.fields.setdefault(name, [])

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag in self._marks:
            text = _plain("".join(self.texts[self._marks.pop(tag) :]))
            if tag == "title":
                self.page.title = text
            elif tag == "a":
                self.page.links.append((self._attributes[tag].get("href", ""), text))
            else:
                self.page.headings.append((int(tag[1]), text))
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        self.texts.append(" ")

    def handle_data(self, data: str) -> None:
        if not _UNSEEN.intersection(self._open):
            self.texts.append(data)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()

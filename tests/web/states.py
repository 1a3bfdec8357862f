"""Keep every state that a page is in during the tests, for the rules of accessibility to look at.

A state is a page and the branches that its templates took: ``{% if %}``, ``{% elif %}``,
``{% else %}`` and the body of ``{% for %}``. ``python -m tests.e2e.every_state`` opens what was kept.
Conditions within an expression are not branches.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from app.web.rendering import environment
from app.web.wording import LOCALES, Words

_STARTS_A_BRANCH = {"if", "elif", "else", "for"}
_MARK = "branch_taken"
_MIRRORED = {"ltr": "ar", "rtl": "en"}  # the language to say a page in again, from right to left and back

_taken = threading.local()


class Branch(NamedTuple):
    """A branch of a template, the ``nth`` of its file."""

    template: str
    nth: int
    line: int
    kind: str


class MarkBranches(Extension):
    """Call ``branch_taken`` at the beginning of every branch."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        nth = 0
        opening: Token | None = None
        is_first = False
        for token in stream:
            yield token
            if token.type == "block_begin":
                is_first = True
                continue
            if is_first and token.type == "name" and token.value in _STARTS_A_BRANCH:
                opening = token
            is_first = False
            if token.type == "block_end" and opening is not None:
                nth += 1
                branch = Branch(str(stream.name), nth, opening.lineno, opening.value)
                self.branches(self.environment).add(branch)
                yield from _call(_MARK, branch)
                opening = None

    @staticmethod
    def branches(env: Environment) -> set[Branch]:
        """The branches of all templates that were read so far."""
        found: set[Branch] = env.globals.setdefault("all_branches", set())  # type: ignore[assignment]
        return found


def _call(name: str, branch: Branch) -> Iterator[Token]:
    line = branch.line
    yield Token(line, "variable_begin", "{{")
    yield Token(line, "name", name)
    yield Token(line, "lparen", "(")
    for i, value in enumerate(branch):
        if i:
            yield Token(line, "comma", ",")
        yield Token(line, "string" if isinstance(value, str) else "integer", value)  # type: ignore[arg-type]
    yield Token(line, "rparen", ")")
    yield Token(line, "variable_end", "}}")


def _note(template: str, nth: int, line: int, kind: str) -> Markup:
    _taken.branches.add(Branch(template, nth, line, kind))
    return Markup()


class _Kept(Template):
    """A template that keeps what it prints where it is a whole page, in both directions."""

    folder: Path

    def render(self, *args: Any, **kwargs: Any) -> str:
        _taken.branches = set()
        text = super().render(*args, **kwargs)
        branches = sorted(_taken.branches)
        if text.startswith("<!doctype") and self.name is not None:
            self._keep(self.name, branches, text, dict(*args, **kwargs))
        return text

    def _keep(self, name: str, branches: list[Branch], text: str, context: dict[str, Any]) -> None:
        digest = sha256(json.dumps([name, branches]).encode()).hexdigest()[:16]
        path = self.folder / f"{digest}.json"
        if path.exists():
            return
        direction = context["words"].direction
        mirrored = Words(_MIRRORED[direction])
        again = environment(mirrored.locale).get_template(name)
        other = Template.render(again, {**context, "words": mirrored})
        pages = {direction: text, mirrored.direction: other}
        kept = {"template": name, "branches": branches, "pages": pages}
        # Two processes may write the same state: each whole, the last one stays.
        part = path.with_suffix(f".{threading.get_ident()}.part")
        part.write_text(json.dumps(kept))
        part.replace(path)


def keep_states(folder: Path) -> None:
    """From now on keep every state of every page in ``folder``, in one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    template_class = type("Kept", (_Kept,), {"folder": folder})
    for locale in LOCALES:
        env = environment(locale)
        env.cache.clear()  # type: ignore[union-attr]
        env.add_extension(MarkBranches)
        env.globals[_MARK] = _note
        env.template_class = template_class


def all_branches() -> set[Branch]:
    """Every branch of every template."""
    env = environment("en")
    env.add_extension(MarkBranches)
    env.globals[_MARK] = _note
    for name in env.list_templates():
        env.parse(env.loader.get_source(env, name)[0], name)  # type: ignore[union-attr]
    return MarkBranches.branches(env)

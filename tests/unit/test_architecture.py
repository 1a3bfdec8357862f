"""The picture in docs/architecture.md is the code's own: same packages, same imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
PAGE = ROOT / "docs/architecture.md"

# Beneath everything: drawn, they would hide the rest.
NOT_DRAWN = {"errors"}


def packages() -> set[str]:
    """Packages and modules directly under app/, and the migrations beside it."""
    names = {path.stem for path in APP.glob("*.py") if path.stem != "__init__"}
    names |= {path.parent.name for path in APP.glob("*/__init__.py")}
    return names | {"migrations"}


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Dotted names a module imports, at its top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            # `from app import db` names the package's part in the alias.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def imports() -> set[tuple[str, str]]:
    """Pairs (importing package, imported package), without those inside one package."""
    known = packages()
    edges = set()
    for folder, prefix in ((APP, None), (ROOT / "migrations", "migrations")):
        for path in folder.rglob("*.py"):
            source = prefix or path.relative_to(APP).parts[0].removesuffix(".py")
            for name in imported_names(ast.parse(path.read_text(encoding="utf-8"))):
                parts = name.split(".")
                if parts[0] == "app" and len(parts) > 1 and parts[1] in known and parts[1] != source:
                    edges.add((source, parts[1]))
    return {edge for edge in edges if not NOT_DRAWN & set(edge)}


def drawn() -> set[tuple[str, str]]:
    """Arrows of the page's Mermaid picture; `a & b --> c & d` is four."""
    (picture,) = re.findall(r"```mermaid\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    edges = set()
    for left, right in re.findall(r"^\s*([\w &]+?)\s*-->\s*([\w &]+?)\s*$", picture, flags=re.MULTILINE):
        edges |= {(a.strip(), b.strip()) for a in left.split("&") for b in right.split("&")}
    return edges


def test_every_arrow_of_the_picture_is_an_import_and_every_import_an_arrow():
    assert sorted(imports() - drawn()) == [], "imported, not drawn"
    assert sorted(drawn() - imports()) == [], "drawn, not imported"


def test_the_page_says_what_every_package_is_for():
    rows = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert rows == packages()


def test_the_picture_has_no_cycle():
    remaining = imports()
    while remaining:
        bottom = {target for _, target in remaining} - {source for source, _ in remaining}
        assert bottom, f"these import each other: {sorted(remaining)}"
        remaining = {edge for edge in remaining if edge[1] not in bottom}

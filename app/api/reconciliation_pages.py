"""The small page that shows one concept in a reconciliation client's frame."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape

from app.api.languages import direction
from app.domain.enums import ConceptKind
from app.services.concept_catalogue import ConceptView, Text

PREVIEW_WIDTH = 430
PREVIEW_HEIGHT = 300

_KINDS = {
    ConceptKind.SKILL: "Skill",
    ConceptKind.OCCUPATION: "Occupation",
    ConceptKind.SKILL_GROUP: "Skill group",
    ConceptKind.ISCO_GROUP: "ISCO-08 group",
}

_STYLE = (
    "body{margin:.75rem;font:1rem/1.4 system-ui,sans-serif;color:#1b1b1b;background:#fff}"
    "h1{margin:0;font-size:1.2rem}h2{margin:.75rem 0 0;font-size:1rem}p{margin:.25rem 0}"
    "ul{margin:0;padding-inline:1.25rem}footer{margin-top:.75rem;font-size:.8rem;color:#4a4a4a}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

# Made to be framed by others, unlike anything else of the service; it runs and loads nothing.
PREVIEW_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors *"


def preview_page(view: ConceptView, *, release: str, notice: str) -> str:
    """Write the page of one concept: every text escaped, in its own language and direction."""
    kind = _KINDS[view.concept.kind]
    if view.concept.isco_group:
        kind += f" · ISCO-08 {escape(view.concept.isco_group)}"
    parts = [f"<h1{_attributes(view.label)}>{escape(view.label.text)}</h1>", f"<p>{kind}</p>"]
    if view.description:
        parts.append(_element("p", view.description))
    parts += _list("Also called", view.alternatives)
    parts += _list("Broader", (label for _, label in view.broader))
    source = f"{escape(release)}. {escape(notice)}".strip()
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(view.label.text)}</title>"
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main><footer>{source}</footer></body></html>"
    )


def _list(heading: str, texts: Iterable[Text]) -> list[str]:
    items = "".join(_element("li", text) for text in texts)
    return [f"<h2>{heading}</h2><ul>{items}</ul>"] if items else []


def _element(name: str, text: Text) -> str:
    return f"<{name}{_attributes(text)}>{escape(text.text)}</{name}>"


def _attributes(text: Text) -> str:
    lang = f' lang="{escape(text.lang)}"' if text.lang else ""
    return f'{lang} dir="{direction(text.lang)}"'

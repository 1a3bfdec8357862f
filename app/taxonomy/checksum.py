"""What the checksums of a release cover.

Rows are sorted and free of repeats, each written as a JSON array of its fields,
and hashed as one JSON document (UTF-8, no spaces) with SHA-256:

- the *base*: ``{"concepts":[…],"relations":[…]}``;
- a *language*: ``{"labels":[…],"descriptions":[…]}`` of that language;
- the *taxonomy*: ``{"base":HEX,"languages":{LANG:HEX,…}}``, languages sorted.

The name of the release is no part of it: equal content is equal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.taxonomy import Concept, Description, Label, Relation


def base_checksum(concepts: Sequence[Concept], relations: Sequence[Relation]) -> str:
    """Checksum of what is the same in every language; both arguments sorted."""
    return _digest({"concepts": concepts, "relations": relations})


def language_checksum(labels: Sequence[Label], descriptions: Sequence[Description]) -> str:
    """Checksum of one language; both arguments sorted and of that language only."""
    return _digest({"labels": labels, "descriptions": descriptions})


def taxonomy_checksum(base: str, languages: Mapping[str, str]) -> str:
    """Combine the checksums of the base and of each language."""
    return _digest({"base": base, "languages": dict(sorted(languages.items()))})


def _digest(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

"""Languages of a row: code, CEFR levels, and how firmly each is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from app.domain.enums import LanguageSkill, Need
from app.domain.records import LanguageLevel, LanguageRequirement
from app.intake.fields import RowFields, absent
from app.intake.values import Fault, to_cefr, to_choice, to_language, to_need

_MAX_CHARS = 200
_SEPARATOR = re.compile(r"[:|\s]+")
_EQUALS = re.compile(r"\s*=\s*")
_SKILLS = {skill.value: skill for skill in LanguageSkill}
_NEEDS = frozenset(need.value for need in Need)

_Converters = Mapping[str, Callable[[object], object]]
_LEVELS: _Converters = {"cefr": to_cefr, **dict.fromkeys(_SKILLS, to_cefr)}
_ASKED: _Converters = {**_LEVELS, "need": to_need}

LanguageT = TypeVar("LanguageT", bound=LanguageLevel)


def read_languages(fields: RowFields) -> tuple[LanguageLevel, ...]:
    """Read the languages of a candidate."""
    return tuple(_languages(fields, LanguageLevel, _LEVELS))


def read_language_requirements(fields: RowFields) -> tuple[LanguageRequirement, ...]:
    """Read the languages that a vacancy asks for; one without a need is a must."""
    return tuple(_languages(fields, LanguageRequirement, _ASKED))


def _languages(
    fields: RowFields, kind: Callable[..., LanguageT], converters: _Converters
) -> Iterator[LanguageT]:
    for position, item in enumerate(fields.items("languages")):
        pointer = f"/languages/{position}"
        parts: dict[str, object] = {"lang": item}
        if isinstance(item, dict):
            fields.warn_unknown_in(pointer, item, ("lang", *converters))
            parts = item
        elif isinstance(item, str):
            try:
                parts = _split(item, has_need="need" in converters)
            except Fault as fault:
                fields.fail(pointer, fault)
                continue
        lang = parts.get("lang")
        if absent(lang):
            fields.fail(pointer, Fault("required", "The language code is missing."))
        code = fields.check(pointer, to_language, lang, "")
        values: dict[str, Any] = {
            name: fields.check(f"{pointer}/{name}", convert, parts[name], None)
            for name, convert in converters.items()
            if name in parts
        }
        yield kind(code, **{name: value for name, value in values.items() if value is not None})


def _split(item: str, *, has_need: bool) -> dict[str, object]:
    """Take a text such as ``de:B1 listening=B2 desired`` apart, without looking at what the parts say."""
    if len(item) > _MAX_CHARS:
        raise Fault("too-long", f"The text is longer than {_MAX_CHARS} characters.")
    lang, *words = _SEPARATOR.split(_EQUALS.sub("=", item.strip()))
    parts: dict[str, object] = {"lang": lang}
    for word in filter(None, words):
        name, equals, level = word.partition("=")
        if equals:
            hint = "a language skill with a level of its own"
            key = to_choice(name, _SKILLS, "invalid-language-skill", hint).value
        elif has_need and word.lower() in _NEEDS:
            key, level = "need", word
        else:
            key, level = "cefr", word
        if key in parts:
            hint = "Write code, level, and levels of language skills, such as de:B1 listening=B2."
            raise Fault("repeated", f"The {key} of the language is given twice.", hint)
        parts[key] = level
    return parts

"""Read labelled phrases: JSON Lines, and the registry that may stand beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from app.domain.enums import ConceptKind
from app.domain.evaluation import EvaluationQuery, EvaluationSet, SetMode
from app.errors import FieldIssue, InvalidInput
from app.intake.fields import RowFields
from app.intake.jsonlines import iter_jsonl
from app.intake.outcome import WarningTally
from app.intake.source import DEFAULT_LIMITS, ReadLimits, open_source, unwrap
from app.intake.values import Fault, to_language, to_text

REGISTRY = "registry.json"

_HEAD_BYTES = 512
_SUFFIXES = (".jsonl", ".jsonl.gz")
_KINDS = {"skill": ConceptKind.SKILL, "occupation": ConceptKind.OCCUPATION}

ValueT = TypeVar("ValueT")


def set_files(folder: Path) -> list[Path]:
    """JSON Lines files of a folder, by name.

    Raises
    ------
    InvalidInput
        There is none.
    """
    found = sorted(path for path in folder.iterdir() if path.name.endswith(_SUFFIXES))
    if not found:
        raise InvalidInput(f"{folder} holds no set: no file there ends in .jsonl or .jsonl.gz.")
    return found


def read_evaluation_set(path: Path, *, limits: ReadLimits = DEFAULT_LIMITS) -> EvaluationSet:
    """Read one set of labelled texts.

    Each line is ``{"id", "text", "gold": [URI, …], "lang"?, "kind"?, "contexts"?}``. What
    a line leaves out is taken from the set's entry in ``registry.json`` beside the file
    (``kind``, ``lang``, ``mode``, ``pair``), where there is one.

    Raises
    ------
    InvalidInput
        A file is missing or no JSON, or a line is at fault; ``issues`` name line and field.
        A set with faults is refused as a whole: figures on a part of it would mislead.
    """
    name = path.name.removesuffix(".gz").removesuffix(".jsonl")
    entry = _registry_entry(path.parent / REGISTRY, name)
    queries: list[EvaluationQuery] = []
    line_of_id: dict[str, int] = {}
    issues: list[FieldIssue] = []
    tally = WarningTally()
    with open_source(path) as (stream, shown):
        text, _, _ = unwrap(stream, shown, limits)
        head = text.read(_HEAD_BYTES)
        stream.seek(0)
        text, _, _ = unwrap(stream, shown, limits)
        for raw in iter_jsonl(text, shown, head, limits):
            if raw.fault is not None:
                issues.append(raw.fault)
                continue
            fields = RowFields(raw, tally)
            query = _parse(fields, entry)
            if query.id in line_of_id and not fields.issues:
                first = line_of_id[query.id]
                fields.fail("/id", Fault("duplicate-id", f"This id was used in line {first} already."))
            line_of_id.setdefault(query.id, raw.row)
            issues += fields.issues
            queries.append(query)
    if issues:
        raise InvalidInput(f"{path} is no set of labelled phrases as it stands.", issues=issues)
    if not queries:
        raise InvalidInput(f"{path} is empty.")
    mode = entry.mode or (SetMode.PHRASE if any(query.gold for query in queries) else SetMode.NIL)
    return EvaluationSet(name, mode, tuple(queries), pair=entry.pair)


class _Entry:
    """What a registry says of a set; every value may be absent."""

    def __init__(self, place: str, values: Mapping[str, object]) -> None:
        self._place, self._values = place, values
        self.kind = self._get("kind", lambda value: _KINDS[str(value)], "skill or occupation")
        self.lang = self._get("lang", to_language, "an ISO 639-1 language code")
        self.mode = self._get("mode", lambda value: SetMode(str(value)), "phrase, sentence or nil")
        self.pair = self._get("pair", to_text, "the name of another set")

    def _get(self, key: str, convert: Callable[[object], ValueT], meaning: str) -> ValueT | None:
        value = self._values.get(key)
        if value is None:
            return None
        try:
            return convert(value)
        except (KeyError, ValueError, Fault) as error:
            raise InvalidInput(f"{self._place}: {key} must be {meaning}.") from error


def _registry_entry(path: Path, name: str) -> _Entry:
    if not path.is_file():
        return _Entry(str(path), {})
    try:
        registry = json.loads(path.read_bytes())
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON. Mend it, or move the sets away from it.") from error
    entry = registry.get(name, {}) if isinstance(registry, dict) else None
    if not isinstance(entry, dict):
        raise InvalidInput(f"{path} must be an object that gives an object for each set.")
    return _Entry(f"{path}, {name}", entry)


def _parse(fields: RowFields, entry: _Entry) -> EvaluationQuery:
    if not fields.holds("gold") and entry.mode is not SetMode.NIL:
        fields.fail(
            "/gold", Fault("required", "The gold is missing.", "Give concept URIs, or [] for no concept.")
        )
    gold = [fields.check(f"/gold/{at}", _to_uri, uri, "") for at, uri in enumerate(fields.items("gold"))]
    contexts = [
        fields.check(f"/contexts/{at}", to_text, text, "") for at, text in enumerate(fields.items("contexts"))
    ]
    kind = fields.get("kind", _to_kind, None) or entry.kind or ConceptKind.SKILL
    return EvaluationQuery(
        id=fields.identifier(),
        text=fields.require("text", to_text),
        gold=tuple(dict.fromkeys(gold)),
        lang=fields.get("lang", to_language, None) or entry.lang,
        kind=kind,
        contexts=tuple(contexts),
    )


def _to_uri(value: object) -> str:
    if not isinstance(value, str) or ":" not in value or any(char.isspace() for char in value):
        raise Fault("invalid-uri", "This is no concept URI.")
    return value


def _to_kind(value: object) -> ConceptKind:
    kind = _KINDS.get(value) if isinstance(value, str) else None
    if kind is None:
        raise Fault("unknown-kind", "The kind must be skill or occupation.")
    return kind

"""Read judged rankings: vacancies, candidates and judgements in one folder."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from app.domain.ranking_sets import PoolMode, RankingSet, RankingText
from app.errors import FieldIssue, InvalidInput
from app.intake.fields import RowFields
from app.intake.jsonlines import iter_jsonl
from app.intake.outcome import WarningTally
from app.intake.source import DEFAULT_LIMITS, ReadLimits, open_source, unwrap
from app.intake.values import Fault, to_language, to_text

QUERIES, DOCS, JUDGEMENTS, META = "queries.jsonl", "docs.jsonl", "qrels.tsv", "meta.json"

_HEAD_BYTES = 512


def ranking_folders(folder: Path) -> list[Path]:
    """The folder itself if it is a set, else the sets in it, by name.

    Raises
    ------
    InvalidInput
        There is none.
    """
    if not folder.is_dir():
        raise InvalidInput(f"There is no folder {folder}.")
    found = [each for each in (folder, *sorted(folder.iterdir())) if _is_set(each)]
    if not found:
        raise InvalidInput(f"{folder} holds no judged ranking: no folder there has a {JUDGEMENTS}.")
    return found[:1] if found[0] == folder else found


def read_ranking_set(folder: Path, *, limits: ReadLimits = DEFAULT_LIMITS) -> RankingSet:
    """Read one judged set; each file may be gzipped.

    ``queries.jsonl`` and ``docs.jsonl`` hold ``{"id", "text", "lang"?, "category"?,
    "fields"?}``, ``qrels.tsv`` vacancy, candidate and gain, ``meta.json`` may hold
    ``name``, ``mode`` (``judged`` or ``full``), ``relevant_gain`` and ``lang``.
    Vacancies without judgement are left out.

    Raises
    ------
    InvalidInput
        A file is missing or at fault, or a judgement names a text that is not there.
        A set with faults is refused as a whole: figures on a part of it would mislead.
    """
    meta = _meta(folder / META)
    lang = to_language(meta["lang"]) if meta.get("lang") else None
    queries = _texts(_find(folder, QUERIES), lang, limits)
    docs = _texts(_find(folder, DOCS), lang, limits)
    gains = _judgements(_find(folder, JUDGEMENTS), {each.id for each in queries}, {each.id for each in docs})
    try:
        mode = PoolMode(str(meta.get("mode", PoolMode.JUDGED)))
        relevant = float(str(meta.get("relevant_gain", 1)))
    except ValueError as error:
        raise InvalidInput(
            f"{folder / META}: mode must be judged or full, relevant_gain a number."
        ) from error
    return RankingSet(
        name=str(meta.get("name") or folder.name),
        mode=mode,
        relevant_gain=relevant,
        queries=tuple(each for each in queries if each.id in gains),
        docs=tuple(docs),
        gains=gains,
    )


def _is_set(folder: Path) -> bool:
    return any((folder / f"{JUDGEMENTS}{packed}").is_file() for packed in ("", ".gz"))


def _find(folder: Path, name: str) -> Path:
    packed = folder / f"{name}.gz"
    return packed if packed.is_file() else folder / name


def _meta(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        meta = json.loads(path.read_bytes())
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON.") from error
    if not isinstance(meta, dict):
        raise InvalidInput(f"{path} must be one object.")
    try:
        to_language(meta.get("lang") or "en")
    except Fault:
        meta["lang"] = None  # a remark such as "en (German platform)" is no code
    return meta


def _texts(path: Path, lang: str | None, limits: ReadLimits) -> list[RankingText]:
    found: list[RankingText] = []
    seen: set[str] = set()
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
            each = _text(fields, raw.values.get("fields"), lang)
            if each.id in seen:
                fields.fail("/id", Fault("duplicate-id", "This id was used before."))
            seen.add(each.id)
            issues += fields.issues
            found.append(each)
    if issues:
        raise InvalidInput(f"{path} cannot be measured on as it stands.", issues=issues)
    if not found:
        raise InvalidInput(f"{path} is empty.")
    return found


def _text(fields: RowFields, stated: object, lang: str | None) -> RankingText:
    return RankingText(
        id=fields.identifier(),
        text=fields.require("text", to_text),
        lang=fields.get("lang", to_language, None) or lang,
        category=fields.get("category", to_text, ""),
        fields=stated if isinstance(stated, dict) else {},
    )


def _judgements(path: Path, queries: set[str], docs: set[str]) -> dict[str, dict[str, float]]:
    gains: dict[str, dict[str, float]] = defaultdict(dict)
    for number, cells in _rows(path):
        if len(cells) != 3 or cells[0] not in queries or cells[1] not in docs:
            raise InvalidInput(f"{path}, line {number}: give a vacancy, a candidate and a gain, with tabs.")
        gain = _gain(cells[2])
        if gain is None:
            raise InvalidInput(f"{path}, line {number}: the gain must be a number of at least 0.")
        if cells[1] in gains[cells[0]]:
            raise InvalidInput(f"{path}, line {number}: this pair was judged before.")
        gains[cells[0]][cells[1]] = gain
    if not gains:
        raise InvalidInput(f"{path} is empty.")
    return dict(gains)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    with open_source(path) as (stream, shown):
        text, _, _ = unwrap(stream, shown, DEFAULT_LIMITS)
        for number, line in enumerate(text, start=1):
            if line.strip():
                yield number, line.decode("utf-8-sig", errors="replace").rstrip("\r\n").split("\t")


def _gain(text: str) -> float | None:
    try:
        gain = float(text)
    except ValueError:
        return None
    return gain if math.isfinite(gain) and gain >= 0 else None

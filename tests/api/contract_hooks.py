"""What Schemathesis cannot read from the description: keys, our formats, and two rules between fields.

Loaded by the command that ``test_contract.py`` runs.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import AuthContext, Case, HookContext

from app.api.schemas.normalisation import MAX_URI
from app.domain.enums import EvidenceGrade
from app.domain.reviews import REASONS, ReviewReason
from app.domain.transitions import ReviewState
from app.matching.text import canonical
from app.services.aliases import MAX_CANONICAL

KEYS: dict[str, str] = json.loads(os.environ.get("TALENTBRIDGE_CONTRACT_KEYS", "{}"))
KEY_IDS: list[str] = json.loads(os.environ.get("TALENTBRIDGE_CONTRACT_KEY_IDS", "[]"))

PROGRAMME = "a-programme"
_FEW_CODES = {"Language": ["ar", "en", "fr"], "Country": ["DE", "MA", "PL"], "Currency": ["EUR", "MAD"]}
WHOLE_LISTS = os.environ.get("TALENTBRIDGE_CONTRACT") == "full"

_INSTITUTION = ("programme", "cohort", "candidate")
_EMPLOYER = ("vacanc", "skills_need", "introduction")
_REVIEWER = ("review", "match", "score", "job", "alias", "normalisation", "queued")


def key_for(operation_id: str) -> str:
    """Name the role that may do most with an operation."""
    if any(word in operation_id for word in _REVIEWER):
        return "reviewer"
    if any(word in operation_id for word in _INSTITUTION):
        return "institution"
    return "employer" if any(word in operation_id for word in _EMPLOYER) else "admin"


def _role(case: Case, _context: AuthContext) -> str:
    return key_for(case.operation.definition.raw["operationId"])


@schemathesis.auth(cache_by_key=_role)
class RoleKeys:
    """Each operation is called with a key of the role it is for."""

    def get(self, case: Case, context: AuthContext) -> str:
        return KEYS[_role(case, context)]

    def set(self, case: Case, data: str, context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


# An id of the caller's own: printable, no space at either end. No regular expression says "printable".
schemathesis.openapi.format(
    "external-id",
    st.text(
        st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=200
    ).filter(lambda text: text.isprintable() and text == text.strip()),
)


# Texts of JSON whose inside no schema of an address or a form can describe.
_VALUES = st.text(max_size=8) | st.integers(-(2**53), 2**53) | st.booleans()
_QUERIES = st.fixed_dictionaries(
    {"query": st.sampled_from(["weld", "soudeur", "MIG"]) | st.text(max_size=20)},
    optional={
        "type": st.sampled_from(["skill", "occupation", ["skill"]]),
        "limit": st.integers(1, 200),
        "properties": st.lists(
            st.fixed_dictionaries({"pid": st.sampled_from(["lang", "isco_group", "x"]), "v": _VALUES}),
            max_size=3,
        ),
    },
)
_EXTENSIONS = st.fixed_dictionaries(
    {
        "ids": st.lists(st.text(max_size=20), max_size=3),
        "properties": st.lists(
            st.sampled_from([{"id": "isco_group"}, {"id": "broader", "settings": {}}]), max_size=20
        ),
    }
)
# NUL and halves of surrogate pairs are refused everywhere.
_CLEAN = re.compile(r"\\u(0000|d[89a-f])", re.IGNORECASE)
for name, values in (
    ("reconciliation-queries", st.dictionaries(st.sampled_from(["q0", "q1"]), _QUERIES, max_size=2)),
    ("reconciliation-extend", _EXTENSIONS),
):
    schemathesis.openapi.format(name, values.map(json.dumps).filter(lambda text: not _CLEAN.search(text)))


# A phrase that can be looked up: something is left of it in canonical form.
schemathesis.openapi.format(
    "phrase",
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=200).filter(
        lambda text: 0 < len(canonical(text)) <= MAX_CANONICAL
    ),
)


@schemathesis.serializer("application/x-ndjson")
def json_lines(context: Any, value: Any) -> bytes:
    items = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Leave a few codes of the long lists: each would be tried in each field of each operation."""
    if not WHOLE_LISTS:
        for name, kept in _FEW_CODES.items():
            raw_schema["components"]["schemas"][name]["enum"] = kept


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Make each Idempotency-Key new, as the description asks: a used one is refused on purpose."""
    key = case.headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,255}", key):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if case.path_parameters and case.path_parameters.get("key_id") in KEY_IDS:
        # Revoking the keys in use would leave nothing to look at but 401.
        case.path_parameters["key_id"] = str(uuid.uuid4())
    if {"queries", "extend"} <= set(case.query or ()):
        # One or the other: parameters of an address have no rule for that.
        del case.query["extend"]
    version = case.headers.get("If-Match")
    if isinstance(version, str) and version and len(version) % 2 == 0:
        # A drawn version is hardly ever the present one; with any version half of the cases go on.
        case.headers["If-Match"] = "*"
    if isinstance(case.body, list):
        # Keys that are not described are allowed in batches, but not numbers beyond 2^53.
        case.body = _with_exact_numbers(case.body)
    if isinstance(case.body, dict):
        _keep_rules_between_fields(case.operation.definition.raw["operationId"], case.body)


def _keep_rules_between_fields(operation_id: str, body: dict[str, Any]) -> None:
    """Mend well-formed values that break a rule no schema can state; leave others as they are."""
    _put_in_order(body, "needed_from", "needed_until")
    for profile in [body, *_objects(body.get("candidates"))]:
        for work in _objects(profile.get("experience")):
            _put_in_order(work, "started", "ended")
    if operation_id == "change_vacancy" and isinstance(body.get("pay"), dict):
        # What is stored may lack what the patch leaves out.
        whole = {"amount": 1, "currency": "EUR", "period": "hour"}
        body["pay"] = whole | {name: part for name, part in body["pay"].items() if part is not None}
    if operation_id == "issue_api_key" and isinstance(body.get("expires_at"), str):
        # The future is not a format.
        body["expires_at"] = re.sub(r"^\d{4}", "2999", body["expires_at"])
    if operation_id in ("create_cohort", "replace_cohort") and isinstance(body.get("programme"), str):
        # Must be a programme of the institution's own.
        body["programme"] = body["programme"] and PROGRAMME
    if operation_id in ("create_alias", "preview_alias") and isinstance(body.get("concept_uri"), str):
        # Must be a concept of an imported release; too long stays too long.
        body["concept_uri"] = body["concept_uri"] if len(body["concept_uri"]) > MAX_URI else None
    if operation_id in ("record_review", "answer_introduction"):
        _fit_reason(body)
    if operation_id == "create_weight_profile" and isinstance(body.get("values"), dict):
        _put_weights_in_order(body["values"])
    if operation_id == "score" and isinstance(body.get("candidates"), list):
        ids = [item.get("external_id") for item in body["candidates"] if isinstance(item, dict)]
        if len(ids) != len({repr(each) for each in ids}) and all(isinstance(each, str) for each in ids):
            for number, item in enumerate(body["candidates"]):
                item["external_id"] = item["external_id"] and f"t-{number}"


def _put_weights_in_order(values: dict[str, Any]) -> None:
    """Better evidence and a nearer occupation never earn less, and some part counts."""
    evidence, isco, parts = (values.get(name) for name in ("evidence", "isco", "parts"))
    # What is left out is as in force, so one alone could be out of order with it.
    if isinstance(evidence, dict) and all(name in set(EvidenceGrade) for name in evidence):
        numbers = [each for each in evidence.values() if isinstance(each, int | float)]
        if len(numbers) == len(evidence) and all(0 <= each <= 1 for each in numbers):
            values["evidence"] = dict.fromkeys(EvidenceGrade, 1.0)
    if isinstance(isco, list) and all(isinstance(each, int | float) for each in isco):
        isco.sort()
    if isinstance(parts, dict) and parts and not any(parts.values()):
        values.pop("parts")


def _fit_reason(body: dict[str, Any]) -> None:
    """Each decision has reasons of its own, and ``other`` needs a note."""
    state, reason = body.get("decision", body.get("answer")), body.get("reason")
    is_known = reason is None or (isinstance(reason, str) and reason in set(ReviewReason))
    if isinstance(state, str) and state in set(ReviewState) and is_known:
        body["reason"] = REASONS[ReviewState(state)][0].value


def _with_exact_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_exact_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_exact_numbers(item) for item in value]
    return (
        value if isinstance(value, bool) or not isinstance(value, int) else max(-(2**53), min(value, 2**53))
    )


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _put_in_order(body: dict[str, Any], start: str, end: str) -> None:
    first, last = body.get(start), body.get(end)
    if _is_day(first) and _is_day(last):
        body[start], body[end] = sorted((str(first), str(last)))


def _is_day(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None

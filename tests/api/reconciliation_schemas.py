"""Schemas of the answers of the Reconciliation Service API 0.2, written from its text.

Stricter than the protocol where this service promises more: no member is null, and
candidates always have a type and a decision.
"""

from __future__ import annotations

from typing import Any

from jsonschema_rs import Draft202012Validator

_TEXT = {"type": "string", "minLength": 1}
_URL = {"type": "string", "pattern": "^https?://"}
_TEMPLATE = {"type": "string", "pattern": r"^https?://.*\{\{id\}\}"}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": sorted(required),
        "properties": required | (optional or {}),
        "additionalProperties": False,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_TYPE = _object({"id": _TEXT, "name": _TEXT})
_PROPERTY = _object({"id": _TEXT, "name": _TEXT}, {"description": _TEXT})
# The full address is the two joined: the second begins the path below the first.
_SERVICE = _object({"service_url": _URL, "service_path": {"type": "string", "pattern": "^/"}})

MANIFEST = Draft202012Validator(
    _object(
        {
            "versions": {"type": "array", "contains": {"const": "0.2"}},
            "name": _TEXT,
            "identifierSpace": _TEXT,
            "schemaSpace": _TEXT,
            "defaultTypes": {**_list(_TYPE), "uniqueItems": True},
            "serviceVersion": _TEXT,
            "view": _object({"url": _TEMPLATE}),
            "preview": _object(
                {"url": _TEMPLATE, "width": {"type": "integer"}, "height": {"type": "integer"}}
            ),
            "suggest": _object({"entity": _SERVICE, "type": _SERVICE, "property": _SERVICE}),
            "extend": _object(
                {
                    "propose_properties": _SERVICE,
                    "property_settings": _list(
                        _object(
                            {
                                "name": _TEXT,
                                "label": _TEXT,
                                "type": {"const": "select"},
                                "default": {"type": "string"},
                                "help_text": {"type": "string"},
                                "choices": _list(_object({"value": _TEXT, "name": _TEXT})),
                            }
                        )
                    ),
                }
            ),
            "batchSize": {"type": "integer", "minimum": 1},
        },
        {"authentication": _object({"type": {"const": "http"}, "scheme": {"const": "bearer"}})},
    )
)

_CANDIDATE = _object(
    {
        "id": _TEXT,
        "name": _TEXT,
        "type": {**_list(_TYPE), "minItems": 1},
        "score": {"type": "number", "minimum": 0, "maximum": 100},
        "features": _list(_object({"id": _TEXT, "value": {"type": ["number", "boolean"]}})),
        "match": {"type": "boolean"},
    },
    {"description": _TEXT},
)

RESULTS = Draft202012Validator(
    {"type": "object", "additionalProperties": _object({"result": _list(_CANDIDATE)})}
)

ENTITIES = Draft202012Validator(
    _object(
        {
            "result": _list(
                _object({"id": _TEXT, "name": _TEXT, "notable": _list(_TYPE)}, {"description": _TEXT})
            )
        }
    )
)
TYPES = Draft202012Validator(_object({"result": _list(_TYPE)}))
PROPERTIES = Draft202012Validator(_object({"result": _list(_PROPERTY)}))
PROPOSALS = Draft202012Validator(
    _object({"type": {"type": "string"}, "properties": _list(_PROPERTY)}, {"limit": {"type": "integer"}})
)

_VALUE = {"oneOf": [_object({"id": _TEXT, "name": _TEXT}), _object({"str": {"type": "string"}})]}
EXTENSION = Draft202012Validator(
    _object(
        {
            "meta": _list(_PROPERTY),
            "rows": {
                "type": "object",
                "additionalProperties": {"type": "object", "additionalProperties": _list(_VALUE)},
            },
        }
    )
)

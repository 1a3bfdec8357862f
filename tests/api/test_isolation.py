"""Nobody sees or changes what is another's, on any operation of the description.

The calls are made from the OpenAPI document: a new operation is attacked without
anybody adding it here, and one whose parameters nobody knows to fill fails the test.
"""

from __future__ import annotations

import copy
import json
from typing import Any
from uuid import uuid4

from httpx2 import Response

from app.api.openapi import operations
from app.domain.ids import new_id
from tests.api.conftest import Api
from tests.api.victims import (
    MARKER,
    Loot,
    add_organisation,
    fill_employer,
    fill_institution,
    fill_rankings,
    marked,
    own_view,
)


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def body_of(document: dict[str, Any], operation: dict[str, Any], loot: Loot) -> Any:
    """Make a body from the description's own example, pointing at the victim where it can."""
    if "application/json" not in operation.get("requestBody", {}).get("content", {}):
        return None
    schema = resolve(document, operation["requestBody"]["content"]["application/json"]["schema"])
    as_list = schema.get("type") == "array"
    if as_list:
        schema = resolve(document, schema["items"])
    body = copy.deepcopy(schema["examples"][0])
    properties = schema.get("properties", {})
    for name in ("external_id", "id"):
        if name in body:
            body[name] = f"own-{uuid4()}"
    if "vacancy_ids" in properties and "vacancy_id" in loot.by_parameter:
        body["vacancy_ids"] = [loot.by_parameter["vacancy_id"]]
    if "candidate_id" in properties and "candidate_id" in loot.by_parameter:
        body["candidate_id"] = loot.by_parameter["candidate_id"]
    if "organisation_id" in properties and "organisation_id" in loot.by_parameter:
        body |= {"organisation_id": loot.by_parameter["organisation_id"], "role": "employer"}
    if "programme" in properties:
        body["programme"] = marked("programme")
    return [body] if as_list else body


def attack(
    api: Api, document: dict[str, Any], attacker: str, loot: Loot, *, ids: dict[str, str]
) -> dict[tuple[str, str], list[Response]]:
    """Call every operation with the attacker's key, and give the answers by operation.

    Path parameters come from ``ids``. Each query parameter that can name one of the
    victim's records is tried by itself.
    """
    answers: dict[tuple[str, str], list[Response]] = {}
    for path, method, operation in operations(document):
        parameters = operation.get("parameters", ())
        names = [parameter["name"] for parameter in parameters if parameter["in"] == "path"]
        filled = path.format(**{name: ids.get(name, "not-found") for name in names})
        required = {p["name"]: "weld" for p in parameters if p["in"] == "query" and p.get("required")}
        queries = [required]
        for parameter in parameters:
            name = parameter["name"]
            if parameter["in"] == "query" and name in {**loot.by_parameter, "external_id": ""}:
                value = loot.by_parameter.get(name, marked("draft"))
                queries.append({**required, name: value})
        body = body_of(document, operation, loot)
        answers[(method, path)] = [
            api.call(
                attacker,
                method,
                filled,
                params=query,
                headers={"If-Match": "*"} if method in ("put", "patch", "delete", "post") else {},
                **({} if body is None else {"json": body}),
            )
            for query in queries
        ]
    return answers


def shown(response: Response) -> str:
    """Everything the caller gets, without what only repeats the address of the request."""
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in ("x-request-id", "link", "location", "etag")
    }
    text = response.text
    if response.headers.get("content-type") == "application/problem+json":
        problem = response.json()
        problem.pop("instance")
        problem.pop("request_id")
        text = json.dumps(problem, ensure_ascii=False)
    return f"{response.status_code} {headers} {text}"


def sent_in(response: Response) -> str:
    request = response.request
    return f"{request.url} {request.content.decode()}"


def check(
    document: dict[str, Any],
    who: str,
    answers: dict[tuple[str, str], list[Response]],
    secrets: set[str],
    unknown: dict[tuple[str, str], list[Response]],
) -> None:
    """Judge the answers to an attack beside those about records that do not exist."""
    every_operation = {(method, path) for path, method, _ in operations(document)}
    assert set(answers) == every_operation
    for (method, path), responses in answers.items():
        for response, of_unknown in zip(responses, unknown[(method, path)], strict=True):
            where = f"{who}: {method} {path}: {shown(response)}"
            assert response.status_code < 500, where
            sent = sent_in(response)
            for secret in secrets:
                assert secret in sent or secret not in shown(response), where
            if MARKER not in sent:
                assert MARKER not in shown(response), where
            if "{" in path and not path.startswith("/problems"):
                assert response.status_code in (403, 404), where
                # Nor does any difference tell that the record exists.
                assert shown(response) == shown(of_unknown), where


def random_ids(loot: Loot) -> dict[str, str]:
    return {name: str(new_id()) for name in loot.by_parameter}


def test_an_organisation_reaches_nothing_of_another(api: Api) -> None:
    document = api.get(None, "/openapi.json").json()
    add_organisation(api, "employer-b", "employer")
    add_organisation(api, "institution-b", "institution")
    of_employer, of_institution = Loot(), Loot()
    fill_employer(api, "employer-b", of_employer)
    fill_institution(api, "institution-b", of_institution)
    ranked = Loot()
    published = fill_rankings(api, "reviewer", "employer-b", ranked)
    both = Loot(
        {**of_institution.by_parameter, **of_employer.by_parameter, **ranked.by_parameter},
        of_employer.secrets | of_institution.secrets | ranked.secrets,
    )
    before = [own_view(api, name) for name in ("employer-b", "institution-b")]
    for attacker in ("employer", "institution"):
        # Both victims have an organisation and a key: each is aimed at in a round of its own.
        for loot in (of_employer, of_institution):
            target = Loot({**both.by_parameter, **loot.by_parameter}, both.secrets)
            answers = attack(api, document, attacker, target, ids=target.by_parameter)
            unknown = attack(api, document, attacker, target, ids=random_ids(target))
            hidden = target.secrets
            if attacker == "institution":
                hidden = hidden - {published, api.ids["employer-b"]}
            check(document, attacker, answers, hidden, unknown)
    assert api.get("institution", f"/v1/vacancies/{published}").status_code == 200
    assert api.get("employer", f"/v1/vacancies/{published}").status_code == 404
    assert [own_view(api, name) for name in ("employer-b", "institution-b")] == before


def test_nobody_reaches_another_partnership(api: Api) -> None:
    document = api.get(None, "/openapi.json").json()
    api.add_partnership("other-", name=marked("partnership"))
    add_organisation(api, "employer-b", "employer", admin="other-admin")
    add_organisation(api, "institution-b", "institution", admin="other-admin")
    loot = Loot()
    fill_institution(api, "institution-b", loot)
    fill_employer(api, "employer-b", loot)
    fill_rankings(api, "other-reviewer", "employer-b", loot)
    before = [own_view(api, name) for name in ("employer-b", "institution-b")]
    for attacker in ("admin", "reviewer", "auditor", "employer", "institution"):
        answers = attack(api, document, attacker, loot, ids=loot.by_parameter)
        unknown = attack(api, document, attacker, loot, ids=random_ids(loot))
        check(document, attacker, answers, loot.secrets, unknown)
    assert [own_view(api, name) for name in ("employer-b", "institution-b")] == before


def test_the_same_external_id_may_be_used_by_two(api: Api) -> None:
    add_organisation(api, "employer-b", "employer")
    body = {"external_id": "shared", "title": marked("title")}
    theirs = api.made("employer-b", "/v1/vacancies", body)
    mine = api.post("employer", "/v1/vacancies", {"external_id": "shared", "title": "Mine"})
    assert mine.status_code == 201
    assert mine.json()["id"] != theirs["id"]
    again = api.post("employer", "/v1/vacancies", {"external_id": "shared", "title": "Mine"})
    assert again.status_code == 409
    assert MARKER not in again.text


def test_a_repeated_key_of_another_caller_gives_nothing_away(api: Api) -> None:
    add_organisation(api, "employer-b", "employer")
    headers = {"Idempotency-Key": "k-1"}
    body = {"external_id": "v", "title": marked("title")}
    theirs = api.post("employer-b", "/v1/vacancies", body, headers=headers)
    mine = api.post("employer", "/v1/vacancies", body, headers=headers)
    assert mine.status_code == 201
    assert mine.json()["id"] != theirs.json()["id"]

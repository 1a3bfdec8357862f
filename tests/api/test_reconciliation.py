"""The reconciliation service: its protocol, its walls, and a walk through it as OpenRefine goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from app.api.languages import accepted_language, direction
from app.api.schemas.reconciliation import BATCH_SIZE, MAX_EXTENDED_IDS, MAX_PHRASE_CHARS
from app.config import Settings
from app.domain.enums import LabelKind
from app.domain.taxonomy import Label
from app.main import create_app, create_reconciliation_app
from app.services.taxonomy_index import TaxonomyIndex
from app.taxonomy import starter_taxonomy
from tests.api import reconciliation_schemas as schemas
from tests.api.conftest import INDEXES, Api
from tests.api.live import serving
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL, small_taxonomy

BASE = "/reconcile/small-1/fr"


@pytest.fixture(scope="module")
def small() -> Iterator[TestClient]:
    """The service alone, over the small taxonomy."""
    with TestClient(create_reconciliation_app(TaxonomyIndex(small_taxonomy()))) as client:
        yield client


@pytest.fixture(scope="module")
def starter_app() -> FastAPI:
    return create_reconciliation_app(TaxonomyIndex(starter_taxonomy()))


def post(client: TestClient, queries: Any, path: str = BASE, field: str = "queries") -> Response:
    return client.post(path, data={field: json.dumps(queries, ensure_ascii=False)})


def candidates(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    response = post(client, {"q": query})
    assert response.status_code == 200, response.text
    schemas.RESULTS.validate(response.json())
    found: list[dict[str, Any]] = response.json()["q"]["result"]
    return found


def extended(client: TestClient, ids: list[str], *properties: dict[str, Any]) -> dict[str, Any]:
    response = post(client, {"ids": ids, "properties": list(properties)}, field="extend")
    assert response.status_code == 200, response.text
    schemas.EXTENSION.validate(response.json())
    answer: dict[str, Any] = response.json()
    return answer


def test_the_manifest_names_every_service_with_its_release_and_language(small: TestClient) -> None:
    manifest = small.get(BASE).json()
    schemas.MANIFEST.validate(manifest)
    assert manifest["name"] == "TalentBridge: small-1 (fr)"
    assert manifest["identifierSpace"] == "urn:test:"
    assert [each["id"] for each in manifest["defaultTypes"]] == ["skill", "occupation"]
    assert "authentication" not in manifest
    for service in (*manifest["suggest"].values(), manifest["extend"]["propose_properties"]):
        assert service["service_url"] == f"http://testserver{BASE}"
        assert small.get(service["service_url"] + service["service_path"] + "?prefix=s").status_code == 200
    assert manifest["extend"]["property_settings"][0]["default"] == "fr"


@pytest.mark.parametrize(
    ("address", "header", "lang"),
    [
        ("/reconcile", "", "en"),
        ("/reconcile", "ar, fr;q=0.8, en;q=0.5", "fr"),
        ("/reconcile?lang=de", "fr", "de"),
        ("/reconcile?taxonomy=small-1", "xx, *", "en"),
        ("/reconcile/small-1/fr-BE", "en", "fr"),
    ],
)
def test_the_language_is_that_of_the_address_else_the_one_liked_best(
    small: TestClient, address: str, header: str, lang: str
) -> None:
    manifest = small.get(address, headers={"Accept-Language": header}).json()
    assert manifest["name"] == f"TalentBridge: small-1 ({lang})"


def test_get_and_post_answer_the_same(small: TestClient) -> None:
    queries = {
        "a": {"query": "MIG welding"},
        "b": {"query": "soudage à l'arc", "limit": 1},
        "c": {"query": ""},
    }
    posted = post(small, queries)
    got = small.get(BASE, params={"queries": json.dumps(queries)})
    schemas.RESULTS.validate(posted.json())
    assert posted.json() == got.json()
    assert list(posted.json()) == ["a", "b", "c"]
    assert posted.json()["c"] == {"result": []}


def test_a_label_is_a_match_and_a_near_miss_is_only_a_candidate(small: TestClient) -> None:
    exact = candidates(small, query="soudage MIG")
    assert exact[0]["id"] == SKILL + "mig-welding"
    assert exact[0]["name"] == "souder au MIG"
    assert exact[0]["match"] is True
    assert {"id": "exact_label", "value": True} in exact[0]["features"]
    near = candidates(small, query="welding things with a robot")
    assert near
    assert not any(each["match"] for each in near)
    scores = [each["score"] for each in near]
    assert scores == sorted(scores, reverse=True)


def test_the_type_restricts_and_the_limit_cuts(small: TestClient) -> None:
    assert {each["type"][0]["id"] for each in candidates(small, query="welder", type="occupation")} == {
        "occupation"
    }
    assert {each["type"][0]["id"] for each in candidates(small, query="welder", type=["skill"])} == {"skill"}
    assert len(candidates(small, query="welder", limit=1)) == 1
    assert len(candidates(small, query="welder", limit=3.0, type_strict="should")) <= 3


def test_without_a_type_both_kinds_compete(small: TestClient) -> None:
    found = candidates(small, query="welder", limit=50)
    assert found[0]["id"] == OCCUPATION + "welder"
    assert found[0]["match"] is True
    assert {each["type"][0]["id"] for each in found} == {"skill", "occupation"}


def test_a_concept_outside_the_group_of_the_row_falls_back_and_is_no_match(small: TestClient) -> None:
    row = {"pid": "isco_group", "v": "7126"}
    free = candidates(small, query="welder", type="occupation")
    bound = candidates(small, query="welder", type="occupation", properties=[row])
    assert free[0]["match"] is True
    assert bound[0]["id"] == free[0]["id"]
    assert bound[0]["match"] is False
    assert bound[0]["score"] == pytest.approx(0.8 * free[0]["score"])
    fitting = candidates(
        small, query="plumber", type="occupation", properties=[{"pid": "isco_group", "v": 71}]
    )
    assert fitting[0]["match"] is True


def test_what_a_column_says_beside_is_passed_over_where_it_says_nothing(small: TestClient) -> None:
    plain = candidates(small, query="soudage MIG")
    noise = [
        {"pid": "lang", "v": ["", "no language", None]},
        {"pid": "isco_group", "v": "metal trades"},
        {"pid": "colour", "v": {"id": "red"}},
    ]
    assert candidates(small, query="soudage MIG", properties=noise) == plain
    declared = [{"pid": "lang", "v": {"id": "en", "name": "English"}}]
    assert candidates(small, query="soudage MIG", properties=declared)[0]["score"] < plain[0]["score"]


def test_the_uri_of_a_concept_is_that_concept(small: TestClient) -> None:
    (found,) = candidates(small, query=f" {OCCUPATION}welder ")
    assert (found["id"], found["score"], found["match"]) == (OCCUPATION + "welder", 100.0, True)
    assert not any(each["match"] for each in candidates(small, query=SKILL + "grinding", type="occupation"))


@pytest.mark.parametrize(
    ("queries", "status", "pointer"),
    [
        ([], 422, ""),
        ({"q": 1}, 422, "/q"),
        ({"q": {"query": 5}}, 422, "/q/query"),
        ({"q": {"query": "a", "limit": 0}}, 422, "/q/limit"),
        ({"q": {"query": "a", "type": "planet"}}, 422, "/q/type/0"),
        ({"q": {"query": "a", "type": "isco_group"}}, 422, "/q/type"),
        ({"q": {"query": "a", "tpye": "skill"}}, 422, "/q/tpye"),
        ({"q": {"query": "x" * (MAX_PHRASE_CHARS + 1)}}, 422, "/q/query"),
        ({"q": {"query": "a", "properties": [{"v": 1}]}}, 422, "/q/properties/0/pid"),
        ({"q": {"query": "a", "properties": [{"pid": "lang", "v": ""}] * 21}}, 422, "/q/properties"),
        ({str(n): {"query": "a"} for n in range(BATCH_SIZE + 1)}, 413, None),
    ],
)
def test_a_query_that_is_not_one_is_refused_at_its_place(
    small: TestClient, queries: Any, status: int, pointer: str | None
) -> None:
    response = post(small, queries)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    if pointer is not None:
        assert response.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"", None, 422),
        (b"queries=%7B", "application/x-www-form-urlencoded", 400),
        (b"queries=%7B%7D&queries=%7B%7D", "application/x-www-form-urlencoded", 422),
        (b"queries=%7B%7D&extend=%7B%7D", "application/x-www-form-urlencoded", 422),
        (b"queries=%FF", "application/x-www-form-urlencoded", 400),
        (b"queries=%00", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"f%d=1" % n for n in range(200)), "application/x-www-form-urlencoded", 400),
        (b'{"queries": {}}', "application/json", 415),
        (b"queries=" + b"1" * 1024 * 1024, "application/x-www-form-urlencoded", 413),
    ],
)
def test_a_body_that_is_not_such_a_form_is_refused(
    small: TestClient, body: bytes, media_type: str | None, status: int
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    response = small.post(BASE, content=body, headers=headers)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"


def test_fields_that_clients_add_are_passed_over(small: TestClient) -> None:
    response = small.post(BASE, data={"queries": "{}", "callback": ["a", "b"]})
    assert response.json() == {}


def test_forms_are_taken_nowhere_else(sqlite_api: Api) -> None:
    response = sqlite_api.call("employer", "POST", "/v1/vacancies", data={"title": "Welder"})
    assert response.status_code == 415


def test_suggestions_begin_with_what_was_typed_and_go_on_from_a_cursor(small: TestClient) -> None:
    first = small.get(f"{BASE}/suggest/entity", params={"prefix": "sou", "callback": "jQuery1"}).json()
    schemas.ENTITIES.validate(first)
    names = [each["name"] for each in first["result"]]
    assert names[:2] == ["souder au MIG", "souder à l'arc"]
    rest = small.get(f"{BASE}/suggest/entity", params={"prefix": "sou", "cursor": 1}).json()
    assert rest["result"] == first["result"][1:]
    only = small.get(f"{BASE}/suggest/entity", params={"prefix": "sou", "type": "occupation"}).json()
    assert [each["notable"][0]["id"] for each in only["result"]] == ["occupation"]
    by_id = small.get(f"{BASE}/suggest/entity", params={"prefix": SKILL + "plans"}).json()
    assert [each["id"] for each in by_id["result"]] == [SKILL + "plans"]
    assert small.get(f"{BASE}/suggest/entity", params={"prefix": ""}).json() == {"result": []}


def test_types_and_properties_are_suggested_by_id_or_name(small: TestClient) -> None:
    types = small.get(f"{BASE}/suggest/type", params={"prefix": "Occ"}).json()
    schemas.TYPES.validate(types)
    assert [each["id"] for each in types["result"]] == ["occupation"]
    properties = small.get(f"{BASE}/suggest/property", params={"prefix": "isco"}).json()
    schemas.PROPERTIES.validate(properties)
    assert [each["id"] for each in properties["result"]] == ["isco_group"]
    proposed = small.get(f"{BASE}/properties", params={"type": "skill", "limit": 2}).json()
    schemas.PROPOSALS.validate(proposed)
    assert [each["id"] for each in proposed["properties"]] == ["preferred_label", "alternative_labels"]


def test_rows_are_extended_in_the_language_asked_for_with_gaps_left_open(small: TestClient) -> None:
    ids = [OCCUPATION + "welder", SKILL + "mig-welding", SKILL + "safety", "nobody"]
    answer = extended(
        small,
        ids,
        {"id": "preferred_label", "settings": {"lang": "en"}},
        {"id": "alternative_labels"},
        {"id": "description"},
        {"id": "isco_group"},
        {"id": "broader"},
    )
    assert [each["id"] for each in answer["meta"]] == [
        "preferred_label",
        "alternative_labels",
        "description",
        "isco_group",
        "broader",
    ]
    welder, welding, safety, nobody = (answer["rows"][each] for each in ids)
    assert welder["preferred_label"] == [{"str": "welder"}]
    assert welder["alternative_labels"] == [{"str": "soudeur MIG"}]
    assert welder["isco_group"] == [{"str": "7212"}]
    assert welding["broader"] == [{"id": SKILL + "arc-welding", "name": "souder à l'arc"}]
    # The description is in English only, and French was asked for.
    assert safety["description"] == []
    in_english = extended(small, ids[2:3], {"id": "description", "settings": {"lang": "en"}})
    assert in_english["rows"][ids[2]]["description"] == [{"str": "Keep to the rules that prevent accidents."}]
    assert set(map(str, nobody.values())) == {"[]"}


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"ids": ["a"]}, 422),
        ({"ids": ["a"], "properties": [{"id": "salary"}]}, 422),
        ({"ids": ["a"], "properties": [{"id": "description", "settings": {"lang": "Klingon"}}]}, 422),
        ({"ids": ["a"] * (MAX_EXTENDED_IDS + 1), "properties": []}, 413),
    ],
)
def test_an_extension_that_is_not_one_is_refused(small: TestClient, wanted: Any, status: int) -> None:
    response = post(small, wanted, field="extend")
    assert response.status_code == status, response.text


def test_a_preview_is_a_page_for_frames_that_runs_nothing(small: TestClient) -> None:
    response = small.get(f"{BASE}/preview", params={"id": OCCUPATION + "welder"})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors *" in policy
    assert "x-frame-options" not in response.headers
    assert '<html lang="en">' in response.text
    assert '<h1 lang="fr" dir="ltr">soudeur/soudeuse</h1>' in response.text
    assert "ISCO-08 7212" in response.text
    assert "<script" not in response.text
    # Nothing else may be framed.
    assert small.get(BASE).headers["x-frame-options"] == "DENY"
    assert small.get(f"{BASE}/preview", params={"id": "nobody"}).status_code == 404


def test_texts_of_a_preview_are_escaped_and_have_their_direction() -> None:
    taxonomy = small_taxonomy()
    hostile = Label(SKILL + "plans", "ar", LabelKind.PREFERRED, "<script>alert('قراءة')</script>")
    labels = tuple(sorted((*taxonomy.labels, hostile)))
    changed = replace(taxonomy, labels=labels, languages=("ar", "en", "fr"))
    app = create_reconciliation_app(TaxonomyIndex(changed))
    with TestClient(app) as client:
        page = client.get("/reconcile/small-1/ar/preview", params={"id": SKILL + "plans"}).text
    assert "<script" not in page
    assert '<h1 lang="ar" dir="rtl">&lt;script&gt;' in page


@pytest.mark.parametrize(
    "path", ["/reconcile/other/fr", "/reconcile/small-1/klingon", "/reconcile?taxonomy=x"]
)
def test_another_release_or_language_is_not_found(small: TestClient, path: str) -> None:
    assert small.get(path).status_code == 404


def test_pages_of_other_origins_may_read_this_service_and_nothing_else(sqlite_api: Api) -> None:
    origin = {"Origin": "https://testbench.example"}
    wanted = {
        **origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = sqlite_api.call(None, "OPTIONS", "/reconcile", headers=wanted)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    assert sqlite_api.get("admin", "/reconcile", headers=origin).headers["access-control-allow-origin"] == "*"
    # A page has to be able to read why it was refused.
    assert sqlite_api.get(None, "/reconcile", headers=origin).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in sqlite_api.get("admin", "/v1/me", headers=origin).headers
    assert sqlite_api.call(None, "OPTIONS", "/v1/me", headers=wanted).status_code == 401


def test_a_key_of_any_role_is_needed_unless_the_service_is_opened(sqlite_api: Api) -> None:
    for path in (
        "/reconcile",
        "/reconcile/small-1/fr",
        "/reconcile/small-1/fr/suggest/type?prefix=s",
        "/reconcile/x",
    ):
        refused = sqlite_api.get(None, path)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
    for role in ("employer", "institution", "reviewer", "admin", "auditor"):
        manifest = sqlite_api.get(role, "/reconcile").json()
        schemas.MANIFEST.validate(manifest)
        assert manifest["authentication"] == {"type": "http", "scheme": "bearer"}
    answer = sqlite_api.call("employer", "POST", "/reconcile", data={"queries": '{"q": {"query": "welder"}}'})
    assert answer.json()["q"]["result"][0]["id"] == OCCUPATION + "welder"


@pytest.mark.parametrize(("access", "status"), [("open", 200), ("off", 404)])
def test_the_setting_opens_the_service_or_takes_it_away(sqlite_api: Api, access: str, status: int) -> None:
    settings = Settings(reconciliation=access)
    app = create_app(settings, engine=sqlite_api.engine, indexes=INDEXES, start_worker=False)
    with TestClient(app) as client:
        # Turned off, the address is one that nobody serves, to those with a key.
        headers = {"Authorization": f"Bearer {sqlite_api.keys['admin']}"} if access == "off" else {}
        assert client.get("/reconcile", headers=headers).status_code == status
        assert client.get("/v1/me").status_code == 401
        operations = client.get("/openapi.json").json()["paths"]
        assert ("/reconcile" in operations) is (access == "open")


PHRASES = [
    ("MIG welding", "en"),
    ("mig weldng", "en"),
    ("soudage TIG", "fr"),
    ("soudeur", "fr"),
    ("Schweißen", "de"),
    ("Bäcker/in", "de"),
    ("لحام", "ar"),
    ("خباز", "ar"),
    ("read electrical drawings", "en"),
    ("bake bread", "en"),
    ("Elektroinstallateur", "de"),
    ("plombier", "fr"),
    ("forklift", "en"),
    ("first aid", "en"),
    ("menuisier", "fr"),
    ("nurse", "en"),
    ("Pfleger", "de"),
    ("food hygiene", "en"),
    ("quantum chromodynamics", "en"),
    ("C++", ""),
]


def test_a_walk_as_openrefine_takes_it(starter_app: FastAPI) -> None:
    with serving(starter_app) as address, httpx2.Client() as client:
        manifest = client.get(f"{address}/reconcile/starter-1/en").json()
        schemas.MANIFEST.validate(manifest)

        suggest = manifest["suggest"]["type"]
        types = client.get(
            suggest["service_url"] + suggest["service_path"], params={"prefix": "skill"}
        ).json()
        schemas.TYPES.validate(types)
        kind = types["result"][0]["id"]

        found: dict[str, Any] = {}
        for start in range(0, len(PHRASES), 10):
            queries = {
                f"q{row}": {
                    "query": phrase,
                    "type": kind,
                    "type_strict": "should",
                    "limit": 3,
                    "properties": [{"pid": "lang", "v": lang}],
                }
                for row, (phrase, lang) in enumerate(PHRASES[start : start + 10], start)
            }
            response = client.post(f"{address}/reconcile/starter-1/en", data={"queries": json.dumps(queries)})
            schemas.RESULTS.validate(response.json())
            assert list(response.json()) == list(queries)
            found |= response.json()
        assert len(found) == len(PHRASES)
        best = found["q0"]["result"][0]
        assert best["match"] is True
        assert best["id"] == "urn:talentbridge:starter:skill:mig-mag-welding"
        assert not any(each["match"] for each in found["q18"]["result"])
        matched = [each["id"] for row in found.values() for each in row["result"] if each["match"]]
        assert len(matched) >= 3

        page = client.get(manifest["preview"]["url"].replace("{{id}}", quote(best["id"], safe="")))
        assert page.status_code == 200
        assert best["name"] in page.text

        propose = manifest["extend"]["propose_properties"]
        proposed = client.get(propose["service_url"] + propose["service_path"], params={"type": kind}).json()
        schemas.PROPOSALS.validate(proposed)
        wanted = {
            "ids": matched,
            "properties": [{"id": each["id"], "settings": {"lang": "ar"}} for each in proposed["properties"]],
        }
        response = client.post(f"{address}/reconcile/starter-1/en", data={"extend": json.dumps(wanted)})
        schemas.EXTENSION.validate(response.json())
        rows = response.json()["rows"]
        # Two phrases may mean one concept.
        assert list(rows) == list(dict.fromkeys(matched))
        assert all(row["preferred_label"] for row in rows.values())


@pytest.mark.parametrize(
    ("header", "available", "lang"),
    [
        ("", ["en", "fr"], "en"),
        ("fr;q=0", ["en", "fr"], "en"),
        ("de-AT, fr;q=0.9", ["de", "fr"], "de"),
        ("en;q=0.1, fr;q=0.2", ["en", "fr"], "fr"),
        ("\x00;;q=,", ["de"], "de"),
        ("fr", [], "en"),
    ],
)
def test_the_language_liked_best_of_those_there_are(header: str, available: list[str], lang: str) -> None:
    assert accepted_language(header, available) == lang


def test_direction_follows_the_script_of_the_language() -> None:
    assert [direction(lang) for lang in ("ar", "ur", "fr", "")] == ["rtl", "rtl", "ltr", "auto"]

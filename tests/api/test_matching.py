"""Match runs, rankings and explanations over HTTP."""

import json
from fractions import Fraction
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL

from app.db import make_engine
from app.main import create_app
from tests.api.conftest import INDEXES, SETTINGS, Api, Filled, MakeApi

WELDER: dict[str, Any] = {
    "external_id": "weld",
    "title": "Welder",
    "description": "Weld steel frames and grind welds. Follow safety rules.",
    "lang": "en",
    "occupation": "7212",
    "skills": ["MIG welding", {"skill": "read technical drawings", "importance": "optional", "level": 2}],
    "languages": [{"lang": "en", "cefr": "A2"}],
}
FITTER: dict[str, Any] = {
    "external_id": "fit",
    "title": "Tuyauteur",
    "description": "Poser des tuyaux et lire des plans.",
    "lang": "fr",
    "occupation": "urn:test:occupation:pipe-fitter",
}
THIN: dict[str, Any] = {"external_id": "thin", "title": "Helper"}
CANDIDATES: list[dict[str, Any]] = [
    {
        "id": "t-best",
        "text": "I weld steel frames.",
        "lang": "en",
        "occupations": ["welder"],
        "skills": [{"skill": "MIG welding", "evidence": "certified"}, "grind welds", "site safety"],
        "languages": ["en B1"],
    },
    {"id": "t-fr", "skills": ["tuyauterie", "lecture de plans"], "lang": "fr", "languages": ["fr C1"]},
    {"id": "t-tie-1", "skills": ["sourdough"]},
    {"id": "t-tie-2", "skills": ["sourdough"]},
    {"id": "t-none"},
]


def ranked(api: Api, **body: Any) -> dict[str, Any]:
    """Ask for a run, work it off, and give the run as it is then."""
    asked = api.post("reviewer", "/v1/match-runs", body)
    assert asked.status_code == 202, asked.text
    assert api.work() == 1
    run: dict[str, Any] = api.get("reviewer", asked.headers["location"]).json()
    assert run["state"] == "complete", run
    return run


def fill(api: Api) -> dict[str, str]:
    ids = {}
    for vacancy in (WELDER, FITTER, THIN):
        ids[vacancy["external_id"]] = api.published_vacancy(**vacancy)["id"]
    api.committed_cohort(CANDIDATES)
    return ids


def matches(api: Api, vacancy_id: str, query: str = "", key: str = "reviewer") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get(key, f"/v1/vacancies/{vacancy_id}/matches{query}").json()["items"]
    return items


def test_a_run_ranks_every_published_vacancy(api: Api) -> None:
    ids = fill(api)
    draft = api.made("employer", "/v1/vacancies", {"external_id": "draft", "title": "Welder"})
    asked = api.post("reviewer", "/v1/match-runs", {"k": 3})
    assert asked.json()["state"] == "requested"
    job = api.get("reviewer", f"/v1/jobs/{asked.json()['job_id']}").json()
    assert (job["status"], job["kind"], job["match_run_id"]) == ("queued", "match_run", asked.json()["id"])
    assert api.work() == 1
    run = api.get("reviewer", asked.headers["location"]).json()
    assert (run["state"], run["n_vacancies"], run["n_candidates"], run["n_matches"]) == ("complete", 3, 5, 9)
    assert run["taxonomy_name"] == "small-1"
    assert all(
        run[pin] for pin in ("engine_version", "taxonomy_checksum", "index_fingerprint", "input_digest")
    )
    done = api.get("reviewer", f"/v1/jobs/{asked.json()['job_id']}").json()
    assert (done["status"], done["progress_stage"]) == ("succeeded", "storing")
    best = matches(api, ids["weld"])
    assert [item["rank"] for item in best] == [1, 2, 3]
    assert best[0]["candidate"]["external_id"] == "t-best"
    assert matches(api, ids["fit"])[0]["candidate"]["external_id"] == "t-fr"
    assert matches(api, draft["id"]) == []


def test_contributions_and_parts_sum_to_the_score_exactly(api: Api) -> None:
    ids = fill(api)
    ranked(api)
    n_seen = 0
    for vacancy_id in ids.values():
        for match in matches(api, vacancy_id):
            explanation = api.get("reviewer", f"/v1/matches/{match['id']}/explanation").json()
            assert explanation["match"] == match
            shares = explanation["contributions"]
            score = Fraction(match["score"])
            assert sum(Fraction(share["value"]) for share in shares) == score
            assert sum(Fraction(part) for part in match["parts"].values()) == score
            # Floats too, whatever the order: every value is a dyadic fraction.
            assert sum(share["value"] for share in reversed(shares)) == match["score"]
            for name, part in match["parts"].items():
                of_part = [Fraction(share["value"]) for share in shares if share["part"] == name]
                assert sum(of_part) == Fraction(part)
            for share in shares:
                if share["part"] == "text":  # many words as one line, so its credit is a quotient
                    assert share["weight"] * share["credit"] == pytest.approx(share["value"], rel=1e-12)
                else:
                    assert Fraction(share["weight"]) * Fraction(share["credit"]) == Fraction(share["value"])
            n_seen += 1
    assert n_seen == 15


def ranking_bytes(api: Api) -> bytes:
    """Everything a run gave, named by callers' ids only."""
    ids = fill(api)
    run = ranked(api, k=4)
    out: list[Any] = [
        {name: run[name] for name in ("index_fingerprint", "input_digest", "taxonomy_checksum", "n_matches")}
    ]
    for external_id, vacancy_id in ids.items():
        page = api.get("reviewer", f"/v1/vacancies/{vacancy_id}/matches").json()
        out.append([external_id, page["flags"]])
        for match in page["items"]:
            explanation = api.get("reviewer", f"/v1/matches/{match['id']}/explanation").json()
            shown = {name: match[name] for name in ("rank", "score", "tied", "parts", "flags")}
            out.append([match["candidate"]["external_id"], shown, explanation["contributions"]])
    return json.dumps(out).encode()


def test_both_databases_give_the_same_bytes(
    make_api: MakeApi, filled_sqlite: Filled, filled_postgresql: Filled
) -> None:
    assert ranking_bytes(make_api(filled_sqlite)) == ranking_bytes(make_api(filled_postgresql))


def test_a_second_run_gives_the_same_result_and_the_first_stays(api: Api) -> None:
    ids = fill(api)
    first, second = ranked(api), ranked(api)
    assert first["input_digest"] == second["input_digest"]
    of_first = matches(api, ids["weld"], f"?run={first['id']}")
    of_second = matches(api, ids["weld"])
    assert {item["run_id"] for item in of_second} == {second["id"]}

    def values(items: list[dict[str, Any]]) -> list[Any]:
        return [(item["candidate"], item["rank"], item["score"], item["parts"]) for item in items]

    assert values(of_first) == values(of_second)


def test_equal_scores_are_ties_in_the_order_of_the_callers_ids(api: Api) -> None:
    ids = fill(api)
    ranked(api)
    tied = [item for item in matches(api, ids["weld"]) if item["tied"]]
    assert [item["candidate"]["external_id"] for item in tied] == ["t-none", "t-tie-1", "t-tie-2"]
    assert len({item["score"] for item in tied}) == 1


def test_one_id_in_two_cohorts_is_two_candidates(api: Api) -> None:
    vacancy = api.published_vacancy(**WELDER)
    api.committed_cohort([{"id": "same", "skills": ["MIG welding"]}], external_id="c-b")
    api.committed_cohort([{"id": "same", "skills": ["MIG welding"]}], external_id="c-a")
    ranked(api)
    found = matches(api, vacancy["id"])
    assert [item["candidate"]["external_id"] for item in found] == ["same", "same"]
    cohorts = [
        api.get("reviewer", f"/v1/candidates/{item['candidate']['id']}").json()["cohort_id"] for item in found
    ]
    names = [api.get("reviewer", f"/v1/cohorts/{cohort}").json()["external_id"] for cohort in cohorts]
    assert names == ["c-a", "c-b"]


def test_only_named_vacancies_are_ranked(api: Api) -> None:
    ids = fill(api)
    run = ranked(api, vacancy_ids=[ids["fit"]])
    assert (run["n_vacancies"], run["vacancy_ids"]) == (1, [ids["fit"]])
    not_ranked = api.get("reviewer", f"/v1/vacancies/{ids['weld']}/matches?run={run['id']}")
    assert not_ranked.status_code == 404
    assert matches(api, ids["weld"]) == []


def test_a_run_names_only_vacancies_that_are_published(api: Api) -> None:
    draft = api.made("employer", "/v1/vacancies", THIN)
    unknown = "018f0000-0000-7000-8000-000000000000"
    conflict = api.post("reviewer", "/v1/match-runs", {"vacancy_ids": [draft["id"]]})
    assert (conflict.status_code, conflict.json()["errors"][0]["pointer"]) == (409, "/vacancy_ids/0")
    missing = api.post("reviewer", "/v1/match-runs", {"vacancy_ids": [draft["id"], unknown]})
    assert (missing.status_code, missing.json()["errors"][0]["pointer"]) == (404, "/vacancy_ids/1")
    repeated = api.post("reviewer", "/v1/match-runs", {"vacancy_ids": [unknown, unknown]})
    assert (repeated.status_code, repeated.json()["errors"][0]["code"]) == (422, "repeated")


def test_a_changed_requirement_makes_a_ranking_stale(api: Api) -> None:
    ids = fill(api)
    ranked(api)
    path = f"/v1/vacancies/{ids['weld']}"
    assert api.get("reviewer", f"{path}/matches").json()["stale"] is False
    api.call("employer", "PATCH", path, json={"openings": 9}, headers={"If-Match": "*"})
    assert api.get("reviewer", f"{path}/matches").json()["stale"] is False
    api.call("employer", "PATCH", path, json={"skills": []}, headers={"If-Match": "*"})
    assert api.get("reviewer", f"{path}/matches").json()["stale"] is True


def test_a_run_can_be_cancelled_until_it_is_finished(api: Api) -> None:
    fill(api)
    asked = api.post("reviewer", "/v1/match-runs", {})
    cancelled = api.post("reviewer", f"{asked.headers['location']}:cancel")
    assert cancelled.json()["state"] == "cancelled"
    assert api.work() == 0
    assert api.get("reviewer", f"/v1/jobs/{asked.json()['job_id']}").json()["status"] == "cancelled"
    assert api.post("reviewer", f"{asked.headers['location']}:cancel").status_code == 409
    complete = ranked(api)
    assert api.post("reviewer", f"/v1/match-runs/{complete['id']}:cancel").status_code == 409


def test_a_cohort_that_is_withdrawn_is_not_ranked(api: Api) -> None:
    cohort = api.committed_cohort([{"id": "gone", "skills": ["MIG welding"]}], external_id="c-gone")
    fill(api)
    assert ranked(api)["n_candidates"] == 6
    api.made("institution", f"/v1/cohorts/{cohort['id']}:withdraw", None)
    assert ranked(api)["n_candidates"] == 5


def test_an_empty_partnership_has_an_empty_run(api: Api) -> None:
    run = ranked(api)
    assert (run["n_vacancies"], run["n_candidates"], run["n_matches"]) == (0, 0, 0)


def test_a_ranking_is_read_in_pages_of_one_run(api: Api) -> None:
    ids = fill(api)
    ranked(api)
    path: str | None = f"/v1/vacancies/{ids['weld']}/matches?limit=2"
    ranks: list[int] = []
    while path is not None:
        page = api.get("reviewer", path)
        ranks += [item["rank"] for item in page.json()["items"]]
        if len(ranks) == 2:
            ranked(api)
        path = {link["rel"]: link["url"] for link in page.links.values()}.get("next")
    assert ranks == [1, 2, 3, 4, 5]
    high = matches(api, ids["weld"], "?min_score=0.5")
    assert [item["candidate"]["external_id"] for item in high] == ["t-best"]


def test_an_auditor_sees_pseudonyms_only(api: Api) -> None:
    ids = fill(api)
    ranked(api)
    for match in matches(api, ids["weld"], key="auditor"):
        assert match["candidate"]["external_id"] is None
        assert match["candidate"]["pseudonym"].startswith("C-")
        explanation = api.get("auditor", f"/v1/matches/{match['id']}/explanation").json()
        assert explanation["match"]["candidate"]["external_id"] is None
    assert api.post("auditor", "/v1/match-runs", {}).status_code == 403


@pytest.mark.parametrize("key", ["employer", "institution"])
def test_organisations_do_not_see_rankings(sqlite_api: Api, key: str) -> None:
    ids = fill(sqlite_api)
    run = ranked(sqlite_api)
    match = matches(sqlite_api, ids["weld"])[0]
    for path in (
        "/v1/match-runs",
        f"/v1/match-runs/{run['id']}",
        f"/v1/vacancies/{ids['weld']}/matches",
        f"/v1/matches/{match['id']}",
        f"/v1/matches/{match['id']}/explanation",
    ):
        assert sqlite_api.get(key, path).status_code == 403, path
    assert sqlite_api.post(key, "/v1/match-runs", {}).status_code == 403
    assert sqlite_api.post(key, "/v1/matches:score", {}).status_code == 403


def test_scoring_at_once_equals_a_run(api: Api) -> None:
    ids = fill(api)
    ranked(api)
    candidates = [
        {
            "external_id": "t-best",
            "text": "I weld steel frames.",
            "lang": "en",
            "occupations": ["welder"],
            "skills": [{"skill": "MIG welding", "evidence": "certified"}, "grind welds", "site safety"],
            "languages": [{"lang": "en", "cefr": "B1"}],
        },
        {
            "external_id": "t-fr",
            "lang": "fr",
            "skills": ["tuyauterie", "lecture de plans"],
            "languages": [{"lang": "fr", "cefr": "C1"}],
        },
        *({"external_id": f"t-tie-{n}", "skills": ["sourdough"]} for n in (1, 2)),
        {"external_id": "t-none"},
    ]
    body = {"vacancy": WELDER, "candidates": candidates, "explain": True}
    answer = api.post("reviewer", "/v1/matches:score", body)
    assert answer.status_code == 200, answer.text
    stored = matches(api, ids["weld"])
    assert [(m["external_id"], m["rank"], m["score"], m["parts"]) for m in answer.json()["matches"]] == [
        (m["candidate"]["external_id"], m["rank"], m["score"], m["parts"]) for m in stored
    ]
    explained = api.get("reviewer", f"/v1/matches/{stored[0]['id']}/explanation").json()
    assert answer.json()["matches"][0]["contributions"] == explained["contributions"]
    plain = api.post("reviewer", "/v1/matches:score", {**body, "explain": False}).json()
    assert plain["matches"][0]["contributions"] is None


@pytest.mark.parametrize(
    ("candidates", "code"),
    [
        ([], "too-few"),
        ([{"external_id": "a"}, {"external_id": "a"}], "repeated"),
        ([{"external_id": f"t{n}"} for n in range(201)], "too-many"),
        ([{"external_id": "a", "identity": {}}], "unknown-field"),
    ],
)
def test_scoring_at_once_is_bounded(sqlite_api: Api, candidates: list[Any], code: str) -> None:
    response = sqlite_api.post("reviewer", "/v1/matches:score", {"vacancy": WELDER, "candidates": candidates})
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == code


def test_the_server_works_off_its_own_queue(api: Api) -> None:
    fill(api)
    app = create_app(SETTINGS, engine=api.engine, indexes=INDEXES, start_worker=True, now=api.clock)
    headers = {"Authorization": f"Bearer {api.keys['reviewer']}"}
    with TestClient(app) as client:
        asked = client.post("/v1/match-runs", json={}, headers=headers)
        for _ in range(10_000):
            run = client.get(asked.headers["location"], headers=headers).json()
            if run["state"] not in ("requested", "running"):
                break
        assert run["state"] == "complete"


def test_a_new_database_gets_the_starter_taxonomy(database_url: URL) -> None:
    engine = make_engine(database_url)
    with TestClient(create_app(SETTINGS, engine=engine, start_worker=False)) as client:
        assert client.get("/readyz").status_code == 200
    engine.dispose()


def test_a_database_without_its_schema_is_not_ready(empty_database_url: URL) -> None:
    engine = make_engine(empty_database_url)
    with TestClient(create_app(SETTINGS, engine=engine, start_worker=False)) as client:
        assert client.get("/healthz").status_code == 200
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["type"] == "/problems/not-ready"
        assert "db upgrade" in response.json()["detail"]
    engine.dispose()

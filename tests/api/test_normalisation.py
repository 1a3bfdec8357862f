"""Aliases and the normalisation queue over HTTP."""

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.unit.services.small_taxonomy import OCCUPATION, SKILL

WELDING = "ویلڈنگ کا کام"
ALIAS: dict[str, Any] = {
    "phrase": WELDING,
    "lang": "ur",
    "kind": "skill",
    "concept_uri": SKILL + "mig-welding",
    "note": "As the institutes say it.",
}


def fill(api: Api) -> dict[str, str]:
    """A vacancy that asks in Urdu, and candidates who offer the same in two languages."""
    vacancy = api.published_vacancy(title="Welder", lang="ur", skills=[WELDING])
    api.committed_cohort(
        [
            {"id": "t-en", "lang": "en", "skills": ["MIG welding"]},
            {"id": "t-ur", "lang": "ur", "skills": [WELDING], "occupations": ["ویلڈر"]},
            {"id": "t-no", "lang": "en", "skills": ["sourdough"]},
        ]
    )
    return {"vacancy": vacancy["id"]}


def run(api: Api) -> dict[str, Any]:
    asked = api.made("reviewer", "/v1/match-runs", {"k": 3})
    assert api.work() == 1
    done: dict[str, Any] = api.get("reviewer", f"/v1/match-runs/{asked['id']}").json()
    assert done["state"] == "complete"
    return done


def skills_parts(api: Api, vacancy_id: str) -> dict[str, float]:
    items = api.get("reviewer", f"/v1/vacancies/{vacancy_id}/matches").json()["items"]
    return {item["candidate"]["external_id"]: item["parts"]["skills"] for item in items}


def queue(api: Api, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get("reviewer", f"/v1/normalisation-queue{query}").json()["items"]
    return items


def test_from_the_queue_by_a_preview_to_another_ranking(api: Api) -> None:
    ids = fill(api)
    before = run(api)
    assert (before["alias_version"], before["shared_alias_version"]) == (0, 0)
    assert skills_parts(api, ids["vacancy"])["t-en"] == 0
    entry, title = queue(api, "?state=open")
    assert (entry["wording"], entry["lang"], entry["kind"]) == (WELDING, "ur", "skill")
    assert (entry["n_vacancies"], entry["n_candidates"], entry["reason"]) == (1, 1, "unlinked")
    assert (title["wording"], title["kind"]) == ("ویلڈر", "occupation")

    preview = api.post("reviewer", "/v1/aliases:preview", {**ALIAS, "n_examples": 1}).json()
    assert preview["vacancies"] == preview["candidates"] == {"n_records": 1, "n_links": 1}
    (example,) = preview["examples"]
    assert (example["side"], example["place"], example["before"]) == ("candidate", "field", None)
    assert example["after"]["concept_uri"] == SKILL + "mig-welding"
    assert (example["after"]["label"], example["after"]["method"]) == ("weld with MIG equipment", "alias")
    assert api.get("reviewer", "/v1/aliases").json()["items"] == []

    made = api.made("reviewer", "/v1/aliases", {**ALIAS, "approve": True})
    assert (made["state"], made["from_version"], made["shared"]) == ("approved", 1, False)
    assert made["approved_by_key_id"] == api.ids["reviewer key"]
    assert [item["state"] for item in queue(api, "?kind=skill")] == ["aliased"]

    after = run(api)
    assert (after["alias_version"], after["shared_alias_version"]) == (1, 0)
    assert after["input_digest"] == before["input_digest"]
    assert after["index_fingerprint"] != before["index_fingerprint"]
    parts = skills_parts(api, ids["vacancy"])
    assert parts["t-en"] > 0
    assert parts["t-no"] == 0
    assert [item["n_candidates"] for item in queue(api, "?state=aliased")] == [1]


def test_scoring_without_storing_uses_the_aliases(api: Api) -> None:
    body = {
        "vacancy": {"external_id": "v", "title": "—", "lang": "ur", "skills": [WELDING]},
        "candidates": [{"external_id": "c", "skills": ["MIG welding"]}],
    }
    assert api.post("reviewer", "/v1/matches:score", body).json()["matches"][0]["parts"]["skills"] == 0
    api.made("reviewer", "/v1/aliases", {**ALIAS, "approve": True})
    scored = api.post("reviewer", "/v1/matches:score", body).json()
    assert scored["matches"][0]["parts"]["skills"] > 0
    assert scored["requirements"][0]["link_method"] == "alias"


def test_propose_approve_supersede_withdraw(api: Api) -> None:
    made = api.post("reviewer", "/v1/aliases", ALIAS)
    assert made.status_code == 201
    path = made.headers["Location"]
    assert made.json()["state"] == "proposed"
    approved = api.post("reviewer", f"{path}:approve", headers={"If-Match": made.headers["ETag"]})
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    stale = api.post("reviewer", f"{path}:withdraw", headers={"If-Match": made.headers["ETag"]})
    assert stale.status_code == 412
    held = {"If-None-Match": approved.headers["ETag"]}
    assert api.get("auditor", path, headers=held).status_code == 304

    again = api.post("reviewer", "/v1/aliases", ALIAS)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/conflict")
    other = api.made("reviewer", "/v1/aliases", {**ALIAS, "concept_uri": None, "approve": True})
    assert api.get("reviewer", path).json()["state"] == "superseded"
    withdrawn = api.made("reviewer", f"/v1/aliases/{other['id']}:withdraw", None)
    assert (withdrawn["state"], withdrawn["until_version"]) == ("withdrawn", 3)
    wrong = api.post("reviewer", f"{path}:withdraw")
    assert (wrong.status_code, wrong.json()["type"]) == (409, "/problems/wrong-transition")


def test_a_repeated_request_makes_one_alias(api: Api) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first, second = (api.post("reviewer", "/v1/aliases", ALIAS, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert len(api.get("reviewer", "/v1/aliases").json()["items"]) == 1


def test_lists_are_filtered(api: Api) -> None:
    api.made("reviewer", "/v1/aliases", {**ALIAS, "approve": True})
    title = {"phrase": "ঝালাইকার", "lang": "bn", "kind": "occupation", "concept_uri": OCCUPATION + "welder"}
    api.made("reviewer", "/v1/aliases", title)

    def found(query: str) -> list[str]:
        return [item["lang"] for item in api.get("auditor", f"/v1/aliases?{query}").json()["items"]]

    assert found("") == ["ur", "bn"]
    assert found("lang=bn") == found("kind=occupation") == found("state=proposed") == ["bn"]
    assert found("shared=true") == []
    assert found("shared=false") == ["ur", "bn"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"phrase": "?!"}, "/phrase"),
        ({"phrase": "x" * 201}, "/phrase"),
        ({"lang": "zz"}, "/lang"),
        ({"kind": "text"}, "/kind"),
        ({"shared": "yes"}, "/shared"),
        ({"concept": "x"}, "/concept"),
    ],
)
def test_faults_are_named(sqlite_api: Api, change: dict[str, Any], pointer: str) -> None:
    for path in ("/v1/aliases", "/v1/aliases:preview"):
        refused = sqlite_api.post("reviewer", path, {**ALIAS, **change})
        assert refused.status_code == 422
        assert [issue["pointer"] for issue in refused.json()["errors"]] == [pointer]


def test_what_no_concept_means_must_be_said(sqlite_api: Api) -> None:
    body = {key: value for key, value in ALIAS.items() if key != "concept_uri"}
    assert sqlite_api.post("reviewer", "/v1/aliases", body).status_code == 422
    unknown = sqlite_api.post("reviewer", "/v1/aliases", {**ALIAS, "concept_uri": "urn:none"})
    assert unknown.status_code == 404
    assert "/v1/skills" in unknown.json()["detail"]


def test_who_may_do_what(sqlite_api: Api) -> None:
    api = sqlite_api
    for key in ("employer", "institution", "auditor"):
        assert api.post(key, "/v1/aliases", ALIAS).status_code == 403
        assert api.post(key, "/v1/aliases:preview", ALIAS).status_code == 403
        assert api.get(key, "/v1/normalisation-queue").status_code == 403
        assert api.post(key, "/v1/normalisation-queue:refresh").status_code == 403
    assert api.get("employer", "/v1/aliases").status_code == 403
    assert api.get("auditor", "/v1/aliases").status_code == 200
    assert api.post("reviewer", "/v1/aliases", {**ALIAS, "shared": True}).status_code == 403


def test_the_queue_is_refreshed_dismissed_and_reopened(api: Api) -> None:
    fill(api)
    asked = api.post("reviewer", "/v1/normalisation-queue:refresh")
    assert (asked.status_code, asked.json()["kind"]) == (202, "normalisation_queue")
    assert api.work() == 1
    assert api.get("reviewer", asked.headers["Location"]).json()["status"] == "succeeded"
    entry = queue(api, "?kind=skill&lang=ur")[0]
    path = f"/v1/normalisation-queue/{entry['id']}"
    read = api.get("reviewer", path)
    assert read.json() == entry
    dismissed = api.post("reviewer", f"{path}:dismiss", headers={"If-Match": read.headers["ETag"]})
    assert (dismissed.status_code, dismissed.json()["state"]) == (200, "dismissed")
    assert api.post("reviewer", f"{path}:dismiss").status_code == 409
    assert [item["wording"] for item in queue(api, "?state=open")] == ["ویلڈر"]
    assert api.made("reviewer", f"{path}:reopen", None)["state"] == "open"


def test_the_queue_comes_in_pages_most_frequent_first(api: Api) -> None:
    words = [f"مزدور نمبر {number}" for number in range(5)]
    candidates = [{"id": f"t{n}", "lang": "ur", "skills": words[: n + 1]} for n in range(5)]
    api.committed_cohort(candidates)
    api.made("reviewer", "/v1/normalisation-queue:refresh", None)
    api.work()
    seen: list[str] = []
    path: str | None = "/v1/normalisation-queue?limit=2"
    while path is not None:
        response = api.get("reviewer", path)
        seen += [item["wording"] for item in response.json()["items"]]
        path = {link["rel"]: link["url"] for link in response.links.values()}.get("next")
    assert seen == words

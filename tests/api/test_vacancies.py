"""Vacancies over HTTP: submit, read, change, publish, close."""

from typing import Any

import pytest

from tests.api.conftest import Api

VACANCY: dict[str, Any] = {
    "external_id": "opole-7",
    "title": "MAG welder",
    "description": "Weld steel frames to drawing.",
    "lang": "en",
    "country": "PL",
    "occupation": "7212",
    "skills": ["MIG welding", {"skill": "grind welds", "importance": "optional", "level": 2}],
    "languages": [{"lang": "en", "cefr": "A2"}],
    "openings": 4,
}
NO_LEVELS = dict.fromkeys(["listening", "reading", "spoken_interaction", "spoken_production", "writing"])
CONDITIONS: dict[str, Any] = {
    "starts_on": "2027-03-01",
    "region": "PL524",
    "eqf_level": 4,
    "licences": ["EN ISO 9606-1", {"name": "B", "need": "desired"}],
    "experience_months": 24,
    "roles": ["welder"],
    "seniorities": ["junior", "mid"],
    "shifts": ["day", "night"],
    "contract": "seasonal",
    "pay": {"amount": 1900, "currency": "EUR", "period": "month"},
    "needs": {"contract": "must", "education": "desired"},
}


def test_a_submitted_vacancy_reads_back_as_it_was_sent(api: Api) -> None:
    made = api.post("employer", "/v1/vacancies", VACANCY)
    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/vacancies/{made.json()['id']}"
    read = api.get("employer", made.headers["location"])
    assert read.status_code == 200
    assert read.headers["etag"] == made.headers["etag"]
    vacancy = read.json()
    assert vacancy == made.json()
    assert vacancy["skills"] == [
        {"skill": "MIG welding", "importance": "essential", "level": None},
        {"skill": "grind welds", "importance": "optional", "level": 2},
    ]
    assert {key: vacancy[key] for key in ("title", "country", "occupation", "openings")} == {
        key: VACANCY[key] for key in ("title", "country", "occupation", "openings")
    }
    assert vacancy["languages"] == [{"lang": "en", "cefr": "A2", **NO_LEVELS, "need": "must"}]
    assert (vacancy["status"], vacancy["version"], vacancy["requirements_version"]) == ("draft", 1, 1)
    assert vacancy["employer_id"] == api.ids["employer"]
    assert vacancy["created_at"] == "2026-03-01T09:00:00Z"


def test_the_same_external_id_twice_is_a_conflict(api: Api) -> None:
    api.made("employer", "/v1/vacancies", VACANCY)
    again = api.post("employer", "/v1/vacancies", VACANCY)
    assert again.status_code == 409
    assert again.json()["type"] == "/problems/conflict"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"titel": "x"}, "/titel", "unknown-field"),
        ({"title": "  "}, "/title", "blank"),
        ({"title": None}, "/title", "wrong-type"),
        ({"external_id": " x"}, "/external_id", "invalid-id"),
        ({"openings": "4"}, "/openings", "wrong-type"),
        ({"openings": 0}, "/openings", "too-small"),
        ({"openings": True}, "/openings", "wrong-type"),
        ({"country": "ZZ"}, "/country", "unknown-country"),
        ({"lang": "xx"}, "/lang", "unknown-language"),
        ({"skills": "weld"}, "/skills", "wrong-type"),
        ({"skills": ["weld", {"skill": "x", "importance": "vital"}]}, "/skills/1/importance", "not-a-choice"),
        ({"skills": [{"skill": "x", "a/b": 1}]}, "/skills/0/a~1b", "unknown-field"),
        ({"languages": [{"lang": "en", "cefr": "D1"}]}, "/languages/0/cefr", "not-a-choice"),
        ({"languages": [{"lang": "en", "writing": 2}]}, "/languages/0/writing", "not-a-choice"),
        ({"languages": [{"lang": "en", "need": "maybe"}]}, "/languages/0/need", "not-a-choice"),
        ({"starts_on": "01/03/2027"}, "/starts_on", "invalid-date"),
        ({"eqf_level": 9}, "/eqf_level", "too-large"),
        ({"eqf_level": "4"}, "/eqf_level", "wrong-type"),
        ({"experience_months": 1_201}, "/experience_months", "too-large"),
        (
            {"licences": [{"name": "B", "valid_until": "2030-01-01"}]},
            "/licences/0/valid_until",
            "unknown-field",
        ),
        ({"licences": ["B", " "]}, "/licences/1/name", "blank"),
        ({"roles": "welder"}, "/roles", "wrong-type"),
        ({"seniorities": ["boss"]}, "/seniorities/0", "not-a-choice"),
        ({"shifts": ["jour"]}, "/shifts/0", "not-a-choice"),
        ({"contract": "CDI"}, "/contract", "not-a-choice"),
        ({"pay": "1900 EUR/month"}, "/pay", "wrong-type"),
        ({"pay": {"amount": 1900, "period": "month"}}, "/pay/currency", "missing"),
        ({"pay": {"amount": 1, "currency": "ECU", "period": "hour"}}, "/pay/currency", "unknown-currency"),
        ({"pay": {"amount": 0, "currency": "EUR", "period": "hour"}}, "/pay/amount", "too-small"),
        ({"needs": {"consent": "desired"}}, "/needs/consent", "unknown-field"),
        ({"needs": {"age": "desired"}}, "/needs/age", "unknown-field"),
        ({"needs": {"contract": True}}, "/needs/contract", "not-a-choice"),
    ],
)
def test_a_fault_is_reported_at_its_pointer(
    sqlite_api: Api, change: dict[str, Any], pointer: str, code: str
) -> None:
    response = sqlite_api.post("employer", "/v1/vacancies", {**VACANCY, **change})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    [error] = response.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


def test_every_fault_is_reported_at_once(sqlite_api: Api) -> None:
    response = sqlite_api.post("employer", "/v1/vacancies", {"openings": 0, "extra": 1})
    assert {error["pointer"] for error in response.json()["errors"]} == {
        "/external_id",
        "/title",
        "/openings",
        "/extra",
    }


def test_a_change_needs_the_version_it_changes(api: Api) -> None:
    made = api.post("employer", "/v1/vacancies", VACANCY)
    path, etag = made.headers["location"], made.headers["etag"]
    without = api.call("employer", "PATCH", path, json={"openings": 5})
    assert without.status_code == 428
    changed = api.call("employer", "PATCH", path, json={"openings": 5}, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag
    late = api.call("employer", "PATCH", path, json={"openings": 6}, headers={"If-Match": etag})
    assert late.status_code == 412
    assert api.get("employer", path).json()["openings"] == 5


@pytest.mark.parametrize("if_match", ['"other-1"', 'W/"{tag}"', "garbage", '"{tag}x"'])
def test_a_tag_that_is_not_this_version_changes_nothing(sqlite_api: Api, if_match: str) -> None:
    made = sqlite_api.post("employer", "/v1/vacancies", VACANCY)
    tag = made.headers["etag"].strip('"')
    response = sqlite_api.call(
        "employer",
        "PUT",
        made.headers["location"],
        json=VACANCY,
        headers={"If-Match": if_match.format(tag=tag)},
    )
    assert response.status_code == 412


def test_any_version_may_be_changed_with_a_star(sqlite_api: Api) -> None:
    made = sqlite_api.post("employer", "/v1/vacancies", VACANCY)
    path = made.headers["location"]
    listed = f'"other", {made.headers["etag"]}'
    for if_match, openings in (("*", 7), ("*", 8)):
        response = sqlite_api.call(
            "employer", "PATCH", path, json={"openings": openings}, headers={"If-Match": if_match}
        )
        assert response.json()["openings"] == openings
    stale = sqlite_api.call("employer", "PATCH", path, json={"openings": 9}, headers={"If-Match": listed})
    assert stale.status_code == 412


def test_a_merge_patch_changes_what_it_names_and_null_gives_the_default(api: Api) -> None:
    made = api.post("employer", "/v1/vacancies", VACANCY)
    patch = {"country": None, "skills": ["read plans"], "openings": None}
    response = api.call(
        "employer",
        "PATCH",
        made.headers["location"],
        json=patch,
        headers={"If-Match": made.headers["etag"], "Content-Type": "application/merge-patch+json"},
    )
    changed = response.json()
    assert (changed["country"], changed["openings"], changed["title"]) == (None, 1, "MAG welder")
    assert [item["skill"] for item in changed["skills"]] == ["read plans"]
    assert changed["languages"] == made.json()["languages"]
    assert changed["requirements_version"] == 2


def test_conditions_read_back_as_they_were_sent(api: Api) -> None:
    asked = {"lang": "de", "cefr": "B1", "listening": "B2", "need": "desired"}
    made = api.made("employer", "/v1/vacancies", {**VACANCY, **CONDITIONS, "languages": [asked]})
    read = api.get("employer", f"/v1/vacancies/{made['id']}").json()
    assert read == made
    given = {
        **CONDITIONS,
        "licences": [{"name": "EN ISO 9606-1", "need": "must"}, {"name": "B", "need": "desired"}],
    }
    assert {key: read[key] for key in given} == given
    assert read["languages"] == [{**NO_LEVELS, **asked}]
    silent = api.made("employer", "/v1/vacancies", {**VACANCY, "external_id": "other"})
    assert {key: silent[key] for key in CONDITIONS} == {
        **dict.fromkeys(CONDITIONS),
        "region": "",
        "needs": {},
        **{key: [] for key in ("licences", "roles", "seniorities", "shifts")},
    }


def patched(api: Api, vacancy: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/vacancies/{vacancy['id']}"
    response = api.call("employer", "PATCH", path, json=patch, headers={"If-Match": "*"})
    assert response.status_code == 200, response.text
    changed: dict[str, Any] = response.json()
    return changed


@pytest.mark.parametrize(
    ("name", "value", "default"),
    [
        ("starts_on", "2027-04-01", None),
        ("region", "PL21", ""),
        ("eqf_level", 5, None),
        ("licences", [{"name": "C", "need": "must"}], []),
        ("experience_months", 0, None),
        ("roles", ["fitter", "welder"], []),
        ("seniorities", ["lead"], []),
        ("shifts", ["weekend"], []),
        ("contract", "permanent", None),
        ("pay", {"amount": 15, "currency": "EUR", "period": "hour"}, None),
        ("needs", {"contract": "must", "education": "must"}, {}),
    ],
)
def test_each_condition_can_be_patched_and_taken_back(
    sqlite_api: Api, name: str, value: Any, default: Any
) -> None:
    vacancy = sqlite_api.made("employer", "/v1/vacancies", {**VACANCY, **CONDITIONS})
    changed = patched(sqlite_api, vacancy, {name: value})
    assert changed[name] == value
    assert changed["requirements_version"] == 2
    assert {key: changed[key] for key in CONDITIONS if key != name} == {
        key: vacancy[key] for key in CONDITIONS if key != name
    }
    assert patched(sqlite_api, vacancy, {name: None})[name] == default


def test_a_merge_patch_merges_objects_field_by_field(sqlite_api: Api) -> None:
    vacancy = sqlite_api.made("employer", "/v1/vacancies", {**VACANCY, **CONDITIONS})
    changed = patched(
        sqlite_api, vacancy, {"pay": {"amount": 2000}, "needs": {"education": None, "pay": "must"}}
    )
    assert changed["pay"] == {"amount": 2000, "currency": "EUR", "period": "month"}
    assert changed["needs"] == {"contract": "must", "pay": "must"}


def test_half_a_rate_of_pay_is_refused_in_a_patch(sqlite_api: Api) -> None:
    vacancy = sqlite_api.made("employer", "/v1/vacancies", VACANCY)
    path = f"/v1/vacancies/{vacancy['id']}"
    response = sqlite_api.call(
        "employer", "PATCH", path, json={"pay": {"amount": 2000, "period": None}}, headers={"If-Match": "*"}
    )
    assert response.status_code == 422
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [
        ("/pay/currency", "missing"),
        ("/pay/period", "missing"),
    ]


def test_a_title_cannot_be_patched_away(sqlite_api: Api) -> None:
    made = sqlite_api.post("employer", "/v1/vacancies", VACANCY)
    response = sqlite_api.call(
        "employer", "PATCH", made.headers["location"], json={"title": None}, headers={"If-Match": "*"}
    )
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/title"


def test_replacing_with_the_same_changes_no_version(sqlite_api: Api) -> None:
    made = sqlite_api.post("employer", "/v1/vacancies", VACANCY)
    response = sqlite_api.call(
        "employer",
        "PUT",
        made.headers["location"],
        json=VACANCY,
        headers={"If-Match": made.headers["etag"]},
    )
    assert response.headers["etag"] == made.headers["etag"]


def test_the_external_id_is_for_good(sqlite_api: Api) -> None:
    made = sqlite_api.post("employer", "/v1/vacancies", VACANCY)
    response = sqlite_api.call(
        "employer",
        "PUT",
        made.headers["location"],
        json={**VACANCY, "external_id": "other"},
        headers={"If-Match": "*"},
    )
    assert response.status_code == 409


def test_a_held_version_is_not_sent_again(sqlite_api: Api) -> None:
    made = sqlite_api.post("employer", "/v1/vacancies", VACANCY)
    path, etag = made.headers["location"], made.headers["etag"]
    for held in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        response = sqlite_api.get("employer", path, headers={"If-None-Match": held})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag
    assert sqlite_api.get("employer", path, headers={"If-None-Match": '"x"'}).status_code == 200


def test_steps_follow_the_state_machine_and_name_what_is_allowed(api: Api) -> None:
    vacancy = api.made("employer", "/v1/vacancies", VACANCY)
    path = f"/v1/vacancies/{vacancy['id']}"
    refused = api.post("employer", f"{path}:pause")
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/wrong-transition"
    assert "published" in refused.json()["detail"]
    for step, status in (
        ("publish", "published"),
        ("pause", "paused"),
        ("publish", "published"),
        ("close", "closed"),
    ):
        assert api.post("employer", f"{path}:{step}").json()["status"] == status
    assert api.post("employer", f"{path}:publish").status_code == 409


def test_a_step_may_name_the_version_it_means(sqlite_api: Api) -> None:
    made = sqlite_api.post("employer", "/v1/vacancies", VACANCY)
    path = made.headers["location"]
    published = sqlite_api.post("employer", f"{path}:publish", headers={"If-Match": made.headers["etag"]})
    assert published.status_code == 200
    late = sqlite_api.post("employer", f"{path}:pause", headers={"If-Match": made.headers["etag"]})
    assert late.status_code == 412


def test_deleting_closes_and_keeps_the_record(api: Api) -> None:
    vacancy = api.published_vacancy()
    path = f"/v1/vacancies/{vacancy['id']}"
    deleted = api.call("employer", "DELETE", path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert api.get("employer", path).json()["status"] == "closed"


def test_an_admin_may_close_but_not_change(sqlite_api: Api) -> None:
    vacancy = sqlite_api.published_vacancy()
    path = f"/v1/vacancies/{vacancy['id']}"
    patch = sqlite_api.call("admin", "PATCH", path, json={"openings": 2}, headers={"If-Match": "*"})
    assert patch.status_code == 403
    assert sqlite_api.post("admin", f"{path}:close").status_code == 200


def test_an_institution_reads_published_vacancies_only(api: Api) -> None:
    published = api.published_vacancy()
    draft = api.made("employer", "/v1/vacancies", {**VACANCY, "external_id": "draft"})
    assert api.get("institution", f"/v1/vacancies/{published['id']}").status_code == 200
    assert api.get("institution", f"/v1/vacancies/{draft['id']}").status_code == 404
    listed = api.get("institution", "/v1/vacancies").json()["items"]
    assert [item["id"] for item in listed] == [published["id"]]


def test_a_role_that_may_not_write_learns_nothing_of_the_format(sqlite_api: Api) -> None:
    response = sqlite_api.post("reviewer", "/v1/vacancies", {"nonsense": 1})
    assert response.status_code == 403
    assert "errors" not in response.json()

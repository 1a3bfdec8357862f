"""The other direction for a whole cohort: where its people would fill the openings."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Api

WELDING: dict[str, Any] = {"external_id": "weld", "title": "—", "skills": ["MIG welding"]}
BAKING: dict[str, Any] = {"external_id": "bake", "title": "—", "skills": ["sourdough"], "openings": 2}


def cohort_ranking(api: Api, cohort_id: str, key: str = "reviewer", **query: Any) -> dict[str, Any]:
    response = api.get(key, f"/v1/cohorts/{cohort_id}/ranking", params=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def names(people: list[dict[str, Any]]) -> list[str]:
    return [each["candidate"]["external_id"] for each in people]


def test_a_vacancy_is_as_good_as_the_people_for_its_openings(api: Api) -> None:
    vacancies = {each["external_id"]: api.published_vacancy(**each)["id"] for each in (WELDING, BAKING)}
    cohort = api.committed_cohort(
        [
            {"id": "baker", "skills": [{"skill": "sourdough", "evidence": "proven_at_work"}]},
            {"id": "welder", "skills": [{"skill": "MIG welding", "evidence": "proven_at_work"}]},
            {"id": "other", "skills": ["archery"]},
        ]
    )
    body = cohort_ranking(api, cohort["id"])
    assert (body["n_vacancies"], body["n_candidates"]) == (2, 3)
    weld, bake = body["vacancies"]
    assert [each["vacancy_id"] for each in (weld, bake)] == [vacancies["weld"], vacancies["bake"]]
    assert names(weld["matches"]) == ["welder"]
    assert names(bake["matches"])[0] == "baker"
    # One opening is filled by the one who can; of two, the second goes to somebody who cannot.
    assert weld["fit"] == weld["matches"][0]["score"]
    assert bake["fit"] == sum(each["score"] for each in bake["matches"]) / 2 < weld["fit"]


def test_scores_are_those_of_the_vacancys_own_ranking(api: Api) -> None:
    vacancy = api.published_vacancy(**BAKING)["id"]
    people = [{"id": f"c{at}", "skills": ["sourdough"], "text": f"bread {at}"} for at in range(3)]
    cohort = api.committed_cohort(people)
    own = api.get("reviewer", f"/v1/vacancies/{vacancy}/ranking").json()["matches"]
    (listed,) = cohort_ranking(api, cohort["id"])["vacancies"]
    assert names(listed["matches"]) == names(own[:2])
    assert [each["score"] for each in listed["matches"]] == [each["score"] for each in own[:2]]


def test_who_fails_a_must_takes_no_seat(api: Api) -> None:
    api.published_vacancy(**BAKING, country="DE", languages=[{"lang": "de", "cefr": "B2"}])
    people = [
        {"id": "able", "skills": ["sourdough"], "languages": ["de A1"]},
        {"id": "fits", "skills": ["archery"], "languages": ["de C1"]},
    ]
    cohort = api.committed_cohort(people)
    for lang, course in (("fr", "Un cours de langue (allemand)"), ("ar", "دورة لتعلم الألمانية")):
        (listed,) = cohort_ranking(api, cohort["id"], lang=lang)["vacancies"]
        assert names(listed["matches"]) == ["fits"]
        assert names(listed["apart"]) == ["able"]
        (failed,) = [each for each in listed["apart"][0]["eligibility"]["results"] if each["verdict"] == "no"]
        assert failed["fix"].startswith(course)


def test_who_may_not_run_rankings_and_who_is_elsewhere(api: Api) -> None:
    cohort = api.committed_cohort([{"id": "a", "skills": ["sourdough"]}])
    path = f"/v1/cohorts/{cohort['id']}/ranking"
    assert api.get("employer", path).status_code == 403
    api.add_partnership("other ")
    assert api.get("other reviewer", path).status_code == 404


def test_a_cohort_of_nobody_is_a_conflict(api: Api) -> None:
    cohort = api.made("institution", "/v1/cohorts", {"external_id": "empty"})
    assert api.get("reviewer", f"/v1/cohorts/{cohort['id']}/ranking").status_code == 409

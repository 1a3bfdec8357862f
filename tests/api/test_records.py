"""Skills needs, programmes, cohorts, candidates, organisations and jobs over HTTP."""

from typing import Any
from uuid import UUID

import pytest

from app.db import session_scope
from app.domain.conditions import Circumstances
from app.services.api_keys import authenticate
from app.services.bulk import BulkMode
from app.services.candidates import add_candidates, get_candidate
from app.services.conversion import candidate_record
from tests.api.conftest import Api
from tests.factories import NOW, make_candidate_record

NEED: dict[str, Any] = {
    "external_id": "forecast-1",
    "occupation": "7212",
    "headcount": 40,
    "skills": ["weld metal parts"],
    "country": "PL",
    "region": "PL524",
    "needed_from": "2027-01-01",
    "needed_until": "2027-12-31",
}
PROGRAMME: dict[str, Any] = {
    "external_id": "soudage",
    "title": "Soudage",
    "lang": "fr",
    "isced_f": "0715",
    "eqf_level": 4,
    "skills": [{"skill": "souder", "evidence": "assessed", "level": 3}],
}
COHORT: dict[str, Any] = {"external_id": "promo-a", "title": "Promotion A", "finishes_on": "2026-06-30"}
CANDIDATE: dict[str, Any] = {
    "external_id": "T-014",
    "text": "Two years in a workshop.",
    "lang": "fr",
    "occupations": ["7212"],
    "skills": ["MIG welding", {"skill": "grinding", "evidence": "certified", "level": 4}],
    "languages": [
        {
            "lang": "fr",
            "cefr": "B2",
            "listening": "C1",
            "reading": None,
            "spoken_interaction": None,
            "spoken_production": None,
            "writing": "B1",
        }
    ],
    "education": ["Technician"],
    "experience": [
        {
            "occupation": "welder",
            "text": "Frames",
            "months": 24,
            "started": "2024-03-01",
            "ended": "2026-02-28",
        }
    ],
    "eqf_level": 4,
    "licences": [{"name": "B", "valid_until": "2030-01-31"}, {"name": "forklift", "valid_until": None}],
    "licences_complete": True,
    "languages_complete": True,
    "recognised_in": ["PL"],
    "available_from": "2027-01-15",
    "countries": ["PL", "DE"],
    "roles": ["welder"],
    "seniority": "junior",
    "shifts": ["day"],
    "contracts": ["permanent", "seasonal"],
    "pay": {"amount": 1500, "currency": "EUR", "period": "month"},
}
IDENTITY = {
    "given_name": "Salma",
    "family_name": "Inventée",
    "email": "salma@invented.example",
    "phone": "+212 600 000 000",
    "birth_date": "2001-02-03",
    "sex": "f",
    "nationality": "MA",
}


@pytest.mark.parametrize(
    ("key", "path", "body", "step", "final"),
    [
        ("employer", "/v1/skills-needs", NEED, "close", "closed"),
        ("institution", "/v1/programmes", PROGRAMME, "withdraw", "withdrawn"),
    ],
)
def test_a_submission_is_read_replaced_and_ended(
    api: Api, key: str, path: str, body: dict[str, Any], step: str, final: str
) -> None:
    made = api.post(key, path, body)
    assert made.status_code == 201
    one = made.headers["location"]
    read = api.get(key, one)
    assert read.json() == made.json()
    sent = {name: value for name, value in body.items() if name != "skills"}
    assert {name: read.json()[name] for name in sent} == sent
    assert api.get(key, one, headers={"If-None-Match": read.headers["etag"]}).status_code == 304
    assert api.call(key, "PUT", one, json=body).status_code == 428
    replaced = api.call(
        key, "PUT", one, json={**body, "skills": []}, headers={"If-Match": read.headers["etag"]}
    )
    assert replaced.json()["skills"] == []
    late = api.call(key, "PUT", one, json=body, headers={"If-Match": read.headers["etag"]})
    assert late.status_code == 412
    assert [item["id"] for item in api.get("reviewer", path).json()["items"]] == [made.json()["id"]]
    ended = api.post(key, f"{one}:{step}")
    assert ended.json()["status"] == final
    assert api.post(key, f"{one}:{step}").status_code == 409
    assert api.call(key, "PUT", one, json=body, headers={"If-Match": "*"}).status_code == 409


def test_a_period_runs_forwards(sqlite_api: Api) -> None:
    response = sqlite_api.post("employer", "/v1/skills-needs", {**NEED, "needed_until": "2026-01-01"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "period-backwards"


@pytest.mark.parametrize("day", ["2027-02-30", "01/02/2027", "2027-01-01T00:00:00Z", 20270101, "1798761600"])
def test_a_day_has_one_form(sqlite_api: Api, day: Any) -> None:
    response = sqlite_api.post("employer", "/v1/skills-needs", {**NEED, "needed_from": day})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/needed_from"


def test_a_cohort_is_filled_committed_and_withdrawn(api: Api) -> None:
    api.made("institution", "/v1/programmes", PROGRAMME)
    made = api.post("institution", "/v1/cohorts", {**COHORT, "programme": "soudage"})
    path = made.headers["location"]
    assert made.json()["programme_id"] is not None
    assert made.json()["status"] == "received"
    candidate = api.made("institution", f"{path}/candidates", CANDIDATE)
    assert candidate["cohort_id"] == made.json()["id"]
    assert api.post("institution", f"{path}/candidates", CANDIDATE).status_code == 409
    assert api.post("institution", f"{path}:commit").json()["status"] == "committed"
    assert api.get("auditor", f"{path}/issues").json() == {"items": []}
    changed = api.call("institution", "PUT", path, json={**COHORT, "title": "B"}, headers={"If-Match": "*"})
    assert (changed.json()["title"], changed.json()["programme_id"]) == ("B", None)
    assert api.post("institution", f"{path}:withdraw").json()["status"] == "withdrawn"
    assert api.post("institution", f"{path}/candidates", {**CANDIDATE, "external_id": "x"}).status_code == 409


def test_an_unknown_programme_is_named(sqlite_api: Api) -> None:
    response = sqlite_api.post("institution", "/v1/cohorts", {**COHORT, "programme": "other"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/programme"


def test_a_candidate_reads_back_without_identity(api: Api) -> None:
    cohort = api.made("institution", "/v1/cohorts", COHORT)
    path = f"/v1/cohorts/{cohort['id']}/candidates"
    made = api.post("institution", path, {**CANDIDATE, "identity": IDENTITY})
    assert made.status_code == 201
    one = made.headers["location"]
    sent = {name: value for name, value in CANDIDATE.items() if name != "skills"}
    read = api.get("institution", one).json()
    assert {name: read[name] for name in sent} == sent
    assert read["pseudonym"].startswith("C-")
    bodies = [
        made.text,
        *(api.get("institution", each).text for each in (one, path)),
        api.get("admin", "/v1/audit-events").text,
        api.post("institution", path, {**CANDIDATE, "identity": IDENTITY}).text,
    ]
    for body in bodies:
        assert not any(value in body for value in IDENTITY.values() if len(value) > 2), body


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"consent": True}, "/consent", "unknown-field"),
        ({"eqf_level": 0}, "/eqf_level", "too-small"),
        ({"licences": [{"name": "B", "need": "must"}]}, "/licences/0/need", "unknown-field"),
        ({"licences": [{"name": "B", "valid_until": "2030"}]}, "/licences/0/valid_until", "invalid-date"),
        ({"licences_complete": "yes"}, "/licences_complete", "wrong-type"),
        ({"recognised_in": ["ZZ"]}, "/recognised_in/0", "unknown-country"),
        ({"countries": "PL"}, "/countries", "wrong-type"),
        ({"available_from": "2027-02-30"}, "/available_from", "invalid-date"),
        ({"seniority": "boss"}, "/seniority", "not-a-choice"),
        ({"contracts": ["CDI"]}, "/contracts/0", "not-a-choice"),
        ({"languages": [{"lang": "fr", "need": "must"}]}, "/languages/0/need", "unknown-field"),
        ({"experience": [{"started": "2024-03"}]}, "/experience/0/started", "invalid-date"),
        (
            {"experience": [{"started": "2024-03-01", "ended": "2024-02-29"}]},
            "/experience/0/ended",
            "period-backwards",
        ),
    ],
)
def test_a_fault_of_a_profile_is_reported_at_its_pointer(
    sqlite_api: Api, change: dict[str, Any], pointer: str, code: str
) -> None:
    cohort = sqlite_api.made("institution", "/v1/cohorts", COHORT)
    path = f"/v1/cohorts/{cohort['id']}/candidates"
    response = sqlite_api.post("institution", path, {**CANDIDATE, **change})
    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


def test_replacing_a_profile_keeps_what_was_said_on_consent(api: Api) -> None:
    cohort = api.made("institution", "/v1/cohorts", COHORT)
    with session_scope(api.factory) as session:
        institution = authenticate(session, api.keys["institution"], now=NOW)
        record = make_candidate_record(id="T-014", circumstances=Circumstances(consent=False))
        add_candidates(session, institution, UUID(cohort["id"]), [record], mode=BulkMode.ATOMIC, now=NOW)
    [made] = api.get("institution", f"/v1/cohorts/{cohort['id']}/candidates").json()["items"]
    assert "consent" not in made
    path = f"/v1/candidates/{made['id']}"
    replaced = api.call("institution", "PUT", path, json=CANDIDATE, headers={"If-Match": "*"})
    assert replaced.json()["eqf_level"] == 4
    with session_scope(api.factory, write=False) as session:
        stored = candidate_record(get_candidate(session, institution, UUID(made["id"])))
    assert stored.circumstances.consent is False


def test_identity_is_checked_and_not_repeated(sqlite_api: Api) -> None:
    cohort = sqlite_api.made("institution", "/v1/cohorts", COHORT)
    path = f"/v1/cohorts/{cohort['id']}/candidates"
    bad = {"email": "salma at invented", "birth_date": "3.2.2001", "shoe_size": "38-Salma"}
    response = sqlite_api.post("institution", path, {**CANDIDATE, "identity": bad})
    assert {error["pointer"] for error in response.json()["errors"]} == {
        "/identity/email",
        "/identity/birth_date",
        "/identity/shoe_size",
    }
    assert "alma" not in response.text


def test_a_profile_is_replaced_and_withdrawn(api: Api) -> None:
    cohort = api.made("institution", "/v1/cohorts", COHORT)
    made = api.post("institution", f"/v1/cohorts/{cohort['id']}/candidates", CANDIDATE)
    one = made.headers["location"]
    changed = api.call(
        "institution",
        "PUT",
        one,
        json={"external_id": "T-014", "skills": ["grinding"]},
        headers={"If-Match": made.headers["etag"]},
    )
    assert changed.json()["occupations"] == []
    assert [item["skill"] for item in changed.json()["skills"]] == ["grinding"]
    assert api.post("reviewer", f"{one}:withdraw").json()["status"] == "withdrawn"
    late = api.call("institution", "PUT", one, json=CANDIDATE, headers={"If-Match": "*"})
    assert late.status_code == 409


def test_an_auditor_reads_no_profiles(sqlite_api: Api) -> None:
    cohort = sqlite_api.committed_cohort([{"id": "t-1"}])
    assert sqlite_api.get("auditor", f"/v1/cohorts/{cohort['id']}/candidates").status_code == 403
    assert sqlite_api.get("auditor", f"/v1/cohorts/{cohort['id']}").status_code == 200


def test_an_admin_adds_organisations(api: Api) -> None:
    body = {"external_id": "stal", "kind": "employer", "name": "Stal", "country": "PL"}
    made = api.post("admin", "/v1/organisations", body)
    assert made.status_code == 201
    one = made.headers["location"]
    assert api.post("admin", "/v1/organisations", body).status_code == 409
    changed = api.call(
        "admin", "PUT", one, json={"name": "Stal 2"}, headers={"If-Match": made.headers["etag"]}
    )
    assert (changed.json()["name"], changed.json()["country"]) == ("Stal 2", None)
    assert api.post("reviewer", "/v1/organisations", body).status_code == 403
    assert len(api.get("reviewer", "/v1/organisations?kind=employer").json()["items"]) == 2


def test_an_organisation_sees_itself_only(sqlite_api: Api) -> None:
    me = sqlite_api.get("employer", "/v1/me").json()
    own = me["organisation"]
    assert (me["role"], me["key_id"]) == ("employer", sqlite_api.ids["employer key"])
    assert own["id"] == sqlite_api.ids["employer"]
    assert [o["id"] for o in sqlite_api.get("employer", "/v1/organisations").json()["items"]] == [own["id"]]
    other = sqlite_api.get("employer", f"/v1/organisations/{sqlite_api.ids['institution']}")
    assert other.status_code == 404
    assert sqlite_api.get("reviewer", "/v1/me").json()["organisation"] is None


def test_changes_are_in_the_audit_log(api: Api) -> None:
    vacancy = api.published_vacancy()
    events = api.get("auditor", f"/v1/audit-events?subject_id={vacancy['id']}").json()["items"]
    assert [event["operation"] for event in events] == ["vacancy.published", "vacancy.created"]
    assert {event["actor_key_id"] for event in events} == {api.ids["employer key"]}
    assert api.get("auditor", "/v1/audit-events?operation=vacancy.created").json()["items"][0] == events[1]
    assert api.get("auditor", "/v1/audit-events?since=2026-03-02T00:00:00Z").json()["items"] == []
    assert api.get("reviewer", "/v1/audit-events").status_code == 403


def test_concepts_are_found_while_typing(api: Api) -> None:
    found = api.get("employer", "/v1/skills?q=weld&limit=2").json()["items"]
    assert [item["label"] for item in found] == ["weld with MIG equipment", "grind welds"]
    french = api.get("institution", "/v1/occupations?q=soud&lang=fr").json()["items"]
    assert french[0]["label"] == "soudeur/soudeuse"
    english = api.get("institution", "/v1/occupations?q=soud&lang=en").json()["items"]
    assert (english[0]["label"], english[0]["matched_label"]) == ("welder", "soudeur/soudeuse")
    [release] = api.get("employer", "/v1/taxonomies").json()["items"]
    assert (release["name"], release["n_skills"], release["n_occupations"]) == ("small-1", 7, 2)
    assert api.get("employer", "/v1/skills?q=weld&taxonomy=other").status_code == 404
    assert api.get("employer", "/v1/skills").status_code == 422

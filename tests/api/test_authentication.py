"""Keys: who is let in, and what those learn who are not."""

import pytest

from tests.api.conftest import Api


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer tp_test_0000000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Bearer x y z",
        "Token {key}",
    ],
)
def test_without_a_valid_key_the_answer_is_401(sqlite_api: Api, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.format(key=sqlite_api.keys["admin"])}
    for path in ("/v1/vacancies", "/v1/there-is-no-such-thing", "/v1"):
        response = sqlite_api.get(None, path, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert response.json()["type"] == "/problems/not-authenticated"


def test_two_authorization_headers_are_refused(sqlite_api: Api) -> None:
    headers = [("Authorization", f"Bearer {sqlite_api.keys['admin']}"), ("Authorization", "Bearer x")]
    assert sqlite_api.client.get("/v1/vacancies", headers=headers).status_code == 401


def test_the_scheme_may_be_written_in_any_case(sqlite_api: Api) -> None:
    headers = {"Authorization": f"bearer {sqlite_api.keys['admin']}"}
    assert sqlite_api.get(None, "/v1/vacancies", headers=headers).status_code == 200


def test_a_revoked_key_is_refused_at_once(api: Api) -> None:
    issued = api.made("employer", "/v1/api-keys", {"label": "second"})
    api.keys["second"] = issued["secret"]
    assert api.get("second", "/v1/vacancies").status_code == 200
    revoked = api.post("employer", f"/v1/api-keys/{issued['key']['id']}:revoke")
    assert revoked.json()["revoked_at"] is not None
    assert api.get("second", "/v1/vacancies").status_code == 401


def test_a_key_stops_working_when_it_expires(sqlite_api: Api) -> None:
    issued = sqlite_api.made(
        "employer", "/v1/api-keys", {"label": "short", "expires_at": "2026-03-01T10:00:00Z"}
    )
    sqlite_api.keys["short"] = issued["secret"]
    assert sqlite_api.get("short", "/v1/vacancies").status_code == 200
    sqlite_api.clock.advance(hours=1)
    assert sqlite_api.get("short", "/v1/vacancies").status_code == 401


def test_the_secret_is_shown_once(api: Api) -> None:
    headers = {"Idempotency-Key": "issue-1"}
    first = api.post("admin", "/v1/api-keys", {"label": "x"}, headers=headers)
    secret = first.json()["secret"]
    assert secret.startswith("tp_test_")
    again = api.post("admin", "/v1/api-keys", {"label": "x"}, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == {**first.json(), "secret": None}
    for path in (first.headers["location"], "/v1/api-keys", "/v1/audit-events"):
        assert secret.rpartition("_")[2] not in api.get("admin", path).text


def test_using_a_key_to_change_something_is_noted_on_it(sqlite_api: Api) -> None:
    path = f"/v1/api-keys/{sqlite_api.ids['employer key']}"
    assert sqlite_api.get("employer", path).json()["last_used_at"] is None
    sqlite_api.made("employer", "/v1/vacancies", {"external_id": "v", "title": "Welder"})
    assert sqlite_api.get("employer", path).json()["last_used_at"] == "2026-03-01T09:00:00Z"


def test_an_organisation_issues_keys_for_itself_only(api: Api) -> None:
    mine = api.made("employer", "/v1/api-keys", {"label": "mine"})
    assert mine["key"]["organisation_id"] == api.ids["employer"]
    assert mine["key"]["role"] == "employer"
    for body in (
        {"label": "x", "role": "admin"},
        {"label": "x", "role": "institution", "organisation_id": api.ids["institution"]},
    ):
        assert api.post("employer", "/v1/api-keys", body).status_code == 403


def test_an_admin_issues_keys_for_any_role(api: Api) -> None:
    staff = api.made("admin", "/v1/api-keys", {"label": "x", "role": "reviewer"})
    assert staff["key"]["organisation_id"] is None
    body = {"label": "x", "role": "employer", "organisation_id": api.ids["employer"]}
    assert api.made("admin", "/v1/api-keys", body)["key"]["organisation_id"] == api.ids["employer"]
    mismatch = api.post("admin", "/v1/api-keys", {**body, "organisation_id": api.ids["institution"]})
    assert mismatch.status_code == 409


@pytest.mark.parametrize(
    "body",
    [{"label": "x", "role": "employer"}, {"label": "x", "role": "admin", "organisation_id": "{employer}"}],
)
def test_a_role_goes_with_its_organisation(sqlite_api: Api, body: dict[str, str]) -> None:
    body = {key: value.format(**sqlite_api.ids) for key, value in body.items()}
    assert sqlite_api.post("admin", "/v1/api-keys", body).status_code == 422


def test_what_needs_no_key(sqlite_api: Api) -> None:
    for path in ("/healthz", "/readyz", "/openapi.json", "/problems/not-found"):
        assert sqlite_api.get(None, path).status_code == 200

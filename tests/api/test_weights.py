"""Weight profiles over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from app.db import session_scope
from app.domain.actor import Role
from app.matching.weights import DEFAULT_WEIGHTS
from app.services.api_keys import authenticate, issue_api_key
from app.services.weight_profiles import label_of
from tests.api.conftest import Api
from tests.factories import NOW

BODY: dict[str, Any] = {"name": "own", "values": {"title": 3}, "reason": "to try"}
PATH = "/v1/weight-profiles"


@pytest.fixture
def two_admins(api: Api) -> Api:
    """A second administrator's key, under the name ``second``."""
    with session_scope(api.factory) as session:
        admin = authenticate(session, api.keys["admin"], now=NOW)
        api.keys["second"] = issue_api_key(session, admin, role=Role.ADMIN, label="", now=NOW).secret
    return api


def test_one_proposes_and_another_approves(two_admins: Api) -> None:
    api = two_admins
    made = api.post("admin", PATH, BODY)
    assert (made.status_code, made.json()["state"]) == (201, "proposed")
    row = made.json()
    assert made.headers["Location"] == f"{PATH}/{row['id']}"
    assert (row["name"], row["number"], row["weights"]["title"], row["evidence"]) == ("own", 1, 3.0, {})

    own = api.post("admin", f"{PATH}/{row['id']}:approve")
    assert own.status_code == 409
    assert "second person" in own.json()["detail"]
    stale = api.post("second", f"{PATH}/{row['id']}:approve", headers={"If-Match": '"old-1"'})
    assert stale.status_code == 412
    approved = api.made("second", f"{PATH}/{row['id']}:approve", None)
    assert (approved["state"], approved["proposed_by_key_id"]) == ("approved", api.ids["admin key"])
    assert approved["approved_by_key_id"] not in (None, api.ids["admin key"])
    assert api.made("reviewer", "/v1/match-runs", {})["weight_profile_name"] == "own-1"

    withdrawn = api.made("admin", f"{PATH}/{row['id']}:withdraw", None)
    assert withdrawn["state"] == "withdrawn"
    assert api.made("reviewer", "/v1/match-runs", {})["weight_profile_name"] == label_of(DEFAULT_WEIGHTS)
    again = api.post("second", f"{PATH}/{row['id']}:approve")
    assert again.json()["type"] == "/problems/wrong-transition"
    listed = api.get("auditor", f"{PATH}?state=withdrawn").json()["items"]
    assert [each["id"] for each in listed] == [row["id"]]


def test_scoring_without_storing_uses_the_weights_in_force(two_admins: Api) -> None:
    api = two_admins
    body = {
        "vacancy": {"external_id": "v", "title": "Welder", "skills": ["weld with MIG equipment"]},
        "candidates": [{"external_id": "c", "skills": ["weld with MIG equipment"]}],
    }
    before = api.made("reviewer", "/v1/matches:score", body)
    evidence = dict.fromkeys(DEFAULT_WEIGHTS.evidence, 1.0)
    row = api.made("admin", PATH, {**BODY, "values": {"evidence": evidence}})
    api.made("second", f"{PATH}/{row['id']}:approve", None)
    after = api.made("reviewer", "/v1/matches:score", body)
    assert before["weight_profile_name"] == label_of(DEFAULT_WEIGHTS)
    assert after["weight_profile_name"] == "own-1"
    assert after["matches"][0]["score"] > before["matches"][0]["score"]


def test_a_bad_value_is_told_with_its_bound_and_place(sqlite_api: Api) -> None:
    values = {"parts": {"text": 1.5}, "relation": {"same": True}, "isco": [0.1, 0.2], "smell": 1}
    refused = sqlite_api.post("admin", PATH, {**BODY, "values": values})
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
        ("/values/parts/text", "out-of-bounds"),
        ("/values/relation/same", "wrong-type"),
        ("/values/isco", "wrong-type"),
        ("/values/smell", "unknown-field"),
    ]
    assert refused.json()["errors"][0]["detail"] == "parts must lie between 0 and 1."
    disordered = sqlite_api.post("admin", PATH, {**BODY, "values": {"isco": [0.4, 0.3, 0.2, 0.1]}})
    assert disordered.json()["errors"][0]["pointer"] == "/values"
    for field in ({"name": "Bad Name"}, {"reason": " "}, {"reason": ""}):
        assert sqlite_api.post("admin", PATH, {**BODY, **field}).status_code == 422


def test_weights_are_for_administrators(sqlite_api: Api) -> None:
    row = sqlite_api.made("admin", PATH, BODY)
    for key in ("reviewer", "auditor", "employer", "institution"):
        assert sqlite_api.post(key, PATH, BODY).status_code == 403
        assert sqlite_api.post(key, f"{PATH}/{row['id']}:approve").status_code == 403
        assert sqlite_api.post(key, f"{PATH}/{row['id']}:withdraw").status_code == 403
    assert sqlite_api.get("auditor", f"{PATH}/{row['id']}").json() == row
    for key in ("reviewer", "employer", "institution"):
        assert sqlite_api.get(key, PATH).status_code == 403

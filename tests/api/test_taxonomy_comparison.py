"""What changes between two stored releases, over HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.db import session_scope
from app.domain.enums import LabelKind
from app.domain.taxonomy import Label
from app.services.taxonomy import import_release
from tests.api.conftest import Api, read_result
from tests.factories import NOW
from tests.unit.services.changed_taxonomy import GONE, NEW, changed_taxonomy
from tests.unit.services.small_taxonomy import SKILL, small_taxonomy

PATH = "/v1/taxonomies/small-1/comparison/small-2"


@pytest.fixture
def upgraded(api: Api) -> Api:
    with session_scope(api.factory) as session:
        import_release(session, read_result(changed_taxonomy()), now=NOW)
    return api


def test_staff_see_what_changes_between_two_releases(upgraded: Api) -> None:
    bodies = [upgraded.get(role, PATH) for role in ("reviewer", "admin", "auditor")]
    assert {response.status_code for response in bodies} == {200}
    body = bodies[0].json()
    assert [response.json() for response in bodies] == [body] * 3
    assert (body["before"]["name"], body["after"]["name"]) == ("small-1", "small-2")
    assert [each["uri"] for each in body["added"]] == [NEW]
    assert [each["uri"] for each in body["gone"]] == [GONE]
    assert body["counts"]["relations_removed"] == 3
    assert body["occupations"][0]["essential_added"][0]["label"] == "cut with a laser"
    assert body["languages_added"] == ["ar"]


def test_lists_are_cut_and_counts_are_not(upgraded: Api) -> None:
    back = upgraded.get("admin", "/v1/taxonomies/small-2/comparison/small-1?limit=1").json()
    assert back["limit"] == 1
    assert len(back["relations_added"]) == 1
    assert back["counts"]["relations_added"] == 3
    assert upgraded.get("admin", f"{PATH}?limit=0").status_code == 422


@pytest.mark.parametrize("role", ["employer", "institution"])
def test_organisations_have_no_part_in_it(upgraded: Api, role: str) -> None:
    assert upgraded.get(role, PATH).status_code == 403


def test_a_release_that_was_not_imported_is_not_found(upgraded: Api) -> None:
    assert upgraded.get("admin", "/v1/taxonomies/small-1/comparison/other").status_code == 404
    assert upgraded.get("admin", "/v1/taxonomies/other/comparison/small-1").status_code == 404


def test_a_comparison_is_made_anew_when_a_release_has_gained_a_language(upgraded: Api) -> None:
    assert upgraded.get("admin", PATH).json()["languages_added"] == ["ar"]
    taxonomy = small_taxonomy()
    arabic = Label(SKILL + "plans", "ar", LabelKind.PREFERRED, "قراءة المخططات")
    grown = replace(taxonomy, languages=("ar", "en", "fr"), labels=tuple(sorted((*taxonomy.labels, arabic))))
    with session_scope(upgraded.factory) as session:
        import_release(session, read_result(grown), now=NOW)
    assert upgraded.get("admin", PATH).json()["languages_added"] == []

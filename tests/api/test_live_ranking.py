"""Rankings as of now, over HTTP: the pool follows the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.api.runtime import Runtime
from app.db import session_scope
from app.domain.records import CandidateRecord
from app.main import create_app
from app.models import CandidateProfile, Partnership, PreparedCandidate
from app.services.live_pools import LivePool, LivePools
from app.services.preparation import PreparedCandidate as PreparedProfile
from app.services.preparation import prepare_candidates
from app.services.taxonomy_index import TaxonomyIndex
from tests.api.conftest import INDEXES, SETTINGS, Api
from tests.api.test_matching import CANDIDATES, WELDER, fill, ranked


def ranking(api: Api, vacancy_id: str, key: str = "reviewer", **query: Any) -> dict[str, Any]:
    response = api.get(key, f"/v1/vacancies/{vacancy_id}/ranking", params=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def names(body: dict[str, Any]) -> list[str]:
    return [match["candidate"]["external_id"] for match in body["matches"]]


def test_a_live_ranking_is_what_a_run_stores(api: Api) -> None:
    vacancy = fill(api)["weld"]
    run = ranked(api)
    stored = api.get("reviewer", f"/v1/vacancies/{vacancy}/matches").json()["items"]
    live = ranking(api, vacancy, k=10)
    assert live["n_candidates"] == run["n_candidates"] == len(CANDIDATES)
    for field in ("rank", "score", "tied", "parts", "flags"):
        assert [match[field] for match in live["matches"]] == [match[field] for match in stored], field
    assert [match["candidate"] for match in live["matches"]] == [match["candidate"] for match in stored]
    for match, kept in zip(live["matches"], stored, strict=True):
        shares = api.get("reviewer", f"/v1/matches/{kept['id']}/explanation").json()["contributions"]
        assert match["contributions"] == shares
        assert sum(share["value"] for share in shares) == match["score"]


def test_every_change_shows_in_the_next_ranking(api: Api) -> None:
    vacancy = api.published_vacancy(**WELDER)["id"]
    assert ranking(api, vacancy)["matches"] == []
    first = api.committed_cohort([{"id": "a", "skills": ["sourdough"]}])
    empty = ranking(api, vacancy)
    assert names(empty) == ["a"]

    api.committed_cohort([{"id": "b", "skills": ["MIG welding"]}], external_id="c-2")
    assert names(ranking(api, vacancy)) == ["b", "a"]

    candidate = ranking(api, vacancy)["matches"][1]["candidate"]["id"]
    path = f"/v1/candidates/{candidate}"
    etag = api.get("institution", path).headers["etag"]
    changed = {"external_id": "a", "skills": [{"skill": "MIG welding", "evidence": "proven_at_work"}]}
    response = api.call("institution", "PUT", path, json=changed, headers={"If-Match": etag})
    assert response.status_code == 200, response.text
    assert names(ranking(api, vacancy)) == ["a", "b"]

    response = api.post("institution", f"{path}:withdraw")
    assert response.status_code == 200, response.text
    assert names(ranking(api, vacancy)) == ["b"]

    assert first["status"] == "committed"
    late = api.made("institution", f"/v1/cohorts/{first['id']}/candidates:batch", [{"id": "c"}])
    assert late["n_failed"] == 0
    after = ranking(api, vacancy)
    assert names(after) == ["b", "c"]
    assert after["fingerprint"] != empty["fingerprint"]


def test_a_withdrawn_cohort_is_ranked_no_more(api: Api) -> None:
    vacancy = fill(api)["weld"]
    assert len(ranking(api, vacancy)["matches"]) == len(CANDIDATES)
    cohort = api.get("institution", "/v1/cohorts").json()["items"][0]["id"]
    response = api.post("institution", f"/v1/cohorts/{cohort}:withdraw")
    assert response.status_code == 200, response.text
    assert ranking(api, vacancy)["matches"] == []


def refuse(*_: Any) -> None:
    raise AssertionError("nothing has changed, so nothing is done again")


def restart(api: Api, folder: Path | None = None) -> None:
    """Answer with what a new process would have."""
    app = create_app(SETTINGS, engine=api.engine, indexes=INDEXES, start_worker=False, now=api.clock)
    runtime: Runtime = app.state.runtime
    pools = LivePools(runtime.transaction, INDEXES, folder)
    api.app.state.runtime = replace(runtime, pools=pools)


def test_a_new_process_ranks_alike_from_what_was_kept(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    vacancy = fill(api)["weld"]
    before = ranking(api, vacancy)
    with api.factory() as session:
        assert len(session.scalars(select(PreparedCandidate)).all()) == len(CANDIDATES)
    monkeypatch.setattr("app.services.linked_profiles.prepare_candidates", refuse)
    restart(api)
    assert ranking(api, vacancy) == before


@pytest.mark.parametrize("damage", ["none", "torn", "set back"])
def test_a_kept_pool_is_opened_unless_it_is_damaged_or_of_another_past(
    api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: str
) -> None:
    monkeypatch.setattr("app.services.live_pools._WORTH_KEEPING", 1)
    restart(api, tmp_path)
    vacancy = fill(api)["weld"]
    before = ranking(api, vacancy)
    (kept,) = tmp_path.glob("pool-*.bin")
    if damage == "torn":
        kept.write_bytes(kept.read_bytes()[:-100])
    elif damage == "set back":
        with session_scope(api.factory) as session:
            session.execute(update(Partnership).values(pool_change=0))
            session.execute(update(CandidateProfile).values(pool_change=0))
    else:
        monkeypatch.setattr(LivePool, "apply", refuse)
    restart(api, tmp_path)
    assert ranking(api, vacancy) == before


@pytest.mark.parametrize("key", ["employer", "institution", "auditor"])
def test_who_may_not_run_rankings_gets_none(api: Api, key: str) -> None:
    vacancy = fill(api)["weld"]
    assert api.get(key, f"/v1/vacancies/{vacancy}/ranking").status_code == 403


def test_another_partnerships_vacancy_is_absent(api: Api) -> None:
    vacancy = fill(api)["weld"]
    api.add_partnership("other ")
    assert api.get("other reviewer", f"/v1/vacancies/{vacancy}/ranking").status_code == 404


@pytest.mark.parametrize("query", [{"k": 0}, {"k": 201}, {"k": "many"}, {"explain": "perhaps"}])
def test_bad_queries_are_named(api: Api, query: dict[str, Any]) -> None:
    vacancy = api.published_vacancy(**WELDER)["id"]
    response = api.get("reviewer", f"/v1/vacancies/{vacancy}/ranking", params=query)
    assert response.status_code == 422
    assert next(iter(query)) in response.text


def test_explanations_can_be_left_out(api: Api) -> None:
    vacancy = fill(api)["weld"]
    brief = ranking(api, vacancy, explain=False)
    assert all(match["contributions"] is None for match in brief["matches"])
    whole = ranking(api, vacancy)
    assert [match["score"] for match in brief["matches"]] == [match["score"] for match in whole["matches"]]


def test_a_run_links_only_who_changed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    vacancy = fill(api)["weld"]
    ranked(api)
    first = api.get("reviewer", f"/v1/vacancies/{vacancy}/matches").json()["items"]
    api.committed_cohort([{"id": "late", "skills": ["MIG welding"]}], external_id="c-2")
    linked: list[str] = []

    def spy(index: TaxonomyIndex, records: Sequence[CandidateRecord]) -> list[PreparedProfile]:
        linked.extend(record.id for record in records)
        return prepare_candidates(index, records)

    monkeypatch.setattr("app.services.linked_profiles.prepare_candidates", spy)
    ranked(api)
    assert linked == ["late"]
    again = api.get("reviewer", f"/v1/vacancies/{vacancy}/matches").json()["items"]
    scores = {match["candidate"]["external_id"]: match["score"] for match in again}
    assert {match["candidate"]["external_id"]: match["score"] for match in first}.items() <= scores.items()


def test_vacancies_for_a_candidate_have_the_scores_of_their_own_rankings(api: Api) -> None:
    vacancies = fill(api)
    by_vacancy = {each: ranking(api, each)["matches"] for each in vacancies.values()}
    for match in by_vacancy[vacancies["weld"]]:
        candidate = match["candidate"]["id"]
        response = api.get("reviewer", f"/v1/candidates/{candidate}/ranking", params={"k": 10})
        assert response.status_code == 200, response.text
        suited = response.json()
        assert suited["n_vacancies"] == len(suited["vacancies"]) == len(vacancies)
        scores = [each["score"] for each in suited["vacancies"]]
        assert scores == sorted(scores, reverse=True)
        for each in suited["vacancies"]:
            own = next(m for m in by_vacancy[each["vacancy_id"]] if m["candidate"]["id"] == candidate)
            for field in ("score", "parts", "contributions"):
                assert each[field] == own[field], field


def test_a_vacancy_that_is_no_longer_published_is_offered_no_more(api: Api) -> None:
    vacancies = fill(api)
    candidate = ranking(api, vacancies["weld"])["matches"][0]["candidate"]["id"]
    path = f"/v1/candidates/{candidate}/ranking"
    assert len(api.get("reviewer", path).json()["vacancies"]) == len(vacancies)
    assert api.post("employer", f"/v1/vacancies/{vacancies['weld']}:close").status_code == 200
    left = {each["vacancy_id"] for each in api.get("reviewer", path).json()["vacancies"]}
    assert left == set(vacancies.values()) - {vacancies["weld"]}


def test_a_candidate_who_is_not_ranked_is_offered_nothing(api: Api) -> None:
    vacancy = fill(api)["weld"]
    candidate = ranking(api, vacancy)["matches"][0]["candidate"]["id"]
    assert api.post("institution", f"/v1/candidates/{candidate}:withdraw").status_code == 200
    response = api.get("reviewer", f"/v1/candidates/{candidate}/ranking")
    assert response.status_code == 409
    assert "not ranked" in response.json()["detail"]
    for key in ("employer", "institution", "auditor"):
        assert api.get(key, f"/v1/candidates/{candidate}/ranking").status_code == 403
    api.add_partnership("other ")
    assert api.get("other reviewer", f"/v1/candidates/{candidate}/ranking").status_code == 404


def test_words_of_who_was_withdrawn_leave_the_kept_pool(
    api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("app.services.live_pools._WORTH_KEEPING", 1)
    restart(api, tmp_path)
    vacancy = api.published_vacancy(**WELDER)["id"]
    people = [
        {"id": "stays", "text": "I weld with zeal.", "lang": "en", "skills": ["unheard craft"]},
        {"id": "goes", "text": "I weld with xylophones.", "lang": "en", "skills": ["obscure knack"]},
    ]
    api.committed_cohort(people)
    before = ranking(api, vacancy)
    (kept,) = tmp_path.glob("pool-*.bin")
    assert b"xylophones" in kept.read_bytes()
    monkeypatch.setattr("app.services.live_pools._WORTH_KEEPING", 1_000)
    leaver = next(each for each in before["matches"] if each["candidate"]["external_id"] == "goes")
    assert api.post("institution", f"/v1/candidates/{leaver['candidate']['id']}:withdraw").status_code == 200
    after = ranking(api, vacancy)
    assert names(after) == ["stays"]
    for words in (b"xylophones", b"obscure knack", b"goes"):
        assert words not in kept.read_bytes()
    restart(api, tmp_path)
    assert ranking(api, vacancy) == after

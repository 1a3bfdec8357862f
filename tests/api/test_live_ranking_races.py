"""Rankings as of now while others write: other threads, other processes, other versions of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from app.api.runtime import Runtime
from app.db import session_scope
from app.domain.actor import Actor
from app.models import PreparedCandidate
from app.repositories.candidate_pool import CandidatePoolRepository
from app.services import live_ranking
from app.services import ranking as ranking_service
from app.services.live_pools import LivePool, LivePools
from app.services.pairs import ChangedMeanwhile
from tests.api.conftest import INDEXES, Api
from tests.api.test_live_ranking import names, ranking
from tests.api.test_matching import fill


def runtime_of(api: Api) -> Runtime:
    runtime: Runtime = api.app.state.runtime
    return runtime


def change(api: Api, external_id: str, **fields: Any) -> None:
    cohort = api.get("institution", "/v1/cohorts").json()["items"][0]["id"]
    people = api.get("institution", f"/v1/cohorts/{cohort}/candidates").json()["items"]
    (path,) = [f"/v1/candidates/{each['id']}" for each in people if each["external_id"] == external_id]
    etag = api.get("institution", path).headers["etag"]
    body = {"external_id": external_id, **fields}
    response = api.call("institution", "PUT", path, json=body, headers={"If-Match": etag})
    assert response.status_code == 200, response.text


class Overtaken(LivePools):
    """Pools whose first reader is overtaken, before it ranks, by a change that another process links."""

    def __init__(self, runtime: Runtime, overtake: Callable[[], None]) -> None:
        super().__init__(runtime.transaction, INDEXES)
        self._transaction_of_all = runtime.transaction
        self._overtake: Callable[[], None] | None = overtake

    def get(self, actor: Actor) -> LivePool:
        live = super().get(actor)
        overtake, self._overtake = self._overtake, None
        if overtake:
            overtake()
            LivePools(self._transaction_of_all, INDEXES).get(actor)
        return live


def test_a_way_of_claiming_that_came_while_ranking_is_ranked_the_next_time(api: Api) -> None:
    vacancy = fill(api)["weld"]
    new_grade = [{"skill": "MIG welding", "evidence": "proven_at_work", "level": 3}]
    pools = Overtaken(runtime_of(api), lambda: change(api, "t-best", skills=new_grade))
    api.app.state.runtime = replace(runtime_of(api), pools=pools)
    assert names(ranking(api, vacancy))[0] == "t-best"


@pytest.mark.parametrize(
    "stored", [{"basis": "0" * 64}, {"candidate_version": 0, "content": "{}"}], ids=["engine", "version"]
)
def test_what_another_process_kept_last_does_not_stop_a_ranking(api: Api, stored: dict[str, Any]) -> None:
    vacancy = fill(api)["weld"]
    before = ranking(api, vacancy)
    with session_scope(api.factory) as session:
        session.execute(update(PreparedCandidate).values(**stored))
    assert ranking(api, vacancy) == before


def test_a_reader_that_was_overtaken_keeps_the_pool(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    vacancy = fill(api)["weld"]
    ranking(api, vacancy)
    pools = runtime_of(api).pools
    (live,) = pools._pools.values()
    change_number = CandidatePoolRepository.change_number
    overtaken = False

    def read_then_be_overtaken(repository: CandidatePoolRepository) -> int:
        nonlocal overtaken
        number = change_number(repository)
        if not overtaken:
            overtaken = True
            change(api, "t-none", skills=["sourdough"])
            ranking(api, vacancy)
            assert live.seen > number
        return number

    monkeypatch.setattr(CandidatePoolRepository, "change_number", read_then_be_overtaken)
    ranking(api, vacancy)
    assert overtaken
    assert list(pools._pools.values()) == [live]


def test_the_fingerprint_is_that_of_what_was_ranked(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    vacancy = fill(api)["weld"]
    before = ranking(api, vacancy)
    rank_vacancy = ranking_service.rank_vacancy

    def then_change(*given: Any, **named: Any) -> Any:
        found = rank_vacancy(*given, **named)
        (live,) = runtime_of(api).pools._pools.values()
        assert live.pool.remove(live.pool.view().delta.rows.ids.tolist())
        return found

    monkeypatch.setattr(live_ranking, "rank_vacancy", then_change)
    assert ranking(api, vacancy)["fingerprint"] == before["fingerprint"]


def test_candidates_that_keep_changing_make_the_service_busy(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacancy = fill(api)["weld"]

    def changed(*_: Any, **__: Any) -> None:
        raise ChangedMeanwhile("a candidate changed")

    monkeypatch.setattr(live_ranking, "rank_vacancy", changed)
    response = api.get("reviewer", f"/v1/vacancies/{vacancy}/ranking")
    assert response.status_code == 503
    assert response.headers["retry-after"]

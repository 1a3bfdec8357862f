"""States that a page is only in after something was sent: what is wrong with a form, what is shown once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app.web.options import PREFIX

Reach = Callable[[Any, str, Mapping[str, str]], None]
"""Given a page, the server's address and the ids of the sample data."""


class State(NamedTuple):
    """How somebody reaches a state, and what it is called."""

    name: str
    who: str
    reach: Reach


def _send(page: Any, selector: str) -> None:
    with page.expect_navigation():
        page.locator(f"{selector} button[type=submit]").last.click()


def _refused_sign_in(page: Any, url: str, ids: Mapping[str, str]) -> None:
    page.goto(f"{url}{PREFIX}/sign-in")
    page.locator("#email").fill("nobody@example.org")
    page.locator("#password").fill("not the password")
    _send(page, "form[action$='/sign-in']")


def _decision_without_reason(page: Any, url: str, ids: Mapping[str, str]) -> None:
    page.goto(f"{url}{PREFIX}/vacancies/{ids['vacancy_id']}/matches/{ids['second_id']}")
    page.locator("label[for=decide-rejected]").click()
    _send(page, "#decide-form")


def _decided(page: Any, url: str, ids: Mapping[str, str]) -> None:
    page.goto(f"{url}{PREFIX}/vacancies/{ids['vacancy_id']}/matches/{ids['candidate_id']}")
    if page.locator("#decide-shortlisted").count():
        page.locator("label[for=decide-shortlisted]").click()
        _send(page, "#decide-form")


def _check_before_introducing(page: Any, url: str, ids: Mapping[str, str]) -> None:
    shortlist = f"{url}{PREFIX}/vacancies/{ids['vacancy_id']}/shortlist"
    page.goto(f"{shortlist}/introduce?candidate={ids['candidate_id']}")


def _identity(page: Any, url: str, ids: Mapping[str, str]) -> None:
    page.goto(f"{url}{PREFIX}/candidates/{ids['candidate_id']}")
    page.locator("#identity-reason").select_option(index=1)
    _send(page, "form[action$='/identity']")


def _identity_without_reason(page: Any, url: str, ids: Mapping[str, str]) -> None:
    page.goto(f"{url}{PREFIX}/candidates/{ids['candidate_id']}")
    _send(page, "form[action$='/identity']")


def _no_file(page: Any, url: str, ids: Mapping[str, str]) -> None:
    page.goto(f"{url}{PREFIX}/cohorts/upload")
    _send(page, "form[enctype]")


def _secret(page: Any, url: str, ids: Mapping[str, str]) -> None:
    page.goto(f"{url}{PREFIX}/settings/api-keys/new")
    page.locator("#label").fill("Nightly upload")
    page.locator("#choice").select_option("reviewer")
    _send(page, "form[action$='/settings/api-keys']")


def _faulty_weights(page: Any, url: str, ids: Mapping[str, str]) -> None:
    page.goto(f"{url}{PREFIX}/weights/new")
    _send(page, "main form")


def _faulty_account(page: Any, url: str, ids: Mapping[str, str]) -> None:
    page.goto(f"{url}{PREFIX}/settings/users/new")
    _send(page, "form[action$='/settings/users']")


def _keys(page: Any, url: str, ids: Mapping[str, str]) -> None:
    page.goto(f"{url}{PREFIX}/vacancies/{ids['vacancy_id']}/matches/{ids['second_id']}")
    page.keyboard.press("?")
    page.locator("#tb-keys[open]").wait_for()


def _session_ends(page: Any, url: str, ids: Mapping[str, str]) -> None:
    page.clock.install()
    page.goto(f"{url}{PREFIX}/settings")
    page.clock.fast_forward("55:30")
    page.locator("#tb-session[open]").wait_for()


def _session_over(page: Any, url: str, ids: Mapping[str, str]) -> None:
    _session_ends(page, url, ids)
    page.clock.fast_forward("06:00")


STATES = (
    State("state-sign-in-refused", "", _refused_sign_in),
    State("state-decision-without-reason", "reviewer", _decision_without_reason),
    State("state-decided", "reviewer", _decided),
    State("state-before-introducing", "reviewer", _check_before_introducing),
    State("state-identity", "reviewer", _identity),
    State("state-identity-without-reason", "reviewer", _identity_without_reason),
    State("state-keys", "reviewer", _keys),
    State("state-no-file", "reviewer", _no_file),
    State("state-secret", "admin", _secret),
    State("state-faulty-weights", "admin", _faulty_weights),
    State("state-faulty-account", "admin", _faulty_account),
    # Last, because from here on the time of the page stands still.
    State("state-session-ends", "reviewer", _session_ends),
    State("state-session-over", "reviewer", _session_over),
)

"""Nobody sees or changes what is another partnership's, on any address of the console.

The attacks are made from the application's own routes: a new page is attacked without anybody
adding it here, and one whose parameters nobody knows to fill fails the test.
"""

from __future__ import annotations

from collections import ChainMap

from sqlalchemy import func, select

from app.db import session_scope
from app.domain.ids import new_id
from app.models import AuditEvent
from tests.api.victims import (
    MARKER,
    Loot,
    add_organisation,
    fill_employer,
    fill_institution,
    fill_rankings,
    marked,
    own_view,
)
from tests.web.conftest import Console, partnership_of
from tests.web.routes import Address, addresses

STAFF = ("reviewer", "admin", "auditor")
# Leaving and entering are open to everybody and name no record.
ENTRY = {"/sign-in", "/sign-out", "/stay", "/demo", "/password", "/language", "/settings/sign-out-everywhere"}

# Names of fields and queries that can name a record, and what fills them.
QUERIES = {
    "run": "run_id",
    "before": "run_id",
    "after": "run_id",
    "candidate": "candidate_id",
    "candidate_id": "candidate_id",
    "vacancy": "published",
    "vacancy_id": "published",
    "cohort": "cohort_id",
    "institution": "institution_id",
    "organisation_id": "organisation_id",
    "subject": "run_id",
}

# Fields that most forms would take, so that an attack gets as far as looking for the record.
PLAUSIBLE = {
    "name": "Name",
    "title": "Title",
    "label": "Label",
    "role": "reviewer",
    "reason": "other",
    "note": "note",
    "decision": "shortlisted",
    "state": "shortlisted",
    "rating": "good",
    "purpose": "other",
}


def victims(console: Console) -> Loot:
    """Fill another partnership with one record of each kind, and give the parameters that name them."""
    api = console.api
    api.add_partnership("b:", name=marked("partnership"))
    add_organisation(api, "employer-b", "employer", admin="b:admin")
    add_organisation(api, "institution-b", "institution", admin="b:admin")
    loot = Loot()
    fill_institution(api, "institution-b", loot)
    fill_employer(api, "employer-b", loot)
    published = fill_rankings(api, "b:reviewer", "employer-b", loot)
    token = console.token("b:reviewer")
    assert token
    loot.add("account_id", str(console.accounts["b:reviewer"]))
    sent = console.post(
        "b:reviewer",
        "/console/cohorts/upload",
        {"institution": loot.by_parameter["institution_id"], "external_id": marked("file")},
        files={"file": ("people.csv", f"id,skills\n{marked('row')},{marked('skill')}\n".encode())},
    )
    loot.add("upload_id", sent.headers["location"].split("/uploads/")[1].partition("/")[0])
    loot.by_parameter |= {
        "row_id": loot.by_parameter["profile_id"],
        "published": published,
        "requirement": "0",
        "kind": "csv",
        "extension": "csv",
        "requirements_version": "1",
    }
    return loot


def values_for(address: Address, loot: Loot) -> dict[str, str]:
    values = dict(loot.by_parameter)
    if "/matches" in address.path or "/compare" in address.path or "shortlist" in address.path:
        # Only a ranked vacancy has matches.
        values["vacancy_id"] = values["published"]
    return values


def n_events(console: Console, prefix: str) -> int:
    with session_scope(console.api.factory, write=False) as session:
        partnership = partnership_of(session, console.api, prefix)
        query = select(func.count()).where(AuditEvent.partnership_id == partnership.id)
        return session.scalar(query) or 0


def attack(
    console: Console,
    who: str,
    address: Address,
    values: dict[str, str],
    sent: dict[str, str],
    secrets: set[str],
) -> int:
    """Call an address as somebody, with fields or a query, judge the answer, and give its status."""
    more = {"params": sent} if address.method == "GET" else {"data": sent}
    answer = console.call(who, address.method, address.filled(values), **more)
    if address.method == "GET" and answer.status_code == 303:
        # An address that only leads back, before anything is looked up: what counts is where.
        answer = console.get(who, answer.headers["location"])
    where = f"{who}: {address.method} {address.path} {sorted(sent)}: {answer.status_code}"
    assert answer.status_code < 500, where
    assert MARKER not in answer.text, where
    # What the attacker sent may come back, as in the form that changes the language of this page.
    known = {*sent.values(), *values.values()}
    assert not [each for each in secrets - known if each in answer.text], where
    if any(name.endswith("_id") for name in address.parameters):
        # A field may have another meaning on this page, and be refused before the record is looked for.
        may_be = (403, 404) if address.method == "GET" and not sent else (403, 404, 422)
        assert answer.status_code in may_be, where
    return answer.status_code


def _sent(address: Address, values: dict[str, str]) -> list[dict[str, str]]:
    """Queries to try one by one, or all fields at once."""
    queries = [{name: values[named]} for name, named in QUERIES.items()]
    return queries if address.method == "GET" else [{**PLAUSIBLE, **dict(ChainMap(*queries))}]


def test_no_page_shows_or_changes_what_is_of_another_partnership(console: Console):
    loot = victims(console)
    before = [own_view(console.api, name) for name in ("employer-b", "institution-b")]
    events = n_events(console, "b:")
    n_named = 0
    for address in addresses(console.api.app):
        if address.path in ENTRY:
            continue
        values = values_for(address, loot)
        unknown = {**values, **{name: str(new_id()) for name in values if name.endswith("_id")}}
        for who in STAFF:
            status = attack(console, who, address, values, {}, loot.secrets)
            if any(name.endswith("_id") for name in address.parameters):
                n_named += 1
                # Nor does the answer tell that the record exists.
                assert attack(console, who, address, unknown, {}, loot.secrets) == status, (who, address)
            for sent in _sent(address, values) if who == "reviewer" else ():
                theirs = attack(console, who, address, values, sent, loot.secrets)
                if any(name.endswith("_id") for name in address.parameters):
                    assert attack(console, who, address, unknown, sent, loot.secrets) == theirs
    assert n_named > 60
    assert [own_view(console.api, name) for name in ("employer-b", "institution-b")] == before
    assert n_events(console, "b:") == events


def test_nobody_sees_a_page_without_signing_in(console: Console):
    values = {name: str(new_id()) for name in ("vacancy_id", "candidate_id", "run_id", "job_id")}
    for address in addresses(console.api.app):
        if address.path in ENTRY:
            continue
        filled = {**{name: str(new_id()) for name in address.parameters}, **values}
        filled |= {"requirement": "0", "requirements_version": "1"}
        answer = console.call(None, address.method, address.filled(filled))
        assert answer.status_code == 303, (address, answer.status_code)
        assert answer.headers["location"].startswith("/console/sign-in"), address


def test_every_role_may_open_what_its_navigation_names(console: Console):
    for who in STAFF:
        page = console.page(who, "/console/queue")
        named = [href for href, _ in page.links if href.startswith("/console/") and href.count("/") == 2]
        assert len(named) >= 6
        for href in named:
            assert console.get(who, href).status_code in (200, 303), (who, href)

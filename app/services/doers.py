"""Who did something: the names of accounts and keys beside what they did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.repositories.accounts import AccountRepository
from app.repositories.organisations import ApiKeyRepository

_MOST = 200


@dataclass(frozen=True, slots=True)
class Doers:
    """Names by account and labels by key; those of other partnerships are left out."""

    accounts: Mapping[UUID, str] = field(default_factory=dict)
    keys: Mapping[UUID, str] = field(default_factory=dict)


def list_doers(session: Session, actor: Actor) -> Doers:
    """Give the first of all accounts and keys of the partnership, to choose from; for staff."""
    return Doers(
        AccountRepository(session, actor).all_names(_MOST), ApiKeyRepository(session, actor).all_labels(_MOST)
    )


def doers_of(session: Session, actor: Actor, rows: Sequence[Any], *deeds: str) -> Doers:
    """Look up whoever did these deeds to the rows, such as ``approved_by``; as ``name_doers``."""
    return name_doers(
        session,
        actor,
        accounts=[getattr(row, f"{deed}_account_id") for row in rows for deed in deeds],
        keys=[getattr(row, f"{deed}_key_id") for row in rows for deed in deeds],
    )


def name_doers(
    session: Session, actor: Actor, *, accounts: Iterable[UUID | None], keys: Iterable[UUID | None]
) -> Doers:
    """Look up the names of whoever acted; for staff. At most two queries for a page of rows."""
    account_ids, key_ids = ({each for each in ids if each is not None} for ids in (accounts, keys))
    return Doers(
        AccountRepository(session, actor).names(account_ids) if account_ids else {},
        ApiKeyRepository(session, actor).labels(key_ids) if key_ids else {},
    )

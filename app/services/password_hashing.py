"""Passwords as Argon2id hashes."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

from app.domain.passwords import normal_password

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# Above what OWASP asks for at least (19 MiB, 2 passes, 1 lane). At most four at once, so that a
# crowd at the door takes 128 MiB and no more.
_PASSES, _MEMORY_KIB, _LANES = 3, 32 * 1024, 1
_slots = threading.BoundedSemaphore(4)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)


@cache
def _nobody() -> str:
    """The hash that is tried for whoever has none: as much work as for anybody."""
    return _hasher().hash("nobody")


def hash_password(password: str) -> str:
    """Hash a password with the parameters of today and a salt of its own."""
    with _slots:
        return _hasher().hash(_bytes(password))


def is_password(stored: str | None, password: str) -> bool:
    """Whether the password is the one stored; ``stored`` None costs the same time, and is no."""
    from argon2.exceptions import InvalidHashError, VerificationError

    nobody = _nobody()
    try:
        with _slots:
            _hasher().verify(stored or nobody, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _hasher().check_needs_rehash(stored)


def _bytes(password: str) -> bytes:
    # Lone surrogates come from terminals with another encoding.
    return normal_password(password).encode("utf-8", "surrogatepass")

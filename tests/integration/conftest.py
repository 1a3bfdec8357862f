"""What all tests on real databases share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.services import password_hashing


@pytest.fixture(autouse=True, scope="module")
def _cheap_passwords() -> Iterator[None]:
    """Hash as ever, but fast: signing in fails hundreds of times here.

    What a hash costs is tested by tests/unit/services/test_password_hashing.py.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password_hashing, "_PASSES", 1)
        patch.setattr(password_hashing, "_MEMORY_KIB", 64)
        _forget_parameters()
        yield
    _forget_parameters()


def _forget_parameters() -> None:
    password_hashing._hasher.cache_clear()
    password_hashing._nobody.cache_clear()

from __future__ import annotations

import pytest

from app.matching.jit import CompiledCode, is_installed
from app.matching.ranking.twin import ranking_code


@pytest.fixture(params=["plain", "compiled"])
def twin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the two twins in turn."""
    if request.param == "compiled":
        if not is_installed():
            pytest.skip("Numba is not installed or is switched off")
        ranking_code.compile_now()
    else:
        monkeypatch.setattr(CompiledCode, "is_ready", lambda self: False)
    return str(request.param)

from __future__ import annotations

import pytest

from app.matching.jit import CompiledCode, is_installed
from app.matching.ranking.twin import ranking_code
from app.matching.ranking.vacancies import vacancy_code


@pytest.fixture(params=["plain", "compiled"])
def twin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the two twins in turn."""
    if request.param == "compiled":
        if not is_installed():
            pytest.skip("NUMBA_DISABLE_JIT is set, or Numba missing: there is no compiled twin to compare")
        ranking_code.compile_now()
        vacancy_code.compile_now()
    else:
        monkeypatch.setattr(CompiledCode, "is_ready", lambda self: False)
    return str(request.param)

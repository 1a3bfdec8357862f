from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.config import Settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TALENTBRIDGE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_is_required():
    settings = Settings()

    assert settings.database_url == "sqlite:///talentbridge.sqlite3"
    assert settings.embedded_worker
    assert not settings.json_logs


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / ".env").write_text("TALENTBRIDGE_PORT=9001\nTALENTBRIDGE_HOST=0.0.0.0\nOTHER=1\n")
    monkeypatch.setenv("TALENTBRIDGE_PORT", "9002")

    settings = Settings()

    assert (settings.host, settings.port) == ("0.0.0.0", 9002)


@pytest.mark.parametrize(
    ("environment", "log_format", "expected"),
    [
        ("development", "auto", False),
        ("production", "auto", True),
        ("production", "console", False),
        ("development", "json", True),
    ],
)
def test_logs_are_json_in_production_unless_told(
    monkeypatch: pytest.MonkeyPatch, environment: str, log_format: str, expected: bool
):
    monkeypatch.setenv("TALENTBRIDGE_ENVIRONMENT", environment)
    monkeypatch.setenv("TALENTBRIDGE_LOG_FORMAT", log_format)

    assert Settings().json_logs is expected


def test_the_database_password_shows_neither_in_a_repr_nor_in_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TALENTBRIDGE_DATABASE_URL", "postgresql://app:hunter2@db/tb")
    assert "hunter2" not in repr(Settings())

    monkeypatch.setenv("TALENTBRIDGE_PORT", "no-port")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert "hunter2" not in str(caught.value)


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]

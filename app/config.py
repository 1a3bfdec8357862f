"""Settings: typed, frozen, read once by an entry point. Nothing is required."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _cache_dir() -> Path:
    """The user's cache folder (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "talentbridge"


class Settings(BaseSettings):
    """Every setting, from ``TALENTBRIDGE_*`` variables or a ``.env`` file.

    Without any, the service runs locally: SQLite in the working directory, a
    readable log, the job worker inside the server.
    """

    model_config = SettingsConfigDict(
        env_prefix="TALENTBRIDGE_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    environment: Literal["development", "production"] = "development"
    # May hold a password, hence never in a repr.
    database_url: str = Field("sqlite:///talentbridge.sqlite3", repr=False)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "console", "json"] = "auto"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    taxonomy_release: str | None = None
    """Release used for linking; the newest imported one when not set."""
    reconciliation: Literal["off", "keys", "open"] = "keys"
    """Who may use the reconciliation service: nobody, holders of a key, or everybody."""
    cache_dir: Path = Field(default_factory=_cache_dir)
    """Where commands keep what they learned from a taxonomy, and servers their linking tables."""
    semantic_model: str = ""
    """Sentence model of the semantic channel: a folder, or ``package``; empty where it is off."""
    embedded_worker: bool = True
    """Run the job worker inside the server process."""
    job_lease_s: float = Field(60.0, gt=0)
    """After this long without a sign of life a worker counts as lost."""
    job_poll_s: float = Field(1.0, gt=0)

    @property
    def json_logs(self) -> bool:
        """Whether log lines are JSON: as told, else in production."""
        if self.log_format == "auto":
            return self.environment == "production"
        return self.log_format == "json"

"""Where things are and how the warehouse is reached: one object, read from the environment."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parents[1]
"""Root of the checkout: forms, rules, dbt project and samples are read from here."""


class Settings(BaseSettings):
    """Settings of one installation. Every field can be set as ``HIW_<NAME>``; the warehouse also as
    ``WAREHOUSE_DSN``, the name other tools know it by."""

    model_config = SettingsConfigDict(env_prefix="HIW_", populate_by_name=True, extra="ignore")

    warehouse_dsn: str | None = Field(default=None, validation_alias="WAREHOUSE_DSN")
    """libpq URL of an existing Postgres. Where set, nothing embedded is started."""

    airflow_dsn: str | None = None
    """libpq URL of Airflow's metadata database; default: database ``<warehouse>_airflow`` on the same server."""

    local_dir: Path = REPOSITORY / ".local"
    """State of this machine: embedded server, landing zone, Airflow home, reports."""

    inbox_dir: Path = REPOSITORY / "samples" / "inbox"
    """Where submissions are dropped, as ``<reporting_year>/<hospital_code>/<any file>``."""

    max_file_mb: int = 100
    """A file above this size is refused before it is opened."""

    max_unpacked_mb: int = 512
    """A zipped workbook or document that unpacks to more than this is refused before it is opened."""

    @property
    def postgres_dir(self) -> Path:
        """Data, password and log of the embedded server."""
        return self.local_dir / "postgres"

    @property
    def landing_dir(self) -> Path:
        """Immutable copies of what was received, each under its sha256."""
        return self.local_dir / "landing"

    @property
    def reports_dir(self) -> Path:
        """What is published for people: Data Docs, dbt docs, reports of a run."""
        return self.local_dir / "reports"

    @property
    def airflow_home(self) -> Path:
        """Airflow's own folder: configuration, logs, generated password of the UI."""
        return self.local_dir / "airflow"

    @property
    def dbt_project_dir(self) -> Path:
        """The dbt project, also the folder of profiles.yml."""
        return REPOSITORY / "dbt_project"

    @property
    def expectations_dir(self) -> Path:
        """Root of the Great Expectations context."""
        return REPOSITORY / "expectations"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process (read once)."""
    return Settings()

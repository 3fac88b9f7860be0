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

    inbox_url: str | None = None
    """A store that fsspec opens (``s3://bucket/inbox``), laid out alike. Where set, it is the inbox instead."""

    settle_seconds: int = 30
    """A file that did not change for so long is whole: nobody is uploading it any more."""

    run_hours: float = 6
    """A run of a DAG that is not through after so many hours is told of."""

    history_days: int = Field(default=400, ge=30)
    """So long Airflow remembers runs that have ended, with their logs: this year's beside last year's."""

    retry_seconds: float = 10
    """So long after a task failed, or its worker was lost, it is tried again."""

    airflow_env: Path | None = None
    """File of more settings of the local Airflow, one ``NAME=value`` a line: they win over docker/airflow.env."""

    reports_url: str | None = None
    """Where the reports folder is served to people; links of notices start with it."""

    smtp_host: str | None = None
    """Mail server for notices. Where it or notify_to is not set, no mail is sent."""

    smtp_port: int = 25
    smtp_starttls: bool = False
    smtp_user: str | None = None
    smtp_password: str | None = Field(default=None, repr=False)
    smtp_from: str | None = None
    notify_to: str | None = None
    """Addresses that notices go to, separated by commas."""

    forms_dir: Path = REPOSITORY / "ingestion" / "forms"
    """The forms: each a folder with form.yml and, where it has them, lines.csv, limits.csv, column_map.csv."""

    dbt_project_dir: Path = REPOSITORY / "dbt_project"
    """The dbt project, with profiles.yml and the seeds: the calendar, the register of hospitals, aliases."""

    max_file_mb: int = 100
    """A file above this size is refused before it is opened."""

    max_unpacked_mb: int = 512
    """A zipped workbook or document that unpacks to more than this is refused before it is opened."""

    @property
    def inbox(self) -> str:
        """The inbox: a folder of this machine or a URL."""
        return self.inbox_url or str(self.inbox_dir.resolve())

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
    def expectations_dir(self) -> Path:
        """Root of the Great Expectations context."""
        return REPOSITORY / "expectations"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process (read once)."""
    return Settings()

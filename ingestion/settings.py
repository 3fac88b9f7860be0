"""Where things are and how the warehouse is reached: one object, read from the environment."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import DirectoryPath, Field, FilePath, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingestion.errors import Problem

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

    settle_seconds: int = Field(default=30, ge=0)
    """A file that did not change for so long is whole: nobody is uploading it any more."""

    run_hours: float = 6
    """A run of a DAG that is not through after so many hours is told of."""

    history_days: int = Field(default=400, ge=30)
    """So long Airflow remembers runs that have ended, with their logs: this year's beside last year's."""

    retry_seconds: float = 10
    """So long after a task failed, or its worker was lost, it is tried again."""

    airflow_env: FilePath | None = None
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

    forms_dir: DirectoryPath = REPOSITORY / "ingestion" / "forms"
    """The forms: each a folder with form.yml and, where it has them, lines.csv, limits.csv, column_map.csv."""

    bi_venv: Path = REPOSITORY / ".venv-bi"
    """The environment that Superset is installed in, apart from ours."""

    dbt_project_dir: DirectoryPath = REPOSITORY / "dbt_project"
    """The dbt project, with profiles.yml and the seeds: the calendar, the register of hospitals, aliases."""

    max_file_mb: int = Field(default=100, ge=1)
    """A file above this size is refused before it is opened."""

    max_unpacked_mb: int = Field(default=512, ge=1)
    """A zipped workbook or document that unpacks to more than this is refused before it is opened."""

    @field_validator("warehouse_dsn", "airflow_dsn")
    @classmethod
    def _as_url(cls, dsn: str | None) -> str | None:
        """``postgres://`` is the same to libpq, and unknown to SQLAlchemy."""
        if not dsn:
            return None
        scheme, _, rest = dsn.partition("://")
        if scheme not in {"postgresql", "postgres"} or not rest or not _is_address(f"postgresql://{rest}"):
            raise ValueError("a URL, postgresql://login:password@host:port/database")
        return f"postgresql://{rest}"

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


def _is_address(url: str) -> bool:
    """Whether both libpq and Python find their way in a URL: its port a number, its percent signs in pairs."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        conninfo_to_dict(url)
        return urlsplit(url).port != 0
    except (ProgrammingError, ValueError):
        return False


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process (read once). Raises Problem for the first that cannot be."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        said = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
        raise Problem(
            code="bad-setting",
            where=name if name == "WAREHOUSE_DSN" else f"HIW_{name.upper()}",
            read="an address that is none" if name.lower().endswith("dsn") else repr(first["input"]),  # has a password
            expected=said[:1].lower() + said[1:] if not said.startswith("Path ") else "a folder or file that is there",
            remedy="Mend the variable of the environment, or unset it: ingestion/settings.py says what each means.",
        ) from None

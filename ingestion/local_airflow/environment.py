"""Airflow's whole configuration, as environment variables: there is no airflow.cfg to drift away from it."""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from pathlib import Path

from dotenv import dotenv_values

from ingestion.private_files import write_private
from ingestion.settings import REPOSITORY, settings
from ingestion.store import database
from ingestion.store.dbt_environment import dbt_environment

DAGS_FOLDER = REPOSITORY / "dags"
USER = "admin"

COMMON = REPOSITORY / "docker" / "airflow.env"
"""What holds for every installation, this machine and the container stack alike."""

# A yearly process on two cores that four programs share with the tasks, not a busy cluster.
_SIZE = {
    "AIRFLOW__CORE__PARALLELISM": "3",
    "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "3",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "3",
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",  # a busy machine answers late; a retry makes it busier
}

# What a run waits for is mostly Airflow's own clocks; these are the ones between two tasks of a run.
_PACE = {
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "2",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "60",
    "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "5",
}


def environment(port: int) -> dict[str, str]:
    """Environment of every Airflow program whose api-server listens on ``port`` of 127.0.0.1.

    Starts the embedded server where WAREHOUSE_DSN is not set, creates Airflow's database, its home and its
    secrets where they are missing. Holds passwords: never print it.
    """
    home = settings().airflow_home
    home.mkdir(parents=True, exist_ok=True)
    url = f"http://127.0.0.1:{port}"
    # SQLAlchemy's psycopg dialect serves both kinds of engine; Airflow would otherwise look for asyncpg.
    metadata = "postgresql+psycopg://" + database.airflow_dsn().partition("://")[2]
    known = _secrets(home)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    # Airflow's programs import thousands of modules: bytecode that may not be kept is compiled at every start.
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    return {
        **inherited,
        **_file(COMMON),
        **_SIZE,
        **_PACE,
        **_file(settings().airflow_env),
        **dbt_environment(database.dsn()),
        "HIW_LOCAL_DIR": str(settings().local_dir),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS_FOLDER),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__FERNET_KEY": known["fernet_key"],
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file()),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": metadata,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__SECRET_KEY": known["api_secret_key"],
        "AIRFLOW__API_AUTH__JWT_SECRET": known["jwt_secret"],
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(home / "bundles"),
        "AIRFLOW__COSMOS__CACHE_DIR": str(home / "cosmos"),
        # Tasks talk to the api-server of this machine: never through a proxy.
        "NO_PROXY": _without_proxy("NO_PROXY"),
        "no_proxy": _without_proxy("no_proxy"),
        # The DAGs import ingestion/ also where the project is not installed; the triggerer and the callbacks of
        # deadlines import what lies beside the DAGs.
        "PYTHONPATH": os.pathsep.join(filter(None, [str(REPOSITORY), str(DAGS_FOLDER), os.environ.get("PYTHONPATH")])),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }


def password_file() -> Path:
    """Where the generated password of the UI stands, as JSON ``{"admin": "..."}``, readable by its owner only."""
    return settings().airflow_home / "passwords.json"


def password() -> str:
    """The generated password of the UI, made on first use."""
    path = password_file()
    if not path.exists():
        write_private(path, json.dumps({USER: secrets.token_urlsafe(16)}) + "\n")
    return str(json.loads(path.read_text())[USER])


def _secrets(home: Path) -> dict[str, str]:
    """Keys of this installation, generated once: Airflow's defaults would change with every start."""
    password()
    path = home / "secrets.json"
    if not path.exists():
        write_private(
            path,
            json.dumps(
                {
                    "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                    "jwt_secret": secrets.token_urlsafe(48),
                    "api_secret_key": secrets.token_urlsafe(48),
                }
            ),
        )
    return dict(json.loads(path.read_text()))


def _file(path: Path | None) -> dict[str, str]:
    """What an env file sets; nothing where none is named."""
    if path is None:
        return {}
    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _without_proxy(name: str) -> str:
    known = [host for host in os.environ.get(name, "").split(",") if host]
    return ",".join([*known, "127.0.0.1", "localhost"])

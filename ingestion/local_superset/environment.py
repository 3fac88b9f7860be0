"""What Superset's programs are told: their secrets and addresses, as environment variables."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from ingestion.access import limit_reader
from ingestion.errors import Problem
from ingestion.private_files import write_private
from ingestion.settings import REPOSITORY, settings
from ingestion.store import database
from ingestion.store.logins import address, ensure_database, ensure_login

CONFIG_DIR = REPOSITORY / "bi" / "superset"
USER = "admin"
READER = "hiw_analyst_login"
"""Login of the warehouse that dashboards and SQL Lab use: a member of hiw_analyst, which may only read the star."""

_METADATA_OWNER = "hiw_superset_login"


def home() -> Path:
    """Superset's own folder: secrets, logs."""
    return settings().local_dir / "superset"


def programs() -> Path:
    """Folder of the programs of Superset's environment (HIW_BI_VENV, or .venv-bi of the checkout).

    Raises Problem where Superset is not installed there.
    """
    folder = settings().bi_venv / "bin"
    if not (folder / "gunicorn").exists():
        raise Problem(
            code="superset-not-installed",
            where=str(folder.parent),
            read="no environment with Superset",
            expected="the packages of requirements/bi.txt",
            remedy="Run `make bi`.",
        )
    return folder


def password_file() -> Path:
    """Where the generated password of the administrator stands, readable by its owner only."""
    return home() / "admin_password"


def environment() -> dict[str, str]:
    """Environment of Superset's programs. Starts the embedded server where WAREHOUSE_DSN is not set, creates logins,
    the metadata database and the secrets where they are missing. Holds passwords: never print it.
    """
    home().mkdir(parents=True, exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SUPERSET", "FLASK"))}
    with database.connect(autocommit=True) as connection:
        _ensure_reader(connection, _kept("reader_password"))
        metadata = _ensure_metadata(connection, _kept("metadata_password"))
    return {
        **inherited,
        "SUPERSET_CONFIG_PATH": str(CONFIG_DIR / "superset_config.py"),
        "SUPERSET_HOME": str(home()),
        "SUPERSET_SECRET_KEY": _kept("secret_key"),
        "SUPERSET_METADATA_DSN": metadata,
        "SUPERSET_ADMIN_PASSWORD": password_file().read_text() if password_file().exists() else _kept("admin_password"),
        "WAREHOUSE_READER_DSN": address(database.dsn(), login=READER, password=_kept("reader_password")),
        "PYTHONPATH": str(CONFIG_DIR),
        "FLASK_APP": "superset.app:create_app()",
        "SCARF_ANALYTICS": "false",
        "DO_NOT_TRACK": "1",
        "TZ": "UTC",
        # The server talks to itself and to its database on this machine: never through a proxy.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def _ensure_reader(connection: psycopg.Connection, password: str) -> None:
    """The read-only login, with limits that a forgotten dashboard cannot exceed."""
    if not connection.execute("select 1 from pg_roles where rolname = 'hiw_analyst'").fetchone():
        raise Problem(
            code="no-analyst-role",
            where="the warehouse's server",
            read="no role hiw_analyst",
            expected="the roles that the migrations create",
            remedy="Let the owner of the server run `create role hiw_analyst nologin`, then `hiw build`.",
        )
    ensure_login(connection, READER, password)
    connection.execute(sql.SQL("grant hiw_analyst to {}").format(sql.Identifier(READER)))
    limit_reader(connection, READER)
    connection.execute("call access.secure_star()")
    connection.execute("call access.open_calendar()")


def _ensure_metadata(connection: psycopg.Connection, password: str) -> str:
    """libpq URL of Superset's metadata database, owned by a login of its own; nobody else may connect to it."""
    name = f"{urlsplit(database.dsn()).path.lstrip('/')}_superset"
    ensure_login(connection, _METADATA_OWNER, password)
    ensure_database(connection, name, _METADATA_OWNER)
    return address(database.dsn(), login=_METADATA_OWNER, password=password, database=name)


def _kept(name: str) -> str:
    """A secret of this installation, generated on first use, in a file that only its owner may read."""
    path = home() / name
    if not path.exists():
        write_private(path, secrets.token_urlsafe(42 if name == "secret_key" else 18))
    return path.read_text()

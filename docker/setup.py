"""Bring the servers of a stack to the state its services expect: logins, databases, schemas, the first user of Airflow.

Runs before everything else, each time the stack starts; what stands already is left as it is. Works on the postgres
service as on a managed server: it needs the address of a login that may create roles and databases, which is
the warehouse's server with the user ``postgres`` and POSTGRES_PASSWORD unless SUPERUSER_DSN says otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from ingestion.access import limit_reader
from ingestion.steps.build import parse_manifest
from ingestion.store import database
from ingestion.store.logins import address, ensure_database, ensure_login

_OWNERS = ("WAREHOUSE_DSN", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "SUPERSET_METADATA_DSN", "METABASE_DSN")
_ADMIN = "admin"


def main() -> None:
    """Everything, top to bottom; ends with exit code 1 and the reason where a step fails."""
    warehouse = os.environ["WAREHOUSE_DSN"]
    superuser = os.environ.get("SUPERUSER_DSN") or address(
        warehouse, login="postgres", password=os.environ["POSTGRES_PASSWORD"], database="postgres"
    )
    with psycopg.connect(superuser, autocommit=True) as connection:
        for name in _OWNERS:
            login, password, owned = _parts(os.environ[name])
            ensure_login(connection, login, password)
            ensure_database(connection, owned, login)
        # The warehouse makes its own roles (analyst, auditor, ...) when it is migrated.
        connection.execute(sql.SQL("alter role {} createrole").format(sql.Identifier(_parts(warehouse)[0])))
    database.connect().close()
    reader, password, _ = _parts(os.environ["WAREHOUSE_READER_DSN"])
    with psycopg.connect(superuser, autocommit=True) as connection:
        ensure_login(connection, reader, password)
        role = sql.Identifier(reader)
        connection.execute(sql.SQL("grant hiw_analyst to {}").format(role))
        connection.execute(
            sql.SQL("grant connect on database {} to {}").format(sql.Identifier(_parts(warehouse)[2]), role)
        )
        limit_reader(connection, reader)
    subprocess.run(["airflow", "db", "migrate"], check=True)
    _airflow_admin(os.environ["AIRFLOW_ADMIN_PASSWORD"])
    parse_manifest(warehouse)  # the DAGs are drawn from it
    print("the stack is set up")


def _parts(dsn: str) -> tuple[str, str, str]:
    """Login, password and database of a URL."""
    parts = urlsplit(dsn)
    return unquote(parts.username or ""), unquote(parts.password or ""), parts.path.lstrip("/")


def _airflow_admin(password: str) -> None:
    """The first user of Airflow's UI, with the role Admin. A user who is there keeps the password people gave it."""
    # In this process, so that the password is no argument that other processes could read.
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        users = builder.sm
        if users.find_user(_ADMIN) is None:
            users.add_user(_ADMIN, "Warehouse", "Administrator", "admin@localhost", users.find_role("Admin"), password)


if __name__ == "__main__":
    try:
        main()
    except (psycopg.Error, subprocess.CalledProcessError, KeyError) as error:
        sys.exit(f"setup: {type(error).__name__}: {error}")

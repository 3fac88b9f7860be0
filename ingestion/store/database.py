"""The warehouse: its address, its connections, its schema version."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ingestion.errors import Problem
from ingestion.settings import settings
from ingestion.store import releases
from ingestion.store.embedded_postgres import EmbeddedPostgres, binaries

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7_215_001  # any constant of our own: pg_advisory_lock takes a number


def dsn() -> str:
    """libpq URL of the warehouse; the embedded server is started where WAREHOUSE_DSN is not set."""
    return settings().warehouse_dsn or EmbeddedPostgres(settings().postgres_dir).dsn()


def airflow_dsn() -> str:
    """libpq URL of Airflow's metadata database, on the server of the warehouse unless HIW_AIRFLOW_DSN says
    otherwise; the database is created where it is missing."""
    if settings().airflow_dsn:
        return str(settings().airflow_dsn)
    parts = urlsplit(dsn())
    name = f"{parts.path.lstrip('/') or 'warehouse'}_airflow"
    with psycopg.connect(dsn(), autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            database = sql.Identifier(name)
            connection.execute(sql.SQL("create database {}").format(database))
            connection.execute(sql.SQL("revoke connect on database {} from public").format(database))
    return urlunsplit(parts._replace(path=f"/{name}"))


def connect(*, autocommit: bool = False) -> psycopg.Connection:
    """A connection to the warehouse whose schema is up to date.

    Raises Problem where the server cannot be reached; the password never stands in the message.
    """
    address = dsn()
    try:
        connection = psycopg.connect(address, autocommit=autocommit)
    except psycopg.OperationalError as error:
        parts = urlsplit(address)
        raise Problem(
            code="warehouse-unreachable",
            where=f"{parts.hostname}:{parts.port or 5432}{parts.path}",
            read=str(error).strip().splitlines()[0],
            expected="a PostgreSQL server that accepts connections",
            remedy="Check WAREHOUSE_DSN and that the server is up.",
        ) from None
    if _version(connection) != _head():
        migrate(address)
    connection.rollback()
    return connection


def program(name: str) -> tuple[list[str], dict[str, str]]:
    """How a client program of PostgreSQL (psql, pg_dump, pg_restore) is called on the warehouse: the beginning of its
    command line, and its environment, where alone the password stands. The programs are those of the embedded server.
    """
    known = {key: str(value) for key, value in conninfo_to_dict(dsn()).items()}
    environment = {**os.environ, "PGPASSWORD": known.pop("password", "")}
    return [str(binaries() / name), f"--dbname={make_conninfo('', **known)}"], environment


def migrate(address: str, target: str | None = None) -> None:
    """Bring the schemas raw, audit, reference and gate to a migration, the newest if none is named; safe from several
    processes."""
    # Imported here: needed once per release, and most of a second.
    import sqlalchemy
    from alembic import command
    from alembic.config import Config

    engine = sqlalchemy.create_engine(address.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        connection.exec_driver_sql(f"select pg_advisory_lock({_MIGRATION_LOCK})")
        connection.exec_driver_sql("create schema if not exists audit")
        connection.commit()
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, target or "head")
            releases.stamp(connection, target or _head())
            connection.commit()
        finally:
            # The pool would keep the session, and with it the lock: a migration that fails must not block the next.
            connection.invalidate()
            engine.dispose()


def _head() -> str:
    """Newest migration: they are numbered, so the greatest name is the head."""
    return max(path.stem for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")).split("_")[0]


def _version(connection: psycopg.Connection) -> str | None:
    row = connection.execute("select to_regclass('audit.alembic_version')").fetchone()
    if not row or row[0] is None:
        return None
    found = connection.execute("select version_num from audit.alembic_version").fetchone()
    return found[0] if found else None

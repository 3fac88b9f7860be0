"""Logins and databases of the warehouse's server, created where they are missing."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql


def ensure_login(connection: psycopg.Connection, login: str, password: str) -> None:
    """A role that may log in with ``password``, created or given that password. Needs CREATEROLE."""
    if not connection.execute("select 1 from pg_roles where rolname = %s", [login]).fetchone():
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(login)))
    connection.execute(
        sql.SQL("alter role {} login password {}").format(sql.Identifier(login), sql.Literal(password)),
    )


def ensure_database(connection: psycopg.Connection, name: str, owner: str) -> None:
    """A database that ``owner`` owns and that nobody else may connect to. Needs CREATEDB and autocommit."""
    if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
        return
    database, role = sql.Identifier(name), sql.Identifier(owner)
    # Whoever creates a database for a role must be able to act as it.
    connection.execute(sql.SQL("grant {} to current_user").format(role))
    connection.execute(sql.SQL("create database {} owner {}").format(database, role))
    connection.execute(sql.SQL("revoke connect on database {} from public").format(database))


def address(dsn: str, *, login: str, password: str, database: str | None = None) -> str:
    """The libpq URL ``dsn`` for another login and, where named, another database of the same server."""
    parts = urlsplit(dsn)
    place = f"{quote(login, safe='')}:{quote(password, safe='')}@{parts.hostname}:{parts.port or 5432}"
    return urlunsplit(parts._replace(netloc=place, path=f"/{database}" if database else parts.path))

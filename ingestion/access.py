"""Logins of people: a login of the warehouse is made a member of one role, and reads what that role may read."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

import psycopg
from psycopg import sql

from ingestion.errors import Problem
from ingestion.store.logins import ensure_login

ROLES = ("owner", "loader", "analyst", "auditor", "hospital")
_LOGIN = re.compile(r"[a-z][a-z0-9_]{1,62}")
_READERS = {"analyst", "auditor", "hospital"}
_QUERY_SECONDS = 60


@dataclass(frozen=True)
class Grant:
    """A login as it now is: its role, its hospitals, and the password that is told only here."""

    login: str
    role: str
    hospital_codes: tuple[str, ...]
    password: str


def grant(connection: psycopg.Connection, login: str, role: str, hospital_codes: tuple[str, ...] = ()) -> Grant:
    """Make a login of a role, or change one: its role, its hospitals and its password are then these alone.

    Raises Problem where the name, the role or the hospitals do not go together, or the name is not a login made here.
    """
    _check(connection, login, role, hospital_codes)
    name = sql.Identifier(login)
    password = secrets.token_urlsafe(18)
    with connection.transaction():
        ensure_login(connection, login, password)
        # Where the database is not open to everybody, as in the container stack.
        connection.execute(sql.SQL("grant connect on database {} to {}").format(_database(connection), name))
        for other in ROLES:
            if other != role and _is_member(connection, login, other):
                connection.execute(sql.SQL("revoke {} from {}").format(_group(other), name))
        connection.execute(sql.SQL("grant {} to {}").format(_group(role), name))
        connection.execute(sql.SQL("alter role {} reset all").format(name))
        if role in _READERS:
            limit_reader(connection, login)
        if role == "auditor":  # who waives, and confirms claims: what else it may not write, its rights say
            connection.execute(sql.SQL("alter role {} reset default_transaction_read_only").format(name))
        connection.execute("delete from access.hospital_login where login = %s", [login])
        for code in hospital_codes:
            connection.execute("insert into access.hospital_login values (%s, %s)", [login, code])
    return Grant(login, role, hospital_codes, password)


def revoke(connection: psycopg.Connection, login: str) -> None:
    """End the sessions of a login and remove it, on an autocommit connection. Raises Problem where it is not a login
    made here."""
    if not _exists(connection, login) or not any(_is_member(connection, login, role) for role in ROLES):
        raise _unknown(login)
    name = sql.Identifier(login)
    with connection.transaction():  # of its own: nobody signs in again between the end of the sessions and of the login
        connection.execute(sql.SQL("alter role {} nologin").format(name))
        if connection.execute("select current_setting('is_superuser')").fetchone() == ("off",):
            # Who is no superuser must be a member of a role to end its sessions and to drop what it owns.
            connection.execute(sql.SQL("grant {} to current_user").format(name))
    connection.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = %s", [login])
    with connection.transaction():
        connection.execute("delete from access.hospital_login where login = %s", [login])
        connection.execute(sql.SQL("drop owned by {}").format(name))
        connection.execute(sql.SQL("drop role {}").format(name))


def limit_reader(connection: psycopg.Connection, login: str) -> None:
    """Settings of a login that only reads: limits that a forgotten dashboard cannot exceed."""
    for setting in (
        f"statement_timeout = '{_QUERY_SECONDS}s'",
        "default_transaction_read_only = on",
        "idle_in_transaction_session_timeout = '60s'",
        "search_path = marts, quality",
    ):
        connection.execute(sql.SQL("alter role {} set ").format(sql.Identifier(login)) + sql.SQL(setting))


def _check(connection: psycopg.Connection, login: str, role: str, hospital_codes: tuple[str, ...]) -> None:
    if not _LOGIN.fullmatch(login) or login.startswith(("hiw_", "pg_")) or login == "admin":
        raise Problem(
            code="bad-login-name",
            where="login",
            read=login,
            expected="small letters, digits and _, a letter first, not beginning with hiw_ or pg_, not admin",
            remedy="Choose another name.",
        )
    if role not in ROLES:
        raise Problem("unknown-role", login, role, ", ".join(ROLES), "Name one of these roles.")
    if (role == "hospital") != bool(hospital_codes):
        raise Problem(
            code="hospitals-and-role",
            where=login,
            read=f"role {role}, {len(hospital_codes)} hospitals",
            expected="hospitals for the role hospital, and for no other",
            remedy="Name the hospitals with --hospital, for `--role hospital` only.",
        )
    if not connection.execute("select 1 from pg_roles where rolname = %s", [f"hiw_{role}"]).fetchone():
        raise Problem(
            code="no-role",
            where="the warehouse's server",
            read=f"no role hiw_{role}",
            expected="the roles that the migrations create",
            remedy="Let the owner of the server run the migrations as a login that may create roles.",
        )
    if role == "owner":
        _check_owner(connection, login)
    if _exists(connection, login) and not any(_is_member(connection, login, known) for known in ROLES):
        raise _unknown(login)


def _check_owner(connection: psycopg.Connection, login: str) -> None:
    """Raise Problem where the role owner owns nothing: only a superuser can make it a member of who owns the warehouse,
    and no login that this one makes can become a member of it."""
    row = connection.execute(
        "select nspowner::regrole::text, pg_has_role('hiw_owner', nspowner, 'usage') from pg_namespace"
        " where nspname = 'raw'"
    ).fetchone()
    if row and not row[1]:
        raise Problem(
            code="owner-owns-nothing",
            where=login,
            read=f"a warehouse of {row[0]}, whom hiw_owner is no member of",
            expected="a role owner that may do what the owner of the warehouse may",
            remedy=f"Let a superuser of the server run `create role {login} login in role {row[0]}`, with a password.",
        )


def _unknown(login: str) -> Problem:
    return Problem(
        code="unknown-login",
        where=login,
        read="no login that `hiw grant` made",
        expected=f"a member of one of hiw_{', hiw_'.join(ROLES)}",
        remedy="Name a login that `hiw grant` made.",
    )


def _database(connection: psycopg.Connection) -> sql.Identifier:
    return sql.Identifier(connection.info.dbname)


def _group(role: str) -> sql.Identifier:
    return sql.Identifier(f"hiw_{role}")


def _exists(connection: psycopg.Connection, login: str) -> bool:
    return connection.execute("select 1 from pg_roles where rolname = %s", [login]).fetchone() is not None


def _is_member(connection: psycopg.Connection, login: str, role: str) -> bool:
    """Whether the login was made a member of the role, directly."""
    found = connection.execute(
        "select 1 from pg_auth_members as m join pg_roles as r on m.roleid = r.oid"
        " join pg_roles as l on m.member = l.oid where r.rolname = %s and l.rolname = %s",
        [f"hiw_{role}", login],
    )
    return found.fetchone() is not None

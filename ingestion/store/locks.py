"""Who may touch the warehouse at once: locks of PostgreSQL, which a process that is killed gives back by itself.

What lands and loads files, or decides about what was found, takes the warehouse shared: many at once, each in its own
transaction. What reads it as a
whole and answers for what it saw (the gate, a build, marking as published) takes it alone. So every overlap equals
some order of one after the other: a build never sees half of an ingest, and no two builds meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from ingestion.errors import Problem
from ingestion.store import database

WAREHOUSE = 7_215_003  # any constants of our own: advisory locks are numbers
_DECISION = 7_215_004


def share_in_transaction(connection: psycopg.Connection) -> None:
    """Until the end of the transaction: others may load too, nobody may validate, build or publish. Waits for it."""
    connection.execute("select pg_advisory_xact_lock_shared(%s)", [WAREHOUSE])


def decide_in_transaction(connection: psycopg.Connection, subject: str) -> None:
    """Until the end of the transaction: nobody validates, builds or publishes, nobody else decides about ``subject``.
    What is read after this call is what the decision is about. Waits for it."""
    share_in_transaction(connection)
    connection.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [_DECISION, subject])


def share(connection: psycopg.Connection) -> None:
    """Until ``connection`` is closed: others may load too, nobody may validate, build or publish. Waits for it."""
    connection.execute("select pg_advisory_lock_shared(%s)", [WAREHOUSE])


def take_in_transaction(connection: psycopg.Connection) -> None:
    """Until the end of the transaction: the warehouse alone. Waits for it."""
    connection.execute("select pg_advisory_xact_lock(%s)", [WAREHOUSE])


def take(connection: psycopg.Connection) -> None:
    """Until ``connection`` is closed: the warehouse alone. Waits for it."""
    connection.execute("select pg_advisory_lock(%s)", [WAREHOUSE])


@contextmanager
def alone() -> Iterator[None]:
    """The warehouse alone, for work that is done over other connections (dbt's).

    Raises Problem at the end where the connection that held the lock was cut meanwhile: somebody else may then have
    changed the warehouse under the work, which has to be done again.
    """
    with database.connect(autocommit=True) as connection:
        take(connection)
        yield
        try:
            held = connection.execute("select pg_advisory_unlock(%s)", [WAREHOUSE]).fetchone()
        except psycopg.OperationalError:
            held = (False,)
        if held != (True,):
            raise Problem(
                code="lock-lost",
                where="warehouse",
                read="the connection that kept others out was cut",
                expected="a connection that lasts as long as the work",
                remedy="Run the step again: it starts afresh and changes nothing that is right already.",
            )

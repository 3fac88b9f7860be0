"""Fixtures of the tests that work the warehouse with real processes."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from faults import YEAR, Undisturbed, Warehouse, check_invariants

from ingestion.store.embedded_postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server that these tests may kill."""
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    postgres.dsn()
    yield postgres
    postgres.stop()


@pytest.fixture(scope="session")
def undisturbed(own_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """A year that was run once, with nobody in its way."""
    empty = Warehouse.create(own_server, tmp_path_factory.mktemp("empty"))
    empty.run("dsn")  # migrated, and from now on the template of the others
    one = Warehouse.create(own_server, tmp_path_factory.mktemp("undisturbed"), like=empty.database)
    started = time.monotonic()
    one.run("run", "--year", YEAR)
    seconds = time.monotonic() - started
    check_invariants(one)
    return Undisturbed(one, one.marts(), one.raw(), one.gate(), seconds, empty.database)

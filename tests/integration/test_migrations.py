"""A warehouse of an earlier release comes forward with its data, and goes on working.

tests/fixtures/releases holds one dump a release, named by its migration: what `hiw ingest` and `hiw validate` of that
release left of two files of the samples.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from ingestion.pipeline import ingest_file
from ingestion.settings import REPOSITORY
from ingestion.steps.build import build
from ingestion.steps.gate import gate
from ingestion.store import database
from ingestion.store.embedded_postgres import EmbeddedPostgres, binaries
from ingestion.store.releases import release, stamped

pytestmark = pytest.mark.integration

RELEASES = sorted((REPOSITORY / "tests" / "fixtures" / "releases").glob("migration_*.dump"))
PLAN = REPOSITORY / "samples" / "inbox" / "2020" / "H15003" / "十四五发展规划.docx"
HELD = (
    "select count(*) from raw.entry", "select count(*) from audit.submission", "select count(*) from audit.receipt",
    "select count(*) from audit.submission_event", "select count(*) from audit.entry_disposition",
    "select parsed, accepted, quarantined from audit.gate_run order by 1",
)  # fmt: skip


def held(connection: psycopg.Connection) -> list[Any]:
    return [connection.execute(query).fetchall() for query in HELD]  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=RELEASES, ids=lambda path: path.stem)
def brought_forward(
    request: pytest.FixtureRequest, server: EmbeddedPostgres, environment: dict[str, str]
) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """What an old warehouse held before and after it came forward; it then is this module's warehouse."""
    dump: Path = request.param
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {dump.stem}")
    address = urlunsplit(urlsplit(server.dsn())._replace(path=f"/{dump.stem}"))
    subprocess.run(
        [binaries() / "pg_restore", "--exit-on-error", "--dbname", address, dump],
        check=True, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    with psycopg.connect(address) as connection:
        before = held(connection)
    database.migrate(address)
    with psycopg.connect(address) as connection:
        after = held(connection)
    yield address, before, after


def test_there_is_a_warehouse_of_an_earlier_release() -> None:
    assert RELEASES
    assert RELEASES[0].stem < f"migration_{database._head()}"


def test_nothing_is_lost_on_the_way(brought_forward: tuple[str, list[Any], list[Any]]) -> None:
    _, before, after = brought_forward
    assert before[0] == [(16,)]
    assert after == before


def test_the_release_is_stamped(brought_forward: tuple[str, list[Any], list[Any]]) -> None:
    with psycopg.connect(brought_forward[0]) as connection:
        found = stamped(connection)
    assert found.migration == database._head()
    assert [(name, migration) for name, migration, _ in found.history] == [(release(), database._head())]


def test_corrections_of_a_release_that_kept_no_changes_are_dated_when_it_last_read_them(
    server: EmbeddedPostgres,
) -> None:
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute("create database without_changes")
    address = urlunsplit(urlsplit(server.dsn())._replace(path="/without_changes"))
    database.migrate(address, "0023")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("insert into reference.data_files values ('x', '2026-03-01 08:00+08')")
        connection.execute(
            "insert into reference.correction select 'C' || status, status, 'f', 2020, '1', null, '1', '2020', null,"
            " '', '2', 2, 3, 'r', 'p', status from unnest(array['approved', 'retired']) as status"
        )
    database.migrate(address)
    with psycopg.connect(address, autocommit=True) as connection:
        kept = (
            "select correction_id, status, occurred_at at time zone 'PRC', is_carried_over from audit.correction_event"
        )
        assert connection.execute(kept).fetchall() == [
            ("C" + status, status, datetime(2026, 3, 1, 8), True) for status in ("approved", "retired")
        ]
        connection.execute("select audit.keep_corrections()")
        assert len(connection.execute(kept).fetchall()) == 2
        assert connection.execute("select correction_id, ended_at from reference.correction_span").fetchall() == [
            ("Capproved", None)
        ]


def test_it_goes_on_working(
    brought_forward: tuple[str, list[Any], list[Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from ingestion.settings import settings

    monkeypatch.setenv("WAREHOUSE_DSN", brought_forward[0])
    monkeypatch.setenv("HIW_LOCAL_DIR", str(tmp_path))
    settings.cache_clear()
    try:
        again = ingest_file(PLAN, hospital_code="H15003", reporting_year=2020, run_id="upgrade")
        assert again.status == "duplicate"
        assert gate(2020, run_id="upgrade").parsed == 16
        assert build(run_id="upgrade").tests_failed == 0
        with database.connect() as connection:
            found = connection.execute("select count(*) from marts.v_indicator_target").fetchone()
        assert found == (16,)
    finally:
        settings.cache_clear()

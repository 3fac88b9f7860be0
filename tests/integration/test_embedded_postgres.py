"""The embedded server: real, on the loopback only, behind a password, and back after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from ingestion.store.embedded_postgres import EmbeddedPostgres

pytestmark = pytest.mark.integration


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "private" / "postgres")
    yield server
    server.stop()


def test_survives_a_kill_and_keeps_address_and_data(postgres: EmbeddedPostgres) -> None:
    dsn = postgres.dsn()
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.info.server_version // 10000 == 18
        connection.execute("create table t as select 42 as answer")
    pid = int((postgres.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    assert postgres.dsn() == dsn
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select answer from t").fetchone() == (42,)
    # As a full disk leaves it: the server runs, and where it listens is known from the server alone.
    (postgres.folder / "port").write_text("")
    assert postgres.dsn() == dsn


def test_wants_the_password_and_listens_on_the_loopback_only(postgres: EmbeddedPostgres) -> None:
    parts = urlsplit(postgres.dsn())
    assert parts.hostname == "127.0.0.1"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://hiw:wrong@127.0.0.1:{parts.port}/warehouse")
    with psycopg.connect(postgres.dsn()) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("show unix_socket_directories").fetchone() == ("",)
    assert (postgres.folder / "password").stat().st_mode & 0o077 == 0


def test_starts_below_a_folder_that_only_its_owner_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "postgres")
    try:
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    finally:
        server.stop()


def test_two_processes_starting_it_at_once_get_one_server(postgres: EmbeddedPostgres) -> None:
    code = (
        "from pathlib import Path; from ingestion.store.embedded_postgres import EmbeddedPostgres;"
        f"print(EmbeddedPostgres(Path({str(postgres.folder)!r})).dsn())"
    )
    started = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    printed = {process.communicate(timeout=120)[0].strip() for process in started}
    assert len(printed) == 1
    assert printed == {postgres.dsn()}

"""What the tests of faults work with: a warehouse of its own, real processes, ways to end them at a named moment."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import psycopg

from ingestion.checksums import checksums
from ingestion.settings import REPOSITORY
from ingestion.store.embedded_postgres import EmbeddedPostgres

SECONDS = 1500  # a busy machine is slow, not wrong
YEAR = "2020"
SAMPLES = REPOSITORY / "samples" / "inbox" / YEAR


@dataclass
class Warehouse:
    """A database of ``server`` with local state and an inbox of its own, worked on by ``hiw`` processes."""

    server: EmbeddedPostgres
    database: str
    folder: Path

    @classmethod
    def create(cls, server: EmbeddedPostgres, folder: Path, *, like: str | None = None) -> Warehouse:
        """An empty warehouse, or a copy of the database ``like``."""
        made = cls(server, f"f_{uuid.uuid4().hex[:10]}", folder)
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {made.database}" + (f" template {like}" if like else ""))
        for hospital in ("H15001", "H15004"):
            (made.inbox / YEAR / hospital).mkdir(parents=True)
            shutil.copy(SAMPLES / hospital / "return.xlsx", made.inbox / YEAR / hospital)
        return made

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def dsn(self) -> str:
        return urlunsplit(urlsplit(self.server.dsn())._replace(path=f"/{self.database}"))

    @property
    def environment(self) -> dict[str, str]:
        local = {"WAREHOUSE_DSN": self.dsn, "HIW_LOCAL_DIR": str(self.folder / "local"), "NO_COLOR": "1"}
        # The marts are compared whole; dbt's own tests, most of a small build, run in the tests of the star.
        return {**os.environ, **local, "HIW_INBOX_DIR": str(self.inbox), "DBT_EXCLUDE_RESOURCE_TYPES": "test unit_test"}

    def start(self, *arguments: str, **popen: object) -> subprocess.Popen[str]:
        """Start ``hiw`` with ``arguments`` as a process group of its own."""
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            [sys.executable, "-m", "ingestion.cli", *arguments],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            **popen,
        )  # fmt: skip

    def run(self, *arguments: str) -> str:
        """Run ``hiw`` to its end, which must be a success; returns what it printed."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, f"hiw {' '.join(arguments)}: {out}{err}"
        return out

    @contextlib.contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            yield connection

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with self.connect() as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

    def execute(self, statement: str) -> None:
        with self.connect() as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def marts(self) -> dict[str, str]:
        """Checksum of every mart."""
        with psycopg.connect(self.dsn) as connection:
            return {found.name: found.checksum for found in checksums(connection)}

    def raw(self) -> dict[str, str]:
        """Checksum of the raw tables; when a row was loaded does not count."""
        with psycopg.connect(self.dsn) as connection:
            return {found.name: found.checksum for found in checksums(connection, schemas=("raw",))}

    def gate(self) -> list[tuple[object, ...]]:
        """What the gate decided, entry by entry, and what it found."""
        return self.rows(
            "select gate_run_id, submission_id, entry_id, disposition, rules_failed from audit.entry_disposition"
            " union all select gate_run_id, submission_id, entry_id, rule_id, array[outcome, stated, expected]"
            " from audit.validation_result order by 1, 2, 3, 4, 5"
        )


@dataclass
class Undisturbed:
    """What an undisturbed run leaves, and how long it took; ``empty`` is a database like the one it started from."""

    warehouse: Warehouse
    marts: dict[str, str]
    raw: dict[str, str]
    gate: list[tuple[object, ...]]
    seconds: float
    empty: str


@contextlib.contextmanager
def held(
    warehouse: Warehouse, table: str, against: Literal["writers", "readers"] = "writers"
) -> Iterator[Callable[[subprocess.Popen[str]], int]]:
    """Hold ``table`` against writers, or readers too, so that a process stops exactly where it comes to it.

    Yields a function that waits until ``process`` has come to that point and returns the backend that waits.
    """
    with psycopg.connect(warehouse.dsn) as holder, psycopg.connect(warehouse.dsn, autocommit=True) as watcher:
        mode = "share" if against == "writers" else "access exclusive"
        holder.execute(f"lock table {table} in {mode} mode")  # type: ignore[arg-type]

        def wait(process: subprocess.Popen[str]) -> int:
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                found = watcher.execute(
                    "select pid from pg_stat_activity where %s = any (pg_blocking_pids(pid))", [holder.info.backend_pid]
                ).fetchone()
                if found:
                    return int(found[0])
                assert process.poll() is None, f"it never came to {table}: {process.communicate()}"
                time.sleep(0.05)
            raise AssertionError(f"it did not come to {table} in time")

        yield wait
        with contextlib.suppress(psycopg.OperationalError):  # the server may have been killed under us
            holder.rollback()


def kill(process: subprocess.Popen[str], *, group: bool = False) -> None:
    """SIGKILL: the process alone, as the kernel's out-of-memory killer does, or everything it started too."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL) if group else process.kill()
    process.communicate(timeout=SECONDS)


def wait_for(what: Callable[[], bool], process: subprocess.Popen[str], pause: float = 0.002) -> None:
    """Return as soon as ``what`` holds; fails where the process ends before."""
    until = time.monotonic() + SECONDS
    while not what():
        assert process.poll() is None, f"it ended too early: {process.communicate()}"
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(pause)


def check_invariants(warehouse: Warehouse) -> None:
    """Nothing is lost, doubled or left over, whatever happened before. Needs a run that came to its end."""
    assert (
        warehouse.rows(
            "select gate_run_id from audit.gate_run as g where parsed <> accepted + quarantined or parsed <>"
            " (select count(*) from audit.entry_disposition as d where d.gate_run_id = g.gate_run_id)"
        )
        == []
    )
    assert (
        warehouse.rows(
            "select s.submission_id from audit.submission as s"
            " where s.reporting_year = 2020 and form <> 'unrecognised' and not exists"
            " (select from audit.entry_disposition as d where d.submission_id = s.submission_id)"
        )
        == []
    ), "every submission that was loaded was judged"
    assert (
        warehouse.rows(
            "select s.submission_id from audit.submission as s where form <> 'unrecognised' and"
            " (select (detail ->> 'entries')::int from audit.submission_event as e"
            " where e.submission_id = s.submission_id and e.status = 'parsed')"
            " is distinct from (select count(*)::int from raw.entry as r where r.submission_id = s.submission_id)"
        )
        == []
    ), "a submission has exactly the entries that were parsed"
    assert (
        warehouse.rows("select hospital_code, form, sha256 from audit.submission group by 1, 2, 3 having count(*) > 1")
        == []
    )
    assert warehouse.rows("select schemaname, tablename from pg_tables where tablename like '%\\_\\_dbt\\_%'") == [], (
        "no table of an unfinished build is left"
    )
    landing = warehouse.folder / "local" / "landing"
    assert list(landing.glob(".arriving-*")) == []
    landed = warehouse.rows("select landing_path, sha256 from audit.landed_file")
    noted = {str(path): str(sha256) for path, sha256 in landed}
    found = {path.relative_to(landing).as_posix(): path for path in landing.rglob("*") if path.is_file()}
    assert noted.keys() == found.keys()
    for name, path in found.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == noted[name]

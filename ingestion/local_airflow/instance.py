"""Airflow's programs as processes of ours: started, found again, waited for, stopped."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import httpx
import psutil
import psycopg

from ingestion.errors import Problem
from ingestion.local_airflow.command import AIRFLOW, airflow
from ingestion.local_airflow.environment import environment
from ingestion.local_airflow.history import forget_history
from ingestion.processes import log_tail, own_port, terminable
from ingestion.settings import settings
from ingestion.store import database

_log = logging.getLogger(__name__)
_PROGRAMS: dict[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    # Logs are files of this machine that the api-server reads itself: no log servers on ports of their own.
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
_SERVING_ONLY = ("triggerer",)
"""Programs that a run of a year starts when a task waits for them, and not before: each costs seconds of a core."""

_USUAL_PORT = 8080
_START_SECONDS = 180
_AWAY_SECONDS = 600
_MOST_STARTS = 4
"""So often one of Airflow's programs is started within _AWAY_SECONDS; what ends more often has another reason."""
_STOP_SECONDS = {"scheduler": 20, "dag-processor": 10, "triggerer": 10, "api-server": 2}


@dataclass
class Instance:
    """A running Airflow: its address, and the processes where they are ours, with their environment."""

    url: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict, repr=False)
    record: Path | None = None
    serving: bool = False
    started: dict[str, list[float]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start one of Airflow's programs, its log in logs_dir(); that of one that is started again goes on."""
        logs_dir().mkdir(parents=True, exist_ok=True)
        if name not in self.started:
            (logs_dir() / f"{name}.log").write_bytes(b"")
        with (logs_dir() / f"{name}.log").open("ab") as log:  # at the end, also after it was cut
            self.processes[name] = subprocess.Popen(
                [AIRFLOW, *_PROGRAMS[name]],
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=settings().airflow_home,
                # A group of its own: Ctrl-C reaches us alone, and we end each program in order.
                start_new_session=True,
            )
        self.started.setdefault(name, []).append(time.monotonic())
        self.note()

    def note(self) -> None:
        """Write down what runs, for whoever comes after us; with ``serving`` other runs may use it."""
        if self.record:
            known = {name: [process.pid, _born(process.pid)] for name, process in self.processes.items()}
            self.record.write_text(json.dumps({"url": self.url, "processes": known, "serving": self.serving}))

    def serve_deferred(self) -> None:
        """Start the triggerer of our own Airflow where it does not run yet: a task has handed itself to it."""
        if self.processes and "triggerer" not in self.processes:
            self.start("triggerer")

    def wait_until_healthy(self) -> None:
        """Return once the api answers, to tasks as well, and every program reports in; one that is killed before is
        started again.

        Raises Problem where a program ends again and again, or none of it happens within three minutes.
        """
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            self.look_after()
            # The part for tasks is set up by its first request, which takes seconds: better ours than a task's.
            if _answers(f"{self.url}/execution/health") and is_healthy(self.url, tuple(self.processes)):
                return
            time.sleep(0.2)
        raise Problem(
            code="airflow-not-healthy",
            where=self.url,
            read=f"not every program reported in within {_START_SECONDS} s",
            expected=f"healthy: {', '.join(self.processes)}",
            remedy=f"Read the logs in {logs_dir()}.",
        )

    def check(self) -> None:
        """Raise Problem where one of our processes has ended by itself."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise Problem(
                    code="airflow-program-ended",
                    where=f"airflow {name}",
                    read=f"exit {process.returncode}: {log_tail(logs_dir() / f'{name}.log')}",
                    expected="a program that keeps running",
                    remedy=f"Read {logs_dir() / f'{name}.log'}.",
                )

    def look_after(self) -> None:
        """Start what ended by itself again: a program that was killed, or that lost the database for a while.

        Raises Problem where that does not help: it ends again and again.
        """
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                lately = [moment for moment in self.started[name] if time.monotonic() - moment < _AWAY_SECONDS]
                if len(lately) >= _MOST_STARTS:
                    self.check()
                _log.warning("airflow %s ended (exit %s) and is started again", name, process.returncode)
                _signal(process, signal.SIGKILL)  # its tasks too: the next one gives them out afresh
                _wait_for_database()
                self.start(name)

    def stop(self) -> None:
        """End our processes and what they started; those that do not end in time are killed."""
        # The api-server goes last: tasks that are being ended still report to it. It keeps nothing itself.
        for names in (("scheduler", "dag-processor", "triggerer"), ("api-server",)):
            group = {name: self.processes[name] for name in names if name in self.processes}
            for process in group.values():
                _signal(process, signal.SIGTERM)
            asked = time.monotonic()
            for name, process in group.items():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=max(0.0, asked + _STOP_SECONDS[name] - time.monotonic()))
                _signal(process, signal.SIGKILL)  # itself where it did not end, and the rest of its process group
                process.wait()
        self.processes.clear()


def start(record: Path, *, serving: bool) -> Instance:
    """Start Airflow's programs on a free port; the metadata database is brought up to date first."""
    port = own_port(_USUAL_PORT)
    instance = Instance(url=f"http://127.0.0.1:{port}", variables=environment(port), record=record)
    _migrate(instance.variables)
    forget_history(instance.variables)
    try:
        for name in _PROGRAMS:
            if serving or name not in _SERVING_ONLY:
                instance.start(name)
    except OSError:
        instance.stop()
        raise
    return instance


@contextlib.contextmanager
def running(*, serving: bool = False) -> Iterator[Instance]:
    """The Airflow of this state: the one that ``serve`` keeps running, or one of our own that is stopped at the end.

    Two schedulers on one state would only be in each other's way: a lock on the home keeps it one, and a run waits
    for another run to end. With ``serving`` an Airflow that already serves is a Problem: there is nothing to do.
    """
    home = settings().airflow_home
    home.mkdir(parents=True, exist_ok=True)
    record = home / "instance.json"
    with terminable(), (home / "instance.lock").open("a") as lock:
        while not _locked(lock):
            served = _served(record)
            if served and serving:
                raise Problem(
                    code="airflow-already-serves",
                    where=served.url,
                    read="an Airflow on the same state",
                    expected="none",
                    remedy="Open the address above, or stop that one with Ctrl-C first.",
                )
            if served:
                yield served
                return
            time.sleep(0.5)  # its owner is starting or stopping it, or runs a year
        _end_orphans(record)
        instance = start(record, serving=serving)
        try:
            instance.wait_until_healthy()
            instance.serving = serving
            instance.note()
            yield instance
        finally:
            instance.serving = False
            instance.note()  # nobody shall join an Airflow that is about to stop
            instance.stop()
            record.unlink(missing_ok=True)


def run_program(arguments: list[str]) -> int:
    """Airflow's own program, with the settings that its servers have here; returns its exit status."""
    url = _noted(settings().airflow_home / "instance.json").get("url", "")
    variables = environment(urlsplit(url).port or _USUAL_PORT)
    _migrate(variables)
    return subprocess.run([AIRFLOW, *arguments], env=variables, check=False).returncode


def is_healthy(url: str, programs: tuple[str, ...] = tuple(_PROGRAMS)) -> bool:
    """Whether the api-server at ``url`` answers and has heard lately from the database and from ``programs``."""
    try:
        answer = httpx.get(f"{url}/api/v2/monitor/health", timeout=5, trust_env=False)
        parts = answer.json() if answer.status_code == 200 else {}
    except (httpx.HTTPError, ValueError):
        return False
    needed = ["metadatabase", *(name.replace("-", "_") for name in programs if name != "api-server")]
    return all((parts.get(name) or {}).get("status") == "healthy" for name in needed)


def _wait_for_database() -> None:
    """Return once Airflow's database answers; the embedded server is started where it is down. Problem in the end."""
    until = time.monotonic() + _AWAY_SECONDS
    while True:
        try:
            psycopg.connect(database.airflow_dsn(), connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                raise Problem(
                    code="warehouse-unreachable",
                    where="Airflow's database",
                    read=str(error).strip().splitlines()[0],
                    expected=f"an answer within {_AWAY_SECONDS} s",
                    remedy="See that the server is up, then start Airflow again.",
                ) from None
            time.sleep(1)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=60, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def logs_dir() -> Path:
    """Logs of the programs, beside the logs of the tasks."""
    return settings().airflow_home / "logs" / "programs"


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _noted(record: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(record.read_text()))
    except (OSError, ValueError):  # none, or its owner is writing it
        return {}


def _served(record: Path) -> Instance | None:
    note = _noted(record)
    return Instance(note["url"]) if note.get("serving") and is_healthy(note["url"]) else None


def _end_orphans(record: Path) -> None:
    """End what an owner that was killed left running: the lock is ours, so nobody looks after them any more."""
    for pid, born in _noted(record).get("processes", {}).values():
        if _born(pid) == born:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
    record.unlink(missing_ok=True)


def _born(pid: int) -> float | None:
    """When a process started: a number that was given to another process since is not the same process."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None


def _migrate(variables: dict[str, str]) -> None:
    """Bring the metadata to this Airflow's schema; a look at two facts spares most starts the seconds it takes."""
    remembered = settings().airflow_home / "migrated.json"
    release = version("apache-airflow-core")
    known = json.loads(remembered.read_text()) if remembered.exists() else {}
    if known.get("airflow") == release and known.get("head") and known["head"] == _schema_head():
        return
    airflow(
        variables, "db", "migrate", timeout=600,
        code="airflow-migration-failed", remedy="Check that the database of HIW_AIRFLOW_DSN accepts new tables.",
    )  # fmt: skip
    remembered.write_text(json.dumps({"airflow": release, "head": _schema_head()}))


def _schema_head() -> str | None:
    with psycopg.connect(database.airflow_dsn()) as connection:
        row = connection.execute("select to_regclass('public.alembic_version')").fetchone()
        if not row or row[0] is None:
            return None
        found = connection.execute("select version_num from public.alembic_version").fetchone()
    return str(found[0]) if found else None


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)

"""The yearly run through Airflow, from a trigger to the end of the last DAG."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from ingestion.errors import Problem
from ingestion.local_airflow.client import ENDED, FAILED_TASK_STATES, Client, DagRun
from ingestion.local_airflow.environment import USER, password_file
from ingestion.local_airflow.history import forget_history
from ingestion.local_airflow.instance import Instance, running

DAGS = ("ingest_submissions", "build_warehouse", "publish_reports")
"""The DAGs of a yearly run, each started by the asset of the one before."""

_POLL_SECONDS = 0.5
_CAUSE_SECONDS = 180
_PATIENCE_SECONDS = 120
_DAY_SECONDS = 86_400
_console = Console(stderr=True)
T = TypeVar("T")


@dataclass(frozen=True)
class Failure:
    """A task that failed: where, and the last lines of its log."""

    dag_id: str
    task_id: str
    label: str | None
    log: tuple[str, ...]

    def line(self) -> str:
        """One line for people."""
        name = f"{self.dag_id}.{self.task_id}" + (f" [{self.label}]" if self.label else "")
        return f"{name}: " + (" | ".join(self.log) or "no log")


@dataclass(frozen=True)
class RunResult:
    """How a yearly run ended. ``seconds`` is the wall time of each DAG run, and of starting and stopping Airflow."""

    reporting_year: int
    runs: tuple[DagRun, ...]
    failures: tuple[Failure, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def is_success(self) -> bool:
        """Whether every DAG of the year ran and succeeded."""
        return len(self.runs) == len(DAGS) and all(run.state == "success" for run in self.runs)

    def line(self) -> str:
        """What happened, for people: one line, or one for each task that failed."""
        if self.failures:
            return "\n".join(failure.line() for failure in self.failures)
        states = ", ".join(f"{run.dag_id} {run.state}" for run in self.runs)
        return f"Reporting year {self.reporting_year}: {states} ({sum(self.seconds.values()):.0f} s)"

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return asdict(self) | {"is_success": self.is_success}


def run_to_end(reporting_year: int, inbox: str) -> RunResult:
    """Run the DAGs of a reporting year on the files of ``inbox`` and wait until the last one has ended.

    Uses the Airflow that ``serve`` runs on the same state; otherwise starts one and stops it again, also on Ctrl-C
    and SIGTERM. A DAG that fails is in the result, with the log of its task; the DAGs after it do not run. Raises
    Problem where Airflow itself does not work.
    """
    seconds: dict[str, float] = {}
    runs: list[DagRun] = []
    failures: tuple[Failure, ...] = ()
    started = time.monotonic()
    with (
        Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=_console, transient=True
        ) as progress,
        running() as instance,
    ):
        shown = progress.add_task("Airflow is up")
        with Client(instance.url) as client:
            for dag_id in DAGS:
                client.wait_for_dag(dag_id)
            seconds["start"] = _since(started)
            conf = {"reporting_year": reporting_year, "inbox": inbox if "://" in inbox else str(Path(inbox).resolve())}
            for dag_id in DAGS:
                started = time.monotonic()
                run = _caused(client, instance, runs[-1], dag_id) if runs else client.trigger(dag_id, conf)
                run = _wait(client, instance, run, progress, shown)
                runs.append(run)
                seconds[dag_id] = _since(started)
                _console.print(f"{dag_id:<20} {run.state:<8} {seconds[dag_id]:6.1f} s", highlight=False)
                if run.state != "success":
                    failures = _failures(client, run)
                    break
        started = time.monotonic()
        progress.update(shown, description="Stopping Airflow")
    seconds["stop"] = _since(started)
    return RunResult(reporting_year, tuple(runs), failures, seconds)


def serve() -> None:
    """Run Airflow in the foreground until Ctrl-C or SIGTERM; prints where its UI and its password are."""
    with _console.status("Starting Airflow") as status:
        try:
            with running(serving=True) as instance:
                with Client(instance.url) as client:
                    for dag_id in DAGS:
                        client.wait_for_dag(dag_id)
                status.stop()
                for name, value in (("Airflow UI", instance.url), ("user", USER), ("password in", password_file())):
                    _console.print(f"{name:<12} {value}", highlight=False, soft_wrap=True)
                _console.print("Ctrl-C stops it.")
                tidied = time.monotonic()
                while True:
                    time.sleep(1)
                    instance.look_after()
                    if time.monotonic() - tidied > _DAY_SECONDS:
                        forget_history(instance.variables)
                        tidied = time.monotonic()
        except KeyboardInterrupt:
            _console.print("Airflow is stopped.")


def _caused(client: Client, instance: Instance, before: DagRun, dag_id: str) -> DagRun:
    """The run of ``dag_id`` that the asset of ``before`` starts; the scheduler does that within a second or two."""
    until = time.monotonic() + _CAUSE_SECONDS
    while time.monotonic() < until:
        run = _told(instance, client.caused_run, before, dag_id)
        if run:
            return run
        time.sleep(_POLL_SECONDS)
    raise Problem(
        code="dag-not-started",
        where=dag_id,
        read=f"no run within {_CAUSE_SECONDS} s of {before.dag_id} {before.run_id}",
        expected="the asset of the DAG before to start it",
        remedy="Look at the asset's events in the Airflow UI.",
    )


def _wait(client: Client, instance: Instance, run: DagRun, progress: Progress, shown: TaskID) -> DagRun:
    while run.state not in ENDED:
        tasks = _told(instance, client.task_instances, run)
        if any(task["state"] == "deferred" for task in tasks):
            instance.serve_deferred()
        ended = sum(task["state"] in ("success", "skipped", *FAILED_TASK_STATES) for task in tasks)
        now = sorted({task["rendered_map_index"] or task["task_id"] for task in tasks if task["state"] == "running"})
        progress.update(
            shown, description=f"{run.dag_id} {run.state}, {ended} of {len(tasks)} tasks  {', '.join(now)[:60]}"
        )
        time.sleep(_POLL_SECONDS)
        run = _told(instance, client.dag_run, run.dag_id, run.run_id)
    return run


def _told(instance: Instance, ask: Callable[..., T], *about: Any) -> T:
    """What ``ask`` says ``about`` something. Airflow is looked after; where it does not answer it is asked again."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        instance.look_after()
        try:
            return ask(*about)
        except (Problem, httpx.TransportError):
            if time.monotonic() > until:
                raise
            time.sleep(_POLL_SECONDS)


def _failures(client: Client, run: DagRun) -> tuple[Failure, ...]:
    return tuple(
        Failure(run.dag_id, task["task_id"], task["rendered_map_index"], tuple(client.log_tail(task)))
        for task in client.task_instances(run)
        if task["state"] == "failed"
    )


def _since(moment: float) -> float:
    return round(time.monotonic() - moment, 1)

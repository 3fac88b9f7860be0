"""Airflow's REST API, as far as a run needs it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from ingestion.errors import Problem
from ingestion.local_airflow.environment import USER, password, password_file

ENDED = ("success", "failed")
FAILED_TASK_STATES = ("failed", "upstream_failed")


@dataclass(frozen=True)
class DagRun:
    """One run of one DAG; ``state`` as Airflow has it (queued, running, success, failed)."""

    dag_id: str
    run_id: str
    state: str
    seconds: float | None = None


class Client:
    """A session with one Airflow, opened with the generated password (never an open door on the server)."""

    def __init__(self, url: str) -> None:
        # trust_env off: the server is on this machine, a proxy could not reach it.
        self._opened = datetime.now(UTC)
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        answer = self._http.post("/auth/token", json={"username": USER, "password": password()})
        if answer.status_code != 201:
            raise Problem(
                code="airflow-login-refused",
                where=url,
                read=f"HTTP {answer.status_code}",
                expected=f"the password in {password_file()} to be the server's",
                remedy="Another Airflow answers at this address: stop it, or stop ours and start again.",
            )
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        # An open connection would make the api-server wait for us when it is stopped.
        self._http.close()

    def wait_for_dag(self, dag_id: str, seconds: float = 90) -> None:
        """Return once the DAG's file is read without error; takes the DAG out of pause.

        Raises Problem where a DAG file does not import (with the error), or nothing is heard of it in time.
        """
        until = time.monotonic() + seconds
        while True:
            answer = self._http.get(f"/api/v2/dags/{dag_id}")
            known = answer.json() if answer.status_code == 200 else {"is_stale": True, "has_import_errors": False}
            if not known["is_stale"] and not known["has_import_errors"]:
                self.call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": False})
                return
            is_over = time.monotonic() > until
            self._refuse_import_errors(also_old=is_over)
            if is_over:
                break
            time.sleep(0.3)
        raise Problem(
            code="dag-not-found",
            where=dag_id,
            read=f"not seen within {seconds:.0f} s",
            expected="a DAG of the folder dags/",
            remedy="Read the log of the dag-processor.",
        )

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> DagRun:
        """Start a run with ``conf``."""
        body = {"logical_date": None, "conf": conf}
        return _run(self.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body))

    def dag_run(self, dag_id: str, run_id: str) -> DagRun:
        """The run as it stands."""
        return _run(self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"))

    def task_instances(self, run: DagRun) -> list[dict[str, Any]]:
        """Every task instance of a run, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.call(
                "GET",
                f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances",
                params={"limit": 100, "offset": len(found)},
            )
            found += page["task_instances"]
            if not page["task_instances"] or len(found) >= page["total_entries"]:
                return found

    def caused_run(self, run: DagRun, dag_id: str) -> DagRun | None:
        """The run of ``dag_id`` that an asset event of ``run`` started; None as long as there is none."""
        events = self.call(
            "GET", "/api/v2/assets/events", params={"source_dag_id": run.dag_id, "source_run_id": run.run_id}
        )
        for event in events["asset_events"]:
            for created in event["created_dagruns"]:
                if created["dag_id"] == dag_id:
                    return self.dag_run(dag_id, created["run_id"])
        return None

    def log_tail(self, task: dict[str, Any], lines: int = 5) -> list[str]:
        """The last errors in the log of a task's newest try, with their type; its last messages where it has none."""
        answer = self._http.get(
            f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
            f"/logs/{max(task['try_number'], 1)}",
            params={"map_index": task["map_index"], "full_content": True},
            headers={"Accept": "application/json"},
        )
        if answer.status_code != 200:
            return []
        messages = [m for m in answer.json().get("content", []) if isinstance(m, dict)]
        errors = [m for m in messages if m.get("level") in ("error", "critical")]
        return [_text(message) for message in (errors or messages)[-lines:]]

    def call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """What the API answers to a request, as JSON. Raises Problem with the answer where it refuses."""
        answer = self._http.request(method, path, **arguments)
        if answer.is_error:
            raise Problem(
                code="airflow-refused",
                where=f"{method} {path}",
                read=f"HTTP {answer.status_code}: {answer.text[:300]}",
                expected="an answer",
                remedy="Read the log of the api-server.",
            )
        return dict(answer.json())

    def _refuse_import_errors(self, *, also_old: bool) -> None:
        """An error that is older than this session may be of a file that was mended since and is about to be read."""
        for error in self.call("GET", "/api/v2/importErrors")["import_errors"]:
            if also_old or datetime.fromisoformat(error["timestamp"]) > self._opened:
                raise Problem(
                    code="dag-does-not-import",
                    where=error["filename"],
                    read=error["stack_trace"].strip().splitlines()[-1],
                    expected="a DAG file that imports",
                    remedy="Mend the file; Airflow reads it again by itself.",
                )


def _text(message: dict[str, Any]) -> str:
    errors = [f"{e.get('exc_type')}: {e.get('exc_value')}" for e in message.get("error_detail") or []]
    return " ".join(": ".join([str(message.get("event", "")), *errors]).split())


def _run(data: dict[str, Any]) -> DagRun:
    return DagRun(data["dag_id"], data["dag_run_id"], data["state"], data["duration"])

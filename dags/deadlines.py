"""Deadlines of the DAGs, and what is done when one is missed or a task fails for good: a notice, once.

The callbacks run in the executor, which has to find this file: its folder is on PYTHONPATH there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import DeadlineAlert, DeadlineReference, SyncCallback

from ingestion.settings import settings


def takes_too_long() -> DeadlineAlert:
    """The run is not through HIW_RUN_HOURS after it was queued."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=settings().run_hours),
        callback=SyncCallback("deadlines.tell_of_long_run"),
        name="takes too long",
    )


def not_received() -> DeadlineAlert:
    """The due day is over in China, and the run that waits for what is due on it still waits."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_LOGICAL_DATE,
        interval=timedelta(days=1),
        callback=SyncCallback("deadlines.tell_of_missing"),
        name="not received by the due date",
    )


def tell_of_failure(context: Any) -> None:
    """A notice for a task that failed, its last try too; the first failure of a run is the one that is told."""
    from ingestion.notices import Notice, tell
    from ingestion.store import database

    task = context["ti"]
    error = " ".join(str(context.get("exception") or "no message").split())[:500]
    notice = Notice(
        key=f"failed {task.dag_id} {task.run_id}",
        kind="failed",
        message=f"{task.dag_id}.{task.task_id} of {task.run_id} failed: {error}",
        link=getattr(task, "log_url", None),
    )
    with database.connect() as connection:
        tell(connection, "Hospital Indicator Warehouse: a task failed", [notice])


def tell_of_long_run(context: dict[str, Any]) -> None:
    """A notice for the run."""
    from ingestion.notices import Notice, tell
    from ingestion.store import database

    run = context["dag_run"]
    name = f"{run['dag_id']} {run['dag_run_id']}"
    notice = Notice(
        key=f"late_run {name}",
        kind="late_run",
        message=f"{name} is not through {settings().run_hours:g} hours after it was queued ({run['queued_at']})",
    )
    with database.connect() as connection:
        tell(connection, "Hospital Indicator Warehouse: a run takes too long", [notice])


def tell_of_missing(context: dict[str, Any]) -> None:
    """A notice for every hospital and form that was due on the day of the run and has not come."""
    from ingestion.calendar import china_today
    from ingestion.notices import Notice, page_link, tell
    from ingestion.status import outstanding
    from ingestion.store import database

    due_on = china_today(datetime.fromisoformat(context["dag_run"]["logical_date"]))
    with database.connect() as connection:
        notices = [
            Notice(
                key=f"missing {owed.hospital_code} {owed.form} {due_on}",
                kind="missing",
                message=f"{owed.hospital_code} {owed.hospital_name_zh or ''}: {owed.form} was due on {due_on}"
                f" and is {'not readable' if owed.arrival == 'not read' else 'missing'}",
                hospital_code=owed.hospital_code,
                link=page_link("index.html"),
            )
            for owed in outstanding(connection, due_on)
        ]
        tell(connection, f"Hospital Indicator Warehouse: not received by {due_on}", notices)

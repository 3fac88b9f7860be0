"""What Airflow remembers of past runs, kept for HIW_HISTORY_DAYS: rows of its metadata, logs of tasks and programs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from ingestion.local_airflow.command import airflow
from ingestion.settings import settings

# Not its table of triggers: one that waits for more than a year is still waited for, and the triggerer itself removes
# those that nobody waits for. What belongs to a run goes with it (deadlines, times to look again).
_OF_RUNS = ("dag_run", "dag_version", "task_instance", "task_instance_history", "xcom")
_BESIDE = ("asset_event", "callback", "import_error", "job", "log")
_OLD = "select exists (select from dag_run where end_date < %(day)s) or exists (select from log where dttm < %(day)s)"
_WAITING = "select exists (select from dag_run where end_date is null and start_date < %(day)s)"
_MOST_BYTES, _KEPT_BYTES = 10_000_000, 1_000_000


@dataclass(frozen=True)
class Forgotten:
    """What was removed: rows of Airflow's tables (its runs among them), files of logs, bytes of both kinds of log."""

    runs: int = 0
    files: int = 0
    bytes: int = 0


def forget_history(variables: Mapping[str, str], now: datetime | None = None) -> Forgotten:
    """Remove what ended more than HIW_HISTORY_DAYS before ``now`` (the present), and cut logs of programs that have
    grown beyond 10 MB. ``variables`` is the environment of Airflow's programs, which may run meanwhile.

    As long as a run that began before still waits, all runs are kept: Airflow 3.3 removes them by age alone, and fails
    where it is told to leave a DAG out. Does nothing, in milliseconds, where nothing is so old. Raises Problem where
    Airflow's own clean-up fails.
    """
    day = (now or datetime.now(UTC)) - timedelta(days=settings().history_days)
    runs = _forget_rows(variables, day)
    files, size = _forget_logs(Path(variables["AIRFLOW__LOGGING__BASE_LOG_FOLDER"]), day)
    return Forgotten(runs, files, size)


def _forget_rows(variables: Mapping[str, str], day: datetime) -> int:
    address = "postgresql://" + variables["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].partition("://")[2]
    with psycopg.connect(address, autocommit=True) as connection:
        (is_old,) = connection.execute(_OLD, {"day": day}).fetchone() or (False,)
        if not is_old:
            return 0
        (before,) = connection.execute("select count(*) from dag_run").fetchone() or (0,)
        (is_waited,) = connection.execute(_WAITING, {"day": day}).fetchone() or (False,)
        _clean(variables, _BESIDE if is_waited else (*_OF_RUNS, *_BESIDE), day)
        (after,) = connection.execute("select count(*) from dag_run").fetchone() or (0,)
    return int(before - after)


def _clean(variables: Mapping[str, str], tables: Sequence[str], day: datetime) -> None:
    """Airflow's own clean-up of ``tables``."""
    airflow(
        variables, "db", "clean", "--yes", "--skip-archive", "--error-on-cleanup-failure",
        "--tables", ",".join(tables), "--clean-before-timestamp", day.isoformat(),
        code="airflow-history-not-cleaned", remedy="Nothing else depends on it: look at the message, and start again.",
    )  # fmt: skip


def _forget_logs(folder: Path, day: datetime) -> tuple[int, int]:
    files = size = 0
    for path in sorted(folder.rglob("*"), reverse=True):  # what lies in a folder before the folder itself
        if path.is_dir():
            with contextlib.suppress(OSError):  # not empty
                if path.stat().st_mtime < day.timestamp():
                    path.rmdir()
        elif path.parent.name == "programs":
            size += _cut(path)
        elif not path.is_symlink() and path.stat().st_mtime < day.timestamp():
            files, size = files + 1, size + path.stat().st_size
            path.unlink()
    return files, size


def _cut(path: Path) -> int:
    """Leave the end of a log that its program goes on writing to."""
    size = path.stat().st_size
    if size <= _MOST_BYTES:
        return 0
    with path.open("r+b") as file:
        file.seek(-_KEPT_BYTES, os.SEEK_END)
        end = file.read(_KEPT_BYTES)
        file.seek(0)
        file.write(end)
        file.truncate()
    return size - len(end)

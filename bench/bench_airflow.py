"""What Airflow adds to a year's run, and how long its DAG files take to parse."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from bench.report import Ratio
from ingestion.local_airflow import run_to_end
from ingestion.local_airflow.environment import DAGS_FOLDER, environment
from ingestion.settings import REPOSITORY
from ingestion.steps.build import known_manifest
from ingestion.store import database

_YEAR = 2020
# Steps that ran side by side count as often as they ran: it is their work that is meant, not the time they took.
_OWN_WORK = """
select extract(epoch from sum(finished_at - started_at))::float8 from audit.step_outcome
where step <> 'build' or subject = 'warehouse'
"""
_PARSE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
print("PARSED " + json.dumps({stat.file: stat.duration.total_seconds() for stat in bag.dagbag_stats}))
"""


def run(size: str) -> list[Ratio]:
    """The samples' year through Airflow against the steps' own work (the size makes no difference: what Airflow adds
    is a matter of tasks, and there are at most 200 of them), and the slowest DAG file against a second."""
    known_manifest()
    started = time.perf_counter()
    result = run_to_end(_YEAR, str(REPOSITORY / "samples" / "inbox"))
    wall = time.perf_counter() - started
    if not result.is_success:
        raise RuntimeError(result.line())
    with database.connect(autocommit=True) as connection:
        row = connection.execute(_OWN_WORK).fetchone()
    own = row[0] if row else 0.0
    in_dags = sum(seconds for name, seconds in result.seconds.items() if name not in ("start", "stop"))
    outside = wall - in_dags
    file, seconds = max(_parse_seconds().items(), key=lambda item: item[1])
    note = f"{wall - own:.0f} s added: {outside:.0f} s to start and stop, {in_dags - own:.0f} s around tasks"
    return [
        Ratio("airflow", "a year's run, from start to stop", "the steps' own work", wall, own, note=note),
        Ratio("airflow", "its DAGs alone", "the steps' own work", in_dags, own),
        Ratio("airflow", "parse of the slowest DAG file", "a second", seconds, 1.0, most=1.0, note=file.lstrip("/")),
    ]


def _parse_seconds() -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _PARSE, str(DAGS_FOLDER)],
        env=environment(8080),
        capture_output=True,
        text=True,
        check=True,
    )
    told = next(line for line in done.stdout.splitlines() if line.startswith("PARSED "))
    return dict(json.loads(told.removeprefix("PARSED ")))

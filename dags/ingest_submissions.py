"""Take in what hospitals dropped for a reporting year: land, parse and load every file, then validate the batch.

A file that cannot be read does not fail its task: its outcome is a row of `audit.step_outcome` and a line of the
log, and the rest of the batch goes on. A task fails where the *machine* fails: disk, database, memory.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import Param, dag, task
from warehouse_assets import VALIDATED_SUBMISSIONS

MOST_TASKS = 200  # above this many files a task takes several: starting a task costs more than reading a return


@dag(
    schedule=None,
    max_active_runs=1,
    params={
        "reporting_year": Param(type="integer", minimum=1990, maximum=2099, title="Reporting year"),
        "inbox": Param(
            None,
            type=["null", "string"],
            title="Inbox",
            description="Folder laid out as <reporting_year>/<hospital_code>/<file>; empty: the configured inbox.",
        ),
    },
    default_args={"owner": "data-engineering"},
    tags=["yearly"],
    doc_md=__doc__,
)
def ingest_submissions() -> None:
    @task
    def find_submissions(params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The files of the year, as batches of work: one file a batch, unless there are very many."""
        from ingestion.pipeline import find_inbox
        from ingestion.settings import settings

        inbox = Path(params["inbox"] or settings().inbox_dir)
        found = find_inbox(inbox, params["reporting_year"])
        print(f"{len(found)} files for {params['reporting_year']} in {inbox}")
        size = -(-len(found) // MOST_TASKS) or 1
        batches = [found[start : start + size] for start in range(0, len(found), size)]
        return [
            {
                "label": batch[0].label + (f" and {len(batch) - 1} more" if len(batch) > 1 else ""),
                "files": [[str(f.path), f.hospital_code, f.reporting_year] for f in batch],
            }
            for batch in batches
        ]

    @task(
        map_index_template="{{ task.op_kwargs['batch']['label'] }}",
        retries=1,
        retry_delay=timedelta(seconds=10),
        max_active_tis_per_dagrun=2,
    )
    def ingest_file(batch: dict[str, Any], run_id: str | None = None) -> None:
        """Land, parse and load; taking the same bytes in again changes nothing, so a retry is safe."""
        from ingestion.pipeline import ingest_file as ingest

        for path, hospital_code, reporting_year in batch["files"]:
            outcome = ingest(Path(path), hospital_code=hospital_code, reporting_year=reporting_year, run_id=run_id)
            print(outcome.line())

    @task(outlets=[VALIDATED_SUBMISSIONS], trigger_rule="none_failed")
    def validate(
        params: dict[str, Any] | None = None, run_id: str | None = None, outlet_events: Any = None
    ) -> dict[str, Any]:
        """Validate the year as a whole; accept, flag or quarantine. Runs also when nothing new was dropped."""
        from ingestion.steps.gate import gate

        outcome = gate(params["reporting_year"], run_id=run_id)
        print(outcome.line())
        outlet_events[VALIDATED_SUBMISSIONS].extra = {"reporting_years": [params["reporting_year"]]}
        return outcome.to_json()

    ingest_file.expand(batch=find_submissions()) >> validate()


ingest_submissions()

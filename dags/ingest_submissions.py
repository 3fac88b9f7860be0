"""Take in what hospitals dropped for a reporting year: land, parse and load every file, then validate the batch.

A file that cannot be read does not fail its task: its outcome is a row of `audit.step_outcome` and a line of the
log, and the rest of the batch goes on. A task fails where the *machine* fails: disk, database, memory.

A run is about the `reporting_year` it is told; a backfill, which tells none, about the year of its logical date: the
first of January stands for its year. No run starts by that timetable itself, since a year is over long before its
submissions are there: the calendar of submissions and the inbox start them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from airflow.sdk import Param, dag, task

# Not airflow.sdk's class of that name: Airflow 3.3 writes that one without what it needs to read it again.
from airflow.timetables.events import EventsTimetable
from deadlines import takes_too_long
from warehouse_assets import AGAIN, VALIDATED_SUBMISSIONS

FIRST_YEAR = 1990
AT_ONCE = 2
FILES_A_TASK = 10  # starting a task costs more than reading a return
MOST_TASKS = 200
LOOK_AGAIN = timedelta(seconds=30)  # a task that comes back before the scheduler has booked its going is taken for lost
EVERY_YEAR = [datetime(year, 1, 1, tzinfo=UTC) for year in range(FIRST_YEAR, datetime.now(UTC).year + 1)]


def reporting_year(params: dict[str, Any], logical_date: datetime | None) -> int:
    """The year a run is about: as told, else that of its logical date in China. Problem where there is neither."""
    from ingestion.calendar import china_today
    from ingestion.errors import Problem

    if params["reporting_year"]:
        return int(params["reporting_year"])
    if logical_date is None:
        raise Problem(
            code="no-reporting-year",
            where="ingest_submissions",
            read="neither reporting_year nor a logical date",
            expected="the year to run",
            remedy="Trigger it with reporting_year, or backfill a range of dates.",
        )
    return china_today(logical_date).year


def earlier_years(logical_date: datetime) -> list[datetime]:
    """The logical dates of the years before."""
    return [moment for moment in EVERY_YEAR if moment < logical_date]


@dag(
    schedule=EventsTimetable(
        event_dates=EVERY_YEAR,
        description="Backfill: the first of January stands for its reporting year",
    ),
    catchup=False,
    max_active_runs=1,
    deadline=takes_too_long(),
    params={
        "reporting_year": Param(
            None,
            type=["null", "integer"],
            minimum=FIRST_YEAR,
            maximum=2099,
            title="Reporting year",
            description="Empty in a backfill: the year of the logical date.",
        ),
        "inbox": Param(
            None,
            type=["null", "string"],
            title="Inbox",
            description="Folder or URL of <reporting_year>/<hospital_code>/<file>; empty: the configured inbox.",
        ),
        "only_whole": Param(
            False,
            type="boolean",
            title="Only whole files",
            description="Look twice, HIW_SETTLE_SECONDS apart, and leave what grows: for while files are uploaded.",
        ),
    },
    default_args={"owner": "data-engineering", **AGAIN},
    tags=["yearly"],
    doc_md=__doc__,
)
def ingest_submissions() -> None:
    @task
    def find_submissions(params: dict[str, Any], logical_date: datetime | None = None) -> list[dict[str, Any]]:
        """The files of the year, as batches of work: some files a batch, yet no task idle while files are left."""
        from time import sleep

        from ingestion.inbox import find_inbox, settled
        from ingestion.settings import settings

        inbox, year = params["inbox"] or settings().inbox, reporting_year(params, logical_date)
        found = find_inbox(inbox, year)
        if params["only_whole"]:  # nobody who knows that all uploads are through has started this run
            sleep(settings().settle_seconds)
            found = settled(found, find_inbox(inbox, year))
        print(f"{len(found)} files for {year} in {inbox}")
        size = max(ceil(len(found) / MOST_TASKS), min(FILES_A_TASK, ceil(len(found) / AT_ONCE)), 1)
        batches = [found[start : start + size] for start in range(0, len(found), size)]
        return [
            {
                "label": batch[0].label + (f" and {len(batch) - 1} more" if len(batch) > 1 else ""),
                "files": [
                    [f.source, f.reporting_year, f.hospital_code, f.size_bytes, str(f.changed_at or "")] for f in batch
                ],
            }
            for batch in batches
        ]

    @task(
        map_index_template="{{ task.op_kwargs['batch']['label'] }}",
        max_active_tis_per_dagrun=AT_ONCE,
    )
    def ingest_files(batch: dict[str, Any], run_id: str | None = None) -> None:
        """Land, parse and load; taking the same bytes in again changes nothing, so a retry is safe."""
        from ingestion.pipeline import InboxFile, ingest_from_inbox, opened

        with opened() as connection:
            for *of_file, changed_at in batch["files"]:
                file = InboxFile(*of_file, datetime.fromisoformat(changed_at) if changed_at else None)
                print(ingest_from_inbox(file, run_id=str(run_id), connection=connection).line())

    @task(outlets=[VALIDATED_SUBMISSIONS], trigger_rule="none_failed")
    def validate(
        params: dict[str, Any],
        logical_date: datetime | None = None,
        run_id: str | None = None,
        ti: Any = None,
        outlet_events: Any = None,
    ) -> dict[str, Any]:
        """Validate the year as a whole; accept, flag or quarantine. Runs also when nothing new was dropped.

        Years of a backfill that run side by side are judged one after the other, the oldest first."""
        from airflow.sdk.exceptions import AirflowRescheduleException

        from ingestion.steps.gate import gate

        if logical_date and ti.get_dr_count(ti.dag_id, logical_dates=earlier_years(logical_date), states=["running"]):
            print("Waits for the earlier years that run")
            raise AirflowRescheduleException(datetime.now(UTC) + LOOK_AGAIN)
        outcome = gate(reporting_year(params, logical_date), run_id=str(run_id))
        print(outcome.line())
        outlet_events[VALIDATED_SUBMISSIONS].extra = {"reporting_years": outcome.reporting_years}
        return outcome.to_json()

    ingest_files.expand(batch=find_submissions()) >> validate()


ingest_submissions()

"""Wait until whole new files lie in the inbox, of whatever year and however late, and take their years in.

The wait costs no worker: it is a trigger of the triggerer. As soon as the years are taken in the next run waits for
the next files. A file counts as new until it was taken in as it is now; one that is still growing is left alone.
"""

from __future__ import annotations

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import dag
from pendulum import datetime
from waiting import WaitForFilesOperator
from warehouse_assets import AGAIN


@dag(
    schedule="@continuous",
    start_date=datetime(1990, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "data-engineering", **AGAIN},
    tags=["yearly"],
    doc_md=__doc__,
)
def watch_inbox() -> None:
    files = WaitForFilesOperator(task_id="wait_for_files")
    TriggerDagRunOperator.partial(
        task_id="ingest",
        trigger_dag_id="ingest_submissions",
        wait_for_completion=True,
        deferrable=True,
        poke_interval=10,
        logical_date=None,
        map_index_template="{{ task.conf['reporting_year'] }}",
    ).expand(conf=files.output)


watch_inbox()

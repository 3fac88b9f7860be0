"""On every due day of the calendar: wait for what is due, tell of what is missing when the day is over, run the year.

A run begins at midnight in China with the due day and ends when everything has come, or when the windows close; then
the year is taken in once more, with what came late. The deadline is the end of the due day: a run that still waits
then has Airflow tell who owes what. The dates are those of dbt_project/seeds/submission_calendar.csv.
"""

from __future__ import annotations

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import dag

# Not airflow.sdk's class of that name: Airflow 3.3 writes that one without what it needs to read it again.
from airflow.timetables.events import EventsTimetable
from deadlines import not_received
from pendulum import instance
from waiting import WaitUntilReceivedOperator
from warehouse_assets import AGAIN

from ingestion.calendar import due_days, read_calendar, start_of_day


@dag(
    schedule=EventsTimetable(
        event_dates=[instance(start_of_day(day)) for day in due_days(read_calendar())],
        description="Every due day of the calendar of submissions, from midnight in China",
    ),
    catchup=False,
    deadline=not_received(),
    default_args={"owner": "data-engineering", **AGAIN},
    tags=["yearly"],
    doc_md=__doc__,
)
def await_due_submissions() -> None:
    due = WaitUntilReceivedOperator(task_id="wait_until_received")
    TriggerDagRunOperator.partial(
        task_id="ingest",
        trigger_dag_id="ingest_submissions",
        logical_date=None,
        map_index_template="{{ task.conf['reporting_year'] }}",
    ).expand(conf=due.output)


await_due_submissions()

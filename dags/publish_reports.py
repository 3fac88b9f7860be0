"""Publish what people read after a build: validation report, documentation of the warehouse, summary of the run."""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task
from cosmos.operators.local import DbtDocsLocalOperator
from dbt_on_cosmos import keep_docs, local_dbt
from deadlines import takes_too_long
from warehouse_assets import AGAIN, WAREHOUSE


@dag(
    schedule=[WAREHOUSE],
    max_active_runs=1,
    deadline=takes_too_long(),
    default_args={"owner": "data-engineering", **AGAIN},
    tags=["yearly"],
    doc_md=__doc__,
)
def publish_reports() -> None:
    @task
    def publish(triggering_asset_events: Any = None, run_id: str | None = None) -> list[dict[str, Any]]:
        """Every reporting year of the builds that led here, each once."""
        from ingestion.steps.report import publish as publish_year

        years = {year for event in triggering_asset_events[WAREHOUSE] for year in event.extra["reporting_years"]}
        outcomes = [publish_year(year, run_id=run_id) for year in sorted(years)]
        for outcome in outcomes:
            print(outcome.summary())
        return [outcome.to_json() for outcome in outcomes]

    docs = DbtDocsLocalOperator(
        task_id="dbt_docs", dbt_cmd_flags=["--static", "--no-compile"], callback=keep_docs, **local_dbt()
    )
    docs >> publish()


publish_reports()

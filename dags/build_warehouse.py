"""Build the star from what was accepted: seeds, models and their tests, in one dbt process run by Cosmos.

Every mart of dbt's manifest is an asset of the build: its newest event says when it was built, how long that took
and how many of its tests passed. README.md beside this file says why the build is one task and not one a model.
"""

from __future__ import annotations

from airflow.sdk import dag
from dbt_on_cosmos import MANIFEST, BuildAloneOperator, keep_results, local_dbt, mart_assets
from deadlines import takes_too_long
from warehouse_assets import AGAIN, VALIDATED_SUBMISSIONS, WAREHOUSE


@dag(
    schedule=[VALIDATED_SUBMISSIONS],
    max_active_runs=1,
    deadline=takes_too_long(),
    default_args={"owner": "analytics-engineering", **AGAIN},
    tags=["yearly"],
    doc_md=__doc__,
)
def build_warehouse() -> None:
    BuildAloneOperator(
        task_id="dbt_build",
        outlets=[WAREHOUSE, *mart_assets(MANIFEST)],
        callback=keep_results,
        **local_dbt(),
    )


build_warehouse()

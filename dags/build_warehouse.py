"""Build the star from what was accepted: seeds, models and their tests, in one dbt process run by Cosmos.

Every mart of dbt's manifest is an asset of the build: its newest event says when it was built, how long that took
and how many of its tests passed. README.md beside this file says why the build is one task and not one a model.
"""

from __future__ import annotations

from airflow.sdk import dag
from cosmos import DbtBuildLocalOperator, InvocationMode, ProfileConfig
from dbt_results import keep_results, mart_assets
from warehouse_assets import VALIDATED_SUBMISSIONS, WAREHOUSE

from ingestion.settings import settings

PROJECT = settings().dbt_project_dir
MANIFEST = settings().local_dir / "dbt" / "target" / "manifest.json"


@dag(
    schedule=[VALIDATED_SUBMISSIONS],
    max_active_runs=1,
    default_args={"owner": "analytics-engineering"},
    tags=["yearly"],
    doc_md=__doc__,
)
def build_warehouse() -> None:
    DbtBuildLocalOperator(
        task_id="dbt_build",
        project_dir=str(PROJECT),
        manifest_filepath=str(MANIFEST),
        profile_config=ProfileConfig(
            profile_name="hospital_indicators",
            target_name="warehouse",
            profiles_yml_filepath=PROJECT / "profiles.yml",
        ),
        invocation_mode=InvocationMode.DBT_RUNNER,
        install_deps=False,
        emit_datasets=False,  # the outlets below say more than names
        should_store_compiled_sql=False,
        outlets=[WAREHOUSE, *mart_assets(MANIFEST)],
        callback=keep_results,
    )


build_warehouse()

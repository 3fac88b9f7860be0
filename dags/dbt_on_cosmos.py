"""dbt under Cosmos: how it is called, and what a run leaves behind for the docs, for queries and on the assets."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.sdk import Asset
from cosmos import InvocationMode, ProfileConfig
from cosmos.operators.local import DbtBuildLocalOperator
from warehouse_assets import GROUP, VALIDATED_SUBMISSIONS, WAREHOUSE

from ingestion.settings import settings

MANIFEST = settings().local_dir / "dbt" / "target" / "manifest.json"
_ARTIFACTS = ("manifest.json", "run_results.json")
_FAILED = ("error", "fail", "runtime error")
_MART_SCHEMAS = ("marts", "quality")


class BuildAloneOperator(DbtBuildLocalOperator):
    """``dbt build`` while nobody else builds, validates or loads: the same lock that ``hiw build`` takes."""

    def execute(self, context: Any, **kwargs: Any) -> Any:
        """Wait for the warehouse, then run dbt. Fails where the lock was lost meanwhile; a retry builds afresh."""
        from ingestion.store import locks

        with locks.alone():
            return super().execute(context, **kwargs)


def mart_assets(manifest: Path) -> list[Asset]:
    """One asset a table that people read; none before ``dbt parse`` has written the manifest."""
    if not manifest.exists():
        return []
    nodes = json.loads(manifest.read_bytes())["nodes"].values()
    return [
        Asset(name=f"{node['schema']}.{node['name']}", group=GROUP)
        for node in sorted(nodes, key=lambda node: str(node["unique_id"]))
        if node["resource_type"] == "model" and node["schema"] in _MART_SCHEMAS
    ]


def local_dbt() -> dict[str, Any]:
    """Arguments of every Cosmos operator here: this project, its profiles.yml, dbt within the task's own process."""
    project = settings().dbt_project_dir
    return {
        "project_dir": str(project),
        "profile_config": ProfileConfig(
            profile_name="hospital_indicators",
            target_name="warehouse",
            profiles_yml_filepath=project / "profiles.yml",
        ),
        "manifest_filepath": str(MANIFEST),
        "cache_dir": MANIFEST.parents[1] / "cosmos",  # what dbt parsed last: an unchanged project is not parsed again
        "invocation_mode": InvocationMode.DBT_RUNNER,
        "install_deps": False,
        "emit_datasets": False,  # our own outlets say more than names
        "should_store_compiled_sql": False,
    }


def keep_docs(project_dir: str, **_: Any) -> None:
    """Put the documentation, one page that needs no server, among the reports."""
    page = settings().reports_dir / "dbt_docs" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(project_dir) / "target" / "static_index.html", page)


def keep_results(project_dir: str, context: Any) -> None:
    """Cosmos calls this after dbt, whether it succeeded or not, while its working copy of the project still exists.

    Copies the artifacts to where the docs are made from, writes the outcome of the build and of every model to
    audit.step_outcome, and tells the assets. A build that was asked for by hand (no asset event) concerns the years
    in its conf, ``{"reporting_years": [2020]}``, or none: then nothing is published after it.
    """
    source = Path(project_dir) / "target"
    if not (source / "run_results.json").exists():  # dbt ended before it ran a node; its own message says why
        return
    target = MANIFEST.parent
    target.mkdir(parents=True, exist_ok=True)
    for name in _ARTIFACTS:
        shutil.copyfile(source / name, target / f"{name}.new")
        (target / f"{name}.new").replace(target / name)
    nodes = json.loads((source / "manifest.json").read_bytes())["nodes"]
    run = json.loads((source / "run_results.json").read_bytes())
    results = run["results"]
    _record(results, run_id=context["run_id"], elapsed=run["elapsed_time"])
    _emit_lineage(target)

    years = _reporting_years(context)
    events = context["outlet_events"]
    events[WAREHOUSE].extra = {"reporting_years": years}
    tests = [result for result in results if _is_test(result)]
    for result in results:
        node = nodes.get(result["unique_id"], {})
        if node.get("resource_type") == "model" and node["schema"] in _MART_SCHEMAS:
            own = [t for t in tests if result["unique_id"] in nodes[t["unique_id"]]["depends_on"]["nodes"]]
            events[Asset(name=f"{node['schema']}.{node['name']}", group=GROUP)].extra = {
                "reporting_years": years,
                "status": result["status"],
                "seconds": round(result["execution_time"], 3),
                "rows": _rows(result),
                "tests": len(own),
                "tests_passed": sum(test["status"] == "pass" for test in own),
            }
    _refuse_what_tests_found(results)


def _refuse_what_tests_found(results: list[dict[str, Any]]) -> None:
    """Fail for good where nothing but tests failed: the same data would fail them again."""
    from airflow.sdk.exceptions import AirflowFailException

    failed = [result for result in results if result["status"] in _FAILED]
    if failed and all(result["status"] == "fail" for result in failed):
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        raise AirflowFailException(f"{failed[0]['unique_id']}{more}: {failed[0]['message']}")


def _reporting_years(context: Any) -> list[int]:
    events = context["triggering_asset_events"]
    asked = (context["dag_run"].conf or {}).get("reporting_years", [])
    told = [year for event in events[VALIDATED_SUBMISSIONS] for year in event.extra["reporting_years"]]
    return sorted({*asked, *told})


def _rows(result: dict[str, Any]) -> int | None:
    """Rows of a table or seed; Postgres says -1 where a view was made."""
    rows = result["adapter_response"].get("rows_affected", -1)
    return None if rows < 0 else rows


def _record(results: list[dict[str, Any]], *, run_id: str, elapsed: float) -> None:
    """A row for the build, and one for every node that was built or failed; a line of the log for what failed."""
    from datetime import timedelta

    from ingestion.store import database
    from ingestion.store.outcomes import now, record

    ended = now()
    failed = [result for result in results if result["status"] in _FAILED]
    with database.connect() as connection:
        for result in results:
            if result in failed:
                print(f"{result['unique_id']}: {result['message']}")
            if result in failed or not _is_test(result):
                started, finished = _when(result)
                record(
                    connection,
                    run_id=run_id,
                    step="build",
                    subject=result["unique_id"],
                    status="failed" if result in failed else "refused" if result["status"] == "skipped" else "done",
                    message=f"{result['status']}: {result['message'] or ''}".rstrip(": "),
                    started_at=started or ended,
                    finished_at=finished,
                    rows_out=_rows(result),
                )
        built = sum(not _is_test(result) and result["status"] == "success" for result in results)
        tests_failed = sum(map(_is_test, failed))
        tests_passed = sum(_is_test(result) and result["status"] == "pass" for result in results)
        record(
            connection,
            run_id=run_id,
            step="build",
            subject="warehouse",
            status="failed" if failed else "done",
            rows_out=built,
            rows_refused=tests_failed,
            message=f"{built} models and seeds built, {tests_passed} tests passed, {tests_failed} failed",
            started_at=ended - timedelta(seconds=elapsed),
        )
        connection.commit()


def _when(result: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """When a node was begun and done; dbt says it in UTC, and nothing where the node did not run."""
    for timing in result["timing"]:
        if timing["name"] == "execute" and timing["completed_at"]:
            began, done = (datetime.fromisoformat(timing[name]) for name in ("started_at", "completed_at"))
            return began.astimezone(UTC), done.astimezone(UTC)
    return None, None


def _emit_lineage(target: Path) -> None:
    from ingestion.openlineage_events import emit

    print(f"{emit(target)} OpenLineage events")


def _is_test(result: dict[str, Any]) -> bool:
    return str(result["unique_id"]).startswith("test.")

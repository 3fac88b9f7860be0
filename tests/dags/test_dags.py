"""The DAG files through real Airflow: they import, they are light, the assets link them, the table lists them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.calendar import read_calendar
from ingestion.settings import REPOSITORY, settings
from ingestion.steps.build import parse_manifest

pytestmark = pytest.mark.dags
DAGS = REPOSITORY / "dags"


def describe(folder: Path, home: Path, local_dir: Path) -> dict[str, Any]:
    """What Airflow makes of the DAG files of ``folder``, in a fresh interpreter with a home of its own."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("describe_dags.py")), str(folder)],
        env={
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
            "DO_NOT_TRACK": "1",
            "HIW_LOCAL_DIR": str(local_dir),
            "PYTHONPATH": os.pathsep.join([str(folder), str(REPOSITORY)]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("DESCRIBED ")]
    assert told, done.stdout + done.stderr
    return dict(json.loads(told[0].removeprefix("DESCRIBED ")))


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    local_dir = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIW_LOCAL_DIR", str(local_dir))
        settings.cache_clear()
        parse_manifest()
    settings.cache_clear()
    return describe(DAGS, tmp_path_factory.mktemp("airflow"), local_dir)


@pytest.fixture(scope="module")
def tasks(described: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{dag_id}.{name}": task for dag_id, dag in described["dags"].items() for name, task in dag["tasks"].items()
    }


def test_every_file_imports(described: dict[str, Any]) -> None:
    assert described["import_errors"] == {}
    assert set(described["dags"]) == {
        "ingest_submissions", "build_warehouse", "publish_reports", "watch_inbox", "await_due_submissions",
        "review_findings",
    }  # fmt: skip


def test_nothing_heavy_is_imported_at_the_top(described: dict[str, Any]) -> None:
    assert described["heavy"] == []


def test_the_dags_import_where_dbt_has_not_parsed_yet(tmp_path: Path) -> None:
    found = describe(DAGS, tmp_path / "airflow", tmp_path / "local")
    assert found["import_errors"] == {}
    assert found["dags"]["build_warehouse"]["tasks"]["dbt_build"]["outlets"] == ["warehouse"]


def test_a_heavy_import_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "heavy.py").write_text("from airflow.sdk import dag\nimport ingestion.pipeline\n")
    found = describe(tmp_path, tmp_path / "airflow", tmp_path / "local")
    assert "ingestion.pipeline" in found["heavy"]


def test_assets_link_the_three(described: dict[str, Any], tasks: dict[str, Any]) -> None:
    assert described["dags"]["ingest_submissions"]["triggered_by"] == []
    assert described["dags"]["build_warehouse"]["triggered_by"] == ["validated_submissions"]
    assert described["dags"]["publish_reports"]["triggered_by"] == ["warehouse"]
    assert tasks["ingest_submissions.validate"]["outlets"] == ["validated_submissions"]
    assert "warehouse" in tasks["build_warehouse.dbt_build"]["outlets"]


def test_every_mart_of_the_manifest_is_an_asset_of_the_build(tasks: dict[str, Any]) -> None:
    outlets = set(tasks["build_warehouse.dbt_build"]["outlets"])
    marts = {f"marts.{path.stem}" for path in settings().dbt_project_dir.glob("models/marts/**/*.sql")}
    assert {"marts.fct_indicator_value", "marts.dim_hospital"} <= marts
    assert marts <= outlets


def test_ingestion_is_labelled_tasks_of_some_files_then_the_gate(tasks: dict[str, Any]) -> None:
    ingest = tasks["ingest_submissions.ingest_files"]
    assert ingest["is_mapped"]
    assert ingest["label"] == "{{ task.op_kwargs['batch']['label'] }}"
    assert ingest["upstream"] == ["find_submissions"]
    gate = tasks["ingest_submissions.validate"]
    assert gate["upstream"] == ["ingest_files"]
    assert gate["trigger_rule"] == "none_failed"  # an empty inbox skips the files, not the gate


def test_docs_are_made_before_the_reports_that_link_them(tasks: dict[str, Any]) -> None:
    assert tasks["publish_reports.publish"]["upstream"] == ["dbt_docs"]


def test_one_run_of_a_dag_at_a_time(described: dict[str, Any]) -> None:
    several = {dag_id for dag_id, dag in described["dags"].items() if dag["max_active_runs"] != 1}
    assert several == {"await_due_submissions", "review_findings"}, "these wait for others, side by side"


def test_a_backfill_of_any_range_has_a_run_a_year(described: dict[str, Any]) -> None:
    events = described["dags"]["ingest_submissions"]["events"]
    assert "2017-01-01 00:00:00+00:00" in events
    assert all(moment[4:] == "-01-01 00:00:00+00:00" for moment in events)
    assert max(events) <= f"{datetime.now(UTC):%F}", "no run starts by itself before its year has begun"


def test_the_calendar_decides_when_submissions_are_due(described: dict[str, Any]) -> None:
    due = {f"{window.due_on} 00:00:00+08:00" for window in read_calendar()}
    assert set(described["dags"]["await_due_submissions"]["events"]) == due


def test_deadlines(described: dict[str, Any]) -> None:
    assert {dag_id: dag["deadlines"] for dag_id, dag in described["dags"].items()} == {
        "ingest_submissions": ["takes too long"],
        "build_warehouse": ["takes too long"],
        "publish_reports": ["takes too long"],
        "watch_inbox": [],
        "review_findings": [],
        "await_due_submissions": ["not received by the due date"],
    }


def test_no_year_stands_in_a_dag_file() -> None:
    files = {path.name: path.read_text() for path in DAGS.glob("*.py")}
    assert "ingest_submissions.py" in files
    # The bounds of the parameter are no year of anybody's data; a year in the docs of a function is an example.
    found = {
        name: years
        for name, text in files.items()
        if (years := re.findall(r"\b20[0-4]\d\b", text.replace("[2020]}``", "").replace("maximum=2099", "")))
    }
    assert found == {}


def test_the_table_lists_every_dag_with_its_owner(described: dict[str, Any]) -> None:
    table = [line for line in (DAGS / "README.md").read_text().splitlines() if line.startswith("| `")]
    rows = {cells[0].strip("` "): cells[-1].strip() for line in table if len(cells := line.strip("|").split("|")) == 5}
    assert rows == {dag_id: dag["owner"] for dag_id, dag in described["dags"].items()}
    assert all(dag["doc"] for dag in described["dags"].values())

"""The star: dbt against its own SQL run bare, a late resubmission against a build of everything, dashboards, growth.

The history is written by SQL as the earlier steps leave it: ten years of accepted returns with their gate runs. What
dbt adds to the bare statements is keys, comments, statistics, tests and its own bookkeeping; its start-up is not
counted. Work is the time that the server was busy for the database, whatever the number of connections.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import yaml

from bench.report import Ratio
from ingestion.forms import reference
from ingestion.gate import outcomes
from ingestion.gate.rules import load_rules
from ingestion.settings import REPOSITORY, settings
from ingestion.store import database
from ingestion.store.dbt_environment import dbt_environment

_HERE = Path(__file__).parent
_HOSPITALS = {"small": (20, 80), "national": (300, 3000)}
"""Hospitals at which the star is built: growth is told between the two, everything else at the larger."""
_YEARS = {"small": (2022, 2024), "national": (2015, 2024)}
_DATASETS = REPOSITORY / "bi" / "superset" / "assets" / "datasets"
_FORM = "secondary_national_return"


@dataclass(frozen=True)
class Built:
    """One build: seconds of dbt after its start-up, seconds that the server worked, figures in the star."""

    seconds: float
    work: float
    figures: int


def run(size: str) -> list[Ratio]:
    """Build the star at two sizes, the larger one bare and after a resubmission too, and ask what dashboards ask."""
    return measure(*_HOSPITALS[size], *_YEARS[size], is_judged=size == "national")


def measure(few: int, many: int, first_year: int, last_year: int, *, is_judged: bool) -> list[Ratio]:
    """The ratios at these sizes; limits hold where the fixed cost of a node is small beside its rows (is_judged)."""
    with tempfile.TemporaryDirectory(prefix="hiw_bench_star_") as folder:
        project = Path(folder) / "dbt_project"
        shutil.copytree(settings().dbt_project_dir, project, ignore=shutil.ignore_patterns("target", "logs"))
        with database.connect(autocommit=True) as connection:
            reference.sync(connection)
            forms = [row[0] for row in connection.execute("select form from reference.form")]
            outcomes.register_rules(connection, load_rules(forms=forms))
        register(project, many, first_year, last_year)
        fill(1, few, first_year, last_year)
        small = build(project, "--full-refresh")
        fill(few + 1, many, first_year, last_year)
        full = build(project, "--full-refresh")
        bare = run_bare(project)
        resubmit(f"B{many // 2:05d}", last_year)
        late = build(project)
    note = f"{many:,} hospitals, {last_year - first_year + 1} years, {full.figures:,} figures"
    million = 1_000_000
    return [
        Ratio(
            "star", "dbt build of everything", "its SQL bare", full.seconds, bare, 1.5 if is_judged else None,
            note=note,
        ),
        Ratio(
            "star", "work of a late resubmission", "of a build of everything", late.work, full.work,
            0.05 if is_judged else None, note=f"{note}; dbt took {late.seconds:.0f} s in all",
        ),
        Ratio(
            "star", "work per million figures", f"at {small.figures:,}", full.work / full.figures * million,
            small.work / small.figures * million, 1.2 if is_judged else None, note=note,
        ),
        *(
            Ratio("star", question, "wanted", milliseconds, 200, 1, unit="ms", note=f"{note}, {rows} rows")
            for question, milliseconds, rows in ask(f"B{many // 2:05d}", last_year)
        ),
    ]  # fmt: skip


def register(project: Path, hospitals: int, first_year: int, last_year: int) -> None:
    """Put the hospitals into the project's register and the years into its calendar."""
    with (project / "seeds" / "hospital.csv").open("a", encoding="utf-8", newline="") as seed:
        writer = csv.writer(seed, lineterminator="\n")
        for number in range(1, hospitals + 1):
            region = number % 20
            writer.writerow([
                f"B{number:05d}", f"第{number}医院", f"Hospital {number}", "2A", "二级甲等", f"{region:02d}",
                f"第{region}市", "综合医院", f"{first_year}-01-01", "",
            ])  # fmt: skip
    with (project / "seeds" / "submission_calendar.csv").open("r+", encoding="utf-8", newline="") as seed:
        known = {(row["reporting_year"], row["form"]) for row in csv.DictReader(seed)}
        for year in range(first_year, last_year + 1):
            if (str(year), _FORM) not in known:
                seed.write(f"{year},{_FORM},2,{year + 1}-03-01,{year + 1}-05-31,{year + 1}-06-30\n")


def fill(first_hospital: int, last_hospital: int, first_year: int, last_year: int) -> None:
    """Write the accepted history of these hospitals and years."""
    parameters = {
        "first_hospital": first_hospital, "last_hospital": last_hospital, "first_year": first_year,
        "last_year": last_year,
    }  # fmt: skip
    _run_file("star_history.sql", parameters)
    with database.connect(autocommit=True) as connection:
        connection.execute("vacuum analyze")


def resubmit(hospital_code: str, year: int) -> None:
    """Let one hospital restate one year, and the gate look at that year again."""
    _run_file("star_resubmission.sql", {"hospital": hospital_code, "year": year})


def _run_file(name: str, parameters: dict[str, Any]) -> None:
    statements = (_HERE / name).read_text(encoding="utf-8").split(";\n")
    with database.connect() as connection, psycopg.ClientCursor(connection) as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("set local work_mem = '256MB'")
        for statement in filter(str.strip, statements):
            cursor.execute(statement, parameters)  # type: ignore[arg-type]
        connection.commit()


def build(project: Path, *arguments: str) -> Built:
    """Run ``dbt build`` as `hiw build` does. Raises RuntimeError with the end of its output where it fails."""
    before = _busy()
    done = subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--log-path", str(project / "logs"), "build",
            *arguments, "--project-dir", str(project), "--profiles-dir", str(project),
            "--target-path", str(project / "target"),
        ],
        env={**os.environ, **dbt_environment(database.dsn())},
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stdout[-4000:] + done.stderr[-2000:])
    results = json.loads((project / "target" / "run_results.json").read_bytes())
    _keep_timings(results, "full" if arguments else "late")
    with database.connect() as connection:
        figures = connection.execute("select count(*) from marts.fct_indicator_value").fetchone()[0]  # type: ignore[index]
    return Built(results["elapsed_time"], _busy() - before, figures)


def _keep_timings(results: dict[str, Any], name: str) -> None:
    """Where HIW_BENCH_TIMINGS names a folder: the seconds of every node, slowest first, to see what to mend."""
    if folder := os.environ.get("HIW_BENCH_TIMINGS"):
        nodes = sorted(results["results"], key=lambda node: -node["execution_time"])
        lines = [f"{node['execution_time']:8.2f} {node['unique_id']}" for node in nodes]
        page = Path(folder) / f"{len(list(Path(folder).iterdir()))}_{name}.txt"
        page.write_text("\n".join(lines), encoding="utf-8")


def _busy() -> float:
    """Seconds that the server has worked for this database."""
    with database.connect(autocommit=True) as connection:
        time.sleep(1.5)  # sessions tell what they did when they end, or after a second
        connection.execute("select pg_stat_clear_snapshot()")
        row = connection.execute(
            "select active_time / 1000 from pg_stat_database where datname = current_database()"
        ).fetchone()
        assert row is not None
        return float(row[0])


def run_bare(project: Path) -> float:
    """Seconds of the statements of the last build alone, each making a table without keys, one after the other."""
    results = json.loads((project / "target" / "run_results.json").read_bytes())["results"]
    manifest = json.loads((project / "target" / "manifest.json").read_bytes())["nodes"]
    seconds = 0.0
    with database.connect(autocommit=True) as connection:
        connection.execute("create schema bare")
        for result in results:
            node = manifest.get(result["unique_id"], {})
            if node.get("resource_type") != "model" or node["config"]["materialized"] == "view":
                continue
            sql = result["compiled_code"]
            started = time.perf_counter()
            connection.execute(f"create table bare.{node['name']} as {sql}")
            seconds += time.perf_counter() - started
            connection.execute(f"drop table bare.{node['name']}")
        connection.execute("drop schema bare")
    return seconds


def ask(hospital_code: str, year: int) -> list[tuple[str, float, int]]:
    """What dashboards ask, by the queries of their datasets: question, milliseconds (median of five), rows."""
    hospital = f"hospital_code = '{hospital_code}'"
    line = "line_code = '1'"
    questions = [
        ("what is it", "indicator_figure", f"{hospital} and year = {year}"),
        ("what was promised, are we on track", "plan_target", hospital),
        ("how does it go on", "indicator_figure", f"{hospital} and {line}"),
        ("how do we compare", "indicator_figure", f"{line} and year = {year} and level_group like '二级%'"),
        ("are we outside the limits", "funnel", f"indicator like '1 %' and year = {year}"),
        ("where does it come from", "statement", f"{hospital} and {line} and year = {year}"),
    ]
    found = []
    with database.connect(autocommit=True) as connection:
        for question, dataset, condition in questions:
            sql = yaml.safe_load((_DATASETS / f"{dataset}.yaml").read_text(encoding="utf-8"))["sql"]
            query = f"select * from ({sql}) as virtual_table where {condition}"  # noqa: S608 - both are our own
            seconds, rows = [], 0
            for _ in range(6):
                started = time.perf_counter()
                rows = len(connection.execute(query).fetchall())  # type: ignore[arg-type]
                seconds.append(time.perf_counter() - started)
            if not rows:
                raise AssertionError(f"{dataset}: nothing found where {condition}")
            found.append((question, statistics.median(seconds[1:]) * 1000, rows))
    return found

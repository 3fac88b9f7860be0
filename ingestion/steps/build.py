"""Build: the star schema from what was accepted, by dbt, with its tests and its documentation."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from ingestion.calendar import read_calendar, refuse_unknown_forms
from ingestion.errors import Problem
from ingestion.forms import reference
from ingestion.forms.form import all_forms
from ingestion.openlineage_events import emit
from ingestion.processes import die_with_parent
from ingestion.settings import settings
from ingestion.store import database, locks
from ingestion.store.dbt_environment import dbt_environment
from ingestion.store.outcomes import now, record
from ingestion.store.seeds import refuse_unreadable

_FAILED = {"error", "fail", "runtime error"}
_MESSAGE_LENGTH = 600
_TRACEBACK = re.compile(r"Traceback \(most recent call last\)|--- Logging error ---")
_NODE_DONE = re.compile(r"\b([0-9]+) of ([0-9]+) (?!START)[A-Z]")
"""What dbt prints of each node that has ended: ``12 of 371 OK created …``, ``PASS``, ``ERROR``, ``SKIP``."""


@dataclass(frozen=True)
class BuildOutcome:
    """One build: how many nodes of each kind, how its tests went, rows of each table, where its documentation is."""

    status: str
    models: int
    seeds: int
    tests_passed: int
    tests_failed: int
    tests_warned: int
    warnings: tuple[str, ...]
    seconds: float
    docs_path: str | None

    def line(self) -> str:
        """One line for people."""
        tests = f"{self.tests_passed} tests passed"
        tests += f", {self.tests_warned} warned ({', '.join(self.warnings)})" if self.tests_warned else ""
        tests += f", {self.tests_failed} failed" if self.tests_failed else ""
        return f"build {self.status}: {self.models} models, {self.seeds} seeds, {tests}, {self.seconds:.0f} s"

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return asdict(self)


def build(*, run_id: str, on_progress: Callable[[int, int], None] | None = None) -> BuildOutcome:
    """Run ``dbt build`` (seeds, models, tests) and make the documentation, into ``settings().local_dir / "dbt"``.

    The lists of forms, units and names in the warehouse are those of the data files, also after an upgrade alone.
    One build of a warehouse runs at a time, and nothing is loaded meanwhile; a second one waits. Writes one row to
    audit.step_outcome. Raises Problem with the first node that failed and its message; what does not depend on that
    node is built all the same. A calendar that cannot be is refused before anything is built. ``on_progress`` is told
    how many nodes are through, and of how many.
    """
    started = now()
    # What cannot be is named by its line here, and not by a test of dbt after everything was built.
    refuse_unknown_forms(read_calendar(), all_forms())
    refuse_unreadable()
    with locks.alone():
        with database.connect() as connection:
            reference.sync(connection)
        (target_dir() / "run_results.json").unlink(missing_ok=True)  # never read those of an earlier build
        done = _dbt("build", environment=dbt_environment(database.dsn()), on_progress=on_progress)
        outcome, problem = _outcome(done, started)
        if (target_dir() / "run_results.json").exists():
            emit(target_dir())
        if problem is None:
            outcome = BuildOutcome(**{**asdict(outcome), "docs_path": str(_docs())})
        _record(outcome, problem, run_id=run_id, started_at=started)
    if problem:
        raise problem
    return outcome


def parse_manifest(dsn: str | None = None) -> Path:
    """Write dbt's manifest, which the DAGs are made from; needs no server. Returns its path.

    Where ``dsn`` names the warehouse that they build, their dbt goes on from what was parsed here: it parses only what
    changed, as long as profiles.yml is read in the same environment.
    """
    done = _dbt("parse", environment=dbt_environment(dsn) if dsn else {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"})
    manifest = target_dir() / "manifest.json"
    if done.returncode or not manifest.exists():
        raise _not_run(done)
    if dsn:
        known = target_dir().parent / "cosmos" / "target"  # where Cosmos looks for it: see dags/dbt_on_cosmos.py
        known.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(target_dir() / "partial_parse.msgpack", known / "partial_parse.msgpack")
    return manifest


def known_manifest() -> Path:
    """dbt's manifest as the last parse or build left it; made anew where a file of the project has changed since."""
    manifest = target_dir() / "manifest.json"
    changed = max(path.stat().st_mtime for path in settings().dbt_project_dir.rglob("*"))
    return manifest if manifest.exists() and manifest.stat().st_mtime > changed else parse_manifest(database.dsn())


def target_dir() -> Path:
    """dbt's artifacts: manifest.json, run_results.json, catalog.json; beside the checkout, which may be read-only."""
    return settings().local_dir / "dbt" / "target"


def _docs() -> Path:
    """The documentation as one page that needs no server, among the reports."""
    done = _dbt("docs", "generate", "--static", "--no-compile", environment=dbt_environment(database.dsn()))
    if done.returncode:
        raise _not_run(done)
    page = settings().reports_dir / "dbt_docs" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(target_dir() / "static_index.html", page))


def _dbt(
    *arguments: str, environment: dict[str, str], on_progress: Callable[[int, int], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run dbt in a process of its own: its settings, loggers and threads are global to a process."""
    folder = settings().local_dir / "dbt"
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    (folder / "logs" / "dbt.log").touch()  # where it may not write, dbt ends without a word
    project = settings().dbt_project_dir
    printed: list[str] = []
    with subprocess.Popen(
        [
            sys.executable, "-m", "dbt.cli.main", "--log-path", str(folder / "logs"), "--no-use-colors",
            *arguments, "--project-dir", str(project), "--profiles-dir", str(project),
            "--target-path", str(target_dir()),
            # As Airflow's builds name them: dbt parses a project again where they are named otherwise.
            "--profile", "hospital_indicators", "--target", "warehouse",
        ],
        env={**os.environ, **environment},
        cwd=folder,
        preexec_fn=die_with_parent,  # a dbt that outlives us would build on without our lock
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:  # fmt: skip
        try:
            for line in process.stdout or ():
                printed.append(line)
                if on_progress and (ended := _NODE_DONE.search(line)):
                    on_progress(int(ended[1]), int(ended[2]))
        except KeyboardInterrupt:
            process.kill()  # at once: our lock on the warehouse goes before this process does
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, "".join(printed))


def _outcome(done: subprocess.CompletedProcess[str], started: datetime) -> tuple[BuildOutcome, Problem | None]:
    results_file = target_dir() / "run_results.json"
    results = json.loads(results_file.read_bytes())["results"] if results_file.exists() else []
    by_kind = Counter((_kind(result), result["status"]) for result in results)
    failed = [result for result in results if result["status"] in _FAILED]
    warned = [result for result in results if result["status"] == "warn"]
    outcome = BuildOutcome(
        status="failed" if failed or done.returncode else "done",
        models=by_kind["model", "success"],
        seeds=by_kind["seed", "success"],
        tests_passed=by_kind["test", "pass"],
        tests_failed=sum(_kind(result) == "test" for result in failed),
        tests_warned=len(warned),
        warnings=tuple(_name(result) for result in warned),
        seconds=round((now() - started).total_seconds(), 1),
        docs_path=None,
    )
    if failed:
        return outcome, _failure(failed)
    return outcome, _not_run(done) if done.returncode else None


def _kind(result: dict[str, Any]) -> str:
    return str(result["unique_id"]).split(".")[0]


def _name(result: dict[str, Any]) -> str:
    return str(result["unique_id"]).split(".")[2]


def _failure(failed: list[dict[str, Any]]) -> Problem:
    first = failed[0]
    others = f" ({len(failed) - 1} more failed)" if len(failed) > 1 else ""
    is_test = _kind(first) == "test"
    return Problem(
        code="build-test-failed" if is_test else "build-failed",
        where=f"{_kind(first)} {_name(first)}",
        read=_one_line(first["message"] or first["status"]) + others,
        expected=_description(first) or "no failing row" if is_test else "a model that builds",
        remedy=f"Its SQL: {target_dir() / 'compiled'}; the log: {settings().local_dir / 'dbt' / 'logs'}.",
    )


def _description(result: dict[str, Any]) -> str:
    """What the dbt project says of a node in both languages: of a test what holds, and what to do where it does not."""
    nodes = json.loads((target_dir() / "manifest.json").read_bytes())["nodes"]
    return _one_line(nodes.get(result["unique_id"], {}).get("description", "")).removesuffix("。").removesuffix(".")


def _not_run(done: subprocess.CompletedProcess[str]) -> Problem:
    """dbt ended before it ran a node: what it printed last, up to its traceback, says why."""
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    first = next((n for n, line in enumerate(lines) if "Encountered an error" in line), max(len(lines) - 8, 0))
    said = takewhile(lambda line: not _TRACEBACK.search(line), lines[first:])
    return Problem(
        code="build-not-run",
        where=f"dbt, exit status {done.returncode}",
        read=_one_line(" ".join(said)) or "no output",
        expected="a project that parses, a warehouse that answers and room for what is built",
        remedy=f"The log: {settings().local_dir / 'dbt' / 'logs'}.",
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_MESSAGE_LENGTH]


def _record(outcome: BuildOutcome, problem: Problem | None, *, run_id: str, started_at: datetime) -> None:
    with database.connect() as connection:
        record(
            connection,
            run_id=run_id,
            step="build",
            subject="warehouse",
            status=outcome.status,
            rows_out=outcome.models,
            rows_refused=outcome.tests_failed,
            message=outcome.line(),
            problem=problem,
            started_at=started_at,
        )
        connection.commit()

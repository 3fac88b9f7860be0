"""One real Airflow, and what can happen to it: programs killed in the steps of a backfill, deadlines missed.

Beside it: the metrics it sends, the mails that go out, and findings that people decide in its UI.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_string, policy
from typing import Any, TypeVar

import psutil
import psycopg
import pytest
from faults import SECONDS, YEAR, Undisturbed, Warehouse, check_invariants
from small_servers import Collector, MailServer, serving

from ingestion import review
from ingestion.calendar import calendar_file, china_today, start_of_day
from ingestion.local_airflow.client import ENDED, Client, DagRun
from ingestion.local_airflow.history import forget_history
from ingestion.local_airflow.instance import Instance, logs_dir, running
from ingestion.local_airflow.run import DAGS
from ingestion.pipeline import ingest_file
from ingestion.settings import REPOSITORY, settings
from ingestion.steps.gate import gate
from ingestion.store import database
from ingestion.store.embedded_postgres import EmbeddedPostgres

pytestmark = [pytest.mark.integration, pytest.mark.timeout(2 * SECONDS)]

T = TypeVar("T")


@dataclass
class Running:
    """A running Airflow on a warehouse of its own, and the servers that it tells things."""

    instance: Instance
    client: Client
    warehouse: Warehouse
    mail: MailServer
    collector: Collector

    def until(self, what: Callable[[], T], told: str) -> T:
        """What ``what`` returns, as soon as it is anything; fails where Airflow ends before."""
        end = time.monotonic() + SECONDS / 2
        while not (found := what()):
            self.instance.look_after()
            assert time.monotonic() < end, f"not in time: {told}"
            time.sleep(0.2)
        return found


@pytest.fixture(scope="module")
def airflow(
    own_server: EmbeddedPostgres, undisturbed: Undisturbed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Airflow with clocks that do not try one's patience: retries at once, a worker is missed after 15 s, a scheduler
    and a run that is late after 10 s."""
    assert undisturbed.marts, "run before anything is set for this Airflow, which it would be told of"
    folder = tmp_path_factory.mktemp("airflow")
    one = Warehouse.create(own_server, folder)
    project = folder / "dbt_project"
    shutil.copytree(REPOSITORY / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    clocks = folder / "airflow.env"
    clocks.write_text(
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT=15\n"
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL=2\n"
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD=10\n"
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL=2\n"
        "AIRFLOW__METRICS__OTEL_ON=True\n"
    )
    with serving(MailServer()) as mail, serving(Collector()) as collector, pytest.MonkeyPatch.context() as patch:
        for name, value in {
            **{key: value for key, value in one.environment.items() if os.environ.get(key) != value},
            "HIW_AIRFLOW_ENV": str(clocks),
            "HIW_DBT_PROJECT_DIR": str(project),
            "HIW_RETRY_SECONDS": "1",
            "HIW_RUN_HOURS": str(10 / 3600),
            "HIW_REPORTS_URL": "https://reports.example.org",
            "HIW_SMTP_HOST": "127.0.0.1",
            "HIW_SMTP_PORT": str(mail.server_address[1]),
            "HIW_NOTIFY_TO": "duty@example.org",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_address[1]}/v1/metrics",
            "OTEL_METRIC_EXPORT_INTERVAL": "2000",
        }.items():
            patch.setenv(name, value)
        settings.cache_clear()
        database.connect().close()  # migrated before anything of it is locked
        with running() as instance, Client(instance.url) as client:
            for dag_id in DAGS:
                client.wait_for_dag(dag_id)
            yield Running(instance, client, one, mail, collector)
    settings.cache_clear()


@contextlib.contextmanager
def held(airflow: Running, table: str) -> Iterator[Callable[[int], list[psutil.Process]]]:
    """Within it a task stops when it is about to write to ``table``. Yields what waits until so many tasks have come to
    that point and returns their processes."""
    with psycopg.connect(airflow.warehouse.dsn) as holder:
        holder.execute(f"lock table {table} in share mode")  # type: ignore[arg-type]
        yield lambda tasks: waiting_for(airflow, holder, tasks)
        holder.rollback()


@contextlib.contextmanager
def stopped_at(airflow: Running, table: str, tasks: int = 1) -> Iterator[list[psutil.Process]]:
    """The processes of the tasks that are about to write to ``table``, once there are so many of them."""
    with held(airflow, table) as arrived:
        yield arrived(tasks)


@contextlib.contextmanager
def held_in_parsing(airflow: Running) -> Iterator[Callable[[int], list[psutil.Process]]]:
    """The same at the end of parsing: a task has read its landed file and is about to say so, and nothing is loaded."""
    with airflow.warehouse.connect() as holder:
        holder.execute("select pg_advisory_lock(1)")
        holder.execute(
            "create function wait_here() returns trigger language plpgsql as"
            " 'begin perform pg_advisory_xact_lock(1); return new; end'"
        )
        holder.execute(
            "create trigger wait_here before insert on audit.step_outcome"
            " for each row when (new.step = 'parse') execute function wait_here()"
        )
        yield lambda tasks: waiting_for(airflow, holder, tasks)
        holder.execute("select pg_advisory_unlock(1)")
        holder.execute("drop function wait_here() cascade")


def waiting_for(airflow: Running, holder: psycopg.Connection, tasks: int) -> list[psutil.Process]:
    """The processes that wait for what ``holder`` holds, once there are so many of them."""
    waiting = f"select client_port from pg_stat_activity where {holder.info.backend_pid} = any (pg_blocking_pids(pid))"

    def stopped() -> list[psutil.Process] | None:
        found = clients({port for (port,) in airflow.warehouse.rows(waiting)})
        return found if len(found) == tasks else None

    return airflow.until(stopped, f"{tasks} tasks that wait")


def clients(ports: set[Any]) -> list[psutil.Process]:
    """The processes at the other ends of connections to the server."""
    opened = psutil.net_connections("tcp4")
    return [psutil.Process(c.pid) for c in opened if c.pid and c.laddr and c.laddr.port in ports]


def kill_task(process: psutil.Process) -> None:
    """SIGKILL to the process of a task, as by the kernel's out-of-memory killer."""
    assert "LocalExecutor" in " ".join(worker_of(process).cmdline())
    process.kill()


def kill_worker(process: psutil.Process) -> None:
    """SIGKILL to the worker, which looks after the task; the task itself works on unattended."""
    worker_of(process).kill()


def worker_of(process: psutil.Process) -> psutil.Process:
    worker = process.parent()
    assert worker is not None
    return worker


def ended(airflow: Running, run: DagRun) -> DagRun:
    """The run once it is through, which must be a success."""
    client = airflow.client

    def state() -> DagRun | None:
        now = client.dag_run(run.dag_id, run.run_id)
        return now if now.state in ENDED else None

    now = airflow.until(state, f"the end of {run}")
    failed = [client.log_tail(task, 30) for task in client.task_instances(run) if task["state"] == "failed"]
    assert now.state == "success", failed
    return now


def tries(airflow: Running, run: DagRun) -> dict[str, int]:
    """How often each task was tried, by its label."""
    return {
        task["rendered_map_index"] or task["task_id"]: task["try_number"] for task in airflow.client.task_instances(run)
    }


def of_dag(airflow: Running, dag_id: str, last: int) -> DagRun:
    """The ``last``-th newest run of a DAG, once there is one."""
    path = f"/api/v2/dags/{dag_id}/dagRuns"
    found = airflow.until(lambda: airflow.client.call("GET", path)["dag_runs"], f"a run of {dag_id}")
    return airflow.client.dag_run(dag_id, found[-last]["dag_run_id"])


# -- a backfill whose workers are killed -----------------------------------------------------------------


@pytest.fixture(scope="module")
def killed_year(airflow: Running) -> dict[str, DagRun]:
    """The runs of a year in which programs were killed in every step, by their DAG: what the tests of it look at."""
    return {"ingest_submissions": _taken_in(airflow), **_built_and_published(airflow)}


def _taken_in(airflow: Running) -> DagRun:
    """Tasks, a worker and the scheduler are killed while files are taken in and judged."""
    year = {"from_date": f"{YEAR}-01-01T00:00:00Z", "to_date": f"{YEAR}-12-31T00:00:00Z"}
    airflow.client.call("POST", "/api/v2/backfills", json={"dag_id": "ingest_submissions", **year})
    with held(airflow, "raw.entry") as copying:
        with held_in_parsing(airflow) as parsing:
            with stopped_at(airflow, "audit.receipt", tasks=2) as landing:
                kill_task(landing[0])
            (went_on,) = set(parsing(2)) & {landing[1]}
            kill_task(went_on)
        first, second = copying(2)
        kill_task(first)
        kill_worker(second)
    with stopped_at(airflow, "audit.validation_result") as (judging,):
        kill_task(judging)
    with stopped_at(airflow, "audit.validation_result"):
        airflow.instance.processes["scheduler"].kill()
        airflow.instance.processes["scheduler"].wait()
        airflow.instance.look_after()
    return ended(airflow, of_dag(airflow, "ingest_submissions", 1))


def _built_and_published(airflow: Running) -> dict[str, DagRun]:
    """Tasks are killed while the star is built and published."""
    building = (
        "select client_port from pg_stat_activity where application_name = 'dbt' and datname = current_database()"
    )
    one = airflow.warehouse
    (dbt, *_) = airflow.until(lambda: clients({port for (port,) in one.rows(building)}), "dbt at work")
    kill_task(dbt)
    with stopped_at(airflow, "audit.submission_event") as (publishing,):
        kill_task(publishing)
    return {dag_id: ended(airflow, of_dag(airflow, dag_id, 1)) for dag_id in ("build_warehouse", "publish_reports")}


def test_what_was_killed_is_tried_again_and_nothing_else(airflow: Running, killed_year: dict[str, DagRun]) -> None:
    assert killed_year["ingest_submissions"].run_id.startswith("backfill__2020-01-01")
    assert {dag_id: tries(airflow, run) for dag_id, run in killed_year.items()} == {
        "ingest_submissions": {
            "find_submissions": 1, "H15001 2020 return.xlsx": 3, "H15004 2020 return.xlsx": 3, "validate": 3,
        },
        "build_warehouse": {"dbt_build": 2},
        "publish_reports": {"dbt_docs": 1, "publish": 2},
    }  # fmt: skip


@pytest.mark.usefixtures("killed_year")
def test_the_marts_are_those_of_an_undisturbed_run(airflow: Running, undisturbed: Undisturbed) -> None:
    check_invariants(airflow.warehouse)
    assert airflow.warehouse.raw() == undisturbed.raw
    assert airflow.warehouse.gate() == undisturbed.gate
    assert airflow.warehouse.marts() == undisturbed.marts


# -- what people and machines are told --------------------------------------------------------------------


def mails(airflow: Running, subject: str) -> list[str]:
    """The mails with these words in their subject, as people read them."""
    found = [message_from_string(text, policy=policy.default) for text in airflow.mail.messages]
    return [str(mail.get_content()) for mail in found if subject in mail["Subject"]]


@pytest.mark.usefixtures("killed_year")
def test_a_run_that_takes_too_long_is_told_of(airflow: Running) -> None:
    (text, *_) = airflow.until(lambda: mails(airflow, "a run takes too long"), "the mail")
    assert "ingest_submissions backfill__2020-01-01" in text
    late = airflow.warehouse.rows("select message from audit.notice where kind = 'late_run' and sent_at is not null")
    assert len(late) == len(set(late)) >= 1


@pytest.mark.usefixtures("killed_year")
def test_new_findings_are_told_with_hospital_line_and_link(airflow: Running) -> None:
    (text,) = mails(airflow, "new findings of 2020")
    assert "H15004 16 人员经费占比 2020: 占比超出" in text
    assert "https://reports.example.org/2020/index.html" in text


@pytest.mark.usefixtures("killed_year")
def test_a_failure_that_mended_itself_is_not_told_of(airflow: Running) -> None:
    assert airflow.warehouse.rows("select message from audit.notice where kind = 'failed'") == []


@pytest.fixture(scope="module")
def overdue(airflow: Running) -> tuple[date, str]:
    """A due date that went by with nothing received, and the mail about it; what is missing is waited for on."""
    due_on = china_today() - timedelta(days=3)
    with calendar_file().open("a", encoding="utf-8") as calendar:
        days = ",".join(str(due_on + timedelta(days=days)) for days in (-9, 0, 30))
        calendar.write(f"{due_on.year},tidy_csv,*,{days}\n")
    airflow.client.wait_for_dag("await_due_submissions")
    day = {"logical_date": start_of_day(due_on).isoformat(), "conf": {}}
    airflow.client.call("POST", "/api/v2/dags/await_due_submissions/dagRuns", json=day)
    (text,) = airflow.until(lambda: mails(airflow, f"not received by {due_on}"), "the mail")
    return due_on, text


def test_what_is_not_received_by_the_due_date_is_told_of(overdue: tuple[date, str]) -> None:
    due_on, text = overdue
    assert "H15001 " in text and f"tidy_csv was due on {due_on} and is missing" in text
    assert "https://reports.example.org/index.html" in text


@pytest.mark.usefixtures("killed_year")
def test_metrics_are_sent_to_a_collector(airflow: Running) -> None:
    wanted = {"airflow.dagrun.duration.success", "airflow.deadline_alerts.deadline_missed", "airflow.ti.finish"}
    wanted |= {"airflow.task_instances_without_heartbeats_killed"}
    airflow.until(lambda: wanted <= airflow.collector.names, f"{wanted}")


# -- what Airflow remembers ------------------------------------------------------------------------------

LONG_AGO = {
    "dag_run": "queued_at start_date end_date",
    "task_instance": "queued_dttm start_date end_date",
    "log": "dttm",
    "asset_event": "timestamp",
    "xcom": "timestamp",
    "job": "start_date latest_heartbeat",
}


@pytest.mark.usefixtures("killed_year", "overdue")
def test_old_history_is_forgotten_but_not_what_waits_and_the_next_run_works(airflow: Running) -> None:
    with psycopg.connect(database.airflow_dsn(), autocommit=True) as connection:

        def runs() -> dict[str, int]:
            return dict(connection.execute("select dag_id, count(*) from dag_run group by 1").fetchall())

        for table, columns in LONG_AGO.items():
            long_ago = ", ".join(f"{column} = {column} - interval '500 days'" for column in columns.split())
            is_over = " where end_date is not null" if table == "job" else ""
            connection.execute(f"update {table} set {long_ago}{is_over}")  # type: ignore[arg-type]
        before = runs()
        logs = {path: path.stat().st_size for path in logs_dir().parent.rglob("*.log")}
        (logs_of_build,) = (path.parent for path in logs if "build_warehouse" in str(path) and "=2" in str(path))
        for path in logs_of_build.iterdir():
            os.utime(path, (0, 0))
        assert forget_history(airflow.instance.variables).runs == 0, "one that began before still waits"
        assert runs() == before
        waiting = "dag_id = 'await_due_submissions'"
        connection.execute(f"update dag_run set start_date = now() where {waiting}")  # type: ignore[arg-type]
        connection.execute(f"update task_instance set start_date = now() where {waiting}")  # type: ignore[arg-type]
        forgotten = forget_history(airflow.instance.variables)
        after = runs()
        # Of each DAG the newest run that nobody asked for by hand is kept by Airflow itself.
        assert after == dict.fromkeys(before, 1)
        assert forgotten.runs == sum(before.values()) - sum(after.values())
        states = connection.execute("select state from task_instance where task_id = 'wait_until_received'").fetchall()
        assert states == [("deferred",)], "it waits until its windows close"
    assert not any(logs_of_build.iterdir())
    run = airflow.client.trigger("ingest_submissions", {"reporting_year": int(YEAR)})
    ended(airflow, run)
    built = airflow.until(lambda: airflow.client.caused_run(run, "build_warehouse"), "the build after it")
    ended(airflow, built)


# -- findings that people decide --------------------------------------------------------------------------

ANSWERS: dict[str, dict[str, Any]] = {
    "formula-ratio": {
        "chosen_options": ["Verify 核实"],
        "params_input": {"reason": "核对无误", "by": None, "until": None},
    },
    "percent-impossible": {
        "chosen_options": ["Waive 豁免"],
        "params_input": {"reason": "底稿7", "by": "李明（审计处）", "until": "2099-12-31"},
    },
    "not-a-number": {
        "chosen_options": ["Leave open 暂不处理"],
        "params_input": {"reason": "", "by": "", "until": None},
    },
}


def asked(airflow: Running, run: DagRun) -> list[dict[str, Any]]:
    """The questions of a run, once they are all there."""
    path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/hitlDetails"

    def questions() -> list[dict[str, Any]] | None:
        found = list(airflow.client.call("GET", path)["hitl_details"])
        return found if len(found) == len(ANSWERS) else None

    return airflow.until(questions, f"{len(ANSWERS)} questions")


def booked(airflow: Running, run: DagRun) -> None:
    """Wait until the scheduler has booked that every question was asked. Nobody answers before: a task that goes on
    earlier is taken for one that was lost."""

    def events() -> bool:
        log = (logs_dir() / "scheduler.log").read_text()
        told = [line for line in log.splitlines() if "Received executor event" in line and run.run_id in line]
        return sum("task_id='decide'" in line for line in told) == len(ANSWERS)

    airflow.until(events, "what the scheduler has booked")


def test_a_finding_is_decided_through_airflow(airflow: Running) -> None:
    client = airflow.client
    ingest_file(airflow.warehouse.inbox / YEAR / "H15004" / "return.xlsx", run_id="before")
    held = gate(2020, run_id="before").quarantined
    client.wait_for_dag("review_findings")
    run = client.trigger("review_findings", {"reporting_year": 2020, "hospital": "H15004"})
    questions = asked(airflow, run)
    rules = {rule: question for rule in ANSWERS for question in questions if rule in question["body"]}
    assert rules.keys() == ANSWERS.keys()
    assert "Verify 核实" not in rules["percent-impossible"]["options"], "what is held back is not verified"
    assert "138.5" in rules["percent-impossible"]["body"]
    booked(airflow, run)
    for rule, answer in ANSWERS.items():
        task = rules[rule]["task_instance"]
        client.call(
            "PATCH",
            f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task['task_id']}/{task['map_index']}"
            "/hitlDetails",
            json=answer,
        )
    ended(airflow, run)
    with airflow.warehouse.connect() as connection:
        decisions = review.decisions(connection, 2020)
    decided = {d.rule_id: (d.decision, d.decided_by, d.reason, str(d.expires_on), d.source) for d in decisions}
    assert decided == {
        "formula-ratio": ("verification", "admin", "核对无误", "None", "airflow"),
        "percent-impossible": ("waiver", "李明（审计处）", "底稿7", "2099-12-31", "airflow"),
    }
    assert gate(2020, run_id="after").quarantined == held - 1

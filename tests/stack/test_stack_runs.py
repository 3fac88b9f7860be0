"""The container stack without containers: every service's own command, and a year that runs through Celery workers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from compose import Stack, free_port

from ingestion.local_airflow.client import ENDED, Client, DagRun
from ingestion.local_airflow.run import DAGS
from ingestion.settings import REPOSITORY, settings
from ingestion.store import embedded_postgres
from ingestion.store.backup import restore
from ingestion.store.embedded_postgres import EmbeddedPostgres
from ingestion.store.logins import address

pytestmark = pytest.mark.integration

AIRFLOW = ("airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer", "airflow-worker")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Secrets, Postgres and Redis as the compose file starts them, then its set-up."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed (Debian's package redis-server)")
    folder = tmp_path_factory.mktemp("stack")
    ports = {name: free_port() for name in ("postgres", "redis", "airflow", "superset", "reports")}
    secrets = folder / "secrets"
    hosts = [f"127.0.0.1:{ports['postgres']}", f"127.0.0.1:{ports['redis']}"]
    subprocess.run(
        [sys.executable, str(REPOSITORY / "docker" / "make_secrets.py"), str(secrets), *hosts],
        check=True, capture_output=True,
    )  # fmt: skip
    state = folder / "state"
    state.mkdir()
    reports = (REPOSITORY / "docker" / "reports.nginx.conf").read_text(encoding="utf-8")
    reports = reports.replace("8081", str(ports["reports"])).replace("/var/lib/hiw", str(state))
    # Started as root, nginx would give its rights away to an account that cannot enter our folder.
    (folder / "reports.conf").write_text(("user root;\n" if os.geteuid() == 0 else "") + reports, encoding="utf-8")
    stack = Stack(
        folder,
        {
            "/run/secrets": str(secrets),
            "/var/lib/hiw": str(state),
            "/var/lib/superset-logins": str(folder / "logins"),
            "/var/lib/superset": str(folder),
            "/srv/superset": str(REPOSITORY / "bi" / "superset"),
            "/srv/hiw": str(REPOSITORY),
            "/backups": str(folder / "backups"),
            "/srv/inbox": str(REPOSITORY / "samples" / "inbox"),
            "/etc/nginx/reports.conf": str(folder / "reports.conf"),
            "http://airflow-api-server:8080": f"http://127.0.0.1:{ports['airflow']}",
            "0.0.0.0": "127.0.0.1",  # noqa: S104  what is bound within a container
            "8080": str(ports["airflow"]),
            "8081": str(ports["reports"]),
            "8088": str(ports["superset"]),
            "redis-cli": f"redis-cli -p {ports['redis']}",
            "dir /data": f"dir {folder}\\nport {ports['redis']}\\nbind 127.0.0.1",
        },
        programs=[Path(sys.executable).parent, embedded_postgres.binaries()],
        more={"PGDATA": str(folder / "postgres" / "data"), "PGPORT": str(ports["postgres"])},
    )
    _postgres(stack, folder / "postgres")
    stack.start("redis")
    try:
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def set_up(stack: Stack) -> Stack:
    """The stack after its one-off service ``setup``."""
    done = stack.run("setup")
    assert done.returncode == 0, done.stderr[-3000:]
    return stack


def _postgres(stack: Stack, folder: Path) -> None:
    """A cluster as the image's first start makes it, with the superuser ``postgres``; then the service's command."""
    server = EmbeddedPostgres(folder)
    password = (Path(stack.replaced["/run/secrets"]) / "postgres_password").read_text()
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute("create role helper superuser login password 'helper'")
    helper = urlsplit(server.dsn("postgres"))
    with psycopg.connect(
        helper._replace(netloc=f"helper:helper@{helper.hostname}:{helper.port}").geturl(), autocommit=True
    ) as connection:
        connection.execute("alter role hiw rename to postgres")
        connection.execute(psycopg.sql.SQL("alter role postgres password {}").format(psycopg.sql.Literal(password)))
        connection.execute("drop database warehouse")
    server.stop()
    stack.start("postgres", prefix=tuple(embedded_postgres.unprivileged([server.data])))


def _secret(stack: Stack, name: str) -> str:
    return (Path(stack.replaced["/run/secrets"]) / name).read_text()


def test_the_servers_answer_their_health_checks(stack: Stack) -> None:
    stack.wait_until_healthy("postgres", "redis", seconds=60)


def test_setting_up_again_changes_nothing(set_up: Stack) -> None:
    def roles() -> list[tuple[object, ...]]:
        with psycopg.connect(_secret(set_up, "warehouse_dsn")) as connection:
            return connection.execute(
                "select rolname, rolsuper, rolcreaterole, rolcanlogin from pg_roles order by 1"
            ).fetchall()

    before = roles()
    again = set_up.run("setup")
    assert again.returncode == 0, again.stderr[-3000:]
    assert roles() == before
    assert [name for name, is_super, *_ in before if is_super and name != "helper"] == ["postgres"]


def test_the_dashboards_login_reads_the_star_and_nothing_else(set_up: Stack) -> None:
    reader = _secret(set_up, "reader_dsn")
    with psycopg.connect(reader, autocommit=True) as connection:
        for statement in ("select * from raw.entry", "create table marts.t (a int)", "select * from audit.receipt"):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
                connection.execute(statement)
    for database in ("airflow", "superset", "metabase"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(urlsplit(reader)._replace(path=f"/{database}").geturl())


def test_a_login_is_made_and_taken_back_by_an_owner_who_is_no_superuser(set_up: Stack) -> None:
    granted = set_up.run("access", "hiw", "grant", "wangwu", "--role", "analyst")
    assert granted.returncode == 0, granted.stderr[-3000:]
    password = granted.stdout.split("password")[1].split()[0]
    reader = address(_secret(set_up, "warehouse_dsn"), login="wangwu", password=password)
    with psycopg.connect(reader) as connection:
        revoked = set_up.run("access", "hiw", "revoke", "wangwu")
        assert revoked.returncode == 0, revoked.stderr[-3000:]
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")


def test_a_login_that_would_own_nothing_is_refused(set_up: Stack) -> None:
    refused = set_up.run("access", "hiw", "grant", "zhaoliu", "--role", "owner")
    assert refused.returncode == 1
    assert "create role zhaoliu login in role hiw" in " ".join(refused.stderr.split())


def test_a_year_runs_through_celery_workers(set_up: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in AIRFLOW:
        set_up.start(name)
    set_up.wait_until_healthy(*AIRFLOW)
    state = Path(set_up.replaced["/var/lib/hiw"])
    monkeypatch.setenv("HIW_LOCAL_DIR", str(state))
    settings.cache_clear()
    # The client reads the password where a local Airflow keeps it.
    (state / "airflow").mkdir(exist_ok=True)
    (state / "airflow" / "passwords.json").write_text(json.dumps({"admin": _secret(set_up, "airflow_admin_password")}))
    with Client(set_up.replaced["http://airflow-api-server:8080"]) as client:
        run = None
        for dag_id in DAGS:
            client.wait_for_dag(dag_id)
        for dag_id in DAGS:
            run = _caused(client, run, dag_id) if run else client.trigger(dag_id, {"reporting_year": 2020})
            while run.state not in ENDED:
                time.sleep(1)
                run = client.dag_run(run.dag_id, run.run_id)
            failed = [task for task in client.task_instances(run) if task["state"] == "failed"]
            assert run.state == "success", [client.log_tail(task) for task in failed]
    assert "succeeded" in set_up.log("airflow-worker").read_text()
    with psycopg.connect(_secret(set_up, "reader_dsn")) as connection:
        row = connection.execute("select count(*) from marts.v_indicator_value where year = 2020").fetchone()
    assert row and row[0] > 0
    settings.cache_clear()


def test_a_backup_is_made_and_comes_back_without_a_superuser(
    set_up: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done = set_up.run("backup")
    assert done.returncode == 0, done.stderr[-3000:]
    (saved,) = Path(set_up.replaced["/backups"]).iterdir()
    assert (saved / "manifest.json").exists()
    assert saved.name in set_up.run("restore").stdout
    warehouse = _secret(set_up, "warehouse_dsn")
    superuser = address(warehouse, login="postgres", password=_secret(set_up, "postgres_password"), database="postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("create database again owner hiw")
    monkeypatch.setenv("WAREHOUSE_DSN", urlsplit(warehouse)._replace(path="/again").geturl())
    monkeypatch.setenv("HIW_LOCAL_DIR", str(tmp_path))
    settings.cache_clear()
    try:
        assert "every checksum compared" in restore(saved).line()
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_history_is_tidied(set_up: Stack) -> None:
    with psycopg.connect(_secret(set_up, "airflow_dsn").replace("+psycopg", "")) as connection:
        connection.execute("update log set dttm = dttm - interval '500 days'")
    done = set_up.run("tidy")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Forgotten(runs=0" in done.stdout
    with psycopg.connect(_secret(set_up, "airflow_dsn").replace("+psycopg", "")) as connection:
        assert connection.execute("select count(*) from log where dttm < now() - interval '400 days'").fetchone() == (
            0,
        )


def test_reports_are_served(set_up: Stack) -> None:
    if not shutil.which("nginx", path="/usr/sbin:/usr/bin"):
        pytest.skip("nginx is not installed (Debian's package nginx-light)")
    reports = Path(set_up.replaced["/var/lib/hiw"]) / "reports"
    (reports / "probe").mkdir(parents=True, exist_ok=True)
    (reports / "probe" / "index.html").write_text("<p>报告</p>", encoding="utf-8")
    set_up.start("reports")
    set_up.wait_until_healthy("reports", seconds=30)
    url = f"http://127.0.0.1:{set_up.replaced['8081']}"
    answer = httpx.get(f"{url}/probe/", trust_env=False)
    assert answer.status_code == 200
    assert "报告" in answer.text
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert httpx.get(f"{url}/../airflow/passwords.json", trust_env=False).status_code in (400, 404)


def test_superset_is_prepared_and_answers(set_up: Stack) -> None:
    programs = Path(os.environ.get("HIW_BI_VENV", REPOSITORY / ".venv-bi")) / "bin"
    if not (programs / "gunicorn").exists():
        pytest.skip("Superset is not installed (`make bi` does it)")
    granted = set_up.run("access", "hiw", "grant", "lihua", "--role", "analyst", "--superset")
    assert granted.returncode == 0, granted.stderr[-3000:]
    superset = Stack(set_up.folder, set_up.replaced, [programs])
    done = superset.run("superset-prepare")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "1 users" in done.stdout
    superset.start("superset")
    try:
        superset.wait_until_healthy("superset")
    finally:
        superset.stop()


def _caused(client: Client, before: DagRun, dag_id: str) -> DagRun:
    for _ in range(120):
        run = client.caused_run(before, dag_id)
        if run:
            return run
        time.sleep(1)
    raise AssertionError(f"{before.dag_id} did not start {dag_id}")

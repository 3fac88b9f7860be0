"""The configuration and the processes of the local Airflow, without starting Airflow itself."""

from __future__ import annotations

import base64
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.errors import Problem
from ingestion.local_airflow import history, instance
from ingestion.local_airflow.environment import environment, password, password_file
from ingestion.processes import free_port, own_port
from ingestion.settings import settings

pytestmark = pytest.mark.dags


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of an Airflow whose servers are named, so that none is started."""
    monkeypatch.setenv("HIW_LOCAL_DIR", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_DSN", "postgresql://clerk:p%40ss@db.example:6543/hospitals?sslmode=require")
    monkeypatch.setenv("HIW_AIRFLOW_DSN", "postgresql://flow:secret@db.example:6543/flow")
    monkeypatch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "True")
    monkeypatch.setenv("NO_PROXY", "hospital.example")
    settings.cache_clear()
    yield settings().airflow_home
    settings.cache_clear()


def test_everything_listens_on_this_machine_only(home: Path) -> None:
    found = environment(4711)
    assert found["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert found["AIRFLOW__API__PORT"] == "4711"
    assert found["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:4711/execution/"
    assert "127.0.0.1" in found["NO_PROXY"].split(",")
    assert "hospital.example" in found["NO_PROXY"].split(",")


def test_no_setting_of_another_airflow_leaks_in(home: Path) -> None:
    found = environment(4711)
    assert found["AIRFLOW_HOME"] == str(home)
    assert found["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"


def test_a_file_of_settings_wins_over_ours_but_for_addresses_and_secrets(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "more.env"
    file.write_text("AIRFLOW__METRICS__OTEL_ON=True\nAIRFLOW__CORE__PARALLELISM=16\nAIRFLOW__API__HOST=0.0.0.0\n")
    monkeypatch.setenv("HIW_AIRFLOW_ENV", str(file))
    settings.cache_clear()
    found = environment(4711)
    assert found["AIRFLOW__METRICS__OTEL_ON"] == "True"
    assert found["AIRFLOW__CORE__PARALLELISM"] == "16"
    assert found["AIRFLOW__API__HOST"] == "127.0.0.1"
    file.unlink()
    settings.cache_clear()
    with pytest.raises(Problem, match=r"HIW_AIRFLOW_ENV.*bad-setting"):
        environment(4711)


def test_both_kinds_of_engine_use_psycopg(home: Path) -> None:
    found = environment(4711)
    assert found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql+psycopg://flow:secret@db.example:6543/flow"
    assert found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"] == found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]


def test_dbt_is_told_of_the_warehouse(home: Path) -> None:
    found = environment(4711)
    assert (found["HIW_PG_HOST"], found["HIW_PG_PORT"]) == ("db.example", "6543")
    assert (found["HIW_PG_USER"], found["HIW_PG_PASSWORD"]) == ("clerk", "p@ss")
    assert found["HIW_PG_SSLMODE"] == "require"


def test_telemetry_is_off(home: Path) -> None:
    found = environment(4711)
    assert found["AIRFLOW__COSMOS__ENABLE_TELEMETRY"] == "False"
    assert found["DO_NOT_TRACK"] == "1"
    assert found["DBT_SEND_ANONYMOUS_USAGE_STATS"].lower() == "false"


def test_secrets_are_made_once_and_private(home: Path) -> None:
    first, second = environment(4711), environment(4712)
    for name in ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY"):
        assert first[name] == second[name]
    assert len(base64.urlsafe_b64decode(first["AIRFLOW__CORE__FERNET_KEY"])) == 32
    assert {oct((home / name).stat().st_mode & 0o777) for name in ("secrets.json", "passwords.json")} == {"0o600"}


def test_the_password_is_generated(home: Path) -> None:
    made = password()
    assert len(made) >= 20
    assert json.loads(password_file().read_text()) == {"admin": made}
    assert password() == made
    assert made not in environment(4711).values()


def _sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)


def test_what_a_killed_owner_left_is_ended_and_nothing_else(tmp_path: Path) -> None:
    left, foreign = _sleeper(), _sleeper()
    record = tmp_path / "instance.json"
    # The second number was given to another process since: it was born at another moment than the one noted.
    noted = {"scheduler": [left.pid, instance._born(left.pid)], "triggerer": [foreign.pid, 1.0]}
    record.write_text(json.dumps({"url": "http://127.0.0.1:9", "processes": noted}))
    instance._end_orphans(record)
    assert left.wait(timeout=10) == -signal.SIGKILL
    assert foreign.poll() is None
    assert not record.exists()
    os.killpg(foreign.pid, signal.SIGKILL)
    foreign.wait(timeout=10)


def test_a_program_that_ends_by_itself_is_named_with_its_log(home: Path) -> None:
    instance.logs_dir().mkdir(parents=True)
    (instance.logs_dir() / "scheduler.log").write_text("starting\n\nno space left on device\n")
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"], start_new_session=True)
    process.wait(timeout=30)
    with pytest.raises(Problem) as caught:
        instance.Instance("http://127.0.0.1:9", {"scheduler": process}).check()
    assert caught.value.code == "airflow-program-ended"
    assert "exit 3" in caught.value.read
    assert "no space left on device" in caught.value.read


@pytest.fixture
def sleeping_programs(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of Airflow that do nothing but live."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho $1 is here\nexec sleep 60\n")
    program.chmod(0o755)
    home.mkdir()
    monkeypatch.setattr(instance, "AIRFLOW", str(program))
    monkeypatch.setattr(instance, "_wait_for_database", lambda: None)


@pytest.mark.usefixtures("sleeping_programs")
def test_a_program_that_is_killed_is_started_again_but_not_for_ever() -> None:
    ours = instance.Instance("http://127.0.0.1:9")
    ours.start("scheduler")
    for _ in range(instance._MOST_STARTS - 1):
        killed = ours.processes["scheduler"]
        killed.kill()
        killed.wait(timeout=30)
        ours.look_after()
        assert ours.processes["scheduler"].pid != killed.pid
    ours.processes["scheduler"].kill()
    ours.processes["scheduler"].wait(timeout=30)
    with pytest.raises(Problem, match="airflow-program-ended"):
        ours.look_after()
    ours.stop()


class Health(http.server.BaseHTTPRequestHandler):
    """Answers as an api-server whose scheduler reports in once it was started a second time."""

    ours: instance.Instance

    def do_GET(self) -> None:
        is_there = len(self.ours.started["scheduler"]) == 2
        told = {"metadatabase": {"status": "healthy"}, "scheduler": {"status": "healthy" if is_there else None}}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.usefixtures("sleeping_programs")
def test_a_program_that_is_killed_before_it_was_ever_healthy_is_started_again() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        Health.ours = ours = instance.Instance(f"http://127.0.0.1:{server.server_address[1]}")
        ours.start("scheduler")
        ours.processes["scheduler"].kill()
        ours.wait_until_healthy()
        server.shutdown()
    assert len(ours.started["scheduler"]) == 2
    ours.stop()


def test_two_that_start_at_once_do_not_get_the_same_port() -> None:
    ask = "from ingestion.processes import own_port; print(own_port({port}), flush=True); input()"
    port = free_port(0)
    first, second = (
        subprocess.Popen(
            [sys.executable, "-c", ask.format(port=port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    )
    assert first.stdout and second.stdout
    given = {int(first.stdout.readline()), int(second.stdout.readline())}
    assert port in given
    assert len(given) == 2
    for process in (first, second):
        process.kill()
        process.communicate(timeout=30)
    assert own_port(port) == port, "the claim ends with its process"


def test_logs_that_are_old_or_long_are_cut(tmp_path: Path) -> None:
    old, new, long = (tmp_path / name for name in ("dag_id=a/run_id=b/1.log", "dag_id=a/2.log", "programs/x.log"))
    for path in (old, new, long):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"line\n")
    for path in (old, long):
        os.utime(path, (1, 1))
    with long.open("ab") as program:
        program.write(b"x" * 11_000_000 + b"y" * 1_000_000)
        program.flush()
        files, size = history._forget_logs(tmp_path, datetime(2020, 1, 1, tzinfo=UTC))
        program.write(b"z")
    assert (files, size) == (1, 5 + 11_000_005)
    assert not old.exists()
    assert new.exists()
    assert long.read_bytes() == b"y" * 1_000_000 + b"z", "its program writes on at the end"


def test_stopping_ends_also_what_does_not_want_to(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True, stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"1\n"
    monkeypatch.setitem(instance._STOP_SECONDS, "scheduler", 0)
    instance.Instance("http://127.0.0.1:9", {"scheduler": process}).stop()
    assert process.returncode == -signal.SIGKILL


def test_an_instance_that_no_longer_answers_is_not_used(tmp_path: Path) -> None:
    record = tmp_path / "instance.json"
    record.write_text(json.dumps({"url": "http://127.0.0.1:9", "processes": {}, "serving": True}))
    assert instance._served(record) is None

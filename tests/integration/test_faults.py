"""Faults that really happen: killed processes, a killed server, cut connections, a full disk. After each of them the
step is run again, and in the end the marts are those of a run that nobody disturbed.

A process is stopped at a named point by holding the table that it writes there; see faults.held. Beside these, whole
runs are disturbed at random moments: HIW_FAULT_ROUNDS says how many (1), HIW_FAULT_SEED repeats one.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import SAMPLES, SECONDS, YEAR, Undisturbed, Warehouse, check_invariants, held, kill, wait_for

from ingestion.store.embedded_postgres import EmbeddedPostgres

pytestmark = [pytest.mark.integration, pytest.mark.timeout(2 * SECONDS)]

ROUNDS = int(os.environ.get("HIW_FAULT_ROUNDS", "1"))
SEED = int(os.environ.get("HIW_FAULT_SEED", str(random.SystemRandom().randrange(10**6))))


@pytest.fixture(scope="module")
def disturbed(
    own_server: EmbeddedPostgres, undisturbed: Undisturbed, tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    """The warehouse that goes through every fault, test after test."""
    return Warehouse.create(own_server, tmp_path_factory.mktemp("disturbed"), like=undisturbed.empty)


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def ends_with_one_line(process: subprocess.Popen[str], says: str = "", code: int = 1) -> None:
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == code, err
    (line,) = err.splitlines()
    assert line.startswith("hiw: "), err
    assert says in line, err
    assert "Traceback" not in line


@contextlib.contextmanager
def small_disk(server: EmbeddedPostgres, warehouse: Warehouse) -> Iterator[str]:
    """A tablespace on a disk of its own that is soon full; what was written there comes back to the large one."""
    name, folder = f"small_{uuid.uuid4().hex[:8]}", server.data.with_name("small")
    folder.mkdir(exist_ok=True)
    owner = server.data.stat()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size=64k,uid={owner.st_uid},gid={owner.st_gid},mode=700", name, str(folder)],
        check=False, capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        warehouse.execute(f"create tablespace {name} location '{folder}'")
        yield name
        for kind in ("table", "index"):
            warehouse.execute(f"alter {kind} all in tablespace {name} set tablespace pg_default")
        warehouse.execute("checkpoint")  # files of what was dropped go with it
        warehouse.execute(f"drop tablespace {name}")
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


# -- taking in ---------------------------------------------------------------------------------------


def test_killed_while_landing(disturbed: Warehouse, undisturbed: Undisturbed) -> None:
    big = disturbed.folder / "big.csv"
    big.write_bytes(b"x" * 90_000_000)
    landing = disturbed.folder / "local" / "landing"
    process = disturbed.start("ingest", str(big), "--hospital", "H15001", "--year", YEAR)
    wait_for(lambda: any(path.stat().st_size for path in landing.glob(".arriving-*")), process, pause=0)
    kill(process)
    assert any(landing.glob(".arriving-*")), "the kill came while the file was being copied"
    assert disturbed.rows("select count(*) from audit.landed_file") == [(0,)]


@pytest.mark.parametrize("table", ["audit.receipt", "audit.step_outcome", "audit.submission", "raw.entry"])
def test_killed_while_taking_in(disturbed: Warehouse, table: str) -> None:
    with held(disturbed, table) as arrived:
        process = disturbed.start("ingest", str(disturbed.inbox))
        arrived(process)
        kill(process)
    assert disturbed.rows("select count(*) from raw.entry") == [(0,)]
    assert disturbed.rows("select count(*) from audit.submission") == [(0,)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_while_taking_in(disturbed: Warehouse, number: signal.Signals) -> None:
    with held(disturbed, "raw.entry") as arrived:
        process = disturbed.start("ingest", str(disturbed.inbox))
        arrived(process)
        process.send_signal(number)
        ends_with_one_line(process, "[stopped]", 128 + number)
    assert disturbed.rows("select count(*) from raw.entry") == [(0,)]


def test_killed_while_parsing(disturbed: Warehouse) -> None:
    before = disturbed.rows("select count(*) from audit.receipt")
    process = disturbed.start("ingest", str(disturbed.inbox))
    wait_for(lambda: disturbed.rows("select count(*) from audit.receipt") != before, process)
    kill(process, group=True)
    entries = disturbed.rows("select submission_id, count(*) from raw.entry group by 1")
    whole = {"H15001-2020-secondary_national_return-r1": 504, "H15004-2020-secondary_national_return-r1": 266}
    assert all(whole[str(submission)] == count for submission, count in entries)


def test_connection_cut_while_loading(disturbed: Warehouse, undisturbed: Undisturbed) -> None:
    big = SAMPLES / "H15003" / "十四五发展规划.docx"
    with held(disturbed, "raw.entry") as arrived:
        process = disturbed.start("ingest", str(big), "--hospital", "H15009", "--year", "2019")
        backend = arrived(process)
        with disturbed.connect() as connection:
            connection.execute("select pg_terminate_backend(%s)", [backend])
        ends_with_one_line(process)
    assert disturbed.rows("select count(*) from audit.submission where hospital_code = 'H15009'") == [(0,)]


def test_disk_full_while_landing(own_server: EmbeddedPostgres, disturbed: Warehouse, tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    file = disturbed.folder / "wide.csv"
    file.write_bytes(b"y" * 3_000_000)
    command = [
        sys.executable, "-m", "ingestion.cli", "ingest", str(file), "--hospital", "H15009", "--year", "2019",
    ]  # fmt: skip
    environment = {**disturbed.environment, "HIW_LOCAL_DIR": str(tmp_path)}
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "hiw-test", str(landing)], check=False, capture_output=True
    )

    def no_file_above_a_megabyte() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    try:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=no_file_above_a_megabyte if mounted.returncode else None,
        )  # fmt: skip
        ends_with_one_line(process)
        assert list(landing.iterdir()) == [], "nothing of the file is left where there is no room"
    finally:
        if not mounted.returncode:
            subprocess.run(["umount", str(landing)], check=True)
    assert disturbed.rows("select outcome, problem ->> 'code' from audit.receipt where file_name = 'wide.csv'") == [
        ("refused", "landing-zone-full")
    ]


def test_disk_of_the_server_full_while_loading(own_server: EmbeddedPostgres, disturbed: Warehouse) -> None:
    with small_disk(own_server, disturbed) as disk:
        for (table,) in disturbed.rows("select format('raw.%I', tablename) from pg_tables where schemaname = 'raw'"):
            disturbed.execute(f"alter table {table} set tablespace {disk}")
        ends_with_one_line(disturbed.start("ingest", str(disturbed.inbox)), "warehouse-full")


def test_server_killed_while_loading(own_server: EmbeddedPostgres, disturbed: Warehouse) -> None:
    with held(disturbed, "raw.entry") as arrived:
        process = disturbed.start("ingest", str(disturbed.inbox), "--json")
        arrived(process)
        os.kill(postmaster(own_server), signal.SIGKILL)
        own_server.dsn()
        ends_with_one_line(process)


def test_after_all_that_everything_is_taken_in_once(disturbed: Warehouse, undisturbed: Undisturbed) -> None:
    disturbed.run("ingest", str(disturbed.inbox))
    assert disturbed.raw() == undisturbed.raw
    assert not list((disturbed.folder / "local" / "landing").glob(".arriving-*"))


# -- gate --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table", ["audit.entry_disposition", "audit.validation_result", "audit.submission_event"],
    ids=["gate", "quarantine", "decision"],
)  # fmt: skip
def test_killed_while_validating(disturbed: Warehouse, table: str) -> None:
    with held(disturbed, table) as arrived:
        process = disturbed.start("validate", "--year", YEAR)
        arrived(process)
        kill(process)
    assert disturbed.rows("select count(*) from audit.gate_run") == [(0,)]
    assert disturbed.rows("select count(*) from audit.entry_disposition") == [(0,)]


def test_server_killed_while_judging(own_server: EmbeddedPostgres, disturbed: Warehouse) -> None:
    process = disturbed.start("validate", "--year", YEAR)
    wait_for(lambda: bool(others(disturbed, "great_expectations")), process)
    with held(disturbed, "gate.claim_check", against="readers") as arrived:
        arrived(process)
        os.kill(postmaster(own_server), signal.SIGKILL)
        own_server.dsn()
        ends_with_one_line(process, "warehouse-connection-lost")


def test_after_that_the_gate_decides_the_same(disturbed: Warehouse, undisturbed: Undisturbed) -> None:
    disturbed.run("validate", "--year", YEAR)
    assert disturbed.gate() == undisturbed.gate


# -- build and publication ---------------------------------------------------------------------------


def test_disk_of_the_server_full_while_building(own_server: EmbeddedPostgres, disturbed: Warehouse) -> None:
    with small_disk(own_server, disturbed) as disk:
        disturbed.execute(f"alter database {disturbed.database} set default_tablespace = {disk}")
        ends_with_one_line(disturbed.start("build"), "No space left on device")
        disturbed.execute(f"alter database {disturbed.database} reset default_tablespace")


def test_killed_while_building(disturbed: Warehouse) -> None:
    """The command alone is killed: dbt, which it started, must not go on without its lock."""
    with held(disturbed, "audit.step_outcome"):  # a build writes its outcome last of all
        process = disturbed.start("build")
        wait_for(lambda: bool(built(disturbed)), process, pause=0.05)
        kill(process)
        gone = time.monotonic() + 20
        while others(disturbed) and time.monotonic() < gone:
            time.sleep(0.1)
        assert others(disturbed) == []


def test_server_killed_while_building(own_server: EmbeddedPostgres, disturbed: Warehouse) -> None:
    process = disturbed.start("build")
    wait_for(lambda: bool(others(disturbed, "dbt")), process, pause=0.05)
    time.sleep(random.Random(SEED).uniform(0, 2))  # noqa: S311
    os.kill(postmaster(own_server), signal.SIGKILL)
    own_server.dsn()
    ends_with_one_line(process)


def built(warehouse: Warehouse) -> list[tuple[object, ...]]:
    return warehouse.rows("select tablename from pg_tables where schemaname = 'marts'")


def others(warehouse: Warehouse, application: str = "dbt") -> list[tuple[object, ...]]:
    return warehouse.rows(
        "select pid, query from pg_stat_activity where datname = current_database()"
        f" and application_name = '{application}'"
    )


def test_killed_while_publishing(disturbed: Warehouse) -> None:
    disturbed.run("build")
    with held(disturbed, "audit.submission_event") as arrived:
        process = disturbed.start("publish", "--year", YEAR)
        arrived(process)
        kill(process)
    assert disturbed.rows("select count(*) from audit.submission_event where status = 'published'") == [(0,)]


def test_in_the_end_the_marts_are_those_of_an_undisturbed_run(disturbed: Warehouse, undisturbed: Undisturbed) -> None:
    shutil.rmtree(disturbed.folder / "local" / "dbt", ignore_errors=True)
    disturbed.run("run", "--year", YEAR)
    check_invariants(disturbed)
    assert disturbed.raw() == undisturbed.raw
    assert disturbed.gate() == undisturbed.gate
    assert disturbed.marts() == undisturbed.marts


# -- whole runs at random moments --------------------------------------------------------------------


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_run_disturbed_at_any_moment_and_repeated(
    own_server: EmbeddedPostgres, undisturbed: Undisturbed, tmp_path: Path, turn: int
) -> None:
    chance = random.Random(SEED + turn)  # noqa: S311
    how = chance.choice(["kill", "kill group", "cut", "server"])
    moment = chance.uniform(0.3, undisturbed.seconds)
    told = f"HIW_FAULT_SEED={SEED + turn}: {how} after {moment:.2f} s"
    one = Warehouse.create(own_server, tmp_path, like=undisturbed.empty)
    process = one.start("run", "--year", YEAR)
    time.sleep(moment)
    if how == "server":
        os.kill(postmaster(own_server), signal.SIGKILL)
        own_server.dsn()
    elif how == "cut":
        one.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    else:
        kill(process, group=how == "kill group")
    if process.returncode is None:
        _, err = process.communicate(timeout=SECONDS)
        assert "Traceback" not in err, told + err
    one.run("run", "--year", YEAR)
    check_invariants(one)
    assert one.raw() == undisturbed.raw, told
    assert one.gate() == undisturbed.gate, told
    assert one.marts() == undisturbed.marts, told

"""Records that cannot quietly change: refused to everybody, and found out where somebody went behind the triggers."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from ingestion.audit_trail import chain_faults, head, verify
from ingestion.errors import Problem
from ingestion.pipeline import ingest_file
from ingestion.settings import REPOSITORY, settings
from ingestion.steps.gate import gate
from ingestion.store import database
from ingestion.store.outcomes import now, record

pytestmark = pytest.mark.integration

INBOX = REPOSITORY / "samples" / "inbox" / "2020"
FAULTY = "H15004-2020-secondary_national_return-r1"
RECORDS = (
    "audit.landed_file", "audit.submission", "audit.receipt", "audit.submission_event", "audit.step_outcome",
    "audit.gate_run", "audit.rule_outcome", "audit.validation_result", "audit.entry_disposition", "audit.verification",
    "audit.waiver", "audit.correction_event", "audit.gate_run_digest", "audit.chain_link", "raw.entry", "raw.document",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def year(environment: dict[str, str]) -> str:
    """A sample with faults and a plan, taken in and validated; id of the gate run."""
    for hospital in ("H15003", "H15004"):
        (file,) = (INBOX / hospital).iterdir()
        ingest_file(file, hospital_code=hospital, reporting_year=2020, run_id="t")
    return gate(2020, run_id="t").gate_run_id


@pytest.fixture
def behind(warehouse: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A superuser's transaction with the refusing triggers switched off, taken back afterwards."""
    with warehouse.transaction(force_rollback=True):
        for table in RECORDS:
            warehouse.execute(f"alter table {table} disable trigger refuse_change")
        yield warehouse


def test_what_stands_fits(warehouse: psycopg.Connection) -> None:
    with database.connect() as connection:
        trail = verify(connection, settings().landing_dir)
    assert trail.is_intact, trail.lines()
    assert (trail.files, trail.links) == (2, warehouse.execute("select count(*) from audit.chain_link").fetchone()[0])  # type: ignore[index]
    chained = {row[0] for row in warehouse.execute("select distinct record_table from audit.chain_link")}
    assert {"raw.entry", "audit.submission_event", "audit.gate_run", "audit.gate_run_digest"} <= chained


@pytest.mark.parametrize("table", RECORDS)
def test_a_record_is_never_changed_or_removed_not_even_by_its_owner(warehouse: psycopg.Connection, table: str) -> None:
    column = warehouse.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum = 2", [table]
    ).fetchone()
    assert column
    for statement in ("update {} set {} = {}", "delete from {}", "truncate {} cascade"):
        names = [sql.Identifier(*table.split(".")), *[sql.Identifier(column[0])] * 2]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            warehouse.execute(sql.SQL(statement).format(*names))


def test_who_writes_records_does_not_write_links(warehouse: psycopg.Connection) -> None:
    before = head(warehouse)[0]
    with warehouse.transaction():
        warehouse.execute("set local role hiw_loader")
        warehouse.execute("insert into audit.submission_event (submission_id, status) values (%s, 'flagged')", [FAULTY])
    assert head(warehouse)[0] == before + 1
    for statement in (
        "insert into audit.chain_link select * from audit.chain_link limit 1",
        "select audit.append_link('raw.entry', 'x', 'y')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), warehouse.transaction():
            warehouse.execute("set local role hiw_loader")
            warehouse.execute(statement)  # type: ignore[arg-type]
    assert chain_faults(warehouse) == ()


TAMPERED = {
    "a figure": ("update raw.entry set value = 39.93 where submission_id = %(s)s and value = 138.5", "raw.entry"),
    "its quote": (
        "update raw.entry set quote = 'other' where submission_id = 'H15003-2020-plan_annex-r1' and ordinal = 1",
        "raw.entry",
    ),
    "a finding": (
        "delete from audit.validation_result where submission_id = %(s)s and rule_id = 'percent-impossible'",
        "audit.validation_result",
    ),
    "a disposition": (
        "update audit.entry_disposition set disposition = 'accepted' where disposition = 'quarantined'",
        "audit.entry_disposition",
    ),
    "a count of a rule": ("update audit.rule_outcome set failed = 0 where failed > 0", "audit.rule_outcome"),
    "a status": (
        "update audit.submission_event set status = 'accepted' where status = 'flagged'",
        "audit.submission_event",
    ),
    "a registered hash": (
        "update audit.landed_file set size_bytes = 1 where sha256 = (select min(sha256) from audit.landed_file)",
        "audit.landed_file",
    ),
    "when a correction was approved": (
        "update audit.correction_event set occurred_at = occurred_at - interval '1 day'",
        "audit.correction_event",
    ),
    "an outcome": ("delete from audit.step_outcome where step = 'gate'", "audit.step_outcome"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_a_record_altered_behind_the_back_is_named(behind: psycopg.Connection, what: str) -> None:
    statement, table = TAMPERED[what]
    assert behind.execute(statement, {"s": FAULTY}).rowcount >= 1  # type: ignore[arg-type]
    faults = chain_faults(behind)
    assert {fault.record_table for fault in faults} == {table}
    assert faults[0].link_no
    if "%(s)s" in statement or "H15003" in statement:
        assert (FAULTY if "%(s)s" in statement else "H15003-2020-plan_annex-r1") in faults[0].record_key


def test_entries_that_an_earlier_release_loaded_keep_the_digest_of_their_json(behind: psycopg.Connection) -> None:
    """Its events do not say how the entries were digested."""
    behind.execute("insert into audit.submission_event (submission_id, status) values (%s, 'parsed')", [FAULTY])
    behind.execute("set constraints all immediate")
    digests = behind.execute(
        "select count(distinct content_sha256) from audit.chain_link where record_table = 'raw.entry' and record_key"
        " like '%% ' || %s",
        [FAULTY],
    ).fetchone()
    assert digests == (2,)
    assert chain_faults(behind) == ()
    behind.execute("update raw.entry set value = 0 where submission_id = %s and ordinal = 1", [FAULTY])
    assert [fault.record_table for fault in chain_faults(behind)] == ["raw.entry"] * 2


@pytest.mark.parametrize("submissions", [["X-2020-nothing-r1"], [FAULTY, "X-2020-nothing-r1"]])
def test_entries_of_a_submission_that_nobody_registered_are_refused(
    warehouse: psycopg.Connection, submissions: list[str]
) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match=r"(?m): X-2020-nothing-r1$"), warehouse.transaction():
        warehouse.execute(
            "insert into raw.entry (submission_id, entry_id, entry_kind, ordinal, locator, parser_version)"
            " select unnest(%s::text[]), 1, 'value', 1, 'a!A1', '2'",
            [submissions],
        )


def test_a_record_added_without_a_link_is_named(behind: psycopg.Connection) -> None:
    behind.execute("alter table audit.submission_event disable trigger link_record")
    behind.execute("insert into audit.submission_event (submission_id, status) values (%s, 'accepted')", [FAULTY])
    (fault,) = chain_faults(behind)
    assert (fault.link_no, fault.fault) == (None, "a record that no link tells of")


def test_a_changed_link_breaks_the_chain_there_even_with_a_hash_of_its_own(behind: psycopg.Connection) -> None:
    behind.execute(
        "update audit.chain_link set content_sha256 = repeat('0', 64), link_sha256 = audit.link_sha256("
        "link_no, record_table, record_key, repeat('0', 64), previous_sha256, linked_at) where link_no = 3"
    )
    faults = chain_faults(behind)
    assert [(fault.link_no, fault.fault) for fault in faults] == [
        (3, "the record was changed"), (4, "the link before it was changed"),
    ]  # fmt: skip
    behind.execute("delete from audit.chain_link where link_no = 2")
    assert (chain_faults(behind)[0].link_no, chain_faults(behind)[0].fault) == (3, "links before it are missing")


def test_a_chain_cut_at_its_end_lacks_the_head_that_was_noted(warehouse: psycopg.Connection) -> None:
    with database.connect() as connection:
        noted = head(connection)[1]
        connection.rollback()
        assert verify(connection, settings().landing_dir, noted_head=noted).is_intact
        with pytest.raises(Problem, match="head-not-in-chain"):
            verify(connection, settings().landing_dir, noted_head="f" * 64)


def test_the_command_names_the_altered_row_and_the_altered_file(warehouse: psycopg.Connection) -> None:
    hiw = shutil.which("hiw", path=str(REPOSITORY / ".venv" / "bin")) or "hiw"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([hiw, "audit", "verify", *arguments], capture_output=True, text=True, check=False)

    assert run().returncode == 0
    sha256, landing_path = warehouse.execute("select sha256, landing_path from audit.landed_file limit 1").fetchone()  # type: ignore[misc]
    file = settings().landing_dir / landing_path
    kept = file.read_bytes()
    entry = "where submission_id = %s and line_code = '1.1' and period = '2020'"
    value = warehouse.execute(f"select value from raw.entry {entry}", [FAULTY]).fetchone()[0]  # type: ignore[index]

    def alter(value: object) -> None:
        warehouse.execute("alter table raw.entry disable trigger user")
        warehouse.execute(f"update raw.entry set value = %s {entry}", [value, FAULTY])
        warehouse.execute("alter table raw.entry enable always trigger refuse_change")

    try:
        alter(1)
        file.chmod(0o644)
        file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
        broken = run()
        assert broken.returncode == 1
        assert "raw.entry" in broken.stdout.splitlines()[0] and FAULTY in broken.stdout.splitlines()[0]
        assert landing_path in broken.stdout and sha256 in broken.stdout
        told = json.loads(run("--json").stdout)
        assert [told["is_intact"], len(told["chain_faults"]), len(told["file_faults"])] == [False, 1, 1]
        file.unlink()
        assert "cannot be read" in run().stdout
    finally:
        alter(value)
        file.write_bytes(kept)
    assert run().returncode == 0


def test_many_at_once_make_one_chain(warehouse: psycopg.Connection) -> None:
    before = head(warehouse)[0]

    def write(worker: int) -> None:
        with database.connect() as connection:
            for number in range(25):
                record(
                    connection, run_id=f"w{worker}", step="land", subject=str(number), status="done", message="-",
                    started_at=now(),
                )  # fmt: skip
                connection.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert head(warehouse)[0] == before + 100
    assert chain_faults(warehouse) == ()

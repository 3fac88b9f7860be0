"""Taking files in: each drop leaves its trace, nothing is loaded twice, a bad file stops nobody else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import fsspec
import psycopg
import pytest
from fixtures.logins import as_nobody

from ingestion.inbox import find_inbox, not_received
from ingestion.pipeline import FileOutcome, ingest_file, ingest_from_inbox
from ingestion.settings import REPOSITORY, settings
from ingestion.steps.land import land
from ingestion.steps.load import register_unread
from ingestion.submissions import withdraw

pytestmark = pytest.mark.integration

INBOX = REPOSITORY / "samples" / "inbox"
RETURN = INBOX / "2020" / "H15001" / "return.xlsx"
PLAN = INBOX / "2020" / "H15003" / "十四五发展规划.docx"
CORRECTED = INBOX / "2020" / "H15002" / "2020年度填报表.xlsx"


def count(connection: psycopg.Connection, query: str, *parameters: object) -> int:
    row = connection.execute(query, parameters).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def test_a_file_lands_once_however_often_it_is_dropped(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    copy = tmp_path / "again.xlsx"
    shutil.copy(RETURN, copy)
    first = ingest_file(RETURN, hospital_code="A1", reporting_year=2020, run_id="t")
    second = ingest_file(copy, hospital_code="A1", reporting_year=2020, run_id="t")
    assert (first.status, second.status) == ("parsed", "duplicate")
    assert first.submission_id == second.submission_id == "A1-2020-secondary_national_return-r1"
    assert count(warehouse, "select count(*) from raw.entry where submission_id = %s", first.submission_id) == 504
    outcomes = warehouse.execute(
        "select outcome, file_name from audit.receipt where hospital_code = 'A1' order by receipt_id"
    ).fetchall()
    assert outcomes == [("landed", "return.xlsx"), ("duplicate", "again.xlsx")]


def test_the_landed_copy_is_the_file_and_cannot_be_written(warehouse: psycopg.Connection) -> None:
    ingest_file(RETURN, hospital_code="A2", reporting_year=2020, run_id="t")
    row = warehouse.execute(
        "select f.landing_path from audit.submission s join audit.landed_file f using (sha256)"
        " where s.hospital_code = 'A2'"
    ).fetchone()
    assert row is not None
    copy = settings().landing_dir / row[0]
    assert copy.read_bytes() == RETURN.read_bytes()
    assert copy.stat().st_mode & 0o222 == 0


def test_other_content_is_the_next_revision(warehouse: psycopg.Connection) -> None:
    for path in (RETURN, CORRECTED):
        ingest_file(path, hospital_code="A3", reporting_year=2020, run_id="t")
    found = warehouse.execute(
        "select revision, status from audit.submission_status where hospital_code = 'A3' order by revision"
    ).fetchall()
    assert found == [(1, "parsed"), (2, "parsed")]


def test_the_same_bytes_are_a_new_revision_only_where_it_is_asked_for(warehouse: psycopg.Connection) -> None:
    def send(path: Path, **options: Any) -> FileOutcome:
        return ingest_file(path, hospital_code="A4", reporting_year=2020, run_id="t", **options)

    first, second = send(RETURN), send(CORRECTED)
    assert second.submission_id
    withdraw(warehouse, second.submission_id, reason="wrong file", decided_by="A B", run_id="t")
    warehouse.commit()
    withdrawn = send(CORRECTED)
    assert withdrawn.status == "duplicate" and "(withdrawn)" in withdrawn.message and "--again" in withdrawn.message
    as_patch = send(RETURN, revision_kind="patch")
    assert as_patch.status == "duplicate" and "as full" in as_patch.message and "--again" in as_patch.message
    assert "--again" not in send(RETURN).message
    third = send(RETURN, again=True)
    assert (third.status, third.entries) == ("parsed", first.entries)
    assert third.submission_id == "A4-2020-secondary_national_return-r3"
    # What stands in an inbox is looked at in every run: that makes no more revisions.
    assert (send(RETURN).submission_id, send(CORRECTED).submission_id) == (third.submission_id, second.submission_id)
    plan, plan_again, plan_as_before = (
        ingest_file(PLAN, hospital_code="A4", reporting_year=2020, run_id="t", again=again)
        for again in (False, True, False)
    )
    assert plan.submission_id == "A4-2020-plan_annex-r1" and [b["form"] for b in plan_again.beside] == ["plan_text"]
    assert plan_as_before.submission_id == plan_again.submission_id == "A4-2020-plan_annex-r2"
    again_of = warehouse.execute(
        "select revision, again_of from audit.submission where hospital_code = 'A4' and form = %s order by revision",
        [third.form],
    ).fetchall()
    assert again_of == [(1, None), (2, None), (3, first.submission_id)]


def test_bad_files_end_as_one_line_and_the_batch_goes_on(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    folder = tmp_path / "inbox" / "2020" / "B1"
    folder.mkdir(parents=True)
    whole = RETURN.read_bytes()
    (folder / "a-empty.xlsx").write_bytes(b"")
    (folder / "b-text.xlsx").write_text("not a workbook")
    (folder / "c-truncated.xlsx").write_bytes(whole[: len(whole) // 2])
    (folder / "d-unknown.csv").write_text("name,age\nx,1\n")
    shutil.copy(RETURN, folder / "e-good.xlsx")
    # As an archive made on Windows unpacks elsewhere: a name that is no UTF-8.
    shutil.copy(RETURN, folder / os.fsdecode("f-报表.xlsx".encode("gb18030")))
    outcomes = {
        f.path.name[0]: ingest_file(
            f.path, hospital_code=f.hospital_code, reporting_year=f.reporting_year, run_id="bad"
        )
        for f in find_inbox(tmp_path / "inbox", 2020)
    }
    assert {name: o.status for name, o in outcomes.items()} == {
        "a": "unreadable", "b": "unreadable", "c": "unreadable", "d": "rejected", "e": "parsed", "f": "duplicate",
    }  # fmt: skip
    assert outcomes["f"].path.endswith("/f-报表.xlsx")
    assert not not_received(warehouse, find_inbox(tmp_path / "inbox", 2020))
    for name in "abcd":
        problem = outcomes[name].problem
        assert problem is not None
        assert problem["remedy"]
        assert problem["where"].startswith(f"{name}-")
        assert "\n" not in outcomes[name].line()
    refused = count(
        warehouse, "select count(*) from audit.step_outcome where run_id = 'bad' and status = 'refused'"
        " and problem is not null",
    )  # fmt: skip
    assert refused == 4


def test_what_an_earlier_release_could_not_read_gives_way_to_its_reading(warehouse: psycopg.Connection) -> None:
    arrival = land(warehouse, RETURN, hospital_code="A9", reporting_year=2020, run_id="t").arrival
    register_unread(warehouse, arrival, status="unreadable", reason="as release 1 said", run_id="t")
    for _ in range(2):
        ingest_file(RETURN, hospital_code="A9", reporting_year=2020, run_id="t")
    found = warehouse.execute(
        "select s.form, array_agg(e.status order by e.event_id) from audit.submission as s"
        " join audit.submission_event as e using (submission_id) where s.hospital_code = 'A9' group by 1 order by 1"
    ).fetchall()
    assert found == [
        ("secondary_national_return", ["received", "parsed"]),
        ("unrecognised", ["received", "unreadable", "superseded"]),
    ]


def test_a_file_without_year_or_hospital_is_refused_with_a_receipt(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "r.xlsx"
    shutil.copy(RETURN, path)
    missing_year = ingest_file(path, hospital_code="C1", run_id="t")
    missing_hospital = ingest_file(path, reporting_year=2020, run_id="t")
    no_year = tmp_path / "0000" / "C1" / "r.xlsx"
    no_year.parent.mkdir(parents=True)
    shutil.copy(RETURN, no_year)
    for found in (missing_year, ingest_file(no_year, run_id="t")):
        assert found.problem and found.problem["code"] == "missing-year"
    assert missing_hospital.problem and missing_hospital.problem["code"] == "missing-hospital"
    assert count(warehouse, "select count(*) from audit.receipt where source_path = %s", str(path)) == 2


def test_a_file_that_may_not_be_read_is_refused_and_the_batch_goes_on(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "2020" / "C1" / "r.xlsx"
    path.parent.mkdir(parents=True)
    shutil.copy(RETURN, path)
    path.chmod(0)
    with as_nobody():
        refused = ingest_file(path, run_id="t", connection=warehouse)
    assert (refused.status, refused.problem and refused.problem["code"]) == ("refused", "closed-file")
    assert not_received(warehouse, find_inbox(tmp_path)), "worth another try, though it did not change"
    path.chmod(0o644)
    assert ingest_file(path, run_id="t", connection=warehouse).status == "parsed"


def test_a_file_that_is_being_uploaded_is_refused_and_taken_in_when_it_is_whole(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    upload = tmp_path / "return.xlsx"
    with upload.open("wb") as file:
        file.write(RETURN.read_bytes()[:5000])
        file.flush()
        half = ingest_file(upload, hospital_code="A8", reporting_year=2020, run_id="t")
        file.write(RETURN.read_bytes()[5000:])
    whole = ingest_file(upload, hospital_code="A8", reporting_year=2020, run_id="t")
    assert half.problem is not None
    assert (half.status, half.problem["code"], whole.status) == ("refused", "still-being-written", "parsed")
    assert count(warehouse, "select count(*) from audit.submission where hospital_code = 'A8'") == 1


def test_the_same_file_twice_at_once_is_one_submission(
    environment: dict[str, str], warehouse: psycopg.Connection
) -> None:
    command = [sys.executable, "-m", "ingestion.cli", "ingest", str(RETURN), "--hospital", "K4", "--year", "2020"]
    both = [
        subprocess.Popen([*command, "--json"], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outcomes = [json.loads(process.communicate()[0]) for process in both]
    assert {o["status"] for o in outcomes} <= {"parsed", "duplicate"}
    assert {o["submission_id"] for o in outcomes} == {"K4-2020-secondary_national_return-r1"}
    assert count(warehouse, "select count(*) from raw.entry where submission_id like 'K4-%%'") == 504
    assert count(warehouse, "select count(*) from audit.receipt where hospital_code = 'K4'") == 2


def test_the_command_line_prints_one_line_a_file_and_fails_for_a_bad_one(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "ingestion.cli", "ingest", str(INBOX / "2020"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1, "one of the samples is no workbook"
    files = [path for path in (INBOX / "2020").rglob("*") if path.is_file()]
    assert [o["status"] for o in outcomes].count("parsed") == len(files) - 1
    assert [o["problem"]["code"] for o in outcomes if o["problem"]] == ["not-a-workbook"]
    assert {o["submission_id"].split("-")[0] for o in outcomes} == {path.parent.name for path in files}


def test_a_store_is_an_inbox_like_any_other(warehouse: psycopg.Connection) -> None:
    url = "memory://store/inbox"
    fsspec.filesystem("memory").pipe(f"{url}/2020/S1/return.xlsx", RETURN.read_bytes())
    (file,) = find_inbox(url, 2020)
    assert not_received(warehouse, [file]) == [file]
    outcome = ingest_from_inbox(file, run_id="t")
    assert (outcome.status, outcome.submission_id) == ("parsed", "S1-2020-secondary_national_return-r1")
    assert not_received(warehouse, [file]) == []
    assert count(warehouse, "select count(*) from audit.receipt where source_path = %s", file.source) == 1
    assert not any((settings().local_dir / "fetched").iterdir()), "the landing zone has it now"

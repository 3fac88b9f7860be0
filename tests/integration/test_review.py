"""Findings that people decide on: verified, waived, released by the next gate run, and what ends a decision."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest

from ingestion import review
from ingestion.errors import Problem
from ingestion.pipeline import ingest_file
from ingestion.review import Finding
from ingestion.settings import REPOSITORY
from ingestion.steps.gate import GateOutcome, gate
from ingestion.store import database, locks

pytestmark = pytest.mark.integration

FAULTY = REPOSITORY / "samples" / "inbox" / "2020" / "H15004" / "return.xlsx"
TODAY = date.today()


@pytest.fixture(scope="module")
def first(environment: dict[str, str]) -> GateOutcome:
    """The sample with faults, as three hospitals sent it."""
    for hospital in ("H15004", "W1", "W2"):
        ingest_file(FAULTY, hospital_code=hospital, reporting_year=2020, run_id="t")
    return gate(2020, run_id="t")


def find(connection: psycopg.Connection, hospital: str, rule: str, line: str) -> Finding:
    return review.one_finding(connection, hospital_code=hospital, rule_id=rule, line_code=line)


def disposition(connection: psycopg.Connection, hospital: str, line: str) -> str:
    """What the newest gate run decided for the figure of 2020."""
    row = connection.execute(
        "select d.disposition from audit.entry_disposition d join audit.gate_run g using (gate_run_id)"
        " join raw.entry e using (submission_id, entry_id) join audit.submission s using (submission_id)"
        " where s.hospital_code = %s and e.line_code = %s and e.period = '2020' order by g.finished_at desc limit 1",
        [hospital, line],
    ).fetchone()
    assert row
    return str(row[0])


def resend(tmp_path: Path, hospital: str, change: dict[str, Any]) -> None:
    """The faulty return again, with other figures in some cells."""
    book = openpyxl.load_workbook(FAULTY)
    for cell, value in change.items():
        book.worksheets[0][cell] = value
    book.save(tmp_path / "again.xlsx")
    outcome = ingest_file(tmp_path / "again.xlsx", hospital_code=hospital, reporting_year=2020, run_id="t")
    assert outcome.status == "parsed", outcome.line()


def test_every_finding_has_an_id_of_its_own(first: GateOutcome, warehouse: psycopg.Connection) -> None:
    found = review.findings(warehouse, reporting_year=2020)
    assert len(found) == len({f.finding_id for f in found}) == 12
    assert {f.disposition for f in found} == {"open"}
    assert {f.gate_run_id for f in found} == {first.gate_run_id}


def test_a_verified_figure_says_why_and_who(first: GateOutcome, warehouse: psycopg.Connection) -> None:
    flagged = find(warehouse, "W1", "formula-ratio", "16")
    review.verify(warehouse, flagged, reason="按新口径统计", decided_by="王芳（统计科）")
    again = review.one_finding(warehouse, finding_id=flagged.finding_id)
    assert (again.disposition, again.reason, again.decided_by) == ("verified", "按新口径统计", "王芳（统计科）")
    (row,) = review.decisions(warehouse, 2020, "W1")
    assert (row.decision, row.is_standing, row.source, row.stated) == ("verification", True, "cli", "138.5")
    assert row.login == warehouse.execute("select session_user").fetchone()[0]  # type: ignore[index]
    with pytest.raises(Problem, match="already-decided"):
        review.verify(warehouse, again, reason="x", decided_by="x")
    assert gate(2020, run_id="verified").status == "unchanged", "a verification changes nothing that the gate decides"


def test_what_is_held_back_cannot_be_verified(first: GateOutcome, warehouse: psycopg.Connection) -> None:
    with pytest.raises(Problem, match="not-verifiable"):
        review.verify(
            warehouse, find(warehouse, "W1", "percent-impossible", "16"), reason="it is right", decided_by="x"
        )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": "  "}, "missing-words"),
        ({"decided_by": ""}, "missing-words"),
        ({"expires_on": TODAY - timedelta(days=1)}, "waiver-in-the-past"),
    ],
)
def test_a_waiver_needs_words_a_person_and_a_day(
    first: GateOutcome, warehouse: psycopg.Connection, change: dict[str, Any], code: str
) -> None:
    given = {"reason": "r", "decided_by": "d", "expires_on": TODAY, "today": TODAY} | change
    with pytest.raises(Problem, match=code):
        review.waive(warehouse, find(warehouse, "W1", "percent-impossible", "16"), **given)


def test_a_waiver_releases_by_validation_and_ends_by_withdrawal_too(
    first: GateOutcome, warehouse: psycopg.Connection
) -> None:
    held = find(warehouse, "H15004", "percent-impossible", "16")
    review.waive(warehouse, held, reason="病历核对无误", decided_by="李明（审计处）", expires_on=TODAY, today=TODAY)
    assert find(warehouse, "H15004", "percent-impossible", "16").disposition == "waived"
    assert disposition(warehouse, "H15004", "16") == "quarantined", "a waiver alone releases nothing"

    released = gate(2020, run_id="waived")
    assert (released.status, released.quarantined) == ("done", first.quarantined - 1)
    assert released.accepted + released.quarantined == released.parsed
    assert disposition(warehouse, "H15004", "16") == "flagged"
    assert disposition(warehouse, "W1", "16") == "quarantined", "one rule, one entry, one hospital"
    assert disposition(warehouse, "H15004", "7.1") == "quarantined"
    assert find(warehouse, "H15004", "percent-impossible", "16").disposition == "waived"
    assert gate(2020, run_id="again").status == "unchanged"

    waived = find(warehouse, "H15004", "percent-impossible", "16")
    review.withdraw(warehouse, waived, decision="waiver", reason="材料不足", decided_by="李明（审计处）")
    back = gate(2020, run_id="withdrawn")
    assert (back.status, back.quarantined) == ("done", first.quarantined)
    assert back.gate_run_id not in {first.gate_run_id, released.gate_run_id}
    assert disposition(warehouse, "H15004", "16") == "quarantined"
    kept = [(d.decision, d.is_withdrawal, d.is_standing) for d in review.decisions(warehouse, 2020, "H15004")]
    assert kept == [("waiver", False, False), ("waiver", True, False)], "nothing is overwritten"


def test_an_expired_waiver_stops_counting(first: GateOutcome, warehouse: psycopg.Connection) -> None:
    held = find(warehouse, "H15004", "not-a-number", "7.1")
    # Given in the past for a day in the past: what a table that is only added to holds after that day.
    warehouse.execute(
        "insert into audit.waiver (finding_id, submission_id, rule_id, hospital_code, reporting_year, form, line_code,"
        " period, stated, expected, expires_on, reason, decided_by, source) values"
        " (%s, %s, %s, 'H15004', 2020, %s, '7.1', '2020', %s, %s, %s, 'once', 'auditor', 'cli')",
        [held.finding_id, held.submission_id, held.rule_id, held.form, held.stated, held.expected,
         TODAY - timedelta(days=1)],
    )  # fmt: skip
    gate(2020, run_id="expired")
    assert disposition(warehouse, "H15004", "7.1") == "quarantined"
    assert find(warehouse, "H15004", "not-a-number", "7.1").disposition == "open"


def test_a_decision_outlives_a_resubmission_but_not_a_changed_figure(
    first: GateOutcome, warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    review.verify(warehouse, find(warehouse, "W2", "formula-ratio", "16"), reason="核对无误", decided_by="赵")
    resend(tmp_path, "W2", {"D8": 12345})  # another figure altogether
    gate(2020, run_id="r2")
    same = find(warehouse, "W2", "formula-ratio", "16")
    assert (same.disposition, same.revision) == ("verified", 2)

    resend(tmp_path, "W2", {"D49": 139.5})
    gate(2020, run_id="r3")
    changed = find(warehouse, "W2", "formula-ratio", "16")
    assert (changed.stated, changed.disposition) == ("139.5", "open")


def test_who_decides_while_the_gate_writes_waits_and_the_second_is_told(
    first: GateOutcome, warehouse: psycopg.Connection
) -> None:
    finding_id = find(warehouse, "W1", "percent-impossible", "16").finding_id

    def answer(name: str) -> str:
        try:
            return review.decide(
                "waiver", finding_id=finding_id, reason="底稿7", decided_by=name, until=str(TODAY), source="airflow"
            ).disposition
        except Problem as problem:
            return problem.code

    with database.connect() as gate_at_work, ThreadPoolExecutor() as people:
        locks.take(gate_at_work)
        answers = [people.submit(answer, name) for name in ("李明", "王芳")]
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        while not any(a.done() for a in answers) and warehouse.execute(waiting).fetchone() != (2,):
            time.sleep(0.05)
        assert not any(a.done() for a in answers), "nobody decides about what is being found anew"
        assert find(warehouse, "W1", "percent-impossible", "16").disposition == "open"
        gate_at_work.close()
        assert sorted(a.result() for a in answers) == ["already-decided", "waived"]
    (row,) = [d for d in review.decisions(warehouse, 2020, "W1") if d.decision == "waiver"]
    assert row.source == "airflow"
    with pytest.raises(Problem, match="nothing-to-withdraw"):
        review.decide("verification", finding_id=finding_id, reason="r", decided_by="b", is_withdrawal=True)
    review.decide("waiver", finding_id=finding_id, reason="r", decided_by="b", is_withdrawal=True)


def test_the_commands_decide_and_list(environment: dict[str, str], first: GateOutcome) -> None:
    hiw = shutil.which("hiw", path=str(REPOSITORY / ".venv" / "bin")) or "hiw"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([hiw, *arguments], capture_output=True, text=True, check=False)

    named = ("--hospital", "W1", "--year", "2020", "--rule", "not-a-number", "--line", "7.1")
    done = run("waive", *named, "--until", str(TODAY), "--reason", "see file 7", "--by", "Li Ming", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["disposition"], told["reason"], told["expires_on"]) == ("waived", "see file 7", str(TODAY))
    listed = [json.loads(line) for line in run("findings", "--year", "2020", "--json").stdout.splitlines()]
    assert told["finding_id"] in {f["finding_id"] for f in listed if f["disposition"] == "waived"}
    decided = [json.loads(line) for line in run("reviews", "--year", "2020", "--json").stdout.splitlines()]
    assert {"Li Ming"} == {d["decided_by"] for d in decided if d["finding_id"] == told["finding_id"]}
    back = run("waive", told["finding_id"], "--withdraw", "--reason", "typo", "--by", "Li Ming")
    assert back.returncode == 0 and back.stdout.strip().endswith("; open")
    several = run("verify", "--hospital", "W1", "--year", "2020", "--reason", "r", "--by", "b")
    assert several.returncode == 1 and "several-findings" in several.stderr
    unknown = run("verify", "0000", "--reason", "r", "--by", "b")
    assert unknown.returncode == 1 and "no-such-finding" in unknown.stderr

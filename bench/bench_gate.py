"""The gate against the same checks as hand-written SQL, over a national year: 3,000 returns of 150 lines.

The limit is what a careful person would write straight on the entries, of the rules that such a year can fail: one
statement that reads the year, one for each family of rules, a disposition for every entry and every finding with its
words, kept in tables that survive a crash. It knows nothing of rules as data, of how many rows each rule looked at in
each submission, of patches, departments and claims, of the chain over what was decided, or of pages: those are what the
gate adds.
"""

from __future__ import annotations

import time
from pathlib import Path

import psycopg

from bench.report import Ratio
from ingestion.pipeline import ingest_file
from ingestion.settings import REPOSITORY
from ingestion.steps.gate import gate
from ingestion.store import database

RETURNS = {"small": 30, "national": 3000}
YEAR = 2020
_CLEAN = REPOSITORY / "samples" / "inbox" / "2020" / "H15002" / "2020年度填报表.xlsx"
_BY_HAND = Path(__file__).parent / "gate_by_hand.sql"


def run(size: str) -> list[Ratio]:
    """Fill the warehouse with a year of returns, a tenth of them with a fault, and validate it both ways."""
    ingest_file(_CLEAN, hospital_code="B0000", reporting_year=YEAR, run_id="bench")
    with database.connect(autocommit=True) as connection:
        multiply(connection, RETURNS[size])
        entries = connection.execute("select count(*) from raw.entry").fetchone()[0]  # type: ignore[index]
        started = time.perf_counter()
        by_hand = connection.execute(_BY_HAND.read_bytes())
        while by_hand.nextset():
            pass
        limit = time.perf_counter() - started
    gate(YEAR - 50, run_id="bench")  # of an empty year: what is measured is the work, not the loading of libraries
    started = time.perf_counter()
    outcome = gate(YEAR, run_id="bench")
    measured = time.perf_counter() - started
    with database.connect() as connection:
        by_hand_findings, gate_findings = connection.execute(
            "select (select count(*) from public.by_hand_finding), "
            "(select count(*) from audit.validation_result where outcome = 'failed')"
        ).fetchone()  # type: ignore[misc]
    if outcome.parsed != entries:
        raise AssertionError(f"{outcome.parsed} entries validated of {entries}")
    most = 3 if size == "national" else None  # a few entries cost what forty questions to the database cost
    work = f"{outcome.submissions:,} returns, {entries:,} entries"
    note = f"{work}, {gate_findings:,} findings, {by_hand_findings:,} by hand"
    return [Ratio("gate", "rules, findings, pages", "the same checks as SQL", measured, limit, most, note=note)]


def multiply(connection: psycopg.Connection, returns: int) -> None:
    """Copy the year of the one return there is to ``returns`` hospitals; every tenth states a wrong DDD intensity."""
    with connection.transaction():
        connection.execute(
            """
            insert into audit.submission (submission_id, hospital_code, reporting_year, form, revision, revision_kind,
                sha256, file_name, size_bytes, received_at)
            select replace(s.submission_id, 'B0000', h.code), h.code, s.reporting_year, s.form, s.revision,
                s.revision_kind, s.sha256, s.file_name, s.size_bytes, s.received_at
            from audit.submission as s
            cross join (select 'B' || lpad(n::text, 4, '0') as code from generate_series(1, %s - 1) as n) as h
            """,
            [returns],
        )
        connection.execute(
            "insert into audit.submission_event (submission_id, status) "
            "select submission_id, 'parsed' from audit.submission where hospital_code != 'B0000'"
        )
        connection.execute("""
            insert into raw.entry (entry_id, submission_id, entry_kind, ordinal, label_raw, unit_raw, period_raw,
                value_raw, line_code, period, value, stated_decimals, grade, unit, notes, locator, parser_version)
            select e.entry_id, s.submission_id, e.entry_kind, e.ordinal, e.label_raw, e.unit_raw, e.period_raw,
                e.value_raw, e.line_code, e.period,
                case when e.line_code = '6' and s.hospital_code like '%0' then e.value + 9 else e.value end,
                e.stated_decimals, e.grade, e.unit, e.notes, e.locator, e.parser_version
            from audit.submission as s cross join raw.entry as e
            where s.hospital_code != 'B0000' and e.period = '2020'
        """)
    connection.execute("vacuum analyze raw.entry")
    connection.execute("analyze audit.submission, audit.submission_event")

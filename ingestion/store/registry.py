"""The registry of submissions: who sent which form for which year, in which revision, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from ingestion.errors import Problem

UNRECOGNISED = "unrecognised"
"""Form of a submission whose file could not be read: it is registered all the same, so that nothing is lost."""


_OF_ARRIVAL = ("hospital_code", "reporting_year", "sha256", "file_name", "size_bytes", "received_at")
_REGISTER = """
with added as (
    insert into audit.submission (
        submission_id, hospital_code, reporting_year, form, revision, revision_kind, sha256, file_name, size_bytes,
        received_at, again_of
    )
    select
        %(key)s || '-r' || next.revision, %(hospital_code)s, %(reporting_year)s, %(form)s, next.revision,
        %(revision_kind)s, %(sha256)s, %(file_name)s, %(size_bytes)s, %(received_at)s,
        case when %(again)s then next.same end
    from (
        select
            coalesce(max(s.revision), 0) + 1 as revision,
            (array_agg(s.submission_id order by s.revision desc) filter (where s.sha256 = %(sha256)s))[1] as same
        from audit.submission as s
        where s.hospital_code = %(hospital_code)s and s.reporting_year = %(reporting_year)s and s.form = %(form)s
    ) as next
    on conflict (hospital_code, reporting_year, form, sha256, again_of) do nothing
    returning submission_id, revision
),

received as (
    insert into audit.submission_event (submission_id, status, detail)
    select submission_id, 'received', %(detail)s from added
)

select submission_id, revision from added
"""


def unknown_submission(submission_id: str) -> Problem:
    """What is said where no submission has an id that somebody named."""
    return Problem(
        code="unknown-submission",
        where=submission_id,
        read="no submission of that id",
        expected="an id such as H15001-2020-secondary_national_return-r1",
        remedy="`hiw submissions --year Y` lists them.",
    )


@dataclass(frozen=True)
class Submission:
    """One revision of a hospital's form for a reporting year."""

    submission_id: str
    hospital_code: str
    reporting_year: int
    form: str
    revision: int
    status: str | None
    revision_kind: str


@dataclass(frozen=True)
class Arrival:
    """A file as it arrived: where it lies in the landing zone and whose it is said to be."""

    sha256: str
    size_bytes: int
    landing_path: str
    file_name: str
    source_path: str
    received_at: datetime
    receipt_id: int
    hospital_code: str
    reporting_year: int


def add_file(connection: psycopg.Connection, sha256: str, size_bytes: int, landing_path: str) -> None:
    """Note a landed file; the same bytes are noted once."""
    connection.execute(
        "insert into audit.landed_file (sha256, size_bytes, landing_path) values (%s, %s, %s) on conflict do nothing",
        [sha256, size_bytes, landing_path],
    )


def add_receipt(
    connection: psycopg.Connection,
    *,
    source_path: str,
    file_name: str,
    outcome: str,
    sha256: str | None = None,
    size_bytes: int | None = None,
    hospital_code: str | None = None,
    reporting_year: int | None = None,
    problem: Problem | None = None,
    source_changed_at: datetime | None = None,
) -> tuple[int, datetime]:
    """Note one drop of a file; returns its number and time."""
    row = connection.execute(
        "insert into audit.receipt (source_path, file_name, sha256, size_bytes, hospital_code, reporting_year,"
        " outcome, problem, source_changed_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " returning receipt_id, received_at",
        [
            source_path,
            file_name,
            sha256,
            size_bytes,
            hospital_code,
            reporting_year,
            outcome,
            Jsonb(problem.to_json()) if problem else None,
            source_changed_at,
        ],
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def find_same(
    connection: psycopg.Connection, hospital_code: str, reporting_year: int, sha256: str, form: str | None = None
) -> Submission | None:
    """The submission that the same bytes are since they were last loaded for this hospital and year; without ``form``,
    under any form that was recognised (what was not readable is worth another try)."""
    row = connection.execute(
        "select submission_id, hospital_code, reporting_year, form, revision, status, revision_kind"
        " from audit.submission_status"
        " where hospital_code = %s and reporting_year = %s and sha256 = %s"
        " and case when %s::text is null then form <> %s else form = %s end"
        " order by received_at desc, submission_key limit 1",
        [hospital_code, reporting_year, sha256, form, UNRECOGNISED, form],
    ).fetchone()
    return Submission(*row) if row else None


def register(
    connection: psycopg.Connection, arrival: Arrival, form: str, revision_kind: str, *, again: bool = False
) -> Submission:
    """Register the next revision of (hospital, year, form) in the caller's transaction; ``again`` also where the same
    bytes are one already.

    A lock on the three keeps revision numbers gapless when two files of one hospital arrive at once. The same bytes
    registered meanwhile by another process are returned as they are.
    """
    key = f"{arrival.hospital_code}-{arrival.reporting_year}-{form}"
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    row = connection.execute(
        _REGISTER,
        {
            "key": key,
            "form": form,
            "revision_kind": revision_kind,
            "again": again,
            "detail": Jsonb({"receipt_id": arrival.receipt_id}),
            **{name: getattr(arrival, name) for name in _OF_ARRIVAL},
        },
    ).fetchone()
    if row:
        return Submission(row[0], arrival.hospital_code, arrival.reporting_year, form, row[1], None, revision_kind)
    twin = find_same(connection, arrival.hospital_code, arrival.reporting_year, arrival.sha256, form)
    assert twin is not None
    return twin


def add_event(
    connection: psycopg.Connection,
    submission_id: str,
    status: str,
    *,
    run_id: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append a change of status; nothing is overwritten."""
    connection.execute(
        "insert into audit.submission_event (submission_id, status, run_id, detail) values (%s, %s, %s, %s)",
        [submission_id, status, run_id, Jsonb(detail) if detail else None],
    )


def supersede_unread(connection: psycopg.Connection, arrival: Arrival, by: Submission, run_id: str) -> None:
    """The same bytes, where an earlier release could not read them, are the submission ``by`` now."""
    connection.execute(
        "insert into audit.submission_event (submission_id, status, run_id, detail)"
        " select submission_id, 'superseded', %s, %s from audit.submission_status"
        " where hospital_code = %s and reporting_year = %s and sha256 = %s and form = %s and status <> 'superseded'",
        [
            run_id, Jsonb({"by": by.submission_id}), arrival.hospital_code, arrival.reporting_year, arrival.sha256,
            UNRECOGNISED,
        ],
    )  # fmt: skip

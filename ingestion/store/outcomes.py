"""Outcome rows: what every step took in, gave out and refused, and why."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
from psycopg.types.json import Jsonb

from ingestion.errors import Problem


def now() -> datetime:
    """This moment, with its zone."""
    return datetime.now(UTC)


def record(
    connection: psycopg.Connection,
    *,
    run_id: str,
    step: str,
    subject: str,
    status: str,
    message: str,
    started_at: datetime,
    finished_at: datetime | None = None,
    reporting_year: int | None = None,
    submission_id: str | None = None,
    rows_in: int | None = None,
    rows_out: int | None = None,
    rows_refused: int | None = None,
    problem: Problem | None = None,
) -> None:
    """Write one row of audit.step_outcome; the columns are described there. It finished now, unless said otherwise."""
    connection.execute(
        "insert into audit.step_outcome (run_id, step, subject, reporting_year, submission_id, status, rows_in,"
        " rows_out, rows_refused, message, problem, started_at, finished_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s, clock_timestamp()))",
        [
            run_id,
            step,
            subject,
            reporting_year,
            submission_id,
            status,
            rows_in,
            rows_out,
            rows_refused,
            message,
            Jsonb(problem.to_json()) if problem else None,
            started_at,
            finished_at,
        ],
    )

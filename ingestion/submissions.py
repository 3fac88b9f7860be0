"""Submissions as a person asks for them: what came, what became of each, and taking one back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from ingestion.errors import Problem
from ingestion.store import locks, registry

_SUBMISSIONS = """
select s.submission_id, s.hospital_code, s.reporting_year, s.form, s.revision, s.revision_kind, s.status, s.received_at,
    s.file_name, s.sha256, s.size_bytes,
    (select count(*) from raw.entry as e where e.submission_id = s.submission_id) as entries,
    (select count(*) from audit.receipt as r where r.sha256 = s.sha256 and r.hospital_code = s.hospital_code
        and r.reporting_year = s.reporting_year) as receipts,
    (select jsonb_agg(jsonb_build_object('status', v.status, 'at', v.occurred_at, 'run_id', v.run_id,
        'detail', v.detail) order by v.event_id)
        from audit.submission_event as v where v.submission_id = s.submission_id) as history
from audit.submission_status as s
where coalesce(s.reporting_year = %(year)s, true) and coalesce(s.hospital_code = %(hospital)s, true)
order by s.reporting_year, s.hospital_code, s.form, s.revision
"""


@dataclass(frozen=True)
class ListedSubmission:
    """One submission; ``history`` is every status it had, oldest first, ``receipts`` how often its file was dropped."""

    submission_id: str
    hospital_code: str
    reporting_year: int
    form: str
    revision: int
    revision_kind: str
    status: str | None
    received_at: datetime
    file_name: str
    sha256: str
    size_bytes: int
    entries: int
    receipts: int
    history: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """Structured, for machines."""
        return asdict(self)


def submissions(
    connection: psycopg.Connection, reporting_year: int | None = None, hospital_code: str | None = None
) -> list[ListedSubmission]:
    """Every submission, or those of a year or hospital, oldest first."""
    with connection.cursor(row_factory=class_row(ListedSubmission)) as cursor:
        return cursor.execute(_SUBMISSIONS, {"year": reporting_year, "hospital": hospital_code}).fetchall()


def withdraw(connection: psycopg.Connection, submission_id: str, *, reason: str, decided_by: str, run_id: str) -> None:
    """Take a submission back: it counts no longer from now on, and stays to be seen with the reason.

    The figures that it had replaced do not come back by themselves: what stands again has to be submitted again. Adds
    an event in the caller's transaction. Raises Problem for a submission that there is not, or that is withdrawn.
    """
    locks.decide_in_transaction(connection, submission_id)
    row = connection.execute(
        "select status from audit.submission_status where submission_id = %s", [submission_id]
    ).fetchone()
    if row is None:
        raise registry.unknown_submission(submission_id)
    if row[0] == "withdrawn" or not reason.strip() or not decided_by.strip():
        raise Problem(
            code="cannot-withdraw",
            where=submission_id,
            read="already withdrawn" if row[0] == "withdrawn" else "no reason, or nobody who decides",
            expected="a submission that stands, a reason, and who decides",
            remedy="`hiw submissions --year Y` lists what stands; name --reason and --by.",
        )
    registry.add_event(
        connection, submission_id, "withdrawn", run_id=run_id, detail={"reason": reason, "decided_by": decided_by}
    )

"""Who owes what by when, and what has come: the calendar of submissions against the registry."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import class_row

from ingestion.settings import settings

# One row a hospital and form that is owed or was received; `level` matches the first character of the level code.
_STATUS = """
with hospital as (
    select * from unnest(%(codes)s::text [], %(names)s::text [], %(levels)s::text []) as h (code, name_zh, level)
),
owed as (
    select h.code, h.name_zh, c.form, c.due_on, c.closes_on
    from unnest(%(forms)s::text [], %(owed_by)s::text [], %(due)s::date [], %(closes)s::date [])
        as c (form, level, due_on, closes_on)
    join hospital as h on c.level in ('*', left(h.level, 1))
),
received as (
    select distinct on (hospital_code, form) hospital_code, form, status, submission_id, received_at
    from audit.submission_status
    where reporting_year = %(year)s and status not in ('superseded', 'withdrawn')
    order by hospital_code, form, revision desc
)
select
    coalesce(o.code, r.hospital_code) as hospital_code,
    coalesce(o.name_zh, h.name_zh) as hospital_name_zh,
    coalesce(o.form, r.form) as form,
    o.due_on,
    r.submission_id,
    r.received_at::date as received_on,
    r.status,
    case
        when r.submission_id is null and o.due_on >= %(today)s then 'expected'
        when r.submission_id is null then 'missing'
        when r.status = 'unreadable' or r.form = 'unrecognised' then 'not read'
        when o.due_on is null then 'unasked'
        when r.received_at::date > o.due_on then 'late'
        else 'on time'
    end as arrival,
    h.code is not null as is_registered
from owed as o
full join received as r on r.hospital_code = o.code and r.form = o.form
left join hospital as h on h.code = coalesce(o.code, r.hospital_code)
order by 1, 3
"""


@dataclass(frozen=True)
class Owed:
    """One form of one hospital for a reporting year: whether it came, when, and how it stands.

    ``arrival`` is ``expected`` (not yet due), ``missing``, ``on time``, ``late``, ``not read`` (a file came, but
    no form could be read from it) or ``unasked`` (came, though the calendar asks nobody for it). ``status``
    is the registry's, None where nothing came.
    """

    hospital_code: str
    hospital_name_zh: str | None
    form: str
    due_on: date | None
    submission_id: str | None
    received_on: date | None
    status: str | None
    arrival: str
    is_registered: bool

    def to_json(self) -> dict[str, Any]:
        """Structured, for machines."""
        return asdict(self)


def status(connection: psycopg.Connection, reporting_year: int, today: date) -> list[Owed]:
    """How every owed or received form of a year stands on the day ``today``.

    The calendar is seeds/submission_calendar.csv, the register of hospitals seeds/hospital.csv (its newest version).
    """
    calendar = [row for row in _seed("submission_calendar") if row["reporting_year"] == str(reporting_year)]
    hospitals = {row["hospital_code"]: row for row in sorted(_seed("hospital"), key=lambda row: row["valid_from"])}
    with connection.cursor(row_factory=class_row(Owed)) as cursor:
        return cursor.execute(
            _STATUS,
            {
                "year": reporting_year,
                "today": today,
                "codes": list(hospitals),
                "names": [row["hospital_name_zh"] for row in hospitals.values()],
                "levels": [row["level_code"] for row in hospitals.values()],
                "forms": [row["form"] for row in calendar],
                "owed_by": [row["owed_by_level"] for row in calendar],
                "due": [row["due_on"] for row in calendar],
                "closes": [row["closes_on"] for row in calendar],
            },
        ).fetchall()


def _seed(name: str) -> list[dict[str, str]]:
    path: Path = settings().dbt_project_dir / "seeds" / f"{name}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))

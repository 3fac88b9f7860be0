"""Who owes what by when, and what has come: the calendar of submissions against the registry."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import class_row

from ingestion.calendar import read_calendar, refuse_unknown_forms
from ingestion.forms.form import all_forms
from ingestion.store.seeds import read_seed

# One row a hospital and form that is owed or was received; `level` matches the first character of the level code. A
# hospital is what it was when the year ended, as in int_quality__form; its first version also serves what came before.
_STATUS = """
with hospital as (
    select distinct on (code) code, name_zh, level
    from unnest(%(codes)s::text [], %(names)s::text [], %(levels)s::text [], %(starts)s::date [])
        as h (code, name_zh, level, valid_from)
    cross join lateral (select coalesce(valid_from, '-infinity') as starts) as s
    order by code, starts <= %(year_end)s desc, case when starts <= %(year_end)s then starts end desc, starts
),
owed as (
    select h.code, h.name_zh, c.form, c.due_on
    from unnest(%(forms)s::text [], %(owed_by)s::text [], %(due)s::date []) as c (form, level, due_on)
    join hospital as h on c.level in ('*', left(h.level, 1))
),
-- A form has come when its first revision came: what is corrected later is not late. Whatever became of its newest
-- revision, the accepted one stands.
received as (
    select
        hospital_code,
        form,
        (array_agg(submission_id order by revision desc) filter (where status <> 'superseded'))[1] as submission_id,
        (array_agg(status order by revision desc) filter (where status <> 'superseded'))[1] as status,
        (array_agg(submission_id order by revision desc) filter (where status in ('accepted', 'flagged')))[1]
        as standing_id,
        coalesce(min(received_at) filter (where status <> 'unreadable'), min(received_at)) as received_at,
        bool_and(status = 'unreadable') or form = 'unrecognised' as is_unread
    from audit.submission_status
    where reporting_year = %(year)s and status <> 'withdrawn'
    group by hospital_code, form
    having bool_or(status <> 'superseded')
)
select
    coalesce(o.code, r.hospital_code) as hospital_code,
    coalesce(o.name_zh, h.name_zh) as hospital_name_zh,
    coalesce(o.form, r.form) as form,
    o.due_on,
    r.submission_id,
    (r.received_at at time zone 'Asia/Shanghai')::date as received_on,
    r.status,
    r.standing_id,
    case
        when r.submission_id is null and o.due_on >= %(today)s then 'expected'
        when r.submission_id is null then 'missing'
        when r.is_unread then 'not read'
        when o.due_on is null then 'unasked'
        when (r.received_at at time zone 'Asia/Shanghai')::date > o.due_on then 'late'
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

    ``submission_id`` and ``status`` are of the newest revision (None where nothing came); ``received_on`` is the day
    on which the form came first, and ``standing_id`` the revision that stands accepted, perhaps an earlier one.
    ``arrival`` is ``expected`` (not yet due), ``missing``, ``on time``, ``late``, ``not read`` (a file came, but no
    form could be read from it) or ``unasked`` (came, though the calendar asks nobody for it).
    """

    hospital_code: str
    hospital_name_zh: str | None
    form: str
    due_on: date | None
    submission_id: str | None
    received_on: date | None
    status: str | None
    standing_id: str | None
    arrival: str
    is_registered: bool

    def to_json(self) -> dict[str, Any]:
        """Structured, for machines."""
        return asdict(self)


def status(connection: psycopg.Connection, reporting_year: int, today: date) -> list[Owed]:
    """How every owed or received form of a year stands on the day ``today``.

    Days are days in China. The calendar is seeds/submission_calendar.csv, the register of hospitals
    seeds/hospital.csv (the version that held when the year ended). Raises Problem for a form that there is not.
    """
    calendar = [window for window in read_calendar() if window.reporting_year == reporting_year]
    refuse_unknown_forms(calendar, all_forms())
    hospitals = read_seed("hospital")
    with connection.cursor(row_factory=class_row(Owed)) as cursor:
        return cursor.execute(
            _STATUS,
            {
                "year": reporting_year,
                "today": today,
                "year_end": date(reporting_year, 12, 31),
                "codes": [row["hospital_code"] for row in hospitals],
                "names": [row["hospital_name_zh"] for row in hospitals],
                "levels": [row["level_code"] for row in hospitals],
                "starts": [row["valid_from"] or None for row in hospitals],
                "forms": [window.form for window in calendar],
                "owed_by": [window.owed_by_level for window in calendar],
                "due": [window.due_on for window in calendar],
            },
        ).fetchall()


def outstanding(connection: psycopg.Connection, due_on: date) -> list[Owed]:
    """What is due on the day ``due_on`` and has not come, or could not be read, for whatever reporting year."""
    years = sorted({window.reporting_year for window in read_calendar() if window.due_on == due_on})
    return [
        owed
        for year in years
        for owed in status(connection, year, due_on)
        if owed.due_on == due_on and owed.arrival in ("expected", "missing", "not read")
    ]

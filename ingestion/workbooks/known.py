"""What the warehouse knows of a hospital's earlier submissions of a form: the figures that an entry workbook shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import psycopg

from ingestion.calendar import china_today
from ingestion.store.seeds import read_seed

_STANDING = """
with taken as (
    select submission_id, reporting_year, revision, revision_kind
    from audit.submission_status
    where hospital_code = %(hospital)s and form = %(form)s and reporting_year <= %(year)s
        and status in ('accepted', 'flagged')
),
standing as (
    select t.*, (
        select d.gate_run_id from audit.entry_disposition as d
        inner join audit.gate_run as g using (gate_run_id)
        where d.submission_id = t.submission_id order by g.finished_at desc limit 1
    ) as gate_run_id
    from taken as t
    where not exists (
        select from taken as n
        where n.reporting_year = t.reporting_year and n.revision > t.revision and n.revision_kind = 'full'
    )
),
good as (
    select s.reporting_year, s.revision, e.*
    from standing as s
    inner join raw.entry as e using (submission_id)
    left join audit.entry_disposition as d
        on s.gate_run_id = d.gate_run_id and e.submission_id = d.submission_id and e.entry_id = d.entry_id
    where d.disposition is distinct from 'quarantined'
)
"""

_FIGURES = """
select * from (
    select distinct on (coalesce(department_raw, ''), coalesce(line_code, label_raw), period)
        department_raw, line_code, row_raw, label_raw, unit_raw, period::integer as year, value, value_raw, ordinal
    from good
    where entry_kind = 'value' and period ~ '^[0-9]{4}$' and period::integer < %(year)s
    order by coalesce(department_raw, ''), coalesce(line_code, label_raw), period,
        reporting_year desc, revision desc, ordinal
) as newest
order by year desc, ordinal
"""

_TARGETS = """
select section_raw, label_raw, unit_raw, department_raw, value_raw
from good
where entry_kind = 'target' and submission_id = (
    select submission_id from good where entry_kind = 'target'
    order by reporting_year desc, revision desc limit 1
)
order by ordinal
"""


@dataclass(frozen=True)
class Figure:
    """One figure as it stands: the newest accepted revision decides. ``line_code`` is None where the form has no
    lines of its own; ``value`` is a number, or the words of the source where it is none (a grade, a text)."""

    department: str | None
    line_code: str | None
    row: str | None
    label: str
    unit: str | None
    year: int
    value: Decimal | str


@dataclass(frozen=True)
class PlanRow:
    """One row of the newest plan: its words, without its baseline."""

    section: str | None
    label: str
    unit: str | None
    department: str | None
    target: str | None


def figures(connection: psycopg.Connection, form: str, hospital_code: str, reporting_year: int) -> list[Figure]:
    """Figures of years before ``reporting_year``, newest year first, each year in the order of the form. Submissions
    that are accepted or flagged count; a quarantined entry and a figure that a patch cleared do not."""
    about = {"form": form, "hospital": hospital_code, "year": reporting_year}
    found = connection.execute(_STANDING + _FIGURES, about)
    return [
        Figure(department, line_code, row, label or "", unit, year, value if value is not None else words)
        for department, line_code, row, label, unit, year, value, words, _ in found
        if value is not None or words
    ]


def plan_rows(connection: psycopg.Connection, form: str, hospital_code: str, reporting_year: int) -> list[PlanRow]:
    """Rows of the newest accepted plan of the hospital, in its order; empty where there is none."""
    about = {"form": form, "hospital": hospital_code, "year": reporting_year}
    return [PlanRow(*row) for row in connection.execute(_STANDING + _TARGETS, about)]


def years_of(known: Iterable[Figure], reporting_year: int, most: int) -> list[int]:
    """Years to show, newest first: the year before always, for growth counts from it, and others that are known."""
    return sorted({reporting_year - 1, *(figure.year for figure in known)}, reverse=True)[:most]


def hospital_name(code: str) -> str:
    """Name of a hospital in the register as it is called today; empty where it is not registered."""
    named = sorted(
        (row for row in read_seed("hospital") if row["hospital_code"] == code), key=lambda row: row["valid_from"]
    )
    today = china_today().isoformat()
    begun = [row for row in named if row["valid_from"] <= today] or named[:1]
    return begun[-1]["hospital_name_zh"] if begun else ""

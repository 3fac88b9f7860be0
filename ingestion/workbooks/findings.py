"""What the newest gate run found in a submission, as the answer to its sender needs it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

from ingestion.errors import Problem

SEVERITIES = ("reject", "quarantine", "flag", "inform")
"""Gravest first."""

_NEWEST_RUN = """
select g.gate_run_id from audit.gate_run as g
where exists (
    select from audit.rule_outcome as o where o.gate_run_id = g.gate_run_id and o.submission_id = %(submission)s
    union all
    select from audit.entry_disposition as d where d.gate_run_id = g.gate_run_id and d.submission_id = %(submission)s
)
order by g.finished_at desc limit 1
"""

_FINDINGS = """
select
    v.rule_id,
    -- A figure that could not be checked is no fault of the figure: it is said, and counts as no more.
    case when v.outcome = 'not_evaluable' then 'inform' else r.severity end,
    case when v.outcome = 'not_evaluable' then '无法核算：' || r.title_zh else r.title_zh end,
    case when v.outcome = 'not_evaluable' then 'Could not be checked: ' || r.title_en else r.title_en end,
    r.remedy_zh, r.remedy_en, v.outcome, v.line_code,
    coalesce(l.label_zh, e.label_raw), v.period, v.stated, v.expected, v.difference, coalesce(v.locator, e.locator),
    e.quote, d.disposition
from audit.validation_result as v
inner join audit.rule as r using (rule_id)
inner join audit.submission as s using (submission_id)
left join raw.entry as e on v.submission_id = e.submission_id and v.entry_id = e.entry_id
left join reference.form_line as l on s.form = l.form and v.line_code = l.line_code
left join audit.entry_disposition as d
    on v.gate_run_id = d.gate_run_id and v.submission_id = d.submission_id and v.entry_id = d.entry_id
where v.submission_id = %(submission)s and v.gate_run_id = %(run)s
order by
    array_position(array['reject', 'quarantine', 'flag', 'inform'], case when v.outcome = 'failed' then r.severity end),
    coalesce(l.ordinal, e.ordinal), v.period desc, v.rule_id
"""

_COUNTS = """
select
    count(*),
    count(*) filter (where d.disposition in ('accepted', 'flagged')),
    count(*) filter (where d.disposition = 'flagged'),
    count(*) filter (where d.disposition = 'quarantined')
from raw.entry as e
left join audit.entry_disposition as d
    on e.submission_id = d.submission_id and e.entry_id = d.entry_id and d.gate_run_id = %(run)s
where e.submission_id = %(submission)s
"""

_SUBMISSION = """
select s.submission_id, s.hospital_code, s.reporting_year, s.form, s.revision, s.file_name, s.sha256, s.received_at,
    s.status, f.landing_path, (
        select v.detail ->> 'reason' from audit.submission_event as v
        where v.submission_id = s.submission_id and v.status in ('unreadable', 'rejected')
        order by v.event_id desc limit 1
    )
from audit.submission_status as s
inner join audit.landed_file as f using (sha256)
where s.submission_id = %(submission)s
"""


@dataclass(frozen=True)
class Finding:
    """One failed (or not evaluable) rule on one entry, expected entry, or whole submission."""

    rule_id: str
    severity: str
    title_zh: str
    title_en: str
    remedy_zh: str
    remedy_en: str
    outcome: str
    line_code: str | None
    label: str | None
    period: str | None
    stated: str | None
    expected: str | None
    difference: Decimal | None
    locator: str | None
    quote: str | None
    disposition: str | None


@dataclass(frozen=True)
class Answer:
    """A submission with what the newest gate run says of it; ``gate_run_id`` is None before the first one.

    ``reason`` says why a file could not be taken in at all. ``accepted`` counts flagged entries too.
    """

    submission_id: str
    hospital_code: str
    reporting_year: int
    form: str
    revision: int
    file_name: str
    sha256: str
    received_at: object
    status: str
    landing_path: str
    reason: str | None
    gate_run_id: str | None
    parsed: int
    accepted: int
    flagged: int
    quarantined: int
    findings: tuple[Finding, ...]


def answer(connection: psycopg.Connection, submission_id: str) -> Answer:
    """The answer to a submission. Raises Problem where no submission has that id."""
    about = {"submission": submission_id}
    found = connection.execute(_SUBMISSION, about).fetchone()
    if found is None:
        raise Problem(
            code="unknown-submission",
            where=submission_id,
            read="no submission of that id",
            expected="an id such as H15001-2020-secondary_national_return-r1",
            remedy="List the submissions of a year with hiw status --year.",
        )
    run = connection.execute(_NEWEST_RUN, about).fetchone()
    run_id = run[0] if run else None
    counts = connection.execute(_COUNTS, {**about, "run": run_id}).fetchone() or (0, 0, 0, 0)
    findings = connection.execute(_FINDINGS, {**about, "run": run_id}).fetchall() if run_id else []
    values: tuple[Any, ...] = (*found, run_id, *counts, tuple(Finding(*row) for row in findings))
    return Answer(*values)

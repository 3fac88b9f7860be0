"""What the newest gate run found in a submission, as the answer to its sender needs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

from ingestion.store.registry import unknown_submission

SEVERITY_NAMES = {
    "reject": ("✖", "退回 reject"),
    "quarantine": ("■", "隔离 quarantine"),
    "flag": ("▲", "提示 flag"),
    "inform": ("●", "告知 inform"),
}
"""Symbol and name of each severity, for people."""
STATUS_NAMES = {
    "received": "已收到 received",
    "parsed": "已读取，尚未校验 parsed, not yet validated",
    "unreadable": "无法读取 unreadable",
    "rejected": "退回 rejected",
    "flagged": "接受，部分有提示 flagged",
    "accepted": "接受 accepted",
    "superseded": "已被新版本替代 superseded",
    "withdrawn": "已撤回 withdrawn",
}
"""Name of each status of a submission, for people."""

_SUBMISSIONS = """
select s.submission_id, s.hospital_code, s.reporting_year, s.form, s.revision, s.file_name, s.sha256, s.received_at,
    s.status, f.landing_path, (
        select v.detail ->> 'reason' from audit.submission_event as v
        where v.submission_id = s.submission_id and v.status in ('unreadable', 'rejected')
        order by v.event_id desc limit 1
    ), (
        select g.gate_run_id
        from audit.rule_outcome as o
        inner join audit.gate_run as g using (gate_run_id)
        where o.submission_id = s.submission_id
        order by g.finished_at desc, g.gate_run_id desc
        limit 1
    )
from audit.submission_status as s
inner join audit.landed_file as f using (sha256)
where s.submission_id = any(%(submissions)s)
order by s.submission_id
"""

# The two below take submissions and their newest gate runs as two arrays of the same length.
_COUNTS = """
select
    a.submission_id,
    count(e.entry_id),
    count(*) filter (where d.disposition in ('accepted', 'flagged')),
    count(*) filter (where d.disposition = 'flagged'),
    count(*) filter (where d.disposition = 'quarantined')
from unnest(%(submissions)s::text [], %(runs)s::text []) as a (submission_id, gate_run_id)
left join raw.entry as e on a.submission_id = e.submission_id
left join audit.entry_disposition as d
    on a.gate_run_id = d.gate_run_id and e.submission_id = d.submission_id and e.entry_id = d.entry_id
group by a.submission_id
"""

_FINDINGS = """
select
    v.submission_id,
    v.rule_id,
    -- A figure that could not be checked is no fault of the figure: it is said, and counts as no more.
    case when v.outcome = 'not_evaluable' then 'inform' else r.severity end,
    case when v.outcome = 'not_evaluable' then '无法核算：' || r.title_zh else r.title_zh end,
    case when v.outcome = 'not_evaluable' then 'Could not be checked: ' || r.title_en else r.title_en end,
    r.remedy_zh, r.remedy_en, v.outcome, v.line_code,
    coalesce(l.label_zh, e.label_raw), v.period, v.stated, v.expected, v.difference, coalesce(v.locator, e.locator),
    e.quote, d.disposition,
    case
        when w.finding_id is not null
            then format('豁免至 waived until %%s：%%s（%%s）', w.expires_on, w.reason, w.decided_by)
        when c.finding_id is not null then format('已核实 verified：%%s（%%s）', c.reason, c.decided_by)
    end
from unnest(%(submissions)s::text [], %(runs)s::text []) as a (submission_id, gate_run_id)
inner join audit.validation_result as v using (gate_run_id, submission_id)
inner join audit.rule as r using (rule_id)
inner join audit.submission as s using (submission_id)
left join raw.entry as e on v.submission_id = e.submission_id and v.entry_id = e.entry_id
left join reference.form_line as l on s.form = l.form and v.line_code = l.line_code
left join audit.entry_disposition as d
    on v.gate_run_id = d.gate_run_id and v.submission_id = d.submission_id and v.entry_id = d.entry_id
cross join lateral (
    select audit.finding_id(
        s.hospital_code, s.reporting_year, s.form, v.rule_id, r.kind, coalesce(v.line_code, e.line_code), e.label_raw,
        coalesce(v.period, e.period), e.department_raw, v.stated, v.expected
    ) as finding_id
) as n
left join audit.standing_waiver as w on n.finding_id = w.finding_id
left join audit.standing_verification as c on n.finding_id = c.finding_id
order by
    v.submission_id,
    array_position(array['reject', 'quarantine', 'flag', 'inform'], case when v.outcome = 'failed' then r.severity end),
    coalesce(l.ordinal, e.ordinal), v.period desc, v.rule_id
"""


@dataclass(frozen=True)
class Finding:
    """One failed (or not evaluable) rule on one entry, expected entry, or whole submission.

    ``decision`` says who verified or waived it, and why; None while it is open.
    """

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
    decision: str | None


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
    found = answers(connection, [submission_id])
    if not found:
        raise unknown_submission(submission_id)
    return found[0]


def answers(connection: psycopg.Connection, submission_ids: Sequence[str]) -> list[Answer]:
    """The answers to many submissions, by id; ids that no submission has are left out."""
    sent = connection.execute(_SUBMISSIONS, {"submissions": list(submission_ids)}).fetchall()
    about = {"submissions": [row[0] for row in sent], "runs": [row[-1] for row in sent]}
    counts = {row[0]: row[1:] for row in connection.execute(_COUNTS, about)}
    findings: dict[str, list[Finding]] = defaultdict(list)
    for row in connection.execute(_FINDINGS, about):
        findings[row[0]].append(Finding(*row[1:]))
    values: list[tuple[Any, ...]] = [(*row, *counts[row[0]], tuple(findings[row[0]])) for row in sent]
    return [Answer(*row) for row in values]

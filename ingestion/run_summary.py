"""What a run of a year came to: how long each step took, what was slowest, which findings are new and which known."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ingestion.notices import Notice, page_link, tell

# Steps since the year was published last. A build is about every year: those count that ended after the first of the
# year's own steps had begun. Models stand in rows of their own.
_STEPS = """
with since as (
    select coalesce(max(finished_at), '-infinity') as moment from audit.run_summary where reporting_year = %(year)s
),
first as (
    select coalesce(min(o.started_at), max(since.moment)) as moment
    from since left join audit.step_outcome as o on o.reporting_year = %(year)s and o.finished_at > since.moment
),
own as (
    select o.*, extract(epoch from o.finished_at - o.started_at) as seconds
    from audit.step_outcome as o cross join since cross join first
    where o.finished_at > since.moment
        and (o.reporting_year = %(year)s or (o.step = 'build' and o.finished_at > first.moment))
),
step as (
    select step, round(sum(seconds)::numeric, 3) as seconds
    from own where step <> 'build' or subject = 'warehouse' group by step
)
select
    (select min(started_at) from own) as started_at,
    coalesce((select jsonb_object_agg(step, seconds) from step), '{}') as step_seconds,
    (select step from step order by seconds desc, step limit 1) as slowest_step,
    (
        select subject || ' (' || step || ', ' || round(seconds::numeric, 1) || ' s)' from own
        where subject <> 'warehouse' order by seconds desc, subject limit 1
    ) as slowest_subject,
    (select count(*) from own where status = 'failed') as failed_steps
"""
_FINDINGS = """
select
    finding_id, hospital_code, form, rule_id, title_zh, title_en, line_code, label, period, stated, expected, locator,
    submission_id
from audit.finding
where reporting_year = %s and severity <> 'inform' and outcome = 'failed' and disposition = 'open'
order by hospital_code, form, ordinal, rule_id
"""
_STEP_NAMES = {"land": "落地", "parse": "解析", "load": "装载", "gate": "校验", "build": "建模", "report": "报告"}
"""The steps in the order of a submission's way, with their names in Chinese."""
_KNOWN = "select count(*) from audit.notice where kind = 'finding' and reporting_year = %s"
_INSERT = """
insert into audit.run_summary (
    run_id, reporting_year, started_at, finished_at, seconds, step_seconds, slowest_step, slowest_subject, counts,
    new_findings, known_findings, gone_findings, failed_steps
) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (run_id, reporting_year) do nothing
"""


@dataclass(frozen=True)
class RunSummary:
    """One run of a year. ``step_seconds`` sums what each step took, side by side or not."""

    run_id: str
    reporting_year: int
    started_at: datetime
    finished_at: datetime
    seconds: float
    step_seconds: dict[str, float]
    slowest_step: str | None
    slowest_subject: str | None
    new_findings: int
    known_findings: int
    gone_findings: int
    failed_steps: int
    new: tuple[str, ...] = ()

    def steps(self) -> list[tuple[str, str, float]]:
        """Name zh, name en and seconds of each step, in the order of a submission's way."""
        taken = self.step_seconds
        return [(zh, step, taken[step]) for step, zh in _STEP_NAMES.items() if step in taken]

    def lines(self) -> list[str]:
        """For a terminal."""
        steps = ", ".join(f"{step} {seconds:.1f} s" for _, step, seconds in self.steps())
        return [
            f"  {'took':<30} {self.seconds:,.0f} s  ({steps})",
            f"  {'slowest item':<30} {self.slowest_subject or self.slowest_step or '-'}",
            f"  {'to answer new/known/gone':<30} {self.new_findings} / {self.known_findings} / {self.gone_findings}",
        ]

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return asdict(self)


def summarise_run(
    connection: psycopg.Connection, *, run_id: str, reporting_year: int, counts: dict[str, int | None], now: datetime
) -> RunSummary:
    """Write the row of this run, tell of the findings that nobody was told of yet, and return the summary. Commits.

    ``counts`` are the figures of the report. A run that follows an unchanged one finds nothing new.
    """
    row = connection.execute(_STEPS, {"year": reporting_year}).fetchone()
    assert row is not None, "aggregates return one row"
    started_at, step_seconds, slowest_step, slowest_subject, failed_steps = row
    with connection.cursor(row_factory=class_row(_Finding)) as cursor:
        found = cursor.execute(_FINDINGS, [reporting_year]).fetchall()
    told_before = connection.execute(_KNOWN, [reporting_year]).fetchone()
    new = tell(
        connection,
        f"Hospital Indicator Warehouse: new findings of {reporting_year}",
        [finding.notice(reporting_year) for finding in found],
    )
    known = len(found) - len(new)
    summary = RunSummary(
        run_id,
        reporting_year,
        started_at or now,
        now,
        round((now - (started_at or now)).total_seconds(), 3),
        {step: float(seconds) for step, seconds in step_seconds.items()},
        slowest_step,
        slowest_subject,
        len(new),
        known,
        (told_before[0] if told_before else 0) - known,
        failed_steps,
        tuple(notice.message for notice in new),
    )
    connection.execute(
        _INSERT,
        [
            run_id,
            reporting_year,
            summary.started_at,
            now,
            summary.seconds,
            Jsonb(summary.step_seconds),
            slowest_step,
            slowest_subject,
            Jsonb(counts),
            summary.new_findings,
            summary.known_findings,
            summary.gone_findings,
            failed_steps,
        ],
    )
    connection.commit()
    return summary


@dataclass(frozen=True)
class _Finding:
    finding_id: str
    hospital_code: str
    form: str
    rule_id: str
    title_zh: str
    title_en: str
    line_code: str | None
    label: str | None
    period: str | None
    stated: str | None
    expected: str | None
    locator: str | None
    submission_id: str

    def notice(self, reporting_year: int) -> Notice:
        line = " ".join(filter(None, [self.line_code, self.label])) or self.form
        stated = f", stated {self.stated}" if self.stated is not None else ""
        expected = f", expected {self.expected}" if self.expected is not None else ""
        return Notice(
            key=f"finding {self.finding_id}",
            kind="finding",
            message=f"{self.hospital_code} {line} {self.period or ''}: {self.title_zh} {self.title_en}"
            f" [{self.rule_id}]{stated}{expected} ({self.submission_id}, {self.locator or '-'})",
            reporting_year=reporting_year,
            hospital_code=self.hospital_code,
            link=page_link(f"{reporting_year}/index.html"),
        )

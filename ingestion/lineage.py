"""Where a figure comes from: file, cell or sentence, rules passed and failed, and every revision that stated it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row

from ingestion.errors import Problem

# Every statement of a figure: one row an entry, newest revision first. The gate's newest word on it comes along.
_STATEMENTS = """
select
    e.submission_id, s.form, s.reporting_year, s.revision, s.revision_kind, s.status, s.received_at,
    s.file_name, s.sha256, f.landing_path, e.line_code, coalesce(l.label_zh, e.label_raw) as label_zh,
    e.department_name as department, e.period, e.value_raw, e.value, e.value_stated,
    case when e.correction_id is not null then jsonb_build_object('correction_id', e.correction_id, 'reason', c.reason,
        'reporter', c.reporter) end as correction,
    array(
        select jsonb_build_object('correction_id', p.correction_id, 'value', p.value, 'reason', p.reason,
            'reporter', p.reporter, 'approved_at', p.read_from, 'ended_at', p.read_to, 'ended_as', p.ended_as)
        from raw.corrected_entry as p
        where p.submission_id = e.submission_id and p.entry_id = e.entry_id and p.correction_id is not null
        order by p.read_from
    ) as corrections,
    reference.name_sources(s.form, s.hospital_code, e.label_raw, e.line_code, e.is_line_by_alias, e.department_raw,
        e.department_name, coalesce(substring(e.period from '^[0-9]{4}$')::integer, s.reporting_year))
        || case when h.source is not null then jsonb_build_array(h.source) else '[]' end as names,
    e.value_high, e.grade, e.comparator, e.unit,
    e.locator, e.quote, e.notes, e.parser_version, d.gate_run_id, d.disposition,
    array(select r from unnest(d.rules_checked) as r where r <> all (d.rules_failed) order by r) as rules_passed,
    coalesce(failed.rules, '[]'::jsonb) as rules_failed, b.invocation_id as dbt_invocation_id
from raw.reading as e
left join reference.correction as c using (correction_id)
join audit.submission_status as s using (submission_id)
join audit.landed_file as f using (sha256)
left join audit.hospital_name_source as h using (submission_id)
left join reference.form_line as l on l.form = s.form and l.line_code = e.line_code
left join lateral (
    select d.* from audit.entry_disposition as d join audit.gate_run as g using (gate_run_id)
    where d.submission_id = e.submission_id and d.entry_id = e.entry_id
    order by g.finished_at desc limit 1
) as d on true
left join lateral (
    select jsonb_agg(jsonb_build_object(
        'rule_id', v.rule_id, 'severity', r.severity, 'title_zh', r.title_zh, 'title_en', r.title_en,
        'stated', v.stated, 'expected', v.expected, 'finding_id', n.finding_id,
        'decision', case when w.finding_id is not null then 'waived' when c.finding_id is not null then 'verified' end,
        'decided_by', coalesce(w.decided_by, c.decided_by), 'reason', coalesce(w.reason, c.reason),
        'waived_until', w.expires_on) order by v.rule_id) as rules
    from audit.validation_result as v join audit.rule as r using (rule_id)
    cross join lateral (select audit.finding_id(
        s.hospital_code, s.reporting_year, s.form, v.rule_id, r.kind, coalesce(v.line_code, e.line_code), e.label_raw,
        coalesce(v.period, e.period), e.department_raw, v.stated, v.expected) as finding_id) as n
    left join audit.standing_waiver as w on n.finding_id = w.finding_id
    left join audit.standing_verification as c on n.finding_id = c.finding_id
    where v.gate_run_id = d.gate_run_id and v.submission_id = e.submission_id and v.entry_id = e.entry_id
) as failed on true
left join lateral (
    select r.invocation_id from audit.dbt_run as r where r.failed = 0 order by r.finished_at desc limit 1
) as b on true
where s.hospital_code = %(hospital)s and e.period = %(period)s
    and (e.line_code = %(indicator)s or (l.indicator_code = %(indicator)s and l.is_indicator)
        or e.label_raw = %(indicator)s or l.label_zh = %(indicator)s)
order by s.reporting_year desc, s.form, s.revision desc, e.ordinal
"""


@dataclass(frozen=True)
class Statement:
    """One revision's statement of a figure, with its source and what the gate said of it."""

    submission_id: str
    form: str
    reporting_year: int
    revision: int
    revision_kind: str
    status: str
    received_at: datetime
    file_name: str
    sha256: str
    landing_path: str
    line_code: str | None
    label_zh: str | None
    department: str | None
    period: str
    value_raw: str | None
    value: Decimal | None
    value_stated: Decimal | None
    correction: dict[str, str] | None
    corrections: list[dict[str, Any]]
    names: list[dict[str, Any]]
    value_high: Decimal | None
    grade: str | None
    comparator: str | None
    unit: str | None
    locator: str
    quote: str | None
    notes: list[str]
    parser_version: str
    gate_run_id: str | None
    disposition: str | None
    rules_passed: list[str]
    rules_failed: list[dict[str, Any]]
    dbt_invocation_id: str | None

    def lines(self) -> list[str]:
        """The statement for a terminal."""
        shown = self.grade or ("no figure" if self.value is None else f"{self.value:f}")
        if self.value_high is not None:
            shown += f"~{self.value_high:f}"
        name = f"{self.label_zh} ({self.line_code or 'no line of a form'})"
        received = f"{self.received_at:%F %T %Z}"
        told = [
            f"{name}, {self.period}: {shown} {self.unit or ''}".strip(),
            f"  stated    {self.value_raw!r} at {self.locator} of {self.file_name}",
            f"  file      sha256 {self.sha256} (landing/{self.landing_path})",
            f"  revision  {self.submission_id}, {self.revision_kind}, {self.status}, received {received}",
            f"  gate      {self.disposition or 'not validated yet'} ({self.gate_run_id or '-'})",
            f"  passed    {', '.join(self.rules_passed) or '-'}",
        ]
        told += [
            f"  failed    {rule['rule_id']} ({rule['severity']}): {rule['title_zh']} {rule['title_en']};"
            f" stated {rule['stated']}, expected {rule['expected']}" + _decision(rule)
            for rule in self.rules_failed
        ]
        if self.correction:
            told.append(
                f"  corrected {self.correction['correction_id']}: {self.correction['reason']}"
                f" ({self.correction['reporter']})"
            )
        told += [f"  read as   {_span(span)}" for span in self.corrections]
        told += [f"  name      {_name(name)}" for name in self.names]
        if self.quote:
            told.append(f"  quote     {self.quote!r}")
        if self.notes:
            told.append(f"  read      {', '.join(self.notes)}")
        told.append(f"  parser    {self.parser_version}; dbt run {self.dbt_invocation_id or '-'}")
        return told

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return asdict(self)


def lineage(connection: psycopg.Connection, *, hospital_code: str, indicator: str, period: str) -> list[Statement]:
    """Every statement of one figure, newest first. ``indicator`` is its code, its line code or its name as stated;
    ``period`` a year or a plan span. Raises Problem where nobody ever stated it."""
    with connection.cursor(row_factory=class_row(Statement)) as cursor:
        found = cursor.execute(
            _STATEMENTS, {"hospital": hospital_code, "indicator": indicator, "period": period}
        ).fetchall()
    if not found:
        raise Problem(
            code="never-stated",
            where=f"{hospital_code} {period}",
            read=f"no statement of {indicator}",
            expected="an indicator code (EJ001), a line code (17.2.10) or a name as the return has it",
            remedy="Check hospital, year and indicator; `hiw status --year Y` lists what was received.",
        )
    return found


def _span(span: dict[str, Any]) -> str:
    """A span of time in which a correction was approved."""
    read = "no figure" if span["value"] is None else span["value"]
    until = f" until {span['ended_at'][:19]} ({span['ended_as']})" if span["ended_at"] else ""
    who = f"{span['reason']} ({span['reporter']})"
    return f"{read} by {span['correction_id']} from {span['approved_at'][:19]}{until}: {who}"


def _name(name: dict[str, Any]) -> str:
    """A name that was taken for another, and who says so."""
    who = f"{name['decided_by']}: {name['reason']}" if name["decided_by"] else "a seed"
    return f"{name['kind']} {name['name']!r} read as {name['means']} ({who})"


def _decision(rule: dict[str, Any]) -> str:
    """What people decided of a failed rule."""
    if not rule["decision"]:
        return ""
    until = f" until {rule['waived_until']}" if rule["waived_until"] else ""
    return f"; {rule['decision']}{until} by {rule['decided_by']}: {rule['reason']}"

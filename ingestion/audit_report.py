"""The audit report of a hospital and year: one page with score, findings, decisions, and a line to sign.

The page is HTML that prints on one A4 sheet and needs no network. It shows the head of the audit chain: signed on
paper, it proves later that nothing was taken off the chain's end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TypeVar

import psycopg
from jinja2 import Environment, FileSystemLoader
from psycopg.rows import class_row

from ingestion.calendar import CHINA
from ingestion.errors import Problem
from ingestion.quality_score import Score, scores
from ingestion.review import Finding, findings
from ingestion.workbooks.findings import SEVERITY_NAMES, STATUS_NAMES

_TEMPLATES = Path(__file__).with_name("templates")
# Names as the register has them now; a hospital that nobody registered is called by its code.
_HOSPITALS = """
select distinct on (hospital_code) hospital_code, hospital_name_zh, hospital_name_en
from marts.dim_hospital where is_current
"""
_SUBMISSIONS = """
select s.hospital_code, s.submission_id, s.form, s.revision, s.status, s.received_at, s.file_name, s.sha256,
    count(*) filter (where d.disposition in ('accepted', 'flagged')) as accepted,
    count(*) filter (where d.disposition = 'quarantined') as quarantined, run.gate_run_id
from audit.submission_status as s
left join lateral (
    select o.gate_run_id from audit.rule_outcome as o inner join audit.gate_run as g using (gate_run_id)
    where o.submission_id = s.submission_id order by g.finished_at desc limit 1
) as run on true
left join audit.entry_disposition as d
    on d.gate_run_id = run.gate_run_id and d.submission_id = s.submission_id
where s.reporting_year = %(year)s and coalesce(s.hospital_code = %(hospital)s, true)
    and s.status not in ('superseded', 'withdrawn')
group by s.hospital_code, s.submission_id, s.form, s.revision, s.status, s.received_at, s.file_name, s.sha256,
    run.gate_run_id
order by s.hospital_code, s.form, s.revision desc
"""


_OfHospital = TypeVar("_OfHospital", "Sent", Finding)


class Limits(NamedTuple):
    """Rows that fit on the page; what is more is counted, and stands in the feedback workbooks and v_finding."""

    submissions: int = 5
    findings: int = 16
    decisions: int = 6

    @classmethod
    def of(cls, submissions: int, decisions: int) -> Limits:
        """What fits beside so many: rows that these two tables leave are free for findings."""
        full = cls()
        free = max(full.submissions - submissions, 0) + max(full.decisions - decisions, 0)
        return full._replace(findings=full.findings + free)


@dataclass(frozen=True)
class Sent:
    """A submission that stands, with the entries that the newest gate run let in and held back."""

    hospital_code: str
    submission_id: str
    form: str
    revision: int
    status: str
    received_at: datetime
    file_name: str
    sha256: str
    accepted: int
    quarantined: int
    gate_run_id: str | None

    @property
    def received_in_china(self) -> datetime:
        """When it was received, by the clock in China: the day decides whether it is late."""
        return self.received_at.astimezone(CHINA)

    @property
    def status_shown(self) -> str:
        """The status in both languages."""
        return STATUS_NAMES.get(self.status, self.status)


@dataclass(frozen=True)
class HospitalReport:
    """What stands in the report of one hospital and year; ``score`` is None before the star is built."""

    hospital_code: str
    hospital_name_zh: str
    hospital_name_en: str | None
    reporting_year: int
    score: Score | None
    submissions: tuple[Sent, ...]
    open_findings: tuple[Finding, ...]
    decided_findings: tuple[Finding, ...]

    @property
    def gate_run_ids(self) -> list[str]:
        """The newest gate runs that looked at the submissions."""
        return sorted({sent.gate_run_id for sent in self.submissions if sent.gate_run_id})

    def figures(self) -> list[tuple[str, str, str]]:
        """Score and its parts: label zh, label en, figure."""
        names = (
            ("质量得分", "Score", "score"),
            ("完整率", "complete %", "completeness_pct"),
            ("有效率", "valid %", "validity_pct"),
            ("覆盖率", "covered %", "coverage_pct"),
            ("及时率", "on time %", "timeliness_pct"),
        )
        return [(zh, en, _shown(getattr(self.score, field, None))) for zh, en, field in names]


def hospital_reports(
    connection: psycopg.Connection, reporting_year: int, hospital_code: str | None = None
) -> list[HospitalReport]:
    """Reports of every hospital that sent or owed something for the year, or of the one named; by code.

    Raises Problem where the named hospital has nothing of the year.
    """
    about = {"year": reporting_year, "hospital": hospital_code}
    with connection.cursor(row_factory=class_row(Sent)) as cursor:
        sent = _by_hospital(cursor.execute(_SUBMISSIONS, about).fetchall())
    found = _by_hospital(findings(connection, reporting_year=reporting_year, hospital_code=hospital_code))
    try:
        scored = {score.hospital_code: score for score in scores(connection, reporting_year, hospital_code)}
        names = {row[0]: row[1:] for row in connection.execute(_HOSPITALS)}
    except (Problem, psycopg.errors.UndefinedTable):  # the star is not built yet
        scored, names = {}, {}
    codes = sorted(sent.keys() | scored.keys())
    if hospital_code and not codes:
        raise Problem(
            code="nothing-to-report",
            where=f"{hospital_code} {reporting_year}",
            read="no submission, and none owed as of the newest build",
            expected="a hospital of the register, or one that sent something",
            remedy="`hiw status --year Y` lists the hospitals of a year.",
        )
    return [
        HospitalReport(
            code,
            names[code][0] if code in names else f"{code}（未登记）",
            names[code][1] if code in names else None,
            reporting_year,
            scored.get(code),
            tuple(sent.get(code, ())),
            tuple(f for f in found.get(code, ()) if f.disposition == "open" and f.outcome == "failed"),
            tuple(f for f in found.get(code, ()) if f.disposition != "open"),
        )
        for code in codes
    ]


def page(report: HospitalReport, head: tuple[int, str]) -> str:
    """The report as HTML; ``head`` is number and hash of the newest link of the audit chain."""
    looks = {severity: " ".join(shown) for severity, shown in SEVERITY_NAMES.items()}
    limits = Limits.of(len(report.submissions), len(report.decided_findings))
    return _ENVIRONMENT.get_template("audit_report.html.j2").render(
        report=report, head=head, looks=looks, limits=limits
    )


def list_page(reporting_year: int, reports: Sequence[HospitalReport]) -> str:
    """The page that links the reports and feedback workbooks of a year."""
    return _ENVIRONMENT.get_template("hospitals.html.j2").render(reporting_year=reporting_year, reports=reports)


_ENVIRONMENT = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)


def _shown(figure: Decimal | None) -> str:
    return "—" if figure is None else f"{figure:f}"


def _by_hospital(rows: Sequence[_OfHospital]) -> dict[str, list[_OfHospital]]:
    grouped: dict[str, list[_OfHospital]] = defaultdict(list)
    for row in rows:
        grouped[row.hospital_code].append(row)
    return grouped

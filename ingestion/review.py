"""What people decide of findings: a hospital verifies a flagged figure, an auditor waives one rule for one entry.

Decisions are rows that are only ever added. A verification says why a flagged figure is right. A waiver takes the
weight off one rule for one entry until a day: an entry that the rule held back is released by the next gate run, which
flags it, and held back again by the first run after that day. Both end with the figure they are about (`finding_id`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Literal

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from ingestion.errors import Problem
from ingestion.gate.rules import SEVERITIES
from ingestion.store import database, locks

Source = Literal["cli", "airflow"]
Decided = Literal["verification", "waiver"]
_FIND = sql.SQL("""
select {columns} from audit.finding where {conditions}
order by hospital_code, form, array_position({severities}, severity), ordinal,
    period desc, rule_id
""")
_DECISIONS = """
select * from (
    select 'verification' as decision, verification_id as decision_no, finding_id, hospital_code, reporting_year, form,
        submission_id, rule_id, line_code, period, stated, expected, is_withdrawal, null::date as expires_on, reason,
        decided_by, login, source, decided_at,
        exists (select from audit.standing_verification s where s.verification_id = v.verification_id) as is_standing
    from audit.verification as v
    union all
    select 'waiver', waiver_id, finding_id, hospital_code, reporting_year, form, submission_id, rule_id, line_code,
        period, stated, expected, is_withdrawal, expires_on, reason, decided_by, login, source, decided_at,
        exists (select from audit.standing_waiver s where s.waiver_id = w.waiver_id)
    from audit.waiver as w
) as d
where reporting_year = %(year)s and coalesce(hospital_code = %(hospital)s, true)
order by decided_at, decision, decision_no
"""


@dataclass(frozen=True)
class Finding:
    """A finding of the newest gate run over a submission, and what people decided of it.

    ``disposition`` is ``open``, ``verified`` or ``waived``; the last four fields say by whom, and are None while open.
    """

    finding_id: str
    hospital_code: str
    reporting_year: int
    form: str
    submission_id: str
    revision: int
    gate_run_id: str
    rule_id: str
    severity: str
    kind: str
    outcome: str
    line_code: str | None
    label: str | None
    period: str | None
    department: str | None
    stated: str | None
    expected: str | None
    locator: str | None
    title_zh: str
    title_en: str
    remedy_zh: str
    remedy_en: str
    disposition: str
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    expires_on: date | None

    def line(self) -> str:
        """One line for people."""
        where = " ".join(filter(None, (self.line_code or self.label, self.period, self.department)))
        said = f"stated {self.stated!r}" + (f", expected {self.expected!r}" if self.expected else "")
        return (
            f"{self.finding_id} {self.hospital_code} {where or 'whole submission'}: {self.rule_id} ({self.severity}), "
            f"{said}; {self.disposition}"
        )

    def rejection(self) -> str:
        """One line for whoever sent the submission that this finding rejects."""
        at = f" at {self.locator}" if self.locator else ""
        expected = f"; expected {self.expected}" if self.expected else ""
        return (
            f"rejected   {self.submission_id}: {self.title_zh} {self.title_en}: {self.stated or '-'}{at}{expected}. "
            f"{self.remedy_zh} {self.remedy_en} [{self.rule_id}]"
        )

    def markdown(self) -> str:
        """The facts that a person needs to decide, for a page; what the submission says stands as code."""
        facts = (
            ("规则 Rule", f"{self.title_zh} {self.title_en} ({self.rule_id}, {self.severity})"),
            ("填报值 Stated", _code(self.stated)),
            ("应为 Expected", _code(self.expected)),
            ("名称 Label", _code(self.label)),
            ("位置 Place", _code(f"{self.submission_id} {self.locator or ''}")),
            ("处理建议 Remedy", f"{self.remedy_zh} {self.remedy_en}"),
        )
        return "\n".join(f"- {name}: {fact}" for name, fact in facts if fact)

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return asdict(self)


@dataclass(frozen=True)
class Decision:
    """One row of audit.verification or audit.waiver; ``is_standing`` where it counts today."""

    decision: str
    decision_no: int
    finding_id: str
    hospital_code: str
    reporting_year: int
    form: str
    submission_id: str
    rule_id: str
    line_code: str | None
    period: str | None
    stated: str | None
    expected: str | None
    is_withdrawal: bool
    expires_on: date | None
    reason: str
    decided_by: str
    login: str
    source: str
    decided_at: datetime
    is_standing: bool

    def line(self) -> str:
        """One line for people."""
        kind = f"{self.decision} withdrawn" if self.is_withdrawal else self.decision
        until = f" until {self.expires_on}" if self.expires_on else ""
        stands = "" if self.is_standing or self.is_withdrawal else " (no longer stands)"
        return (
            f"{self.decided_at:%F %T} {kind}{until}{stands}: {self.finding_id} {self.hospital_code} "
            f"{self.line_code or '-'} {self.period or '-'} {self.rule_id}, by {self.decided_by} ({self.login}, "
            f"{self.source}): {self.reason}"
        )

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return asdict(self)


def findings(
    connection: psycopg.Connection,
    *,
    finding_id: str | None = None,
    reporting_year: int | None = None,
    hospital_code: str | None = None,
    rule_id: str | None = None,
    line_code: str | None = None,
    period: str | None = None,
    disposition: str | None = None,
    gate_run_id: str | None = None,
    severity: str | None = None,
) -> list[Finding]:
    """Findings that meet every condition given, gravest first within a hospital and form."""
    asked: dict[str, str | int | None] = {
        "finding_id": finding_id, "reporting_year": reporting_year, "hospital_code": hospital_code,
        "rule_id": rule_id, "line_code": line_code, "period": period, "disposition": disposition,
        "gate_run_id": gate_run_id, "severity": severity,
    }  # fmt: skip
    given = {name: value for name, value in asked.items() if value is not None}
    statement = _FIND.format(
        severities=sql.Literal(list(SEVERITIES)),
        columns=sql.SQL(", ").join(sql.Identifier(field.name) for field in fields(Finding)),
        conditions=sql.SQL(" and ").join(
            [sql.SQL("true"), *(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in given)]
        ),
    )
    with connection.cursor(row_factory=class_row(Finding)) as cursor:
        return cursor.execute(statement, list(given.values())).fetchall()


def check_judged(connection: psycopg.Connection, reporting_year: int, hospital_code: str | None) -> None:
    """Raises Problem where nothing of the year, or of the hospital in it, was validated: "no findings" would lie."""
    judged = connection.execute(
        "select from audit.rule_outcome as o inner join audit.submission as s using (submission_id)"
        " where s.reporting_year = %s and coalesce(s.hospital_code = %s, true) limit 1",
        [reporting_year, hospital_code],
    )
    if not judged.rowcount:
        raise Problem(
            code="not-validated",
            where=f"{hospital_code or 'all hospitals'} {reporting_year}",
            read="no submission that was validated",
            expected="submissions of the year, validated",
            remedy="`hiw status --year Y` lists what was received; `hiw validate --year Y` judges it.",
        )


def one_finding(connection: psycopg.Connection, **conditions: Any) -> Finding:
    """The one finding that meets the conditions of ``findings``. Raises Problem where none or several do."""
    found = {finding.finding_id: finding for finding in findings(connection, **conditions)}
    if len(found) == 1:
        return next(iter(found.values()))
    asked = ", ".join(f"{name} {value}" for name, value in conditions.items() if value is not None)
    listed = "; ".join(f"{f.finding_id} {f.rule_id} {f.line_code or ''} {f.period or ''}" for f in found.values())
    raise Problem(
        code="several-findings" if found else "no-such-finding",
        where=asked or "finding",
        read=f"{len(found)} findings: {listed[:400]}" if found else "no finding of a newest gate run",
        expected="one finding",
        remedy="Name it by its id; `hiw findings --year Y` lists them.",
    )


def decisions(connection: psycopg.Connection, reporting_year: int, hospital_code: str | None = None) -> list[Decision]:
    """Every verification and waiver of a year, withdrawals too, oldest first."""
    with connection.cursor(row_factory=class_row(Decision)) as cursor:
        return cursor.execute(_DECISIONS, {"year": reporting_year, "hospital": hospital_code}).fetchall()


def verify(
    connection: psycopg.Connection, finding: Finding, *, reason: str, decided_by: str, source: Source = "cli"
) -> None:
    """Note that a flagged figure is right. Raises Problem where the finding holds its entry or submission back:
    what is held back is mended by a resubmission, or released by an auditor's waiver."""
    if finding.severity in ("reject", "quarantine") and finding.outcome == "failed":
        raise Problem(
            code="not-verifiable",
            where=f"{finding.finding_id} {finding.rule_id}",
            read=f"a finding that holds back ({finding.severity})",
            expected="a flagged figure",
            remedy="Send a mended return, or have an auditor waive the rule for this entry (`hiw waive`).",
        )
    if finding.disposition != "open":
        raise _decided(finding)
    _insert(connection, "verification", finding, reason, decided_by, source, is_withdrawal=False)


def waive(
    connection: psycopg.Connection,
    finding: Finding,
    *,
    reason: str,
    decided_by: str,
    expires_on: date,
    today: date,
    source: Source = "cli",
) -> None:
    """Waive the finding's rule for its entry, up to and including the day ``expires_on``. Raises Problem where the
    day is past, or the rule rejects a whole submission."""
    if finding.severity == "reject":
        raise Problem(
            code="not-waivable",
            where=f"{finding.finding_id} {finding.rule_id}",
            read="a rule about the whole submission",
            expected="a rule about one entry",
            remedy="What is rejected as a whole has to be submitted again.",
        )
    if expires_on < today:
        raise Problem(
            code="waiver-in-the-past",
            where=finding.finding_id,
            read=f"last day {expires_on}",
            expected=f"{today} or later",
            remedy="Name the last day on which the waiver counts.",
        )
    if finding.disposition == "waived":
        raise _decided(finding)
    _insert(connection, "waiver", finding, reason, decided_by, source, is_withdrawal=False, expires_on=expires_on)


def withdraw(
    connection: psycopg.Connection,
    finding: Finding,
    *,
    decision: Decided,
    reason: str,
    decided_by: str,
    source: Source = "cli",
) -> None:
    """Take back the verification or the waiver that stands for a finding. Raises Problem where none does."""
    standing = sql.SQL("select 1 from {} where finding_id = %s").format(sql.Identifier("audit", f"standing_{decision}"))
    if not connection.execute(standing, [finding.finding_id]).fetchone():
        raise Problem(
            code="nothing-to-withdraw",
            where=finding.finding_id,
            read=f"{finding.disposition}, with no {decision} that stands",
            expected=f"a standing {decision}",
            remedy="`hiw reviews --year Y` lists the decisions.",
        )
    _insert(connection, decision, finding, reason, decided_by, source, is_withdrawal=True)


def decide(
    decision: Decided,
    *,
    reason: str,
    decided_by: str,
    until: str | None = None,
    is_withdrawal: bool = False,
    source: Source = "cli",
    **conditions: Any,
) -> Finding:
    """Verify or waive the one finding that meets ``conditions`` (those of ``findings``), or take that back; returns it
    as it stands then. ``until`` is an ISO date, the last day of a waiver.

    A transaction of its own. Where the gate is writing, it waits, and decides about what the gate found: the finding
    may be gone then. Of two who decide about one finding at once, the second is told of the first. Raises Problem as
    ``one_finding``, ``verify``, ``waive`` and ``withdraw`` do, and where a waiver has no last day.
    """
    with database.connect() as connection:
        named = one_finding(connection, **conditions).finding_id
        locks.decide_in_transaction(connection, named)
        finding = one_finding(connection, finding_id=named)
        said: dict[str, Any] = {"reason": reason, "decided_by": decided_by, "source": source}
        if is_withdrawal:
            withdraw(connection, finding, decision=decision, **said)
        elif decision == "verification":
            verify(connection, finding, **said)
        else:
            waive(connection, finding, expires_on=_last_day(named, until), today=date.today(), **said)
        decided = one_finding(connection, finding_id=named)
        connection.commit()
    return decided


def _last_day(finding_id: str, until: str | None) -> date:
    try:
        return date.fromisoformat(until or "")
    except ValueError:
        raise Problem(
            code="waiver-without-end",
            where=finding_id,
            read=repr(until),
            expected="the last day of the waiver, as 2027-06-30",
            remedy="Name the day.",
        ) from None


def _code(text: str | None) -> str:
    """Text of a submission as code of Markdown: nothing in it is a link or a picture."""
    words = " ".join((text or "").split()).replace("`", "'")
    return f"`{words}`" if words else ""


def _decided(finding: Finding) -> Problem:
    return Problem(
        code="already-decided",
        where=f"{finding.finding_id} {finding.rule_id}",
        read=f"{finding.disposition} by {finding.decided_by}",
        expected="an open finding",
        remedy="Withdraw that decision first (--withdraw).",
    )


def _insert(
    connection: psycopg.Connection,
    table: str,
    finding: Finding,
    reason: str,
    decided_by: str,
    source: Source,
    **more: object,
) -> None:
    for name, value in (("reason", reason), ("by", decided_by)):
        if not value.strip():
            raise Problem(
                code="missing-words",
                where=finding.finding_id,
                read=f"no {name}",
                expected="words that an auditor can read later",
                remedy=f"Give --{name}.",
            )
    row = {
        "finding_id": finding.finding_id, "submission_id": finding.submission_id, "rule_id": finding.rule_id,
        "hospital_code": finding.hospital_code, "reporting_year": finding.reporting_year, "form": finding.form,
        "line_code": finding.line_code, "period": finding.period, "stated": finding.stated,
        "expected": finding.expected, "reason": reason.strip(), "decided_by": decided_by.strip(), "source": source,
        **more,
    }  # fmt: skip
    connection.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier("audit", table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join([sql.Placeholder()] * len(row)),
        ),
        list(row.values()),
    )

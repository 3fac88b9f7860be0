"""What a gate run decides, written to schema audit by set statements: nothing here loops over entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ingestion.errors import Problem
from ingestion.gate.conditions import all_of
from ingestion.gate.rules import Rule


@dataclass(frozen=True)
class Verdict:
    """What an expectation said of a rule: how many rows failed, and the query that returns them."""

    rule: Rule
    failed: int
    failed_rows_query: str


@dataclass(frozen=True)
class Counts:
    """Entries and submissions of a gate run; ``accepted`` counts flagged entries too."""

    parsed: int
    accepted: int
    flagged: int
    quarantined: int
    submissions: int
    rejected: int


def register_rules(connection: psycopg.Connection, rules: Sequence[Rule]) -> None:
    """Make audit.rule say what the rule files say; a rule that is no longer there stays for its past findings."""
    columns = (
        "rule_id", "severity", "kind", "title_zh", "title_en", "remedy_zh", "remedy_en", "since_year", "until_year",
    )  # fmt: skip
    statement = sql.SQL(
        "insert into audit.rule ({columns}) values ({values}) "
        "on conflict (rule_id) do update set ({columns}) = row ({excluded})"
    ).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
        excluded=sql.SQL(", ").join(sql.Identifier("excluded", column) for column in columns),
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [[getattr(rule, column) for column in columns] for rule in rules])


def record_failures(connection: psycopg.Connection, verdicts: Sequence[Verdict]) -> None:
    """Fill gate.failure with the rows that failed.

    The list of failed rows that an expectation returns is cut after a few (its own limit on SQL), the query that it
    returns beside it is not: that query runs here. It knows the judgement but not the row condition of the
    expectation, which is therefore put beside it; the count of the expectation must come out. It names the table
    without its schema, as the session of the expectation finds it. To be called in a transaction.
    """
    connection.execute("set local search_path = gate")
    for verdict in verdicts:
        if not verdict.failed:
            continue
        rule = verdict.rule
        statement = sql.SQL(
            "insert into gate.failure (rule_id, severity, check_id, submission_id, entry_id) "
            "select {rule_id}, {severity}, c.check_id, c.submission_id, c.entry_id "
            "from ({failed_rows}) as f inner join {table} as c using (check_id) where {looked_at}"
        ).format(
            rule_id=sql.Literal(rule.rule_id),
            severity=sql.Literal(rule.severity),
            failed_rows=sql.SQL(verdict.failed_rows_query.strip().rstrip(";")),
            table=sql.Identifier("gate", rule.table),
            looked_at=_rows(rule),
        )
        written = connection.execute(statement).rowcount
        if written != verdict.failed:
            raise Problem(
                code="gate-count-differs",
                where=rule.rule_id,
                read=f"{written} failed rows",
                expected=f"{verdict.failed}, as the expectation counted",
                remedy="Run the gate again; if it repeats, report the rule.",
            )


def apply_waivers(connection: psycopg.Connection, rules: Sequence[Rule], reporting_year: int) -> None:
    """Mark the failures that an auditor's standing waiver is about, each by the id that its finding will have.

    Waivers are few: only the failures of their rules are looked at.
    """
    waived = {
        row[0]
        for row in connection.execute(
            "select rule_id from audit.standing_waiver where reporting_year = %s", [reporting_year]
        )
    }
    for rule in rules:
        if rule.rule_id not in waived or rule.severity == "reject":
            continue
        connection.execute(
            sql.SQL("""
                update gate.failure as f
                set is_waived = true
                from {table} as c
                inner join gate.batch_submission as b on c.submission_id = b.submission_id
                left join raw.entry as e on c.submission_id = e.submission_id and c.entry_id = e.entry_id
                inner join audit.standing_waiver as w
                    on b.hospital_code = w.hospital_code and b.reporting_year = w.reporting_year
                where
                    w.rule_id = {rule_id} and f.rule_id = {rule_id} and f.check_id = c.check_id
                    and w.finding_id = audit.finding_id(
                        b.hospital_code, b.reporting_year, b.form, {rule_id}, {kind},
                        coalesce(c.line_code, e.line_code), e.label_raw, coalesce(c.period, e.period),
                        e.department_raw, {stated}::text, {expected}::text
                    )
            """).format(
                table=sql.Identifier("gate", rule.table),
                rule_id=sql.Literal(rule.rule_id),
                kind=sql.Literal(rule.kind),
                stated=sql.Identifier("c", rule.shows["stated"]),
                expected=_expected(rule),
            )
        )


def decide(connection: psycopg.Connection) -> None:
    """Fill gate.decision: a submission is rejected by a rule that rejects, flagged by any that flags or quarantines."""
    connection.execute(
        "insert into gate.decision (submission_id, status) "
        "select b.submission_id, case when coalesce(f.is_rejected, false) then 'rejected' "
        "when coalesce(f.is_flagged, false) then 'flagged' else 'accepted' end "
        "from gate.batch_submission as b left join ("
        "select submission_id, bool_or(severity = 'reject') as is_rejected, "
        "bool_or(severity in ('quarantine', 'flag')) as is_flagged from gate.failure group by submission_id"
        ") as f on b.submission_id = f.submission_id"
    )


def write_run(
    connection: psycopg.Connection,
    rules: Sequence[Rule],
    *,
    gate_run_id: str,
    reporting_year: int,
    fingerprint: str,
    docs_path: str | None,
    started_at: datetime,
) -> Counts:
    """Write audit.entry_disposition and, from what it holds, audit.gate_run."""
    own = [rule for rule in rules if rule.table == "entry_check"]
    # Rules of the other tables that are about entries; of some an entry has several rows. To join a table without rows
    # costs as much as a join with one: most years have no claims, or no targets.
    others = {
        table: [rule for rule in rules if rule.table == table]
        for table in dict.fromkeys(rule.table for rule in rules)
        if table not in ("entry_check", "completeness_check", "submission_check") and _has_rows(connection, table)
    }
    checked = sql.SQL(" ").join(
        sql.SQL(
            "left join ("
            "select submission_id, entry_id, {rules} as rules from {table} group by submission_id, entry_id"
            ") as {alias} on c.submission_id = {alias}.submission_id and c.entry_id = {alias}.entry_id"
        ).format(
            rules=_rules_that_look((rule, sql.SQL("bool_or({})").format(_looked_at(rule))) for rule in of_table),
            table=sql.Identifier("gate", table),
            alias=sql.Identifier(table),
        )
        for table, of_table in others.items()
    )
    statement = sql.SQL("""
        with failed as (
            select
                submission_id,
                entry_id,
                array_agg(distinct rule_id order by rule_id) as rules,
                bool_or(severity = 'quarantine' and not is_waived) as is_quarantined,
                -- A waiver releases, it does not hide: what it is about stays flagged.
                bool_or(severity = 'flag' or (severity = 'quarantine' and is_waived)) as is_flagged
            from gate.failure
            where entry_id is not null
            group by submission_id, entry_id
        ),
        rejecting as (
            select submission_id, array_agg(distinct rule_id order by rule_id) as rules
            from gate.failure where severity = 'reject' group by submission_id
        ),
        written as (
            insert into audit.entry_disposition
                (gate_run_id, submission_id, entry_id, disposition, rules_checked, rules_failed)
            select
                {gate_run_id},
                c.submission_id,
                c.entry_id,
                case
                    when r.submission_id is not null or f.is_quarantined then 'quarantined'
                    when f.is_flagged then 'flagged'
                    else 'accepted'
                end,
                {rules_checked},
                coalesce(f.rules, '{{}}') || coalesce(r.rules, '{{}}')
            from gate.entry_check as c
            {checked}
            left join failed as f on c.submission_id = f.submission_id and c.entry_id = f.entry_id
            left join rejecting as r on c.submission_id = r.submission_id
            returning disposition
        )
        insert into audit.gate_run (
            gate_run_id, reporting_year, batch_fingerprint, parsed, accepted, flagged, quarantined, submissions,
            rejected, docs_path, started_at, finished_at
        )
        select
            {gate_run_id}, {reporting_year}, {fingerprint},
            (select count(*) from gate.entry_check),
            count(*) filter (where disposition in ('accepted', 'flagged')),
            count(*) filter (where disposition = 'flagged'),
            count(*) filter (where disposition = 'quarantined'),
            (select count(*) from gate.decision),
            (select count(*) from gate.decision where status = 'rejected'),
            {docs_path}, {started_at}, clock_timestamp()
        from written
        returning parsed, accepted, flagged, quarantined, submissions, rejected
    """).format(
        checked=checked,
        gate_run_id=sql.Literal(gate_run_id),
        # Of an entry that a table does not hold, the list is null, and adds nothing.
        rules_checked=sql.SQL(" || ").join(
            [_rules_that_look((rule, _looked_at(rule, "c")) for rule in own)]
            + [sql.Identifier(table, "rules") for table in others]
        ),
        reporting_year=sql.Literal(reporting_year),
        fingerprint=sql.Literal(fingerprint),
        docs_path=sql.Literal(docs_path),
        started_at=sql.Literal(started_at),
    )
    row = connection.execute(statement).fetchone()
    assert row is not None, "an aggregate returns one row"
    return Counts(*row)


def _has_rows(connection: psycopg.Connection, table: str) -> bool:
    found = connection.execute(sql.SQL("select from {} limit 1").format(sql.Identifier("gate", table)))
    return found.fetchone() is not None


def write_findings(connection: psycopg.Connection, rules: Sequence[Rule], gate_run_id: str) -> None:
    """Write audit.validation_result: failed rows, and figures whose formula could not be evaluated."""
    for rule in rules:
        table = sql.Identifier("gate", rule.table)
        connection.execute(
            sql.SQL(
                "{into} from gate.failure as f inner join {table} as c using (check_id) where f.rule_id = {rule_id}"
            ).format(
                into=_finding(rule, gate_run_id, "failed", _expected(rule)),
                table=table,
                rule_id=sql.Literal(rule.rule_id),
            )
        )
        if (rule.table, rule.column) == ("formula_check", "deviation"):
            missing = sql.SQL("coalesce(c.missing_operands || ' 未填 not stated', '除数为 0 the divisor is 0')")
            connection.execute(
                sql.SQL(
                    "{into} from {table} as c where c.deviation is null "
                    "and (c.missing_operands is not null or c.stated !~ '^[0.]+$') and {looked_at}"
                ).format(
                    into=_finding(rule, gate_run_id, "not_evaluable", missing),
                    table=table,
                    looked_at=_rows(rule),
                )
            )


def write_rule_outcomes(connection: psycopg.Connection, rules: Sequence[Rule], gate_run_id: str) -> None:
    """Write audit.rule_outcome: for each rule and submission, how many rows it looked at and how many failed."""
    for table in dict.fromkeys(rule.table for rule in rules):
        own = [rule for rule in rules if rule.table == table]
        counted = sql.SQL(", ").join(sql.SQL("count(*) filter (where {})").format(_looked_at(rule)) for rule in own)
        names = sql.SQL(", ").join(sql.Literal(rule.rule_id) for rule in own)
        connection.execute(
            sql.SQL("""
                insert into audit.rule_outcome (gate_run_id, rule_id, submission_id, checked, failed)
                select {gate_run_id}, n.rule_id, s.submission_id, n.checked, coalesce(f.failed, 0)
                from (select submission_id, array[{counted}] as counts from {table} group by submission_id) as s
                cross join lateral unnest(array[{names}], s.counts) as n (rule_id, checked)
                left join (
                    select rule_id, submission_id, count(*) as failed from gate.failure group by rule_id, submission_id
                ) as f on n.rule_id = f.rule_id and s.submission_id = f.submission_id
                where n.checked > 0
            """).format(
                gate_run_id=sql.Literal(gate_run_id),
                counted=counted,
                names=names,
                table=sql.Identifier("gate", table),
            )
        )


def write_events(connection: psycopg.Connection, *, gate_run_id: str, run_id: str) -> None:
    """Give every submission its new status where it changes, and supersede what an accepted full revision replaces.

    A published submission stays published while the decision on it stays the same. What one run decides is known from
    one moment on: there is no time at which a part of it was.
    """
    about = {"run_id": run_id, "detail": Jsonb({"gate_run_id": gate_run_id})}
    connection.execute(
        """
        insert into audit.submission_event (submission_id, status, occurred_at, run_id, detail)
        select d.submission_id, d.status, statement_timestamp(), %(run_id)s, %(detail)s
        from gate.decision as d
        inner join audit.submission_status as s on d.submission_id = s.submission_id
        left join lateral (
            select e.status from audit.submission_event as e
            where e.submission_id = d.submission_id and e.status in ('accepted', 'flagged', 'rejected')
            order by e.event_id desc limit 1
        ) as decided on true
        where case when s.status = 'published' then decided.status else s.status end is distinct from d.status
        order by d.submission_id
        """,
        about,
    )
    connection.execute(
        """
        insert into audit.submission_event (submission_id, status, run_id, detail)
        select o.submission_id, 'superseded', %(run_id)s,
            %(detail)s || jsonb_build_object('superseded_by', max(b.submission_id))
        from gate.decision as d
        inner join gate.batch_submission as b on d.submission_id = b.submission_id and b.revision_kind = 'full'
        inner join audit.submission_status as o
            on b.hospital_code = o.hospital_code and b.reporting_year = o.reporting_year and b.form = o.form
            and b.revision > o.revision and o.status in ('parsed', 'accepted', 'flagged', 'published')
        where d.status in ('accepted', 'flagged')
        group by o.submission_id
        order by o.submission_id
        """,
        about,
    )


def _finding(rule: Rule, gate_run_id: str, outcome: str, expected: sql.Composable) -> sql.Composable:
    """Head of the insert of findings; the table looked at is ``c``."""
    difference = rule.shows.get("difference")
    return sql.SQL(
        "insert into audit.validation_result (gate_run_id, rule_id, submission_id, entry_id, line_code, period, "
        "outcome, stated, expected, difference, locator) select {}, {}, c.submission_id, c.entry_id, c.line_code, "
        "c.period, {}, {}::text, {}::text, {}, c.locator"
    ).format(
        sql.Literal(gate_run_id),
        sql.Literal(rule.rule_id),
        sql.Literal(outcome),
        sql.Identifier("c", rule.shows["stated"]),
        expected,
        sql.SQL("trim_scale(round({}, 6))").format(sql.Identifier("c", difference)) if difference else sql.SQL("null"),
    )


def _expected(rule: Rule) -> sql.Composable:
    if rule.expected_text is not None:
        return sql.Literal(rule.expected_text)
    return sql.Identifier("c", rule.shows["expected"]) if "expected" in rule.shows else sql.SQL("null")


def _looked_at(rule: Rule, alias: str | None = None) -> sql.Composable:
    """Condition under which a row counts as checked by the rule."""
    parts = [condition.to_sql(alias) for condition in rule.conditions]
    if not rule.judges_nulls:
        column = sql.Identifier(alias, rule.column) if alias else sql.Identifier(rule.column)
        parts.append(sql.SQL("{} is not null").format(column))
    return all_of(parts)


def _rows(rule: Rule) -> sql.Composable:
    """The row condition alone, on the table alias ``c``."""
    return all_of(condition.to_sql("c") for condition in rule.conditions)


def _rules_that_look(looks: Iterable[tuple[Rule, sql.Composable]]) -> sql.Composable:
    """Array of those rules whose condition holds."""
    cases = sql.SQL(", ").join(
        sql.SQL("case when {} then {} end").format(condition, sql.Literal(rule.rule_id)) for rule, condition in looks
    )
    return sql.SQL("array_remove(array[{}]::text[], null)").format(cases)

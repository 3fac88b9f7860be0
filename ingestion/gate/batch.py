"""The batch of a reporting year: which submissions and entries it holds, its fingerprint, the tables of schema gate."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql

from ingestion.entries import PARSER_VERSION
from ingestion.store import locks

_SQL = Path(__file__).parent / "sql"
CHECKED_TABLES = (
    "entry_check", "formula_check", "relation_check", "completeness_check", "submission_check", "target_check",
    "trend_check", "peer_check", "statement_check", "claim_check",
)  # fmt: skip
"""Tables that rules look at, in the order in which they are filled: the later ones read entry_check."""
_FILLED = ("entry_check", "prior_figure", "figure", *CHECKED_TABLES[1:])
_WORKING_TABLES = ("batch_submission", *_FILLED, "failure", "decision")


def lock(connection: psycopg.Connection) -> None:
    """Wait until the warehouse is ours alone, and keep others waiting until ``connection`` is closed.

    One lock for all years: the working tables hold one batch at a time.
    """
    locks.take(connection)


def select(connection: psycopg.Connection, reporting_year: int) -> None:
    """Fill gate.batch_submission with the submissions that make up the year; empties the other working tables."""
    tables = sql.SQL(", ").join(sql.Identifier("gate", table) for table in _WORKING_TABLES)
    with connection.transaction():
        connection.execute(sql.SQL("truncate {} restart identity").format(tables))
        connection.execute(_statement("batch_submission"), {"reporting_year": reporting_year})
        connection.execute("analyze gate.batch_submission")


def fingerprint(connection: psycopg.Connection, rules_fingerprint: str) -> str:
    """Hash over everything that the outcome depends on: the selected submissions and their files, the rules, the
    statements of this folder, the parser, the lines of the forms, the waivers that stand today."""
    digest = sha256()
    for part in (rules_fingerprint, PARSER_VERSION, *(path.read_text() for path in sorted(_SQL.glob("*.sql")))):
        digest.update(part.encode() + b"\0")
    statements = (
        # Names, not the numbers that a sequence gave: the same batch is the same run in whatever order it came in.
        "select b.submission_id, base.submission_id, b.sha256 from gate.batch_submission as b "
        "left join audit.submission as base on b.base_key = base.submission_key order by 1, 2",
        "select form, line_code, value_type, unit, requirement from reference.form_line order by 1, 2",
        "select form, line_code, formula_kind, multiplier, term_no, term_line_code, year_offset, coefficient "
        "from reference.formula_term order by 1, 2, 5",
        "select form, line_code, relation, other_line_code from reference.line_relation order by 1, 2, 3, 4",
        "select kind, scope, name_key, year, target from reference.name_in_force order by 1, 2, 3, 4",
        "select hospital_code, name_key from reference.standing_hospital_name order by 1, 2",
        "select correction_id, expect, value from reference.correction where status = 'approved' order by 1",
        "select form, line_code, low, high from reference.line_limit order by 1, 2",
        # Withdrawn decisions too: what stands after a withdrawal stood before, yet the newest run said otherwise.
        "select d.claim_decision_id from audit.claim_decision as d "
        "inner join gate.batch_submission as b on d.sha256 = b.sha256 order by 1",
        # Earlier returns are looked at too: those that the newest run of each of the years before took in, if any.
        "select gate_run_id from (select distinct on (r.reporting_year) r.gate_run_id, r.reporting_year, r.accepted"
        " from audit.gate_run as r inner join (select min(reporting_year) as reporting_year from gate.batch_submission)"
        " as b on r.reporting_year between b.reporting_year - 5 and b.reporting_year - 1"
        " order by r.reporting_year, r.finished_at desc) as newest where accepted > 0 order by reporting_year",
        "select finding_id from audit.standing_waiver where (hospital_code, reporting_year, form) in "
        "(select hospital_code, reporting_year, form from gate.batch_submission) order by 1",
    )
    for statement in statements:
        for row in connection.execute(statement):
            digest.update("\x1f".join(map(str, row)).encode() + b"\n")
    return digest.hexdigest()


def fill(connection: psycopg.Connection) -> None:
    """Fill the checked tables for the selected submissions, each by one statement."""
    with connection.transaction():
        allow_memory(connection)
        # Every statement joins whole sets. Where the planner takes a set for a row or two (it cannot know that most
        # submissions are their own base), it would reckon a median anew for every figure: minutes instead of a second.
        connection.execute("set local enable_nestloop = off")
        # Nor does it know how many entries a common table expression holds; names and codes are dear to sort, and cheap
        # to hash.
        connection.execute("set local enable_mergejoin = off")
        connection.execute("set local enable_sort = off")
        for table in _FILLED:
            connection.execute(_statement(table))
            connection.execute(sql.SQL("analyze {}").format(sql.Identifier("gate", table)))


def allow_memory(connection: psycopg.Connection, megabytes: int = 128) -> None:
    """Let the statements of this transaction hash and sort a national year in memory."""
    connection.execute(sql.SQL("set local work_mem = {}").format(f"{megabytes}MB"))


def _statement(table: str) -> bytes:
    return (_SQL / f"{table}.sql").read_bytes()

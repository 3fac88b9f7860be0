"""The gate: is what a year's submissions say acceptable? Great Expectations judges the whole batch in the database.

The order of a run: select the batch, lay it out in the tables of schema gate, let every expectation judge its table
in one pass, write what follows from it (findings, dispositions, status of the submissions) in one transaction. Then the
same for the later years, where their batch is another one now: the years before are part of it.
This is the only module that imports great_expectations, and it does so inside functions: the import takes seconds.
"""

from __future__ import annotations

import copy
import logging
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from ingestion.errors import Problem
from ingestion.forms import reference
from ingestion.gate import batch, docs, outcomes, suites
from ingestion.gate.outcomes import Verdict
from ingestion.gate.rules import Rule, load_rules, rules_fingerprint
from ingestion.settings import settings
from ingestion.store import database
from ingestion.store.outcomes import now, record

# Great Expectations logs an error with its traceback before it hands it over, and Python prints what has no handler.
# Whoever has set up logging, as Airflow does, still gets it.
logging.getLogger("great_expectations").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class GateOutcome:
    """What a gate run decided. ``accepted`` counts flagged entries too; accepted + quarantined = parsed.

    ``status`` is ``unchanged`` where the very same batch had been validated before: then nothing was written.
    ``docs_path`` is the page of the run in Data Docs, relative to the reports folder. ``later`` are the years after it
    that were judged again because this one is what they are compared with.
    """

    status: str
    gate_run_id: str
    reporting_year: int
    submissions: int
    rejected: int
    parsed: int
    accepted: int
    flagged: int
    quarantined: int
    docs_path: str | None
    later: tuple[GateOutcome, ...] = ()

    @property
    def reporting_years(self) -> list[int]:
        """The year and those after it that were judged again: what has to be published."""
        return [self.reporting_year, *(outcome.reporting_year for outcome in self.later)]

    def line(self) -> str:
        """A line for people, and one for each of the later years."""
        own = (
            f"{self.reporting_year} {self.status} {self.gate_run_id}: {self.submissions} submissions "
            f"({self.rejected} rejected), {self.parsed} entries parsed, {self.accepted} accepted "
            f"({self.flagged} flagged), {self.quarantined} quarantined"
        )
        return "\n".join([own, *(f"and after it {outcome.line()}" for outcome in self.later)])

    def to_json(self) -> dict[str, Any]:
        """The same for machines."""
        return asdict(self)


def gate(reporting_year: int, *, run_id: str) -> GateOutcome:
    """Validate the batch of ``reporting_year`` and write what follows to schema audit; then do the same with every
    later year that was judged before: what this year states is what those are compared with.

    So the years stand as if they had been validated from the oldest on, in whatever order that happened. Validating an
    unchanged batch again changes nothing. Raises Problem where a rule file is wrong, the generated suites are not those
    of the rules, or an expectation could not be evaluated; then nothing is written of that year but the outcome row of
    the step.
    """
    with database.connect(autocommit=True) as connection:
        outcome = _settled(connection, reporting_year, run_id=run_id)
        later = [
            _settled(connection, year, run_id=run_id, is_asked=False)
            for year in _judged_after(connection, reporting_year)
        ]
        unpublished = _unpublished(connection)
    return replace(outcome, later=tuple(one for one in later if one.reporting_year in unpublished))


def _settled(connection: psycopg.Connection, reporting_year: int, *, run_id: str, is_asked: bool = True) -> GateOutcome:
    """Validate one year until its batch stays the same: behind a revision that is rejected, an earlier one may come
    into force that nobody has looked at, since both came after the run before."""
    outcome = _recorded(connection, reporting_year, run_id=run_id, is_asked=is_asked)
    while outcome.rejected and outcome.status != "unchanged":
        again = _recorded(connection, reporting_year, run_id=run_id, is_asked=False)
        if again.status == "unchanged":
            break
        outcome = again
    return outcome


def _recorded(
    connection: psycopg.Connection, reporting_year: int, *, run_id: str, is_asked: bool = True
) -> GateOutcome:
    """Validate one year, and write the outcome row of the step: of a year that nobody asked for where it changed."""
    started_at = now()
    step: dict[str, Any] = {
        "run_id": run_id, "step": "gate", "subject": str(reporting_year), "reporting_year": reporting_year,
        "started_at": started_at,
    }  # fmt: skip
    try:
        outcome = _validate(connection, reporting_year, run_id=run_id, started_at=started_at)
    except Problem as problem:
        record(connection, **step, status="refused", message=str(problem), problem=problem)
        raise
    except Exception as error:
        if not connection.broken:
            record(connection, **step, status="failed", message=f"{type(error).__name__}: {error}".splitlines()[0])
        raise
    if is_asked or outcome.status != "unchanged":
        record(
            connection,
            **step,
            status=outcome.status,
            rows_in=outcome.parsed,
            rows_out=outcome.accepted,
            rows_refused=outcome.quarantined,
            message=outcome.line(),
        )
    return outcome


def _validate(connection: psycopg.Connection, reporting_year: int, *, run_id: str, started_at: datetime) -> GateOutcome:
    reference.sync(connection)
    rules = load_rules(forms=[row[0] for row in connection.execute("select form from reference.form")])
    suites.check(settings().expectations_dir)
    batch.lock(connection)
    batch.select(connection, reporting_year)
    fingerprint = batch.fingerprint(connection, f"{reporting_year} {rules_fingerprint()}")
    newest = _newest_run(connection, reporting_year)
    if newest and newest[0] == fingerprint:
        known = newest[1]
        if not (docs_folder() / docs.run_page(known.gate_run_id)).exists():  # the reports folder was emptied
            docs.write(connection, rules, docs_folder(), known.gate_run_id)
        return known
    gate_run_id = _new_id(connection, reporting_year, fingerprint)
    batch.fill(connection)
    verdicts = run_checkpoint(rules, run_name=gate_run_id)
    docs_path = f"{docs_folder().name}/{docs.run_page(gate_run_id)}"
    with connection.transaction():
        batch.allow_memory(connection, 192)  # all dispositions of a national year, for what is checked of them together
        outcomes.register_rules(connection, rules)
        outcomes.record_failures(connection, verdicts)
        outcomes.apply_waivers(connection, rules, reporting_year)
        outcomes.decide(connection)
        counts = outcomes.write_run(
            connection, rules, gate_run_id=gate_run_id, reporting_year=reporting_year, fingerprint=fingerprint,
            docs_path=docs_path, started_at=started_at,
        )  # fmt: skip
        outcomes.write_findings(connection, rules, gate_run_id)
        outcomes.write_rule_outcomes(connection, rules, gate_run_id)
        outcomes.write_events(connection, gate_run_id=gate_run_id, run_id=run_id)
    docs.write(connection, rules, docs_folder(), gate_run_id)
    return GateOutcome("done", gate_run_id, reporting_year, docs_path=docs_path, **asdict(counts))


def open_context() -> Any:
    """The Great Expectations context of expectations/, with results outside the repository.

    The address of the warehouse reaches it through the environment of this call alone; it is written to no file.
    Its session looks for tables in schema gate.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read at import
    import great_expectations

    address = urlsplit(database.dsn())
    session = "options=-csearch_path%3Dgate&application_name=great_expectations"
    query = "&".join(filter(None, [address.query, session]))
    return great_expectations.get_context(
        mode="file",
        context_root_dir=settings().expectations_dir,
        runtime_environment={
            "HIW_GX_DSN": urlunsplit(address._replace(scheme="postgresql+psycopg", query=query)),
            "HIW_GX_RESULTS": str(results_folder()),
        },
    )


def results_folder() -> Path:
    """Folder of the validation results, as Great Expectations stores them."""
    return settings().local_dir / "great_expectations"


def docs_folder() -> Path:
    """Folder of Data Docs."""
    return settings().reports_dir / "data_docs"


def run_checkpoint(rules: list[Rule], *, run_name: str) -> list[Verdict]:
    """Let Great Expectations judge the tables of schema gate, and store its results.

    All rules of a table are judged in one pass over it; those that failed are then asked for their rows. Raises Problem
    where an expectation could not be evaluated or a rule was not judged.
    """
    context = open_context()
    from great_expectations.core import ExpectationSuite
    from great_expectations.core.run_identifier import RunIdentifier

    checkpoint = context.checkpoints.get(suites.CHECKPOINT)
    result = checkpoint.run(run_id=RunIdentifier(run_name=run_name))
    by_id = {rule.rule_id: rule for rule in rules}
    passed, failed = [], []
    for definition, of_table in zip(checkpoint.validation_definitions, result.run_results.values(), strict=True):
        judged = {_rule_id(one): one for one in of_table.results}
        passed += [Verdict(by_id[rule_id], 0, "") for rule_id, one in judged.items() if one.success]
        again = [copy.copy(one) for one in definition.suite.expectations if not judged[one.meta["rule_id"]].success]
        if again:
            batch_of_table = definition.batch_definition.get_batch()
            rows = batch_of_table.validate(
                ExpectationSuite(name=definition.name, expectations=again), result_format=suites.FAILED_ROWS
            )
            failed += [
                Verdict(by_id[_rule_id(one)], one.result["unexpected_count"], one.result["unexpected_index_query"])
                for one in rows.results
            ]
    verdicts = passed + failed
    if missing := by_id.keys() - {verdict.rule.rule_id for verdict in verdicts}:
        raise _not_judged(", ".join(sorted(missing)), "no result")
    return verdicts


def _rule_id(judged: Any) -> str:
    """The rule of a result; Problem where its expectation could not be evaluated."""
    rule_id = str(judged.expectation_config.meta["rule_id"])
    if judged.exception_info and judged.exception_info.get("raised_exception", True):
        raise _not_judged(rule_id, str(judged.exception_info.get("exception_message", judged.exception_info)))
    return rule_id


def _not_judged(rule_id: str, read: str) -> Problem:
    return Problem(
        code="rule-not-evaluated",
        where=rule_id,
        read=" ".join(read.split())[:300],
        expected="a result of every expectation",
        remedy="Check column and arguments of the rule against expectations/tables.yml.",
    )


def _newest_run(connection: psycopg.Connection, reporting_year: int) -> tuple[str, GateOutcome] | None:
    """Fingerprint and outcome of the run that the year stands by."""
    row = connection.execute(
        "select batch_fingerprint, gate_run_id, reporting_year, submissions, rejected, parsed, accepted, flagged, "
        "quarantined, docs_path from audit.gate_run where reporting_year = %s order by finished_at desc limit 1",
        [reporting_year],
    ).fetchone()
    return (row[0], GateOutcome("unchanged", *row[1:])) if row else None


def _judged_after(connection: psycopg.Connection, reporting_year: int) -> list[int]:
    """The later years that were judged before, the oldest first: each is compared with the years before it."""
    rows = connection.execute(
        "select distinct reporting_year from audit.gate_run where reporting_year > %s order by 1", [reporting_year]
    )
    return [year for (year,) in rows]


def _unpublished(connection: psycopg.Connection) -> set[int]:
    """The years that were judged since they were published last, by us or by one who was killed before he could say."""
    rows = connection.execute(
        "select reporting_year from audit.gate_run as r group by reporting_year having max(finished_at) > coalesce("
        " (select max(s.finished_at) from audit.run_summary as s where s.reporting_year = r.reporting_year),"
        " '-infinity')"
    )
    return {year for (year,) in rows}


def _new_id(connection: psycopg.Connection, reporting_year: int, fingerprint: str) -> str:
    """Id of a new run, after its batch; a batch that comes back (a waiver given and withdrawn) is another run of it."""
    stem = f"G{reporting_year}-{fingerprint[:12]}"
    earlier = connection.execute(
        "select count(*) from audit.gate_run where reporting_year = %s and batch_fingerprint = %s",
        [reporting_year, fingerprint],
    ).fetchone()
    return f"{stem}-{earlier[0] + 1}" if earlier and earlier[0] else stem

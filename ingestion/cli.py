"""``hiw``: the warehouse from the command line. Each command calls one function of the path and prints its outcome.

Imports of the steps stand inside the commands, so that ``hiw --help`` answers at once.
"""

from __future__ import annotations

import io
import sys
import uuid
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from ingestion import cli_audit, cli_bi, cli_claims, cli_operations, cli_submissions
from ingestion.cli_options import Inbox, Json, Year, busy, print_json, shown_cells
from ingestion.endings import ending_of, stopped, stopped_by
from ingestion.errors import Problem
from ingestion.processes import terminable
from ingestion.settings import settings
from ingestion.years import FIRST_YEAR, LAST_YEAR

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # main says what is to be said
    help="Hospital indicator warehouse: yearly submissions as a validated star schema.",
)
_console = Console(stderr=True)

for _module, _panel in (
    (cli_submissions, "报送、名称与更正 Submissions, names, corrections"),
    (cli_audit, "校验结果、豁免与审核 Findings, waivers, audit"),
    (cli_claims, "文本表述 Claims of documents"),
    (cli_bi, "仪表板与登录 Dashboards and logins"),
    (cli_operations, "运维 Operations"),
):
    for _one in (*_module.app.registered_commands, *_module.app.registered_groups):
        _one.rich_help_panel = _panel
    app.add_typer(_module.app)


_OF_AN_INTERRUPT = 130
"""What typer exits with, silently, where it was interrupted."""


def main() -> None:
    """Entry point: whatever ends a command, a Problem, a signal or an error, is one line on stderr, never a traceback.

    Exit code 1, or 128 and the number of the signal.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows no Chinese
    try:
        with terminable():
            app()
    except SystemExit as end:
        if end.code != _OF_AN_INTERRUPT or not (number := stopped_by(end)):
            raise
        _say(stopped(_command(), number))
        sys.exit(128 + number)
    except Exception as error:
        _say(ending_of(error))
        sys.exit(1)


def _command() -> str:
    return next((word for word in sys.argv[1:] if not word.startswith("-")), "hiw")


def _say(problem: Problem) -> None:
    _console.print(f"hiw: {problem}", style="red", markup=False, highlight=False, soft_wrap=True)


def _run_id(kind: str) -> str:
    return f"cli-{kind}-{uuid.uuid4().hex[:12]}"


@app.command()
def dsn() -> None:
    """Print a libpq URL of the warehouse; starts the embedded server where WAREHOUSE_DSN is not set."""
    from ingestion.store import database

    with busy("Starting the server"):
        database.connect().close()
    typer.echo(database.dsn())


@app.command()
def stop() -> None:
    """Stop the embedded server."""
    from ingestion.store.embedded_postgres import EmbeddedPostgres

    with busy("Stopping the server"):
        stopped = EmbeddedPostgres(settings().postgres_dir).stop()
    typer.echo("stopped" if stopped else "not running")


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders <reporting_year>/<hospital_code>/<file>.")],
    hospital: Annotated[str | None, typer.Option(help="Hospital code; default: the file's folder.")] = None,
    year: Annotated[
        int | None, typer.Option(min=FIRST_YEAR, max=LAST_YEAR, help="Reporting year; default: the folder's.")
    ] = None,
    form: Annotated[str | None, typer.Option(help="Form; default: recognised from the content.")] = None,
    revision_kind: Annotated[str, typer.Option(help="full replaces, patch changes only what it names.")] = "full",
    again: Annotated[
        bool, typer.Option("--again", help="Also bytes that were sent before: read anew, as the next revision.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Land, parse and load files; one outcome line a file. Exits 1 where a file was not taken in."""
    from ingestion.forms.form import get_form
    from ingestion.pipeline import ingest_file, opened

    if revision_kind not in {"full", "patch"}:
        raise typer.BadParameter("full or patch", param_hint="--revision-kind")
    if form:
        get_form(form)
    files = [file for path in paths for file in _files(path)]
    if not files:
        typer.echo("no files there", err=True)
    run_id, all_taken = _run_id("ingest"), True
    with opened() as connection:
        for file in track(files, "Ingesting", console=_console, disable=not _console.is_terminal):
            outcome = ingest_file(
                file, hospital_code=hospital, reporting_year=year, form=form, revision_kind=revision_kind,
                again=again, run_id=run_id, connection=connection,
            )  # fmt: skip
            all_taken &= outcome.is_taken
            if as_json:
                print_json(outcome.to_json())
            else:
                typer.echo(outcome.line())
    raise typer.Exit(0 if all_taken else 1)


def _files(path: Path) -> list[Path]:
    from ingestion.inbox import dropped_below

    return dropped_below(path) if path.is_dir() else [path]


@app.command()
def validate(year: Year, as_json: Json = False) -> None:
    """Run the gate over the batch of a reporting year: accept, flag, quarantine or reject."""
    from ingestion import review
    from ingestion.steps.gate import gate
    from ingestion.store import database

    with busy(f"Validating {year}"):
        outcome = gate(year, run_id=_run_id("validate"))
    if as_json:
        print_json(outcome.to_json())
        return
    typer.echo(outcome.line())
    if outcome.rejected:
        with database.connect(autocommit=True) as connection:
            for finding in review.findings(connection, gate_run_id=outcome.gate_run_id, severity="reject"):
                typer.echo(finding.rejection())


@app.command()
def rules(as_json: Json = False) -> None:
    """List the validation rules: what each looks at, what follows where it fails, what to do then."""
    from rich.table import Table

    from ingestion.gate.rules import load_rules

    found = load_rules()
    if as_json:
        for rule in found:
            print_json(rule.to_json())
        return
    table = Table("rule", "severity", "kind", "标题", "title", "years", box=None)
    for rule in found:
        table.add_row(rule.rule_id, rule.severity, rule.kind, rule.title_zh, rule.title_en, rule.years)
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    typer.echo(f"{len(found)} rules")


@app.command()
def build(as_json: Json = False) -> None:
    """Build the star schema from what was accepted, with dbt, and its documentation."""
    from ingestion.steps.build import build as build_star

    with busy("Building the star") as progress:
        outcome = build_star(run_id=_run_id("build"), on_progress=progress)
    print_json(outcome.to_json()) if as_json else typer.echo(outcome.line())


@app.command()
def publish(year: Year, as_json: Json = False) -> None:
    """Put reports of a year where people find them, and print the summary."""
    from ingestion.steps.report import publish as publish_year

    with busy(f"Publishing {year}"):
        outcome = publish_year(year, run_id=_run_id("publish"))
    print_json(outcome.to_json()) if as_json else typer.echo(outcome.summary())


@app.command()
def run(
    year: Year,
    inbox: Inbox = None,
    as_json: Json = False,
) -> None:
    """The whole year without Airflow: ingest the inbox, validate, build, publish."""
    from ingestion.pipeline import find_inbox, ingest_from_inbox, opened
    from ingestion.steps.build import build as build_star
    from ingestion.steps.gate import gate
    from ingestion.steps.report import publish as publish_year

    run_id = _run_id("run")
    files = find_inbox(inbox or settings().inbox, year)
    with opened() as connection:
        for file in track(files, "Ingesting", console=_console, disable=not _console.is_terminal):
            outcome = ingest_from_inbox(file, run_id=run_id, connection=connection)
            typer.echo(outcome.line(), err=as_json)
    with busy(f"Validating {year}"):
        validated = gate(year, run_id=run_id)
    typer.echo(validated.line(), err=as_json)
    with busy(f"Building {year}") as progress:
        built = build_star(run_id=run_id, on_progress=progress)
    typer.echo(built.line(), err=as_json)
    with busy(f"Publishing {year}"):
        report, *_ = [publish_year(one, run_id=run_id) for one in validated.reporting_years]
    print_json(report.to_json()) if as_json else typer.echo(report.summary())


@app.command()
def status(year: Year, as_json: Json = False) -> None:
    """Who owes what for a year, and how it stands: expected, missing, on time, late; accepted, flagged, rejected."""
    from rich.table import Table

    from ingestion.calendar import china_today
    from ingestion.status import status as status_of
    from ingestion.store import database

    with busy("Reading the registry"), database.connect(autocommit=True) as connection:
        rows = status_of(connection, year, china_today())
    if as_json:
        for row in rows:
            print_json(row.to_json())
        return
    table = Table("hospital", "name", "form", "due", "received", "arrival", "status", "submission", "stands", box=None)
    for row in rows:
        name = row.hospital_name_zh if row.is_registered else "unconfirmed code"
        cells = (
            row.hospital_code,
            name,
            row.form,
            row.due_on,
            row.received_on,
            row.arrival,
            row.status,
            row.submission_id,
            row.standing_id and row.standing_id.rpartition("-")[2],
        )
        table.add_row(*shown_cells(*cells))
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    if not rows:
        typer.echo(f"nothing is owed for {year} (seeds/submission_calendar.csv), and nothing came", err=True)


@app.command()
def lineage(
    hospital: Annotated[str, typer.Option(help="Hospital code.")],
    indicator: Annotated[str, typer.Option(help="Indicator code (EJ001), line code (17.2.10) or name.")],
    year: Annotated[str, typer.Option(help="Year of the figure, or plan span such as 2021-2025.")],
    as_json: Json = False,
) -> None:
    """Follow a figure to its file, cell or sentence, the rules it passed and failed, and its revisions."""
    from ingestion.lineage import lineage as statements_of
    from ingestion.store import database

    with busy("Following the figure"), database.connect(autocommit=True) as connection:
        statements = statements_of(connection, hospital_code=hospital, indicator=indicator, period=year)
    for statement in statements:
        if as_json:
            print_json(statement.to_json())
        else:
            typer.echo("\n".join(statement.lines()))


@app.command()
def diff(
    submission: Annotated[str, typer.Argument(help="Submission id, e.g. H0001-2024-secondary_national_return-r2.")],
    as_json: Json = False,
) -> None:
    """Show every value that a resubmission changes against what stood accepted before it, old and new."""
    from rich.table import Table

    from ingestion.diff import diff as changes_of
    from ingestion.store import database

    with busy("Comparing"), database.connect(autocommit=True) as connection:
        changes = changes_of(connection, submission)
    if as_json:
        for change in changes:
            print_json(change.to_json())
        return
    table = Table("change", "line", "label", "period", "department", "old", "new", "from", box=None)
    for c in changes:
        cells = (c.change, c.line_code, c.label, c.period, c.department, *c.shown(), c.old_submission)
        table.add_row(*shown_cells(*cells))
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    typer.echo(f"{len(changes)} values differ")


@app.command()
def extract(
    file: Annotated[Path, typer.Argument(help="A document: docx, pdf with a text layer, html or text.")],
    items: Annotated[bool, typer.Option("--items", help="The items of a work plan instead.")] = False,
    targets: Annotated[bool, typer.Option("--targets", help="The rows of a plan's annex table instead.")] = False,
    findings: Annotated[
        bool, typer.Option("--findings", help="The contradictions inside the document instead.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a review page: every claim in place, its reading beside.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Name the rules that decided each claim.")] = False,
    as_json: Json = False,
) -> None:
    """Find the quantitative claims of a document, with their spans; or work items; plan targets; contradictions."""
    from ingestion import extraction

    if items + targets + findings > 1:
        raise typer.BadParameter("one of --items, --targets and --findings")
    with busy(f"Reading {file.name}"):
        if html:
            extraction.write_review_page(file, html)
        found = (
            extraction.work_items(file) if items
            else extraction.plan_targets(file) if targets
            else extraction.contradictions(file) if findings
            else extraction.claims(file, explain=explain)
        )  # fmt: skip
    for record in found:
        if as_json:
            print_json(record)
        else:
            typer.echo(extraction.line(record))
    if not as_json:
        what = "items" if items else "targets" if targets else "contradictions" if findings else "claims"
        typer.echo(f"{len(found)} {what}")


@app.command()
def template(
    form: Annotated[str, typer.Argument(help="Form to fill in, e.g. secondary_national_return.")],
    year: Year,
    hospital: Annotated[str, typer.Option(help="Hospital code.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Workbook to write (.xlsx).")],
) -> None:
    """Write the entry workbook of a form: lines, units, last year's figures, formulas, validation."""
    from ingestion.workbooks.template import write_template

    with busy("Writing the workbook"):
        written = write_template(form, reporting_year=year, hospital_code=hospital, path=output)
    typer.echo(written)


@app.command()
def feedback(
    submission: Annotated[str, typer.Argument(help="Submission id, e.g. H0001-2024-secondary_national_return-r2.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Workbook to write (.xlsx).")],
) -> None:
    """Write the answer to a submission: the return as sent, wrong cells coloured, every finding with its remedy."""
    from ingestion.workbooks.feedback import write_feedback

    with busy("Writing the workbook"):
        written = write_feedback(submission, output)
    typer.echo(written)


@app.command()
def dictionary(
    output: Annotated[Path, typer.Option("--output", "-o", help="Page to write.")] = Path("docs/data_dictionary.md"),
) -> None:
    """Write the data dictionary from the dbt project: every table that analysts read, with queries to start from."""
    from ingestion.dictionary import write_dictionary
    from ingestion.steps.build import parse_manifest

    with busy("Reading the dbt project"):
        written = write_dictionary(parse_manifest(), output)
    typer.echo(written)


@app.command("pipeline")
def pipeline_run(
    year: Year = 2020,
    inbox: Inbox = None,
) -> None:
    """The whole year through the Airflow DAGs, to their end, then the summary (what `make run` does)."""
    from ingestion.local_airflow import run_to_end
    from ingestion.steps.build import known_manifest
    from ingestion.steps.report import summarise
    from ingestion.store import database

    database.connect().close()
    known_manifest()
    result = run_to_end(year, inbox or settings().inbox)
    if not result.is_success:
        _console.print(result.line(), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1)
    typer.echo(summarise(year).summary())


@app.command()
def up() -> None:
    """Serve the Airflow UI on 127.0.0.1 until Ctrl-C (what `make up` does)."""
    from ingestion.local_airflow import serve
    from ingestion.steps.build import known_manifest
    from ingestion.store import database

    database.connect().close()
    known_manifest()
    serve()


if __name__ == "__main__":
    main()

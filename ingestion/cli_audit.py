"""Commands of the auditor and of who answers him: findings, decisions on them, the score of the data.

They are commands of ``hiw`` like those in cli.py. Imports stand inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ingestion.cli_options import Json, Year, busy, print_json, shown_cells
from ingestion.years import FIRST_YEAR, LAST_YEAR

app = typer.Typer()
_trail = typer.Typer(no_args_is_help=True, help="The trail of records: append-only, and chained by hashes.")
app.add_typer(_trail, name="audit")


@app.command()
def findings(
    year: Year,
    hospital: Annotated[str | None, typer.Option(help="Hospital code; default: all.")] = None,
    disposition: Annotated[str | None, typer.Option(help="open, verified or waived; default: all.")] = None,
    as_json: Json = False,
) -> None:
    """List what the newest gate runs found, each with its id and what was decided of it."""
    from ingestion import review
    from ingestion.store import database

    if disposition not in {None, "open", "verified", "waived"}:
        raise typer.BadParameter("open, verified or waived", param_hint="--disposition")
    with busy("Reading the findings"), database.connect(autocommit=True) as connection:
        found = review.findings(connection, reporting_year=year, hospital_code=hospital, disposition=disposition)
        if not found:
            review.check_judged(connection, year, hospital)
    for finding in found:
        print_json(finding.to_json()) if as_json else typer.echo(finding.line())
    if not as_json:
        typer.echo(f"{len(found)} findings")


@app.command()
def reviews(
    year: Year,
    hospital: Annotated[str | None, typer.Option(help="Hospital code; default: all.")] = None,
    as_json: Json = False,
) -> None:
    """List every verification and waiver of a year: who decided what, when and why; withdrawn and expired ones too."""
    from ingestion import review
    from ingestion.store import database

    with busy("Reading the decisions"), database.connect(autocommit=True) as connection:
        decided = review.decisions(connection, year, hospital)
    for decision in decided:
        print_json(decision.to_json()) if as_json else typer.echo(decision.line())
    if not as_json:
        typer.echo(f"{len(decided)} decisions")


FindingId = Annotated[str | None, typer.Argument(help="Id of the finding (`hiw findings`); or name it by the options.")]
OfHospital = Annotated[str | None, typer.Option("--hospital", help="Hospital code.")]
OfYear = Annotated[int | None, typer.Option("--year", min=FIRST_YEAR, max=LAST_YEAR, help="Reporting year.")]
OfRule = Annotated[str | None, typer.Option("--rule", help="Rule id.")]
OfLine = Annotated[str | None, typer.Option("--line", help="Line code of the figure.")]
OfPeriod = Annotated[str | None, typer.Option("--period", help="Period of the figure, e.g. 2020.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in words.")]
By = Annotated[str, typer.Option("--by", help="Who decides: name and office of the person.")]
Withdraw = Annotated[bool, typer.Option("--withdraw", help="Take the standing decision back.")]


@app.command()
def verify(
    reason: Reason,
    by: By,
    finding: FindingId = None,
    hospital: OfHospital = None,
    year: OfYear = None,
    rule: OfRule = None,
    line: OfLine = None,
    period: OfPeriod = None,
    withdraw: Withdraw = False,
    as_json: Json = False,
) -> None:
    """The hospital states that a flagged figure is right, and why. It stays flagged, and is shown as verified."""
    from ingestion import review

    with busy("Deciding"):
        decided = review.decide(
            "verification", reason=reason, decided_by=by, is_withdrawal=withdraw, finding_id=finding,
            hospital_code=hospital, reporting_year=year, rule_id=rule, line_code=line, period=period,
        )  # fmt: skip
    print_json(decided.to_json()) if as_json else typer.echo(decided.line())


@app.command()
def waive(
    reason: Reason,
    by: By,
    finding: FindingId = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day on which it counts.")] = None,
    hospital: OfHospital = None,
    year: OfYear = None,
    rule: OfRule = None,
    line: OfLine = None,
    period: OfPeriod = None,
    withdraw: Withdraw = False,
    as_json: Json = False,
) -> None:
    """An auditor waives one rule for one entry until a day. What the rule held back, the next validation releases."""
    from ingestion import review

    if (until is None) != withdraw:
        raise typer.BadParameter("--until DAY, or --withdraw", param_hint="--until")
    with busy("Deciding"):
        decided = review.decide(
            "waiver", reason=reason, decided_by=by, is_withdrawal=withdraw, until=f"{until:%F}" if until else None,
            finding_id=finding, hospital_code=hospital, reporting_year=year, rule_id=rule, line_code=line,
            period=period,
        )  # fmt: skip
    print_json(decided.to_json()) if as_json else typer.echo(decided.line())


@app.command()
def score(
    year: Year,
    hospital: Annotated[str | None, typer.Option(help="Hospital code; default: all.")] = None,
    as_json: Json = False,
) -> None:
    """How good a year's data are, hospital by hospital: score, completeness, validity, coverage, timeliness."""
    from ingestion.quality_score import scores
    from ingestion.store import database

    with busy("Reading the scores"), database.connect(autocommit=True) as connection:
        found = scores(connection, year, hospital)
    if as_json:
        for row in found:
            print_json(row.to_json())
        return
    table = Table("hospital", "name", "score", "complete %", "valid %", "covered %", "on time %", "open", box=None)
    for row in found:
        shares = (row.completeness_pct, row.validity_pct, row.coverage_pct, row.timeliness_pct)
        cells = (row.hospital_code, row.hospital_name_zh, row.score, *shares, row.findings_open)
        table.add_row(*shown_cells(*cells))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@app.command()
def report(
    year: Year,
    hospital: Annotated[str, typer.Option(help="Hospital code.")],
    as_json: Json = False,
) -> None:
    """Write a hospital's audit report of a year (one page, to print and sign) and its feedback workbooks."""
    from ingestion.settings import settings
    from ingestion.steps.report_files import write_files
    from ingestion.store import database

    with busy("Writing the reports"), database.connect(autocommit=True) as connection:
        written = write_files(connection, year, hospital)
    folder = settings().reports_dir / str(year) / hospital
    for path in sorted(folder.iterdir()):
        state = "written" if path in written else "unchanged"
        print_json({"path": str(path), "state": state}) if as_json else typer.echo(f"{state:<10} {path}")


@_trail.command("verify")
def verify_trail(
    noted_head: Annotated[
        str | None, typer.Option("--head", help="Hash of a link noted earlier (on a report): it must still be there.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compute the chain again and hash the landed files again; names the first broken link, and exits 1."""
    from ingestion.audit_trail import verify as verify_all
    from ingestion.settings import settings
    from ingestion.store import database

    with busy("Computing the chain"), database.connect() as connection:
        trail = verify_all(connection, settings().landing_dir, noted_head=noted_head)
    if as_json:
        print_json(trail.to_json())
    else:
        typer.echo("\n".join(trail.lines()))
    raise typer.Exit(0 if trail.is_intact else 1)

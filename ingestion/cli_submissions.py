"""Commands around submissions: what came, what their names mean, what was corrected, taking one back.

They are commands of ``hiw`` like those in cli.py. Imports stand inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

import sys
import uuid
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ingestion.cli_options import Json, Year, busy, print_json, shown_cells
from ingestion.years import FIRST_YEAR, LAST_YEAR

app = typer.Typer()

AnyYear = Annotated[
    int | None, typer.Option("--year", min=FIRST_YEAR, max=LAST_YEAR, help="Reporting year; default: all.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, in words.")]
By = Annotated[str, typer.Option("--by", help="Who decides: name and office of the person.")]


def _print(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@app.command()
def submissions(
    year: AnyYear = None,
    hospital: Annotated[str | None, typer.Option(help="Hospital code; default: all.")] = None,
    as_json: Json = False,
) -> None:
    """List submissions with their status; with --json also every status they had."""
    from ingestion.store import database
    from ingestion.submissions import submissions as listed

    with busy("Reading the registry"), database.connect(autocommit=True) as connection:
        found = listed(connection, year, hospital)
    if as_json:
        for submission in found:
            print_json(submission.to_json())
        return
    table = Table("submission", "kind", "status", "received", "entries", "receipts", "file", "sha256", box=None)
    for s in found:
        table.add_row(
            *shown_cells(s.submission_id, s.revision_kind, s.status, f"{s.received_at:%F %T}", s.entries, s.receipts,
                  s.file_name, s.sha256[:12])
        )  # fmt: skip
    _print(table)
    typer.echo(f"{len(found)} submissions")


@app.command()
def withdraw(
    submission: Annotated[str, typer.Argument(help="Submission id, e.g. H0001-2024-secondary_national_return-r2.")],
    reason: Reason,
    by: By,
) -> None:
    """Take a submission back. It stays to be seen, and counts no longer from the next validation and build on."""
    from ingestion.store import database
    from ingestion.submissions import withdraw as take_back

    with busy("Withdrawing"), database.connect() as connection:
        take_back(connection, submission, reason=reason, decided_by=by, run_id=f"cli-withdraw-{uuid.uuid4().hex[:12]}")
        connection.commit()
    typer.echo(f"withdrawn  {submission}. Where it had replaced another, `hiw ingest FILE --again` brings that back")


@app.command()
def names(year: Year, as_json: Json = False) -> None:
    """List names that are no known line, department or hospital, each with a proposal for a person to confirm."""
    from ingestion.forms import reference
    from ingestion.names import unknown_names
    from ingestion.store import database

    with busy("Comparing names"), database.connect() as connection:
        reference.sync(connection)
        found = unknown_names(connection, year)
    if as_json:
        for name in found:
            print_json(name.to_json())
        return
    table = Table("kind", "scope", "name", "entries", "hospitals", "at", "looks like", "target", "alike", box=None)
    for n in found:
        table.add_row(
            *shown_cells(n.kind, n.scope or None, n.name, n.entries, " ".join(n.hospitals), n.locator, n.target_name,
                  n.target,
                  None if n.score is None else f"{n.score:.0f}")
        )  # fmt: skip
    _print(table)
    typer.echo(
        f"{len(found)} names wait; `hiw confirm KIND NAME TARGET --scope SCOPE --reason WHY --by WHO` decides one"
    )


@app.command()
def confirm(
    kind: Annotated[str, typer.Argument(help="hospital, indicator or department.")],
    name: Annotated[str, typer.Argument(help="The name as it was written.")],
    target: Annotated[str, typer.Argument(help="What it means: hospital code, line code, or name of the department.")],
    reason: Reason,
    by: By,
    scope: Annotated[str, typer.Option(help="Form of an indicator; hospital of a department, * for all.")] = "",
    refuse: Annotated[bool, typer.Option("--refuse", help="It does not mean it: propose it no more.")] = False,
    valid_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day that it means so; default: ever since.")
    ] = None,
    valid_to: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day that it means so; default: for ever.")
    ] = None,
) -> None:
    """Decide what a name means. Figures that stand under it are read so from the next validation and build on."""
    from ingestion.forms import reference
    from ingestion.names import decide
    from ingestion.store import database

    with busy("Deciding"), database.connect() as connection:
        reference.sync(connection)
        decide(
            connection, kind, name, target, scope=scope, reason=reason, decided_by=by, is_refusal=refuse,
            valid_from=valid_from.date() if valid_from else None, valid_to=valid_to.date() if valid_to else None,
        )  # fmt: skip
        connection.commit()
    typer.echo(f"{'refused' if refuse else 'confirmed'}  {kind} {name!r} = {target}")


@app.command()
def corrections(year: AnyYear = None, as_json: Json = False) -> None:
    """List declared corrections and whether each is applied. Exits 1 where one has outlived the mistake it corrects."""
    from ingestion.corrections import corrections as declared
    from ingestion.forms import reference
    from ingestion.store import database

    with busy("Comparing corrections"), database.connect() as connection:
        reference.sync(connection)
        found = declared(connection, year)
    for correction in found:
        print_json(correction.to_json()) if as_json else typer.echo(correction.line_for_people())
    if not as_json:
        typer.echo(f"{len(found)} corrections")
    raise typer.Exit(0 if all(correction.holds for correction in found) else 1)

"""Commands of the engineer on duty: checksums, backup and restore, version, Airflow's own program.

They are commands of ``hiw`` like those in cli.py. Imports stand inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ingestion.cli_options import Json, busy, print_json

app = typer.Typer()


@app.command()
def checksum(
    exact: Annotated[bool, typer.Option("--exact", help="Count run times too, to the microsecond.")] = False,
    as_json: Json = False,
) -> None:
    """Print a checksum of every mart: equal content, equal checksum, whenever and in whatever order it was built."""
    from ingestion.checksums import checksums
    from ingestion.store import database

    with busy("Reading the marts"), database.connect() as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        marts = checksums(connection, exact=exact)
    for found in marts:
        print_json(found.to_json()) if as_json else typer.echo(found.line())
    if not marts:
        typer.echo("0 marts: nothing was built yet. `hiw build` builds them.", err=True)


@app.command()
def version(as_json: Json = False) -> None:
    """Print the release, and what stands in the warehouse: its migration and which releases it went through."""
    from ingestion.store import database, releases

    with database.connect(autocommit=True) as connection:
        found = releases.stamped(connection)
    print_json(found.to_json()) if as_json else typer.echo("\n".join(found.lines()))


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="Folder to write; it must not exist yet.")],
    as_json: Json = False,
) -> None:
    """Save the warehouse and the landing zone, with checksums of every mart and every file."""
    from ingestion.store.backup import backup as save

    with busy("Saving"):
        done = save(folder)
    print_json(done.to_json()) if as_json else typer.echo(done.line())


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="Folder that `hiw backup` wrote.")],
    as_json: Json = False,
) -> None:
    """Bring a saved warehouse back into an empty one, and compare every mart and file with what was saved."""
    from ingestion.store.backup import restore as bring_back

    with busy("Bringing back"):
        done = bring_back(folder)
    print_json(done.to_json()) if as_json else typer.echo(done.line())


_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command(context_settings=_PASSED_ON)
def psql(context: typer.Context) -> None:
    """Run PostgreSQL's own shell on the warehouse: `hiw psql`, `hiw psql -c "select ..."`."""
    from ingestion.store import database

    database.connect().close()
    command, environment = database.program("psql")
    # In our place: Ctrl-C is psql's own, to cancel a query, and would end us with it.
    os.execve(command[0], [*command, *context.args], environment)  # noqa: S606


@app.command(context_settings=_PASSED_ON)
def airflow(context: typer.Context) -> None:
    """Run Airflow's own program with the settings of the Airflow of this machine: `hiw airflow dags list-runs ...`."""
    from ingestion.local_airflow import run_program
    from ingestion.store import database

    database.connect().close()
    raise typer.Exit(run_program(context.args))

"""Commands for who opens the warehouse: dashboards on this machine, logins of people.

They are commands of ``hiw`` like those in cli.py. Imports stand inside the commands: ``--help`` answers at once.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

Login = Annotated[str, typer.Argument(help="Name to sign in with: small letters, digits, _.")]


@app.command()
def bi(
    port: Annotated[
        int | None, typer.Option(help="Port of 127.0.0.1; default: 8088, any other where it is taken.")
    ] = None,
) -> None:
    """Serve the dashboards (Superset) on 127.0.0.1 until Ctrl-C (what `make bi` does)."""
    from ingestion.local_superset import serve
    from ingestion.steps.build import build
    from ingestion.store import database

    with database.connect(autocommit=True) as connection:
        is_built = connection.execute("select to_regclass('marts.v_indicator_value') is not null").fetchone() == (True,)
    if not is_built:
        typer.echo("The star is not built yet: building it now. Its dashboards are empty until `make run`.", err=True)
        build(run_id=f"cli-bi-{uuid.uuid4().hex[:12]}")
    serve(port=port)


@app.command("bi-export")
def bi_export(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder; default: bi/superset/assets.")] = None,
) -> None:
    """Write the dashboards as they now are in Superset over the asset files, to review and commit."""
    from ingestion.local_superset.instance import export

    typer.echo(export(output))


@app.command()
def grant(
    login: Login,
    role: Annotated[str, typer.Option(help="owner, loader, analyst, auditor or hospital.")],
    hospital: Annotated[
        list[str] | None, typer.Option(help="Code of a hospital whose rows it reads; repeatable.")
    ] = None,
    superset: Annotated[bool, typer.Option("--superset", help="Let it sign in to Superset, too.")] = False,
) -> None:
    """Make a login of the warehouse with a new password, or change one; the password is printed once."""
    from ingestion import access
    from ingestion.local_superset import users
    from ingestion.store import database

    if superset:
        users.check(role)
    with database.connect(autocommit=True) as connection:
        made = access.grant(connection, login, role, tuple(hospital or ()))
    typer.echo(f"login      {made.login}")
    typer.echo(f"role       {made.role} {' '.join(made.hospital_codes)}".rstrip())
    typer.echo(f"password   {made.password}")
    if superset:
        users.keep(made)
        typer.echo("superset   the same name and password")
    else:
        users.forget(login)


@app.command()
def revoke(login: Login) -> None:
    """Remove a login that `hiw grant` made, here and in Superset, and end its sessions."""
    from ingestion import access
    from ingestion.local_superset import users
    from ingestion.store import database

    with database.connect(autocommit=True) as connection:
        access.revoke(connection, login)
    users.forget(login)
    typer.echo(f"login {login} is removed")

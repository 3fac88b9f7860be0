"""Commands of who reviews the claims of a narrative document: see them, confirm or reject them.

They are commands of ``hiw`` like those in cli.py. Imports stand inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

from typing import Annotated

import typer

from ingestion.cli_options import Json, busy, print_json

app = typer.Typer()

Submission = Annotated[str, typer.Argument(help="Submission id, e.g. H0001-2024-narrative_report-r1.")]


@app.command()
def review(
    submission: Submission,
    undecided: Annotated[bool, typer.Option("--undecided", help="Only claims that nobody decided on.")] = False,
    doubted: Annotated[bool, typer.Option("--doubted", help="Only claims that contradict another one.")] = False,
    as_json: Json = False,
) -> None:
    """List the claims of a narrative submission, numbered as on the review page, with what was decided of each."""
    from ingestion import claim_review
    from ingestion.store import database

    with busy("Reading the claims"), database.connect(autocommit=True) as connection:
        found = claim_review.claims(connection, submission)
    shown = [c for c in found if not (undecided and c.decision) and not (doubted and not c.contradictions)]
    for claim in shown:
        print_json(claim.to_json()) if as_json else typer.echo(claim.line())
    if not as_json:
        typer.echo(f"{len(shown)} of {len(found)} claims")


@app.command()
def decide(
    submission: Submission,
    numbers: Annotated[list[int], typer.Argument(help="Numbers of the claims (`hiw review`).")],
    by: Annotated[str, typer.Option("--by", help="Who decides: name and office of the person.")],
    confirm: Annotated[bool, typer.Option("--confirm", help="The claim is read right.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="It is no claim, or read wrong; needs a reason.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the standing decision back.")] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, in words.")] = None,
    as_json: Json = False,
) -> None:
    """Confirm or reject claims of a document. The next `hiw validate` of the year goes by it, and every later one."""
    from ingestion import claim_review
    from ingestion.store import database

    chosen = [name for name, is_set in (("confirm", confirm), ("reject", reject), ("withdraw", withdraw)) if is_set]
    if len(chosen) != 1:
        raise typer.BadParameter("one of --confirm, --reject and --withdraw")
    with busy("Deciding"), database.connect() as connection:
        decided = claim_review.decide(connection, submission, numbers, chosen[0], reason=reason, decided_by=by)
        connection.commit()
    for claim in decided:
        print_json(claim.to_json()) if as_json else typer.echo(claim.line())

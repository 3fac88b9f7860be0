"""Options that many commands share, and how a record is printed for machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ingestion.years import FIRST_YEAR, LAST_YEAR

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for machines.")]
Inbox = Annotated[
    str | None,
    typer.Option(
        "--inbox", help="Folder or URL <reporting_year>/<hospital_code>/<file>; default: that of HIW_INBOX_DIR or _URL."
    ),
]
Year = Annotated[int, typer.Option("--year", min=FIRST_YEAR, max=LAST_YEAR, help="Reporting year.")]


def print_json(record: dict[str, Any]) -> None:
    """One JSON object on a line of its own."""
    typer.echo(json.dumps(record, ensure_ascii=False, default=str))


@contextmanager
def busy(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal while something runs that may take longer than a second, also by waiting for another run.

    It goes to and fro until it is called with how much is done, and of how much. Where stderr is no terminal it says
    nothing.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def shown_cells(*cells: object) -> list[str]:
    """Cells of a table for a terminal: ``-`` for nothing; what a file says is shown, never obeyed."""
    return ["-" if cell is None else escape(_plain(str(cell))) for cell in cells]


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)

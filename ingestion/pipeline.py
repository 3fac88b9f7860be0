"""The path of a file, top to bottom: land, parse, load. Called alike by the CLI and by a DAG task."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingestion.errors import Problem
from ingestion.forms import reference
from ingestion.steps.land import land
from ingestion.steps.load import load, register_unread
from ingestion.steps.parse import parse
from ingestion.store import database

_NO_FORM = {"unknown-form", "form-not-found", "ambiguous-form", "empty-form"}
"""Problems of a file that opens well but is no form we know: rejected. All others: unreadable."""


@dataclass(frozen=True)
class InboxFile:
    """A file waiting in the inbox, with what its folder says of it."""

    path: Path
    reporting_year: int
    hospital_code: str

    @property
    def label(self) -> str:
        """Hospital, year and file, as the DAG's task list shows them."""
        return f"{self.hospital_code} {self.reporting_year} {self.path.name}"


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file: ``parsed``, ``duplicate``, ``refused``, ``unreadable`` or ``rejected``."""

    path: str
    status: str
    submission_id: str | None = None
    form: str | None = None
    entries: int = 0
    problem: dict[str, str] | None = None
    unread: tuple[str, ...] = ()
    message: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the file is in the warehouse, now or already before."""
        return self.status in {"parsed", "duplicate"}

    def line(self) -> str:
        """One line for people."""
        return f"{self.status:<10} {self.message}"

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return {name: value for name, value in asdict(self).items() if name != "message"}


def find_inbox(inbox: Path, reporting_year: int | None = None) -> list[InboxFile]:
    """Files below ``inbox`` laid out as ``<reporting_year>/<hospital_code>/<file>``, of one year or of all.

    Hidden files and the temporary files of office programs (``~$``) are no submissions. Raises Problem where the
    inbox is not a folder.
    """
    if not inbox.is_dir():
        raise Problem(
            code="no-inbox",
            where=str(inbox),
            read="no such folder",
            expected="a folder <reporting_year>/<hospital_code>/",
            remedy="Name the inbox with --inbox or HIW_INBOX_DIR.",
        )
    wanted = str(reporting_year) if reporting_year else "[0-9][0-9][0-9][0-9]"
    return [
        InboxFile(path, int(path.parts[-3]), path.parts[-2])
        for path in sorted(inbox.glob(f"{wanted}/*/*"))
        if path.is_file() and not path.name.startswith((".", "~$"))
    ]


def ingest_file(
    path: Path,
    *,
    hospital_code: str | None = None,
    reporting_year: int | None = None,
    form: str | None = None,
    revision_kind: str = "full",
    run_id: str,
) -> FileOutcome:
    """Take one file in. A file that is wrong ends as an outcome with its problem, never as an exception, so that
    the rest of a batch goes on; a warehouse that cannot be reached does raise Problem."""
    with database.connect() as connection:
        reference.sync(connection)
        try:
            landed = land(connection, path, hospital_code=hospital_code, reporting_year=reporting_year, run_id=run_id)
        except Problem as problem:
            return FileOutcome(str(path), "refused", problem=problem.to_json(), message=str(problem))
        twin, arrival = landed.same_as, landed.arrival
        if twin:
            return FileOutcome(
                str(path),
                "duplicate",
                twin.submission_id,
                twin.form,
                message=f"{path.name}: the same bytes as {twin.submission_id} ({twin.status}); nothing loaded twice",
            )
        try:
            parsed = parse(connection, arrival, form=form, revision_kind=revision_kind, run_id=run_id)
        except Problem as problem:
            status = "rejected" if problem.code in _NO_FORM else "unreadable"
            kept = register_unread(connection, arrival, status=status, reason=str(problem), run_id=run_id)
            return FileOutcome(str(path), status, kept.submission_id, problem=problem.to_json(), message=str(problem))
        submission = load(connection, arrival, parsed, revision_kind=revision_kind, run_id=run_id)
        return FileOutcome(
            str(path),
            "parsed",
            submission.submission_id,
            submission.form,
            len(parsed.entries),
            unread=parsed.unread,
            message=f"{path.name}: {submission.submission_id}, {len(parsed.entries)} entries{_not_read(parsed.unread)}",
        )


def _not_read(unread: tuple[str, ...]) -> str:
    """What of a file is no part of its form, short enough for one line; all of it stands in the outcome row."""
    if not unread:
        return ""
    more = f" and {len(unread) - 3} more" if len(unread) > 3 else ""
    return f" (not read: {'; '.join(unread[:3])}{more})"

"""The path of a file, top to bottom: land, parse, load. Called alike by the CLI and by a DAG task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from ingestion.errors import Problem
from ingestion.forms import reference
from ingestion.inbox import InboxFile, fetch, find_inbox, forget
from ingestion.safe_text import one_line, path_text
from ingestion.steps.land import land
from ingestion.steps.load import load, register_unread
from ingestion.steps.parse import parse
from ingestion.store import database
from ingestion.store.registry import Submission

__all__ = ["FileOutcome", "InboxFile", "find_inbox", "ingest_file", "ingest_from_inbox", "not_read", "opened"]

_NO_FORM = {"unknown-form", "form-not-found", "ambiguous-form", "empty-form"}
"""Problems of a file that opens well but is no form we know: rejected. All others: unreadable."""
_MOST_TOLD = 4
"""Kinds of what was not read that the outcome line names."""
_OF_THE_MACHINE = {"landing-zone-full"}
"""Problems that are not the file's: the batch stops, since the next file would fare no better."""


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file: ``parsed``, ``duplicate``, ``refused``, ``unreadable`` or ``rejected``.

    ``beside`` holds submission_id, form and entries of each other form in the file, such as a plan's text.
    """

    path: str
    status: str
    submission_id: str | None = None
    form: str | None = None
    entries: int = 0
    problem: dict[str, str] | None = None
    unread: tuple[str, ...] = ()
    beside: tuple[dict[str, Any], ...] = ()
    message: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the file is in the warehouse, now or already before."""
        return self.status in {"parsed", "duplicate"}

    def line(self) -> str:
        """One line for people."""
        return f"{self.status:<10} {one_line(self.message)}"

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return {name: value for name, value in asdict(self).items() if name != "message"}


@contextmanager
def opened() -> Iterator[psycopg.Connection]:
    """A connection that many files can be taken in over, with the reference data up to date."""
    with database.connect() as connection:
        reference.sync(connection)
        yield connection


def ingest_from_inbox(file: InboxFile, *, run_id: str, connection: psycopg.Connection | None = None) -> FileOutcome:
    """Take one file of the inbox in, as ``ingest_file`` does; a remote one is fetched first."""
    path = fetch(file)
    outcome = ingest_file(
        path,
        hospital_code=file.hospital_code,
        reporting_year=file.reporting_year,
        run_id=run_id,
        source=file.source,
        changed_at=file.changed_at,
        connection=connection,
    )
    forget(file)
    return outcome


def ingest_file(
    path: Path,
    *,
    hospital_code: str | None = None,
    reporting_year: int | None = None,
    form: str | None = None,
    revision_kind: str = "full",
    again: bool = False,
    run_id: str,
    source: str | None = None,
    changed_at: datetime | None = None,
    connection: psycopg.Connection | None = None,
) -> FileOutcome:
    """Take one file in; ``source`` and ``changed_at`` say where it came from, where ``path`` is only a copy of it.
    ``again`` makes the next revision of bytes that are a submission already. ``connection`` is one that ``opened``
    gave: a batch needs it once, not for every file.

    A file that is wrong ends as an outcome with its problem, never as an exception, so that the rest of a batch goes
    on; a warehouse that cannot be reached or a full disk does raise Problem.
    """
    shown = path_text(path)
    with nullcontext(connection) if connection else opened() as connection:
        try:
            landed = land(
                connection,
                path,
                hospital_code=hospital_code,
                reporting_year=reporting_year,
                form=form,
                run_id=run_id,
                source=source,
                changed_at=changed_at,
                again=again,
            )
        except Problem as problem:
            if problem.code in _OF_THE_MACHINE:
                raise
            return FileOutcome(shown, "refused", problem=problem.to_json(), message=str(problem))
        twin, arrival = landed.same_as, landed.arrival
        if twin:
            return FileOutcome(
                shown,
                "duplicate",
                twin.submission_id,
                twin.form,
                message=f"{arrival.file_name}: the same bytes as {twin.submission_id} ({twin.status});"
                f" nothing loaded twice{_why_again(twin, revision_kind)}",
            )
        try:
            parsed = parse(connection, arrival, form=form, revision_kind=revision_kind, run_id=run_id)
        except Problem as problem:
            status = "rejected" if problem.code in _NO_FORM else "unreadable"
            kept = register_unread(connection, arrival, status=status, reason=str(problem), run_id=run_id)
            return FileOutcome(shown, status, kept.submission_id, problem=problem.to_json(), message=str(problem))
        submission, *others = load(connection, arrival, parsed, revision_kind=revision_kind, run_id=run_id, again=again)
        beside = tuple(
            {"submission_id": other.submission_id, "form": other.form, "entries": len(part.entries)}
            for other, part in zip(others, parsed.beside, strict=True)
        )
        also = "".join(f"; {other['submission_id']}, {other['entries']} entries" for other in beside)
        return FileOutcome(
            shown,
            "parsed",
            submission.submission_id,
            submission.form,
            len(parsed.entries),
            unread=parsed.unread,
            beside=beside,
            message=f"{arrival.file_name}: {submission.submission_id}, {len(parsed.entries)} entries"
            f"{not_read(parsed.unread)}{also}",
        )


def _why_again(twin: Submission, revision_kind: str) -> str:
    """What to do where the submission that the bytes already are is hardly what the sender wants of them."""
    if twin.status in {"superseded", "withdrawn"}:
        return ". --again lets it stand as the next revision"
    if (twin.revision_kind, revision_kind) == ("full", "patch"):
        return f". It was sent as full: `hiw withdraw {twin.submission_id}`, then --again makes it a patch"
    return ""


def not_read(unread: tuple[str, ...]) -> str:
    """What of a file is no part of its form, short enough for one line; all of it stands in the outcome row.

    What is told of many sheets alike (a column of remarks) is told once, so that it hides nothing else.
    """
    alike: dict[str, list[str]] = defaultdict(list)
    for told in unread:
        place, _, what = told.rpartition(": ") if told.count(": ") == 1 else ("", "", told)
        alike[what].append(place)
    said = [_told_of(places, what) for what, places in alike.items()]
    rest = sum(map(len, [*alike.values()][_MOST_TOLD:]))
    more = f" and {rest} more" if rest else ""
    return f" (not read: {'; '.join(said[:_MOST_TOLD])}{more})" if said else ""


def _told_of(places: list[str], what: str) -> str:
    """What is told of places: whole sheets by their names, cells by the first."""
    shown = places[: 1 if "!" in places[0] else _MOST_TOLD]
    others = f" and {len(places) - len(shown)} like it" if len(places) > len(shown) else ""
    return f"{', '.join(shown)}{others}: {what}" if places[0] else what

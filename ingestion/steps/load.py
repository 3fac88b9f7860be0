"""Load: register the submission and COPY its entries into raw, in one transaction: all of it or nothing."""

from __future__ import annotations

from itertools import islice

import psycopg
from psycopg import sql

from ingestion.entries import COLUMNS, PARSER_VERSION
from ingestion.forms import claim_names
from ingestion.steps.parse import Parsed
from ingestion.store import locks, registry
from ingestion.store.outcomes import now, record
from ingestion.store.registry import UNRECOGNISED, Arrival, Submission

COPY = sql.SQL("copy raw.entry ({}) from stdin").format(sql.SQL(", ").join(map(sql.Identifier, COLUMNS)))
_LINES = 100
"""Lines that are sent at once: the server takes them in while the next ones are made."""


def load(
    connection: psycopg.Connection,
    arrival: Arrival,
    parsed: Parsed,
    *,
    revision_kind: str,
    run_id: str,
    again: bool = False,
) -> list[Submission]:
    """Register the next revision of each form in the file and load its entries; returns the submissions, that of the
    file's own form first.

    Loading the same bytes again (a repeated run, a second process) finds the submissions there and loads
    nothing, unless they are sent ``again`` as the next revision.
    """
    with connection.transaction():
        loaded = [_load(connection, arrival, part, revision_kind, run_id, again) for part in parsed.parts]
    connection.commit()
    return loaded


def _load(
    connection: psycopg.Connection, arrival: Arrival, parsed: Parsed, revision_kind: str, run_id: str, again: bool
) -> Submission:
    started = now()
    with connection.pipeline():
        locks.share_in_transaction(connection)
        submission = registry.register(connection, arrival, parsed.form.name, revision_kind, again=again)
    is_new = submission.status is None
    if is_new:
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            lines = parsed.entries.copy_lines(submission.submission_id)
            while some := "".join(islice(lines, _LINES)):
                copy.write(some)
    with connection.pipeline():
        if is_new:
            _tell(connection, arrival, submission, parsed, run_id)
        record(
            connection,
            run_id=run_id,
            step="load",
            subject=arrival.source_path,
            reporting_year=arrival.reporting_year,
            submission_id=submission.submission_id,
            status="done" if is_new else "unchanged",
            rows_in=len(parsed.entries),
            rows_out=len(parsed.entries) if is_new else 0,
            rows_refused=0,
            message=f"{len(parsed.entries)} entries loaded" if is_new else "loaded before",
            started_at=started,
        )
    return submission


def register_unread(
    connection: psycopg.Connection, arrival: Arrival, *, status: str, reason: str, run_id: str
) -> Submission:
    """Register a file that holds no known form, so that who sent what stays visible; ``status`` is ``unreadable``
    (no program opens it) or ``rejected`` (it opens, but is no known form)."""
    with connection.transaction():
        locks.share_in_transaction(connection)
        submission = registry.register(connection, arrival, UNRECOGNISED, "full")
        if submission.status is None:
            registry.add_event(connection, submission.submission_id, status, run_id=run_id, detail={"reason": reason})
    connection.commit()
    return submission


def _tell(
    connection: psycopg.Connection, arrival: Arrival, submission: Submission, parsed: Parsed, run_id: str
) -> None:
    """Keep the text that the entries point into and the lines that its claims look like; say that it was parsed."""
    if parsed.text is not None:  # prose: no other form has claims
        claim_names.propose(connection, (entry.label_raw for entry in parsed.entries if entry.entry_kind == "claim"))
        connection.execute(
            "insert into raw.document (submission_id, text) values (%s, %s)", [submission.submission_id, parsed.text]
        )
    registry.add_event(
        connection,
        submission.submission_id,
        "parsed",
        run_id=run_id,
        detail={
            "entries": len(parsed.entries),
            "parser_version": PARSER_VERSION,
            "digest": "rows",
            "title": parsed.title.to_json(),
            "unread": parsed.unread,
            "empty_cells": parsed.empty_cells,
        },
    )
    registry.supersede_unread(connection, arrival, submission, run_id)

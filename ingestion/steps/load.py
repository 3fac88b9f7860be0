"""Load: register the submission and COPY its entries into raw, in one transaction: all of it or nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import sql

from ingestion.entries import COLUMNS, PARSER_VERSION, Entry, entry_keys
from ingestion.forms import claim_names
from ingestion.steps.parse import Parsed
from ingestion.store import locks, registry
from ingestion.store.outcomes import now, record
from ingestion.store.registry import UNRECOGNISED, Arrival, Submission

COPY = sql.SQL("copy raw.entry (submission_id, entry_id, parser_version, {}) from stdin").format(
    sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
)
"""What takes the rows that ``copy_rows`` makes."""
_DETAIL, _NOTES = (3 + COLUMNS.index(name) for name in ("detail", "notes"))


def load(
    connection: psycopg.Connection, arrival: Arrival, parsed: Parsed, *, revision_kind: str, run_id: str
) -> list[Submission]:
    """Register the next revision of each form in the file and load its entries; returns the submissions, that of the
    file's own form first.

    Loading the same bytes again (a repeated run, a second process) finds the submissions there and loads nothing.
    """
    with connection.transaction():
        loaded = [_load(connection, arrival, part, revision_kind, run_id) for part in parsed.parts]
    connection.commit()
    return loaded


def _load(
    connection: psycopg.Connection, arrival: Arrival, parsed: Parsed, revision_kind: str, run_id: str
) -> Submission:
    started = now()
    with connection.pipeline():
        locks.share_in_transaction(connection)
        submission = registry.register(connection, arrival, parsed.form.name, revision_kind)
    is_new = submission.status is None
    if is_new:
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for row in copy_rows(submission.submission_id, parsed.entries):
                copy.write_row(row)
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
    claim_names.propose(connection, (entry.label_raw for entry in parsed.entries if entry.entry_kind == "claim"))
    if parsed.text is not None:
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
        },
    )
    _supersede_unreadable(connection, arrival, submission, run_id)


def copy_rows(submission_id: str, entries: Iterable[Entry]) -> Iterator[list[Any]]:
    """The rows of raw.entry that entries of a submission are, as COPY takes them."""
    keys = entry_keys(submission_id)
    for entry in entries:
        row = [submission_id, keys(entry), PARSER_VERSION, *entry]
        row[_NOTES] = _array(entry.notes)
        if entry.detail is not None:
            row[_DETAIL] = json.dumps(entry.detail, ensure_ascii=False)
        yield row


@lru_cache(maxsize=4096)
def _array(words: tuple[str, ...]) -> str:
    """Words as PostgreSQL writes an array of texts."""
    return "{" + ",".join('"' + re.sub(r'(["\\])', r"\\\1", word) + '"' for word in words) + "}"


def _supersede_unreadable(
    connection: psycopg.Connection, arrival: Arrival, submission: Submission, run_id: str
) -> None:
    """The same bytes that an earlier release could not read are now this submission."""
    earlier = registry.find_same(
        connection, arrival.hospital_code, arrival.reporting_year, arrival.sha256, UNRECOGNISED
    )
    if earlier and earlier.status != "superseded":
        registry.add_event(
            connection, earlier.submission_id, "superseded", run_id=run_id, detail={"by": submission.submission_id}
        )

"""Loading parsed returns against a bare COPY of the same rows, and the whole way of a file into the warehouse."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from bench.bench_parse import _return
from bench.report import Ratio
from ingestion.entries import COLUMNS, PARSER_VERSION
from ingestion.forms import reference
from ingestion.steps.land import land
from ingestion.steps.load import load
from ingestion.steps.parse import Parsed, read_entries
from ingestion.store import database
from ingestion.store.registry import Arrival

_FILES = {"small": 60, "national": 600}


def run(size: str) -> list[Ratio]:
    """A batch of returns, each loaded as the step does, against COPY of the same rows into a table like it."""
    with tempfile.TemporaryDirectory(prefix="hiw_bench_load_") as folder, database.connect() as connection:
        reference.sync(connection)
        batch = [_landed(connection, Path(folder), n) for n in range(_FILES[size])]
        rows = sum(len(parsed.entries) for _, parsed in batch)
        bare = _bare_copy(connection, batch)
        started = time.perf_counter()
        for arrival, parsed in batch:
            load(connection, arrival, parsed, revision_kind="full", run_id="bench")
        return [
            Ratio(
                step="load",
                what="register and load",
                against="bare COPY of the same rows",
                measured=time.perf_counter() - started,
                limit=bare,
                most=2.0,
                note=f"{len(batch)} submissions, {rows} rows",
            )
        ]


def _landed(connection: psycopg.Connection, folder: Path, number: int) -> tuple[Arrival, Parsed]:
    path = _return(folder / f"r{number}.xlsx", number)
    landed = land(connection, path, hospital_code=f"B{number:05d}", reporting_year=2020, run_id="bench")
    return landed.arrival, read_entries(path, path.name, 2020, None)


def _bare_copy(connection: psycopg.Connection, batch: list[tuple[Arrival, Parsed]]) -> float:
    """Seconds of COPY alone, rows made before, one transaction a file, into a table with the same columns and key."""
    connection.execute("create table raw.bench_entry (like raw.entry including defaults including indexes)")
    connection.commit()
    made = [[_row(f"X{n}", entry) for entry in parsed.entries] for n, (_, parsed) in enumerate(batch)]
    columns = ", ".join(("submission_id", "entry_id", "parser_version", *COLUMNS))
    started = time.perf_counter()
    for rows in made:
        with connection.cursor() as cursor, cursor.copy(f"copy raw.bench_entry ({columns}) from stdin") as copy:  # type: ignore[arg-type]
            for row in rows:
                copy.write_row(row)
        connection.commit()
    seconds = time.perf_counter() - started
    connection.execute("drop table raw.bench_entry")
    connection.commit()
    return seconds


def _row(submission_id: str, entry: Any) -> list[Any]:
    row = [getattr(entry, column) for column in COLUMNS]
    row[COLUMNS.index("detail")] = json.dumps(entry.detail) if entry.detail is not None else None
    row[COLUMNS.index("notes")] = list(entry.notes)
    return [submission_id, entry.entry_id(submission_id), PARSER_VERSION, *row]

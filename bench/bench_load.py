"""Loading parsed returns against a bare COPY of the same rows, and the whole way of a file into the warehouse.

The bare COPY writes the rows of a submission, made before, into a table with the columns, defaults and indexes of
raw.entry, and commits each submission before the next, as the load does. It knows nothing of what the load adds:
making the rows, registering the submission, its events and outcome, the check that entries belong to a submission, and
the digest of the entries in the chain.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import psycopg

from bench.bench_parse import _calamine, _return
from bench.report import Ratio
from ingestion.entries import PARSER_VERSION, CopyText
from ingestion.forms import reference
from ingestion.pipeline import ingest_file, opened
from ingestion.steps.land import land
from ingestion.steps.load import COPY, load
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
        connection.execute("create table raw.bench_entry (like raw.entry including defaults including indexes)")
        connection.commit()
        bare = loaded = 0.0
        # Turn about: what else the machine does meanwhile slows both.
        for number, (arrival, parsed) in enumerate(batch):
            bare += _bare_copy(connection, f"X{number}", parsed)
            started = time.perf_counter()
            load(connection, arrival, parsed, revision_kind="full", run_id="bench")
            loaded += time.perf_counter() - started
        return [
            Ratio(
                step="load",
                what="register and load",
                against="bare COPY of the same rows",
                measured=loaded,
                limit=bare,
                most=2.0,
                note=f"{len(batch)} submissions, {rows} rows",
            ),
            _whole_way(Path(folder), len(batch), bare / len(batch)),
        ]


def _whole_way(folder: Path, count: int, bare: float) -> Ratio:
    """A folder of returns through every step of ingesting, against what they cost at the least: calamine's read and
    COPY (``bare`` seconds a file)."""
    files = [_return(folder / f"w{n}.xlsx", 10_000 + n) for n in range(count)]
    reading = ingesting = 0.0
    with opened() as connection:
        for number, path in enumerate(files):
            started = time.perf_counter()
            _calamine(path)
            reading += time.perf_counter() - started
            started = time.perf_counter()
            ingest_file(
                path, hospital_code=f"W{number:05d}", reporting_year=2020, run_id="bench", connection=connection
            )
            ingesting += time.perf_counter() - started
    return Ratio(
        step="load",
        what="take in a folder: land, parse, register and load",
        against="calamine's read and a bare COPY",
        measured=ingesting,
        limit=reading + bare * count,
        note=f"{count} files; each is copied, flushed to disk and committed before the next",
    )


def _landed(connection: psycopg.Connection, folder: Path, number: int) -> tuple[Arrival, Parsed]:
    path = _return(folder / f"r{number}.xlsx", number)
    landed = land(connection, path, hospital_code=f"B{number:05d}", reporting_year=2020, run_id="bench")
    return landed.arrival, read_entries(path, path.name, 2020, None)


def _bare_copy(connection: psycopg.Connection, submission_id: str, parsed: Parsed) -> float:
    """Seconds of COPY alone, rows made before, in a transaction, into a table with the same columns and keys."""
    statement = COPY.as_string(connection).replace("raw.entry", "raw.bench_entry")
    key = CopyText(submission_id).key_of("value")
    rows = [(submission_id, key(e.locator), PARSER_VERSION, *e._replace(notes="{}")) for e in parsed.entries]
    started = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[arg-type]
        for row in rows:
            copy.write_row(row)
    connection.commit()
    return time.perf_counter() - started

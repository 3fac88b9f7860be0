"""Parse: read a landed file, recognise its form, and turn it into entries. Writes nothing but its outcome row."""

from __future__ import annotations

import gc
import traceback
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import psycopg

from ingestion.entries import Entries
from ingestion.errors import Problem
from ingestion.forms.form import Form
from ingestion.forms.hidden_sheets import without_copies
from ingestion.forms.layouts import Match, layout_of
from ingestion.forms.layouts.lines_by_year import ReturnMatch, empty_cells
from ingestion.forms.layouts.plan_table import PlanMatch
from ingestion.forms.recognise import beside, recognise
from ingestion.forms.title import Title, title_of
from ingestion.readers import Document, read_document
from ingestion.store.outcomes import now, record
from ingestion.store.registry import Arrival

MOST_ENTRIES = 500_000
"""Entries of one submission: a hundred departments with a hundred indicators over twenty years have 200,000."""


MOST_ROWS = 250_000
"""Rows of one file that say something, each at least one figure; more would take a minute to recognise."""


@dataclass(frozen=True)
class Parsed:
    """What a file says: its form, its entries in reading order, and for prose the text that their spans point into.

    ``title`` is what the document says of itself; ``unread`` names what the file holds besides its form: sheets and
    columns, macros, links; ``empty_cells`` has the place of each required line that says nothing, by line code;
    ``beside`` are the other forms in the same file, each a submission of its own.
    """

    form: Form
    entries: Entries
    text: str | None = None
    title: Title = field(default_factory=Title)
    unread: tuple[str, ...] = ()
    empty_cells: dict[str, str] = field(default_factory=dict)
    beside: tuple[Parsed, ...] = ()

    @property
    def parts(self) -> tuple[Parsed, ...]:
        """All that the file is: its own form first."""
        return (self, *self.beside)


def parse(
    connection: psycopg.Connection, arrival: Arrival, *, form: str | None, revision_kind: str, run_id: str
) -> Parsed:
    """Entries of a landed file; ``form`` names its form where the sender did.

    Raises Problem (and leaves an outcome row with it) where the file cannot be read, is no known form, or is one
    without a single figure.
    """
    started = now()
    try:
        parsed = _read_surely(
            Path(arrival.landing_path), arrival.file_name, arrival.reporting_year, form, revision_kind == "patch"
        )
    except Problem as problem:
        record(
            connection,
            run_id=run_id,
            step="parse",
            subject=arrival.source_path,
            status="refused",
            reporting_year=arrival.reporting_year,
            message=str(problem),
            problem=problem,
            rows_refused=0,
            started_at=started,
        )
        connection.commit()
        raise
    record(
        connection,
        run_id=run_id,
        step="parse",
        subject=arrival.source_path,
        status="done",
        reporting_year=arrival.reporting_year,
        rows_out=sum(len(part.entries) for part in parsed.parts),
        started_at=started,
        message="; ".join(
            [*(f"{part.form.name}: {len(part.entries)} entries" for part in parsed.parts), *parsed.unread]
        ),
    )
    connection.commit()
    return parsed


def _read_surely(path: Path, name: str, reporting_year: int, form: str | None, keep_markers: bool) -> Parsed:
    """The same as ``read_entries``, where even a fault of ours is one Problem: the batch goes on to the next file."""
    try:
        return read_entries(path, name, reporting_year, form, keep_markers)
    except Problem:
        raise
    except Exception as error:
        *_, frame = traceback.extract_tb(error.__traceback__)
        raise Problem(
            code="could-not-read",
            where=name,
            read=f"{type(error).__name__} in {Path(frame.filename).name} line {frame.lineno}: {str(error)[:200]}",
            expected="a file that can be read to its end",
            remedy="Save it again as .xlsx and resend it; report the line above to whoever maintains the warehouse.",
        ) from error


def read_entries(path: Path, name: str, reporting_year: int, form: str | None, keep_markers: bool = False) -> Parsed:
    """The pure part of parsing, without a database; see ``parse``."""
    # The collector would go over all cells of the file again and again, and they are in no cycle.
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        return _read_file(path, name, reporting_year, form, keep_markers)
    finally:
        if is_collecting:
            gc.enable()


def _read_file(path: Path, name: str, reporting_year: int, form: str | None, keep_markers: bool) -> Parsed:
    document = read_document(path, name)
    _check_rows(document, name)
    known, match = recognise(document, name, reporting_year, form, keep_markers)
    entries = _entries(name, known, match, reporting_year, keep_markers)
    aside: tuple[str, ...] = ()
    if any(table.is_hidden for table in document.tables):
        document, aside = without_copies(document, entries)
        if aside:
            found = layout_of(known).find(document, known, reporting_year)
            match = found or recognise(document, name, reporting_year, known.name)[1]
            entries = _entries(name, known, match, reporting_year, keep_markers)
    parsed = _parsed(document, known, match, reporting_year, entries)
    if not parsed.entries:
        raise Problem(
            code="empty-form",
            where=name,
            read=f"the form {known.name} without a single figure",
            expected="a filled-in form",
            remedy="Fill it in, or save it with its values.",
        )
    parsed = replace(parsed, unread=(*aside, *parsed.unread)) if aside else parsed
    if form or keep_markers:  # the sender names one form; a patch is of one form
        return parsed
    others = beside(document, known, reporting_year)
    return replace(
        parsed,
        beside=tuple(
            _parsed(document, *other, reporting_year, _entries(name, *other, reporting_year, keep_markers))
            for other in others
        ),
    )


def _check_rows(document: Document, name: str) -> None:
    """Refuse a file of more rows than a form can have; empty ones are none."""
    rows = 0
    for table in document.tables:
        rows += len(table.rows) if len(table.rows) <= MOST_ROWS else sum(map(any, table.rows))
        if rows > MOST_ROWS:
            raise _too_many(f"{name}: {table.name}", f"{rows:,} rows and more")


def _too_many(where: str, read: str) -> Problem:
    return Problem(
        code="too-many-entries",
        where=where,
        read=read,
        expected="what one hospital reports for a year",
        remedy="Send each hospital's figures in a file of their own, and what is no part of the form not at all.",
    )


def _entries(name: str, form: Form, match: Match, reporting_year: int, keep_markers: bool) -> Entries:
    entries = Entries(islice(layout_of(form).read(form, match, reporting_year, keep_markers), MOST_ENTRIES + 1))
    if len(entries) > MOST_ENTRIES:
        too_many = next(islice(entries, MOST_ENTRIES, None))  # by its number, all of them would be made
        raise _too_many(f"{name}: {too_many.locator}", f"more than {MOST_ENTRIES:,} figures")
    return entries


def _parsed(document: Document, form: Form, match: Match, reporting_year: int, entries: Entries) -> Parsed:
    text = document.text if form.layout == "prose" else None
    empty = empty_cells(form, match, reporting_year) if isinstance(match, ReturnMatch) else {}
    # A plan stands in a document with other tables, which may well name other hospitals: only its own are asked.
    of_plan = [part.table for part in match.tables] if isinstance(match, PlanMatch) else []
    title = title_of(document, document.tables if form.entry_kind == "value" else of_plan)
    return Parsed(form, entries, text, title, (*title.notes, *match.unread, *document.notes), empty)

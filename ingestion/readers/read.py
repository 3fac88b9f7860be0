"""One door for every format: look at the bytes, then call the reader for that kind."""

from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module
from pathlib import Path

from ingestion.errors import Problem
from ingestion.readers.apart import SECONDS, read_apart, unreadable
from ingestion.readers.container import Container
from ingestion.readers.document import MOST_CELLS, MOST_COLUMNS, Document
from ingestion.readers.guard import Kind, recognise_kind
from ingestion.readers.problems import too_many_cells, too_many_columns

# Imported when the first file of the kind arrives: Word and markup libraries are slow to import.
_READERS = {
    "xlsx": "spreadsheet",
    "xls": "spreadsheet",
    "ods": "spreadsheet",
    "docx": "word",
    "html": "markup",
    "pdf": "pdf",
}
_SECONDS = 60
"""No pages are laid out: enough for the largest workbook that is taken."""
_PLAIN_KB = 256
"""Up to this size a page costs seconds at most, whatever is in it; a return has some 100 KB."""


def read_document(path: Path, name: str | None = None) -> Document:
    """Read the file at ``path``; ``name`` is what the sender called it (default: the name of ``path``).

    Raises Problem where the file is not readable; a reader's own error never passes as a traceback.
    """
    name = name or path.name
    kind, archive = recognise_kind(path, name)
    module = _READERS.get(kind, "text")
    try:
        with archive or nullcontext():
            if _may_grow(kind, path, archive):
                document = read_apart(path, name, module, seconds=SECONDS if kind == "pdf" else _SECONDS)
            else:
                reader = import_module(f"ingestion.readers.{module}")
                document = reader.read(path, name, archive) if archive else reader.read(path, name)
        if document.text is not None:  # a workbook has no row that is longer than the others
            _check_extent(document, name)
        return _named(document, name)
    except (Problem, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        # Format libraries raise whatever they like on hostile bytes, calamine a panic that is no Exception;
        # each becomes one clear outcome.
        raise unreadable(name, kind, error) from error


def _may_grow(kind: Kind, path: Path, archive: Container | None) -> bool:
    """Whether a file could cost far more time or memory than its size tells, with libraries that know no limit."""
    match kind:
        case "pdf" | "xls":  # one wrong byte of an xls workbook can stand for terabytes
            return True
        case "html":
            return path.stat().st_size > _PLAIN_KB << 10
        case "docx" if archive:
            return not archive.is_small
        case "xlsx" | "ods" if archive:
            return not archive.is_small or (
                kind == "xlsx" and import_module("ingestion.readers.sheet_scan").grows(archive)
            )
    return False


def _check_extent(document: Document, name: str) -> None:
    """Refuse tables that would fill the memory once they are laid out as rectangles: one row may be very long."""
    cells = 0
    for table in document.tables:
        if table.width > MOST_COLUMNS:
            raise too_many_columns(f"{name}: {table.name}", table.width, MOST_COLUMNS)
        cells += len(table.rows) * table.width
        if cells > MOST_CELLS:
            raise too_many_cells(f"{name}: {table.name}", cells, MOST_CELLS)


def _named(document: Document, name: str) -> Document:
    document.name = Path(name).stem
    return document
